"""Takes a children in need census apart while it is read: its header, then one child at a time."""

from dataclasses import dataclass
from typing import Final

from lxml import etree

from connectors import limits
from connectors.safe_xml import Element
from schemas.errors import UnreadableMessageError

ROOT: Final = "Message"
_HEADER_PATH = [ROOT, "Header"]
_CHILD_PATH = [ROOT, "Children", "Child"]


@dataclass(frozen=True, slots=True)
class Piece:
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
        self.pieces: list[Piece] = []
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
        self.pieces.append(Piece(is_header, element, self._refused))
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
