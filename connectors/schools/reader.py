"""Reads Common Transfer Files: one message a pupil, however many there are in a file."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, BinaryIO, Final, cast

from lxml import etree

from connectors import limits
from connectors.ports import Received, Unreadable
from connectors.safe_xml import Element, SafeTextGuard, parser_options
from connectors.schools.header import CtfHeader, header_from_element
from connectors.schools.mapper import source_message_from_pupil
from connectors.schools.pupil_stream import Piece, PupilTarget
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage

_CHUNK: Final = 64 * 1024
_ROOT: Final = "CTfile"
_DIGEST_CHARACTERS: Final = 24


def read_ctf(stream: BinaryIO, *, most_bytes: int = limits.CTF_FILE_BYTES) -> Iterator[Received]:
    """The pupils of a CTF file, one at a time; memory does not grow with the file.

    What makes the rest of a file unreadable comes last, as one Unreadable; the pupils before it
    stand.
    """
    reading = _Reading()
    try:
        for chunk in _chunks(stream, most_bytes):
            yield from reading.feed(chunk)
        yield from reading.end()
    except UnreadableMessageError as error:
        yield reading.broken(error.field, error.reason)
    except (etree.XMLSyntaxError, ValueError):
        yield reading.broken(_ROOT, "not-xml")


class _Reading:
    """Where the reading of one file has got to."""

    def __init__(self) -> None:
        self._target = PupilTarget()
        target = cast("Any", self._target)  # lxml-stubs ask for bytes, which lxml never passes
        self._parser = etree.XMLParser(target=target, **parser_options())
        self._guard = SafeTextGuard(field=_ROOT)
        self._header: CtfHeader | None = None
        self._found = 0
        self._beginning = b""

    def feed(self, chunk: bytes) -> Iterator[Received]:
        """Read on; yields the pupils that end in this chunk."""
        if not self._found and len(self._beginning) <= limits.CTF_PUPIL_BYTES:
            self._beginning += chunk
        self._guard.check(chunk)
        self._parser.feed(chunk)
        pieces, self._target.pieces = self._target.pieces, []
        for piece in pieces:
            yield from self._received(piece)

    def end(self) -> Iterator[Received]:
        """The end of the file; raises for one that is empty or breaks off."""
        if not self._beginning.strip():
            raise UnreadableMessageError(field=_ROOT, reason="empty")
        self._guard.end()
        self._parser.close()
        if self._header is None:
            raise UnreadableMessageError(field="Header", reason="missing")
        return iter(())

    def broken(self, field: str, reason: str) -> Received:
        """Why nothing more can be read, with bytes that show the same again."""
        cut_short = b"<CTfile>" if self._found else self._beginning
        return Received(self._found, Unreadable(field, reason), raw=lambda: cut_short)

    def _received(self, piece: Piece) -> Iterator[Received]:
        if piece.is_header:
            self._take_header(piece)
            return
        if self._header is None:
            raise UnreadableMessageError(field="Header", reason="missing")
        yield _received_pupil(self._found, piece, self._header)
        self._found += 1

    def _take_header(self, piece: Piece) -> None:
        if piece.element is None:
            raise UnreadableMessageError(field="Header", reason=piece.refused or "missing")
        if self._header is not None:
            raise UnreadableMessageError(field="Header", reason="several-values")
        self._header = header_from_element(piece.element)


def _chunks(stream: BinaryIO, most_bytes: int) -> Iterator[bytes]:
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > most_bytes:
            raise UnreadableMessageError(field=_ROOT, reason="too-large")
        yield chunk


def _received_pupil(index: int, piece: Piece, header: CtfHeader) -> Received:
    pupil = piece.element
    if pupil is None:
        refused = Unreadable("Pupil", piece.refused or "missing")
        return Received(index, refused, raw=lambda: _file_of(header, etree.Element("Pupil")))
    return Received(index, _outcome(pupil, header), raw=lambda: _file_of(header, pupil))


def _outcome(pupil: Element, header: CtfHeader) -> SourceMessage | Unreadable:
    message_id = _message_id(pupil, header)
    try:
        return source_message_from_pupil(pupil, header, message_id=message_id)
    except UnreadableMessageError as error:
        return Unreadable(error.field, error.reason, message_id)


def _message_id(pupil: Element, header: CtfHeader) -> str:
    """The same for the same pupil's data in a file of the same school and moment."""
    content = "\x1f".join(f"{part.tag}\x1e{(part.text or '').strip()}" for part in pupil.iter())
    digest = sha256(content.encode()).hexdigest()[:_DIGEST_CHARACTERS]
    return f"ctf/{header.school_code}/{header.version.at}/{digest}"


def _file_of(header: CtfHeader, pupil: Element) -> bytes:
    parts = [
        etree.tostring(part, encoding="utf-8", with_tail=False) for part in (header.element, pupil)
    ]
    return b"<CTfile>%b<CTFpupilData>%b</CTFpupilData></CTfile>" % (parts[0], parts[1])
