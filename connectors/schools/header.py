"""The header of a Common Transfer File: which school sent it, and when."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.safe_xml import Element
from schemas.errors import UnreadableMessageError
from schemas.records.message import Version

_LEA = re.compile(r"[0-9]{3}|XXX")
_NO_SCHOOL = "XXX"
_ESTAB = re.compile(r"[0-9A-Z]{4}")
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)


@dataclass(frozen=True, slots=True, repr=False)
class CtfHeader:
    """What every pupil of one file shares.

    A partial file, and any that does not say that it is full, may leave out what still holds.
    """

    version: Version
    lea: str
    estab: str
    school_name: str | None
    is_partial: bool = True

    @property
    def is_from_school(self) -> bool:
        """Whether a school wrote it: the DfE's own files name no authority (LEA XXX)."""
        return self.lea != _NO_SCHOOL

    @property
    def school_code(self) -> str:
        """The school as LEA and establishment number."""
        return self.lea + self.estab

    @property
    def sent_on(self) -> str:
        """The day on which the file was made."""
        return self.version.at[: len("YYYY-MM-DD")]


def header_from_element(element: Element) -> CtfHeader:
    """Read a Header; raises UnreadableMessageError naming what is missing or ill-formed.

    DateTime has no zone in the format and is taken as UTC: it only orders one school's files.
    """
    return CtfHeader(
        version=Version(_sent_at(text_of(element, "DateTime"))),
        lea=_code(element, "LEA", _LEA),
        estab=_code(element, "Estab", _ESTAB),
        school_name=text_of(element, "SourceSchool/SchoolName"),
        is_partial=(text_of(element, "DocumentQualifier") or "").casefold() != "full",
    )


def text_of(element: Element | None, path: str) -> str | None:
    """The text of the first element at `path`; None when absent or blank."""
    if element is None:
        return None
    return (element.findtext(path) or "").strip() or None


def _code(element: Element, name: str, form: re.Pattern[str]) -> str:
    path = f"SourceSchool/{name}"
    text = text_of(element, path)
    if text is None:
        raise UnreadableMessageError(field=f"Header/{path}", reason="missing")
    if not form.fullmatch(text):
        raise UnreadableMessageError(field=f"Header/{path}", reason="not-a-code")
    return text


def _sent_at(text: str | None) -> str:
    if text is None:
        raise UnreadableMessageError(field="Header/DateTime", reason="missing")
    if not _DATE_TIME.fullmatch(text):
        raise UnreadableMessageError(field="Header/DateTime", reason="not-a-date")
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnreadableMessageError(field="Header/DateTime", reason="not-a-date") from error
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
