"""XML from partners, read without entities, external documents, DOCTYPE or network.

What the guard has looked at is what the parser reads: text in another encoding is handed on in
UTF-8, and every parser is told that it is UTF-8, whatever the text declares. Sources: OWASP, XML
External Entity Prevention; XML 1.0, appendix F; WHATWG, Encoding (ISO-8859-1 as windows-1252).
"""

import codecs
import re
from contextlib import suppress
from typing import Any, Final, TypeAlias

from lxml import etree

from schemas.errors import UnreadableMessageError

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no other name for the type

_BOM: Final = b"\xef\xbb\xbf"
_DOCTYPE: Final = b"<!DOCTYPE"
_WIDE: Final = {
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
_MARK: Final = "\ufeff"
_BEGINS: Final = "<?xml"
_ENDS: Final = "?>"
_DECLARED: Final = re.compile(r"""\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_LONGEST_DECLARATION: Final = 1024
# As nearly all begin: then there is nothing to choose, and nothing to change.
_IN_UTF_8: Final = re.compile(
    rb"""<(?:\?xml version=["']1\.0["'] encoding=["'](?i:utf-8)["'] ?\?>|[A-Za-z])"""
)
_NARROW: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
}
_NAMES_OF_WIDE: Final = {
    "utf-16-le": frozenset({"utf-16", "utf-16le", "unicode", None}),
    "utf-16-be": frozenset({"utf-16", "utf-16be", "unicode", None}),
}
_SHORTEST: Final = len(_BOM)


def safe_text(data: bytes, *, field: str) -> bytes:
    """The text in UTF-8, as it may be parsed; raises UnreadableMessageError for any that may not.

    Refused are a DOCTYPE, also one that is only mentioned in a comment, an encoding that is not
    read, and bytes that are not in the one that is declared.
    """
    if _IN_UTF_8.match(data) and _DOCTYPE not in data:
        with suppress(UnicodeDecodeError):  # the guard says what is wrong
            data.decode()
            return data
    guard = SafeTextGuard(field=field)
    read = guard.check(data)
    return read + guard.end()


class SafeTextGuard:
    """The same for text that comes in chunks: `check` each and parse what it gives, then `end`."""

    def __init__(self, *, field: str) -> None:
        self._field = field
        self._waiting: bytes | None = b""
        self._decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf-8")()
        self._is_utf_8 = True
        self._before = b""

    def check(self, chunk: bytes) -> bytes:
        """The chunk in UTF-8, or nothing yet; raises UnreadableMessageError for unsafe text."""
        if self._waiting is not None:
            self._waiting += chunk
            if not self._is_begun(is_all=False):
                return b""
            chunk, self._waiting = self._waiting, None
        return self._read(chunk, final=False)

    def end(self) -> bytes:
        """What is left at the end; raises where the text breaks off inside a character."""
        left = self._waiting or b""
        if self._waiting is not None:
            self._is_begun(is_all=True)
            self._waiting = None
        return self._read(left, final=True)

    def _is_begun(self, *, is_all: bool) -> bool:
        """Whether enough stands there to know the encoding, which is chosen then."""
        data = self._waiting or b""
        if len(data) < _SHORTEST and not is_all:
            return False
        wide = next((name for mark, name in _WIDE.items() if data.startswith(mark)), None)
        text = _beginning(data, wide)
        if text.startswith(_BEGINS) and _ENDS not in text:
            if len(text) > _LONGEST_DECLARATION:
                raise UnreadableMessageError(field=self._field, reason="encoding-not-read")
            if not is_all:
                return False
        elif _BEGINS.startswith(text) and not is_all:
            return False
        self._choose(text, wide, has_mark=data.startswith(_BOM))
        return True

    def _choose(self, text: str, wide: str | None, *, has_mark: bool) -> None:
        declaration = text.partition(_ENDS)[0] if text.startswith(_BEGINS) else ""
        found = _DECLARED.search(declaration)
        named = None if found is None else found[1].lower()
        if wide is None:
            encoding = _NARROW.get(named or "utf-8")
            is_known = encoding is not None and not (has_mark and encoding != "utf-8")
        else:
            encoding, is_known = wide, named in _NAMES_OF_WIDE[wide]
        if encoding is None or not is_known:
            raise UnreadableMessageError(field=self._field, reason="encoding-not-read")
        self._is_utf_8 = encoding == "utf-8"
        self._decoder = codecs.getincrementaldecoder(encoding)()

    def _read(self, chunk: bytes, *, final: bool) -> bytes:
        try:
            text = self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            reason = "not-utf-8" if self._is_utf_8 else "not-in-its-encoding"
            raise UnreadableMessageError(field=self._field, reason=reason) from error
        read = chunk if self._is_utf_8 else text.replace(_MARK, "").encode()
        joined = self._before + read
        if _DOCTYPE in joined:
            raise UnreadableMessageError(field=self._field, reason="doctype-forbidden")
        self._before = joined[-len(_DOCTYPE) :]
        return read


def _beginning(data: bytes, wide: str | None) -> str:
    """So much of the text as a declaration may take, whatever follows it."""
    if wide is None:
        return data.removeprefix(_BOM)[: _LONGEST_DECLARATION + 1].decode("latin-1")
    return data[: 2 * _LONGEST_DECLARATION + 4].decode(wide, "ignore").removeprefix(_MARK)


def name_of(element: Element) -> tuple[str | None, str]:
    """Namespace and own name; a prefix that was never declared is part of the name.

    lxml's QName raises ValueError for such a name, which its parser lets pass.
    """
    tag = str(element.tag)
    if not tag.startswith("{"):
        return None, tag
    namespace, _, name = tag[1:].partition("}")
    return namespace, name


def parser_options() -> dict[str, Any]:
    """What every parser of partners' XML is built with, for what its guard has given."""
    return {
        "encoding": "utf-8",
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
        "collect_ids": False,
    }
