"""Reads Common Transfer Files: one message a pupil, however many there are in a file."""

from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO, Final

from connectors import limits
from connectors.ports import Received, Unreadable
from connectors.safe_xml import SafeTextGuard
from connectors.schools.header import CtfHeader, header_from_element
from connectors.schools.mapper import source_message_from_pupil
from connectors.schools.pupil_stream import ROOT, Piece, PupilStream
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage

_CHUNK: Final = 64 * 1024
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
        reading.end()
    except UnreadableMessageError as error:
        yield reading.broken(error.field, error.reason)


class _Reading:
    """Where the reading of one file has got to."""

    def __init__(self) -> None:
        self._pieces = PupilStream()
        self._guard = SafeTextGuard(field=ROOT)
        self._header: CtfHeader | None = None
        self._written_header = b""
        self._found = 0
        self._beginning = b""

    def feed(self, chunk: bytes) -> Iterator[Received]:
        """Read on; yields the pupils that end in this chunk."""
        if not self._found and len(self._beginning) <= limits.CTF_PUPIL_BYTES:
            self._beginning += chunk
        self._guard.check(chunk)
        for piece in self._pieces.feed(chunk):
            if piece.is_header:
                self._take_header(piece)
            else:
                yield self._received(piece)

    def end(self) -> None:
        """The end of the file; raises UnreadableMessageError when it is empty or breaks off."""
        if not self._beginning.strip():
            raise UnreadableMessageError(field=ROOT, reason="empty")
        self._guard.end()
        self._pieces.close()
        if self._header is None:
            raise UnreadableMessageError(field="Header", reason="missing")

    def broken(self, field: str, reason: str) -> Received:
        """Why nothing more can be read, with bytes that show the same again."""
        cut_short = b"<CTfile>" if self._found else self._beginning
        return Received(self._found, Unreadable(field, reason), raw=lambda: cut_short)

    def _received(self, piece: Piece) -> Received:
        header = self._header
        if header is None:
            raise UnreadableMessageError(field="Header", reason="missing")
        before = self._written_header
        written = b"<Pupil/>" if piece.refused else piece.written
        received = Received(
            self._found,
            _outcome(piece, header),
            raw=lambda: b"<CTfile>%b<CTFpupilData>%b</CTFpupilData></CTfile>" % (before, written),
        )
        self._found += 1
        return received

    def _take_header(self, piece: Piece) -> None:
        if piece.refused is not None:
            raise UnreadableMessageError(field="Header", reason=piece.refused)
        if self._header is not None:
            raise UnreadableMessageError(field="Header", reason="several-values")
        self._header = header_from_element(piece.element)
        self._written_header = piece.written


def _outcome(piece: Piece, header: CtfHeader) -> SourceMessage | Unreadable:
    if piece.refused is not None:
        return Unreadable("Pupil", piece.refused)
    message_id = _message_id(piece.written, header)
    try:
        return source_message_from_pupil(piece.element, header, message_id=message_id)
    except UnreadableMessageError as error:
        return Unreadable(error.field, error.reason, message_id)


def _message_id(written: bytes, header: CtfHeader) -> str:
    """The same for the same pupil's data in a file of the same school and moment."""
    digest = sha256(written).hexdigest()[:_DIGEST_CHARACTERS]
    return f"ctf/{header.school_code}/{header.version.at}/{digest}"


def _chunks(stream: BinaryIO, most_bytes: int) -> Iterator[bytes]:
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > most_bytes:
            raise UnreadableMessageError(field=ROOT, reason="too-large")
        yield chunk
