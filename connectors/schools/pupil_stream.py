"""Takes a school's XML apart while it is read: its header, then one pupil at a time.

A format says what its root, its header and its pupils are called and what becomes of a pupil; how a
file is read, however large it is, does not differ between formats.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Final, Generic, TypeVar, cast

from lxml import etree

from connectors.parsing import limits
from connectors.parsing.safe_xml import Element, SafeTextGuard, name_of, parser_options
from connectors.ports import Received, Unreadable
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage

_Header = TypeVar("_Header")

_HEADER: Final = "Header"
_BLANK_ALONE = re.compile(rb"<([^\s<>/]+)((?:\s[^<>]*[^<>/])?)>\s+</\1>")
_BLANK_BETWEEN = re.compile(rb">\s+<")
_LEVELS_BELOW_PUPIL = limits.NESTING - 3
_IS_DEEP = etree.XPath("boolean(" + "/".join("*" * 12) + ")")
_TOO_DEEP = etree.XPath("boolean(" + "/".join("*" * (_LEVELS_BELOW_PUPIL + 1)) + ")")


@dataclass(frozen=True, slots=True)
class PupilPiece:
    """A header or a pupil: its element, and its bytes without what stands between elements.

    `refused` is why it is not kept; the other two then hold nothing that matters. `name` is that of
    its element in the format.
    """

    name: str
    element: Element
    written: bytes
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class PupilFormat(Generic[_Header]):
    """What differs between formats of pupils in XML.

    `pupils` are the names of elements that are pupils, each with those around it from the inside to
    the root, which is not among them. `read_header` raises UnreadableMessageError.
    """

    root: str
    pupils: Mapping[str, tuple[str, ...]]
    read_header: Callable[[Element], _Header]
    outcome: Callable[[PupilPiece, _Header], SourceMessage | Unreadable]

    def names(self) -> list[str]:
        """Of everything at which reading stops."""
        return [self.root, _HEADER, *self.pupils]

    def file_of(self, name: str, header: bytes, written: bytes | None) -> bytes:
        """A file with this header and one pupil alone; without the pupil's bytes, an empty one."""
        whole = b"<%b/>" % name.encode() if written is None else written
        for around in self.pupils[name]:
            whole = b"<%b>%b</%b>" % (around.encode(), whole, around.encode())
        root = self.root.encode()
        return b"<%b>%b%b</%b>" % (root, header, whole, root)


class _PupilStream(Generic[_Header]):
    """Fed with a file chunk by chunk, gives the pieces that end in each.

    Holds at most one pupil, and of one that is larger than allowed hardly anything: lxml builds
    the tree, and whatever in it is complete and belongs to no piece to come is cut off again.
    """

    def __init__(self, form: PupilFormat[_Header]) -> None:
        options = {**parser_options(), "remove_blank_text": True}
        names = [f"{{*}}{name}" for name in form.names()]
        self._form = form
        self._parser = etree.XMLPullParser(events=("start", "end"), tag=names, **options)
        self._first = _RootName(form.root)
        self._root: Element | None = None
        self._namespace: str | None = None
        self._open: Element | None = None
        self._is_cut = False
        self._fed = 0
        self._piece_from = 0

    def feed(self, chunk: bytes) -> Iterator[PupilPiece]:
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
            raise UnreadableMessageError(field=self._form.root, reason="not-xml") from broken
        self._fed += len(chunk)
        self._bound()

    def close(self) -> None:
        """The end of the file; raises UnreadableMessageError where it breaks off."""
        try:
            self._parser.close()
        except (etree.XMLSyntaxError, ValueError) as error:
            raise UnreadableMessageError(field=self._form.root, reason="not-xml") from error

    def _begin(self, element: Element) -> None:
        if self._root is None:
            self._root = element
            self._namespace, _ = name_of(element)
        elif self._open is None and self._is_piece(element):
            self._open, self._is_cut = element, False

    def _is_piece(self, element: Element) -> bool:
        (_, name), parent = name_of(element), element.getparent()
        if element.tag != self._named(name):
            return False
        if name == _HEADER:
            return parent is self._root
        for around in self._form.pupils.get(name, ("",)):
            if parent is None or parent.tag != self._named(around):
                return False
            parent = parent.getparent()
        return parent is self._root

    def _named(self, name: str) -> str:
        """The name in the namespace of the file, which mostly has none."""
        return name if self._namespace is None else f"{{{self._namespace}}}{name}"

    def _end(self, element: Element) -> PupilPiece:
        written = b""
        refused = "too-large" if self._is_cut else None
        if refused is None:
            if self._namespace is not None:
                element = _without_namespace(element, self._namespace)
            written = _written(element)
            refused = _refusal(element, written)
        opened = self._open
        parent = None if opened is None else opened.getparent()
        if parent is not None and opened is not None:
            parent.remove(opened)
        self._open, self._piece_from = None, self._fed
        return PupilPiece(name_of(element)[1], element, written, refused)

    def _bound(self) -> None:
        """Keep what lies between two pieces small, and give up on a file where it never ends."""
        since = self._fed - self._piece_from
        if since > limits.CTF_BETWEEN_PUPILS_BYTES:
            around = next(iter(self._form.pupils.values()))[-1]
            raise UnreadableMessageError(field=f"{self._form.root}/{around}", reason="too-large")
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

    def __init__(self, root: str) -> None:
        self._root = root
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
            if name_of(cast("Element", found))[1] != self._root:
                raise UnreadableMessageError(field=self._root, reason="wrong-root")
            return


def _without_namespace(element: Element, namespace: str) -> Element:
    """The same, with the names that the format has; what is of another namespace is left out."""
    copied = etree.fromstring(etree.tostring(element, with_tail=False), _copier())
    for one in list(copied.iter(etree.Element)):
        (its, name), parent = name_of(one), one.getparent()
        if its == namespace:
            one.tag = name
        elif parent is not None:
            parent.remove(one)
    etree.cleanup_namespaces(copied)
    return copied


def _copier() -> etree.XMLParser:
    return etree.XMLParser(**{**parser_options(), "remove_blank_text": True})


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


_CHUNK: Final = 64 * 1024


def read_pupils(
    stream: BinaryIO, form: PupilFormat[_Header], *, most_bytes: int
) -> Iterator[Received]:
    """The pupils of a file, one at a time; memory does not grow with the file.

    What makes the rest of a file unreadable comes last, as one Unreadable; the pupils before it
    stand.
    """
    reading = _FileReading(form)
    try:
        for chunk in _chunks(stream, form.root, most_bytes):
            yield from reading.feed(chunk)
        yield from reading.end()
    except UnreadableMessageError as error:
        yield reading.broken(error.field, error.reason)


class _FileReading(Generic[_Header]):
    """Where the reading of one file has got to."""

    def __init__(self, form: PupilFormat[_Header]) -> None:
        self._form = form
        self._pieces = _PupilStream(form)
        self._guard = SafeTextGuard(field=form.root)
        self._header: _Header | None = None
        self._written_header = b""
        self._found = 0
        self._beginning = b""

    def feed(self, chunk: bytes) -> Iterator[Received]:
        """Read on; yields the pupils that end in this chunk."""
        if not self._found and len(self._beginning) <= limits.CTF_PUPIL_BYTES:
            self._beginning += chunk
        yield from self._taken(self._guard.check(chunk))

    def end(self) -> Iterator[Received]:
        """The end of the file; raises UnreadableMessageError when it breaks off or has no pupil."""
        if not self._beginning.strip():
            raise UnreadableMessageError(field=self._form.root, reason="empty")
        yield from self._taken(self._guard.end())
        self._pieces.close()
        if self._header is None:
            raise UnreadableMessageError(field=_HEADER, reason="missing")
        if not self._found:
            raise UnreadableMessageError(field=next(iter(self._form.pupils)), reason="missing")

    def _taken(self, safe: bytes) -> Iterator[Received]:
        for piece in self._pieces.feed(safe) if safe else ():
            if piece.name == _HEADER:
                self._take_header(piece)
            else:
                yield self._received(piece)

    def broken(self, field: str, reason: str) -> Received:
        """Why nothing more can be read, with bytes that show the same again."""
        cut_short = f"<{self._form.root}>".encode() if self._found else self._beginning
        return Received(self._found, Unreadable(field, reason), raw=lambda: cut_short)

    def _received(self, piece: PupilPiece) -> Received:
        if self._header is None:
            raise UnreadableMessageError(field=_HEADER, reason="missing")
        form, name, before = self._form, piece.name, self._written_header
        written = None if piece.refused else piece.written
        received = Received(
            self._found,
            form.outcome(piece, self._header),
            raw=lambda: form.file_of(name, before, written),
        )
        self._found += 1
        return received

    def _take_header(self, piece: PupilPiece) -> None:
        if piece.refused is not None:
            raise UnreadableMessageError(field=_HEADER, reason=piece.refused)
        if self._header is not None:
            raise UnreadableMessageError(field=_HEADER, reason="several-values")
        self._header = self._form.read_header(piece.element)
        self._written_header = piece.written


def _chunks(stream: BinaryIO, root: str, most_bytes: int) -> Iterator[bytes]:
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > most_bytes:
            raise UnreadableMessageError(field=root, reason="too-large")
        yield chunk
