"""The header of a children in need census: which authority sent it, and when."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.safe_xml import Element
from connectors.social_care.census_fields import text_at
from connectors.social_care.fields import la_code_of
from schemas.errors import UnreadableMessageError
from schemas.records.message import Version

_COLLECTION = "CollectionDetails/Collection"
_YEAR = "CollectionDetails/Year"
_REFERENCE = "CollectionDetails/ReferenceDate"
_SENT = "Source/DateTime"
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z?")


@dataclass(frozen=True, slots=True, repr=False)
class CensusHeader:
    """What every child of one file shares; `fault` is what in it contradicts itself."""

    version: Version
    la_code: str
    fault: UnreadableMessageError | None


def header_from_element(element: Element) -> CensusHeader:
    """Read a Header; raises UnreadableMessageError naming what is missing or ill-formed.

    DateTime has no zone in the format and is taken as UTC: it only orders one authority's files.
    A year that is not that of the reference date changes nothing of the children; it is told.
    """
    if (text_at(element, _COLLECTION) or "CIN").upper() != "CIN":
        raise UnreadableMessageError(field=f"Header/{_COLLECTION}", reason="not-children-in-need")
    year, reference = text_at(element, _YEAR), text_at(element, _REFERENCE)
    fault = None
    if year is not None and reference is not None and not reference.startswith(f"{year}-"):
        reason = f"contradicts:Header/{_REFERENCE}"
        fault = UnreadableMessageError(field=f"Header/{_YEAR}", reason=reason)
    try:
        la_code = la_code_of(text_at(element, "Source/LEA"))
    except UnreadableMessageError as error:
        raise UnreadableMessageError(field="Header/Source/LEA", reason=error.reason) from error
    return CensusHeader(Version(_sent_at(text_at(element, _SENT))), la_code, fault)


def written_header(header: CensusHeader) -> bytes:
    """A header for one child that is read again: what contradicted itself was told once."""
    return (
        f"<Header><Source><LEA>{header.la_code}</LEA>"
        f"<DateTime>{header.version.at}</DateTime></Source></Header>"
    ).encode()


def _sent_at(text: str | None) -> str:
    if text is None:
        raise UnreadableMessageError(field=f"Header/{_SENT}", reason="missing")
    if not _MOMENT.fullmatch(text):
        raise UnreadableMessageError(field=f"Header/{_SENT}", reason="not-a-date")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnreadableMessageError(field=f"Header/{_SENT}", reason="not-a-date") from error
    return moment.replace(tzinfo=UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
