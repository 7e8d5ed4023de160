"""Which entries an export takes, in which form, and why. Pure."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import LabelledCode

MOST_WORDS = 500
MOST_IN_A_CASE = 20_000
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


class Format(LabelledCode):
    """In which form entries leave; the ledger keeps the code."""

    CSV = "csv", "CSV, for a spreadsheet"
    JSON_LINES = "jsonl", "JSON lines, an entry a line, as it stands in the ledger"
    FHIR = "fhir", "FHIR R4 AuditEvents, one a line, after IHE BALP"
    CASE = "case", "A signed case that verifies without us"

    @property
    def media_type(self) -> str:
        """As it is sent over HTTP."""
        return _MEDIA_TYPES[self]

    @property
    def ending(self) -> str:
        """How the name of a file of it ends."""
        return _ENDINGS[self]


_MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.JSON_LINES: "application/x-ndjson",
    Format.FHIR: "application/fhir+ndjson",
    Format.CASE: "application/x-tar",
}
_ENDINGS = {
    Format.CSV: "csv",
    Format.JSON_LINES: "jsonl",
    Format.FHIR: "ndjson",
    Format.CASE: "case.tar",
}


class ExportBecause(LabelledCode):
    """Why somebody exports. The ledger keeps the code; their words are sealed beside it."""

    OVERSIGHT = "oversight", "Oversight: regular or random checks"
    REVIEW = "review", "A review of one access or of one worker's"
    FAMILY_ASKS = "family-asks", "A family asks who has looked"
    COMPLAINT = "complaint", "A complaint"
    BREACH = "breach", "A breach is looked into"
    REGULATOR = "regulator", "The Information Commissioner or another regulator asks"
    COURT = "court", "A court or an inquiry has ordered it"
    SYSTEM = "system", "For a system that keeps or watches audit trails"


class ExportRefused(LabelledCode):
    """Why nothing is exported."""

    NOT_THEIRS = "not-theirs", "Exports are for information governance"
    NO_WORDS = "no-words", "Say why, in up to 500 letters"
    WRONG_TIMES = "wrong-times", "The time ends before it begins"
    TOO_MANY = "too-many", "A case holds up to 20,000 entries: choose less, or another format"


@dataclass(frozen=True, slots=True)
class Worked:
    """Somebody's acts between two times; None is from the beginning, or until now."""

    practitioner: PractitionerId
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which entries: `since` is in the time, `until` is where it ends. Empty is all.

    `persons` are all that are one; an entry is taken that names one of them. `practitioners` are
    taken by what they did and where they are named. `agency` is a code; `worked` is who was of it
    and when, and takes what they did then. Each of the three narrows what the others leave. `but`
    is one entry that is left out: that of the export itself.
    """

    since: datetime | None = None
    until: datetime | None = None
    persons: tuple[PersonId, ...] = ()
    practitioners: tuple[PractitionerId, ...] = ()
    agency: str | None = None
    worked: tuple[Worked, ...] = ()
    but: UUID | None = None
    events: frozenset[LedgerEvent] = field(default_factory=frozenset)

    @property
    def is_in_order(self) -> bool:
        """Whether its time begins before it ends."""
        return self.since is None or self.until is None or self.since < self.until


@dataclass(frozen=True, slots=True)
class OrderExport:
    """One export that is asked for; `words` may name somebody and are kept sealed."""

    format: Format
    chosen: Chosen
    because: ExportBecause
    words: str


def time_text(at: datetime) -> str:
    """A time as entries have it, whose order as text is that of time."""
    return at.astimezone(UTC).strftime(_TIME)


def times_text(at: datetime | None) -> list[str]:
    """The same in a list of one, or of none."""
    return [] if at is None else [time_text(at)]


def was_working(worked: tuple[Worked, ...], practitioner: str, at: str) -> bool:
    """Whether somebody was of the agency then; `at` as entries have it."""
    return any(
        one.practitioner == practitioner
        and (one.since is None or time_text(one.since) <= at)
        and (one.until is None or at < time_text(one.until))
        for one in worked
    )
