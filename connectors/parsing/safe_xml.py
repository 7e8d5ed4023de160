"""XML from partners, read without entities, external documents, DOCTYPE or network."""

import codecs
import re
from typing import Any, TypeAlias

from lxml import etree

from schemas.errors import UnreadableMessageError

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no other name for the type

_BOM = b"\xef\xbb\xbf"
_DOCTYPE = b"<!DOCTYPE"
_DECLARED_ENCODING = re.compile(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_UTF_8_NAMES = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})


def refuse_unsafe_text(data: bytes, *, field: str) -> None:
    """Raise UnreadableMessageError for bytes that are not UTF-8 or that hold a DOCTYPE.

    Since the text is UTF-8, a DOCTYPE cannot hide in another encoding; a message that only
    mentions one in a comment is refused too. Source: OWASP, XML External Entity Prevention.
    """
    guard = SafeTextGuard(field=field)
    guard.check(data)
    guard.end()


class SafeTextGuard:
    """The same for text that comes in chunks: `check` each before it is parsed, then `end`."""

    def __init__(self, *, field: str) -> None:
        self._field = field
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._before: bytes | None = None

    def check(self, chunk: bytes) -> None:
        """Raise UnreadableMessageError for a chunk that makes the text unsafe."""
        if self._before is None:
            declared = _DECLARED_ENCODING.match(chunk.removeprefix(_BOM))
            if declared and declared[1].lower() not in _UTF_8_NAMES:
                raise UnreadableMessageError(field=self._field, reason="not-utf-8")
        self._decode(chunk, final=False)
        if _DOCTYPE in (self._before or b"") + chunk:
            raise UnreadableMessageError(field=self._field, reason="doctype-forbidden")
        self._before = chunk[-len(_DOCTYPE) :]

    def end(self) -> None:
        """Raise UnreadableMessageError when the text breaks off inside a character."""
        self._decode(b"", final=True)

    def _decode(self, chunk: bytes, *, final: bool) -> None:
        try:
            self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            raise UnreadableMessageError(field=self._field, reason="not-utf-8") from error


def parser_options() -> dict[str, Any]:
    """What every parser of partners' XML is built with."""
    return {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
        "collect_ids": False,
    }
