"""Reads school census returns: one message a pupil, on the roll or no longer."""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO, Final

from connectors.parsing import limits
from connectors.parsing.safe_xml import Element
from connectors.ports import Received, Unreadable
from connectors.schools.ctf.fields import ESTAB, code_at, moment_at, text_of
from connectors.schools.pupil_stream import PupilFormat, PupilPiece, read_pupils
from connectors.schools.roll.mapper import (
    HAVE_LEFT,
    ON_ROLL,
    RollHeader,
    about_of_pupil_on_roll,
    source_message_from_roll,
)
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage, Version

ROOT: Final = "Message"
_DIGEST_CHARACTERS: Final = 24
_LEA: Final = re.compile(r"[0-9]{3}")
_COLLECTION: Final = "CollectionDetails/Collection"
_OF_CHILDREN_IN_NEED: Final = "CIN"


def read_roll(stream: BinaryIO, *, most_bytes: int = limits.CTF_FILE_BYTES) -> Iterator[Received]:
    """The pupils of a return, one at a time; memory does not grow with the file.

    What makes the rest of a file unreadable comes last, as one Unreadable; the pupils before it
    stand.
    """
    return read_pupils(stream, _FORMAT, most_bytes=most_bytes)


def _header(element: Element) -> RollHeader:
    """Which school made it, when, and of which term; raises UnreadableMessageError.

    Source: DfE, school census, Header (CollectionDetails, Source).
    """
    if (text_of(element, _COLLECTION) or "").upper() == _OF_CHILDREN_IN_NEED:
        raise UnreadableMessageError(field=f"Header/{_COLLECTION}", reason="unexpected-type")
    return RollHeader(
        version=Version(moment_at(element, "Source/DateTime")),
        school_code=code_at(element, "Source/LEA", _LEA) + code_at(element, "Source/Estab", ESTAB),
        term=text_of(element, "CollectionDetails/Term"),
        reference_day=text_of(element, "CollectionDetails/ReferenceDate"),
    )


def _outcome(piece: PupilPiece, header: RollHeader) -> SourceMessage | Unreadable:
    if piece.refused is not None:
        return Unreadable(piece.name, piece.refused)
    digest = sha256(piece.written).hexdigest()[:_DIGEST_CHARACTERS]
    message_id = f"roll/{header.school_code}/{header.version.at}/{digest}"
    try:
        return source_message_from_roll(piece.element, header, message_id=message_id)
    except UnreadableMessageError as error:
        about = about_of_pupil_on_roll(piece.element, header)
        return Unreadable(error.field, error.reason, message_id, about=about)


_FORMAT: Final = PupilFormat(
    ROOT,
    {ON_ROLL: ("PupilsOnRoll", "Pupils"), HAVE_LEFT: ("PupilsNoLongerOnRoll", "Pupils")},
    _header,
    _outcome,
)
