"""Reads Common Transfer Files: one message a pupil, however many there are in a file."""

from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO, Final

from connectors.parsing import limits
from connectors.ports import Received, Unreadable
from connectors.schools.ctf.fields import CtfHeader, header_from_element
from connectors.schools.ctf.mapper import about_of_pupil, source_message_from_pupil
from connectors.schools.pupil_stream import PupilFormat, PupilPiece, read_pupils
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage

_DIGEST_CHARACTERS: Final = 24


def read_ctf(stream: BinaryIO, *, most_bytes: int = limits.CTF_FILE_BYTES) -> Iterator[Received]:
    """The pupils of a CTF file, one at a time; memory does not grow with the file.

    What makes the rest of a file unreadable comes last, as one Unreadable; the pupils before it
    stand.
    """
    return read_pupils(stream, _FORMAT, most_bytes=most_bytes)


def _outcome(piece: PupilPiece, header: CtfHeader) -> SourceMessage | Unreadable:
    if piece.refused is not None:
        return Unreadable("Pupil", piece.refused)
    message_id = _message_id(piece.written, header)
    try:
        return source_message_from_pupil(piece.element, header, message_id=message_id)
    except UnreadableMessageError as error:
        about = about_of_pupil(piece.element, header)
        return Unreadable(error.field, error.reason, message_id, about=about)


def _message_id(written: bytes, header: CtfHeader) -> str:
    """The same for the same pupil's data in a file of the same school and moment."""
    digest = sha256(written).hexdigest()[:_DIGEST_CHARACTERS]
    return f"ctf/{header.school_code}/{header.version.at}/{digest}"


_FORMAT: Final = PupilFormat("CTfile", {"Pupil": ("CTFpupilData",)}, header_from_element, _outcome)
