"""Reads children in need censuses: one message a child, however many there are in a file."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, cast

from lxml import etree

from connectors.parsing import limits
from connectors.parsing.safe_xml import Element, SafeTextGuard, parser_options
from connectors.ports import Received, Unreadable
from connectors.social_care.census.child import PART, REST, CensusChild, ItemFault, about_of_child
from connectors.social_care.census.header import CensusHeader, header_from_element, written_header
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage

# Takes a census apart while it is read: its header, then one child at a time.

ROOT: Final = "Message"
_HEADER_PATH = [ROOT, "Header"]
_CHILD_PATH = [ROOT, "Children", "Child"]


@dataclass(frozen=True, slots=True)
class CensusPiece:
    """A header or a child; `refused` is why its element was not kept."""

    is_header: bool
    element: Element | None
    refused: str | None = None


class CensusTarget:
    """The target of an XML parser: keeps at most one child, and no more of that than is allowed.

    `pieces` fills as elements end and is emptied by whoever feeds the parser. Text that stands
    between elements is nobody's: it is read over.
    """

    def __init__(self) -> None:
        self.pieces: list[CensusPiece] = []
        self._path: list[str] = []
        self._builder: etree.TreeBuilder | None = None
        self._depth_of_piece = 0
        self._refused: str | None = None
        self._characters = 0
        self._elements = 0

    def start(self, tag: str, attributes: dict[str | bytes, str | bytes]) -> None:
        """Begin an element; a header or a child begins a piece."""
        if not self._path and tag != ROOT:
            raise UnreadableMessageError(field=ROOT, reason="wrong-root")
        self._path.append(tag)
        if not self._depth_of_piece and self._path in (_HEADER_PATH, _CHILD_PATH):
            self._begin_piece()
        if self._depth_of_piece:
            self._count(len(tag) * 2 + sum(map(len, attributes.values())), elements=1)
            if self._builder is not None:
                self._builder.start(tag, attributes)

    def data(self, text: str) -> None:
        """Text, which may come in parts."""
        if self._depth_of_piece:
            self._count(len(text), elements=0)
            if self._builder is not None:
                self._builder.data(text)

    def end(self, tag: str) -> None:
        """End an element; the end of a piece hands it over."""
        if self._builder is not None:
            self._builder.end(tag)
        if len(self._path) == self._depth_of_piece:
            self._hand_over(is_header=self._path == _HEADER_PATH)
        self._path.pop()

    def close(self) -> None:
        """End the file."""

    def _begin_piece(self) -> None:
        self._depth_of_piece = len(self._path)
        self._builder = etree.TreeBuilder()
        self._refused, self._characters, self._elements = None, 0, 0

    def _hand_over(self, *, is_header: bool) -> None:
        element = None if self._builder is None else self._builder.close()
        self.pieces.append(CensusPiece(is_header, element, self._refused))
        self._builder, self._depth_of_piece = None, 0

    def _count(self, characters: int, *, elements: int) -> None:
        self._characters += characters
        self._elements += elements
        if self._characters > limits.CENSUS_CHILD_BYTES:
            self._refuse("too-large")
        elif self._elements > limits.CENSUS_CHILD_ELEMENTS:
            self._refuse("too-many-elements")
        elif len(self._path) > limits.NESTING:
            self._refuse("too-deep")

    def _refuse(self, reason: str) -> None:
        self._builder = None
        self._refused = self._refused or reason


_DIGEST_CHARACTERS: Final = 24
_REFUSED: Final = "refused"
"""An attribute of ours on a child of which nothing is kept but why."""
_REFUSALS: Final = frozenset({"too-large", "too-many-elements", "too-deep", "missing"})

_Found = tuple[SourceMessage | Unreadable, bytes]


def read_census(
    chunks: Iterable[bytes], *, most_bytes: int = limits.CENSUS_FILE_BYTES
) -> Iterator[Received]:
    """The children of a census file that comes in chunks; memory does not grow with the file.

    Each item of a child that cannot be read is an Unreadable of its own after the child's message.
    What makes the rest of a file unreadable comes last; the children before it stand.
    """
    reading = _CensusReading(most_bytes)
    try:
        for chunk in chunks:
            yield from reading.feed(chunk)
        reading.end()
    except UnreadableMessageError as error:
        yield reading.broken(error.field, error.reason)
    except (etree.XMLSyntaxError, ValueError):
        yield reading.broken(ROOT, "not-xml")


class _CensusReading:
    """Where the reading of one file has got to."""

    def __init__(self, most_bytes: int) -> None:
        self._target = CensusTarget()
        target = cast("Any", self._target)  # lxml-stubs ask for bytes, which lxml never passes
        self._parser = etree.XMLParser(target=target, **parser_options())
        self._guard = SafeTextGuard(field=ROOT)
        self._header: CensusHeader | None = None
        self._left = most_bytes
        self._found = 0
        self._beginning = b""

    def feed(self, chunk: bytes) -> Iterator[Received]:
        """Read on; yields what ends in this chunk."""
        self._left -= len(chunk)
        if self._left < 0:
            raise UnreadableMessageError(field=ROOT, reason="too-large")
        if not self._found and len(self._beginning) <= limits.CENSUS_CHILD_BYTES:
            self._beginning += chunk
        self._parser.feed(self._guard.check(chunk))
        pieces, self._target.pieces = self._target.pieces, []
        for piece in pieces:
            found = self._of_header(piece) if piece.is_header else self._of_child(piece)
            for outcome, raw in found:
                yield Received(self._found, outcome, raw=_giving(raw))
                self._found += 1

    def end(self) -> None:
        """The end of the file; raises UnreadableMessageError when it breaks off or has no child."""
        if not self._beginning.strip():
            raise UnreadableMessageError(field=ROOT, reason="empty")
        self._parser.feed(self._guard.end())
        self._parser.close()
        if self._header is None:
            raise UnreadableMessageError(field="Header", reason="missing")
        if not self._found:
            raise UnreadableMessageError(field="Child", reason="missing")

    def broken(self, field: str, reason: str) -> Received:
        """Why nothing more can be read, with bytes that show the same again."""
        cut_short = b"<Message>" if self._found else self._beginning
        return Received(self._found, Unreadable(field, reason), raw=lambda: cut_short)

    def _of_header(self, piece: CensusPiece) -> Iterator[_Found]:
        """Nothing, or what in the header contradicts itself; the children are read all the same."""
        if piece.element is None:
            raise UnreadableMessageError(field="Header", reason=piece.refused or "missing")
        if self._header is not None:
            raise UnreadableMessageError(field="Header", reason="several-values")
        self._header = header_from_element(piece.element)
        fault = self._header.fault
        if fault is not None:
            raw = b"<Message>%b</Message>" % _written(piece.element)
            yield Unreadable(fault.field, fault.reason, _message_id(raw, self._header)), raw

    def _of_child(self, piece: CensusPiece) -> Iterator[_Found]:
        """The child's message, then each item of it that cannot be read."""
        header = self._header
        if header is None:
            raise UnreadableMessageError(field="Header", reason="missing")
        element = piece.element
        refused = piece.refused if element is None else element.get(_REFUSED)
        if element is None or refused in _REFUSALS:
            refusal = refused or "missing"
            empty = etree.Element("Child", {_REFUSED: refusal})
            yield Unreadable("Child", refusal), _file_of(header, empty)
            return
        yield from _of_sound_child(element, header)


def _of_sound_child(element: Element, header: CensusHeader) -> Iterator[_Found]:
    try:
        child = CensusChild(element, header)
    except UnreadableMessageError as error:
        raw, about = _file_of(header, element), about_of_child(element, header)
        yield Unreadable(error.field, error.reason, _message_id(raw, header), about=about), raw
        return
    if not child.says_nothing_else:
        if child.faults:
            element.set(PART, REST)
        raw = _file_of(header, element)
        yield child.message(_message_id(raw, header)), raw
    for fault in child.faults:
        yield _unreadable(fault, child, header), _file_of(header, fault.child)


def _unreadable(fault: ItemFault, child: CensusChild, header: CensusHeader) -> Unreadable:
    message_id = _message_id(_file_of(header, fault.child), header)
    error, about = fault.error, child.about_of_faults()
    return Unreadable(error.field, error.reason, message_id, child.scopes, header.version, about)


def _message_id(raw: bytes, header: CensusHeader) -> str:
    """The same for the same child's data in a file of the same authority and moment."""
    digest = sha256(raw).hexdigest()[:_DIGEST_CHARACTERS]
    return f"cin/{header.la_code}/{header.version.at}/{digest}"


def _file_of(header: CensusHeader, child: Element) -> bytes:
    return b"<Message>%b<Children>%b</Children></Message>" % (
        written_header(header),
        _written(child),
    )


def _giving(raw: bytes) -> Callable[[], bytes]:
    """What gives these bytes and does not show them."""
    return lambda: raw


def _written(element: Element) -> bytes:
    return etree.tostring(element, encoding="utf-8", with_tail=False)
