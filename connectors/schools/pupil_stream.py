"""Takes a Common Transfer File apart while it is read: its header, then one pupil at a time."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, cast

from lxml import etree

from connectors import limits
from connectors.safe_xml import Element, parser_options
from schemas.errors import UnreadableMessageError

ROOT: Final = "CTfile"
_HEADER: Final = "Header"
_PUPIL: Final = "Pupil"
_PUPILS: Final = "CTFpupilData"
_BLANK_ALONE = re.compile(rb"<([^\s<>/]+)((?:\s[^<>]*[^<>/])?)>\s+</\1>")
_BLANK_BETWEEN = re.compile(rb">\s+<")
_LEVELS_BELOW_PUPIL = limits.NESTING - 3
_IS_DEEP = etree.XPath("boolean(" + "/".join("*" * 12) + ")")
_TOO_DEEP = etree.XPath("boolean(" + "/".join("*" * (_LEVELS_BELOW_PUPIL + 1)) + ")")


@dataclass(frozen=True, slots=True)
class Piece:
    """A header or a pupil: its element, and its bytes without what stands between elements.

    `refused` is why it is not kept; the other two then hold nothing that matters.
    """

    is_header: bool
    element: Element
    written: bytes
    refused: str | None = None


class PupilStream:
    """Fed with a file chunk by chunk, gives the pieces that end in each.

    Holds at most one pupil, and of one that is larger than allowed hardly anything: lxml builds
    the tree, and whatever in it is complete and belongs to no piece to come is cut off again.
    """

    def __init__(self) -> None:
        options = {**parser_options(), "remove_blank_text": True}
        self._parser = etree.XMLPullParser(
            events=("start", "end"), tag=(ROOT, _HEADER, _PUPIL), **options
        )
        self._first = _RootName()
        self._root: Element | None = None
        self._open: Element | None = None
        self._is_cut = False
        self._fed = 0
        self._piece_from = 0

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        """Read on. Raises UnreadableMessageError where the XML breaks, after what came before."""
        self._first.check(chunk)
        broken: etree.XMLSyntaxError | None = None
        try:
            self._parser.feed(chunk)
        except etree.XMLSyntaxError as error:
            broken = error
        for event, found in self._parser.read_events():
            element = cast("Element", found)
            if event == "start":
                self._begin(element)
            elif element is self._open:
                yield self._end(element)
        if broken is not None:
            raise UnreadableMessageError(field=ROOT, reason="not-xml") from broken
        self._fed += len(chunk)
        self._bound()

    def close(self) -> None:
        """The end of the file; raises UnreadableMessageError where it breaks off."""
        try:
            self._parser.close()
        except (etree.XMLSyntaxError, ValueError) as error:
            raise UnreadableMessageError(field=ROOT, reason="not-xml") from error

    def _begin(self, element: Element) -> None:
        if self._root is None:
            self._root = element
        elif self._open is None and self._is_piece(element):
            self._open, self._is_cut = element, False

    def _is_piece(self, element: Element) -> bool:
        parent = element.getparent()
        if element.tag == _HEADER:
            return parent is self._root
        if element.tag != _PUPIL or parent is None or parent.tag != _PUPILS:
            return False
        return parent.getparent() is self._root

    def _end(self, element: Element) -> Piece:
        written = b""
        refused = "too-large" if self._is_cut else None
        if refused is None:
            written = _written(element)
            refused = _refusal(element, written)
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
        self._open, self._piece_from = None, self._fed
        return Piece(element.tag == _HEADER, element, written, refused)

    def _bound(self) -> None:
        """Keep what lies between two pieces small, and give up on a file where it never ends."""
        since = self._fed - self._piece_from
        if since > limits.CTF_BETWEEN_PUPILS_BYTES:
            raise UnreadableMessageError(field=f"{ROOT}/{_PUPILS}", reason="too-large")
        if since > limits.CTF_PUPIL_BYTES:
            self._cut_off()

    def _cut_off(self) -> None:
        """Let go of all that is complete: only the last child of each element may still be open."""
        self._is_cut = self._open is not None
        node = self._root
        while node is not None and len(node):
            del node[:-1]
            node = node[-1]


class _RootName:
    """Refuses a file whose first element is another than it must be, before it is built."""

    def __init__(self) -> None:
        self._parser: etree.XMLPullParser | None = etree.XMLPullParser(
            events=("start",), **parser_options()
        )

    def check(self, chunk: bytes) -> None:
        """Look at the next chunk until the name is known; raises UnreadableMessageError."""
        if self._parser is None:
            return
        with suppress(etree.XMLSyntaxError):  # found again by the parser that builds
            self._parser.feed(chunk)
        for _, found in self._parser.read_events():
            self._parser = None
            if cast("Element", found).tag != ROOT:
                raise UnreadableMessageError(field=ROOT, reason="wrong-root")
            return


def _written(element: Element) -> bytes:
    """The element so that it is written the same once it is read again."""
    whole = etree.tostring(element, encoding="utf-8", with_tail=False)
    if _BLANK_BETWEEN.search(whole) is None:  # the parser has dropped most of it
        return whole
    return _BLANK_BETWEEN.sub(b"><", _BLANK_ALONE.sub(rb"<\1\2/>", whole))


def _refusal(element: Element, written: bytes) -> str | None:
    """Why a piece is more than may be; text and attributes hold no `>`, which is written &gt;."""
    if len(written) > limits.CTF_PUPIL_BYTES:
        return "too-large"
    if written.count(b"</") + written.count(b"/>") > limits.CTF_PUPIL_ELEMENTS:
        return "too-many-elements"
    if _IS_DEEP(element) and _TOO_DEEP(element):
        return "too-deep"
    return None
