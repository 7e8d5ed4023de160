"""How elements of a children in need census are read; its header: which authority sent it, when."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.parsing import limits
from connectors.parsing.demographics import is_iso_date
from connectors.parsing.safe_xml import Element
from connectors.social_care.csc.fields import la_code_of
from schemas.errors import UnreadableMessageError
from schemas.records.message import Version
from schemas.records.payloads import Period

# Any element: a refusal names it by its path in the file.

_YES = frozenset({"1", "true"})
_NO = frozenset({"0", "false"})


def text_at(element: Element, path: str) -> str | None:
    """The text of the first element at `path`; None when absent or blank.

    Only what stands inside the element: stray text after it belongs to nothing.
    """
    return (element.findtext(path) or "").strip() or None


def day_at(element: Element, path: str, *, within: str) -> str | None:
    """A date as YYYY-MM-DD. Raises UnreadableMessageError for what is not one."""
    value = text_at(element, path)
    if value is not None and not is_iso_date(value):
        raise UnreadableMessageError(field=f"{within}/{path}", reason="not-a-date")
    return value


def period_at(element: Element, start: str, end: str, *, within: str) -> Period:
    """From one date to another, which may not come before it. Raises UnreadableMessageError."""
    begun, ended = day_at(element, start, within=within), day_at(element, end, within=within)
    if begun and ended and ended < begun:
        reason = f"contradicts:{within}/{start}"
        raise UnreadableMessageError(field=f"{within}/{end}", reason=reason)
    return Period(begun, ended)


def flag_at(element: Element, path: str) -> bool | None:
    """True or false as senders write it, `0` beside `false`; None when it says neither."""
    word = (text_at(element, path) or "").casefold()
    if word in _YES:
        return True
    return False if word in _NO else None


def required_at(element: Element, path: str, *, within: str) -> str:
    """An id, which must be there and not be too long. Raises UnreadableMessageError."""
    value = text_at(element, path)
    if value is None:
        raise UnreadableMessageError(field=f"{within}/{path}", reason="missing")
    if len(value) > limits.IDENTIFIER_CHARACTERS:
        raise UnreadableMessageError(field=f"{within}/{path}", reason="too-long")
    return value


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
