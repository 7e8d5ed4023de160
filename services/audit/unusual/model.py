"""What rules of unusual access are asked about, and what they answer. Ids, hashes, codes, times."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from consent.model import RelationshipGround
from schemas.uk_time import uk_day
from schemas.vocabulary import LabelledCode
from services.audit.unusual.settings import UnusualSettings


class UnusualRule(LabelledCode):
    """A rule; a code that stands in a hit stays readable for ever."""

    OWN_RECORD = "own-record", "Own record"
    SAME_SURNAME = "same-surname", "Rare surname"
    SAME_PLACE = "same-place", "Same place"
    COLLEAGUE = "colleague", "Colleague"
    NO_LATER_WORK = "no-later-work", "No later work"
    VOLUME = "volume", "Volume"
    ODD_HOURS = "odd-hours", "Odd hours"
    ON_LEAVE = "on-leave", "On leave"
    REFUSED_THEN_ALLOWED = "refused-then-allowed", "Refused, then allowed"
    REFUSED_OFTEN = "refused-often", "Refused often"
    FORMER_CASE = "former-case", "Former case"
    SEARCH_FISHING = "search-fishing", "Searches, nothing opened"
    WIDELY_LOOKED = "widely-looked", "Looked at by many"
    EMERGENCY = "emergency", "Emergency access"
    SELF_CLAIMED = "self-claimed", "Relationship of their own word"


class ExplainedBy(LabelledCode):
    """What explains a finding away."""

    CASE_LOAD = "case-load", "Case-load before the look"
    LATER_WORK = "later-work", "Later contact, record, plan or referral"
    ROTA = "duty-rota", "Duty rota"
    OPENED_AGAIN = "opened-again", "Opened again"
    INCIDENT = "incident", "An emergency about the family that day"
    ASKED_ALREADY = "asked-already", "Another hit asks why they looked"
    DISMISSED = "dismissed-before", "Found to be right before, quiet for 90 days"


@dataclass(frozen=True, slots=True)
class RuleSentences:
    """What a page says of a rule: when it fires, of one hit why, and what explains it away."""

    fires: str
    reason: str
    explained: str


class ActKind(StrEnum):
    """What an entry says that somebody did."""

    LOOK = "look"
    REFUSED = "refused"
    SEARCH = "search"
    EMERGENCY = "emergency"
    CLAIM = "claim"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class LedgerAct:
    """One thing done. `place` is its place in the ledger; `persons` begins with who was asked for.

    `by` is the practitioner's opaque id; work that came as a record is by nobody and names the
    kind of agency, `source`.
    """

    place: int
    at: datetime
    kind: ActKind
    by: str
    persons: tuple[str, ...] = ()
    source: str | None = None

    @property
    def person(self) -> str | None:
        """Whom it is about before others; None of a search."""
        return self.persons[0] if self.persons else None

    @property
    def day(self) -> date:
        """On which day, by the clocks of the United Kingdom."""
        return uk_day(self.at)


@dataclass(frozen=True, slots=True)
class RelationshipState:
    """One state of a relationship between a practitioner and a person, known since `known_at`."""

    id: str
    state: int
    ground: RelationshipGround
    known_at: datetime
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class OnStaffList:
    """One row of the list of staff. Names, places and team are keyed hashes.

    `places` are those of a whole address, by which neighbours are told apart; `postcodes` count
    where a list has no more. `leave` are first and last days.
    """

    practitioner: str
    surnames: frozenset[bytes] = frozenset()
    postcodes: frozenset[bytes] = frozenset()
    places: frozenset[bytes] = frozenset()
    team: bytes | None = None
    leave: tuple[tuple[date, date], ...] = ()
    duty: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class HashedPerson:
    """By which keyed hashes a person is known: surnames, postcodes, addresses in records."""

    surnames: frozenset[bytes] = frozenset()
    postcodes: frozenset[bytes] = frozenset()
    places: frozenset[bytes] = frozenset()


_NOT_ON_IT = OnStaffList("")
_UNKNOWN = HashedPerson()
_Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the acts. `surname_bits` says how much an equal surname is worth."""

    settings: UnusualSettings
    staff: "StaffIndex"
    relationships: Mapping[_Pair, Sequence[RelationshipState]] = field(default_factory=dict)
    persons: Mapping[str, HashedPerson] = field(default_factory=dict)
    surname_bits: Callable[[bytes], float] = lambda _: 0.0

    def person(self, person: str) -> HashedPerson:
        """Their hashes; none of whom nothing is known."""
        return self.persons.get(person, _UNKNOWN)

    def states(self, act: LedgerAct) -> Sequence[RelationshipState]:
        """Every state of whatever the practitioner has or had with anybody that was shown."""
        found = (self.relationships.get((act.by, person), ()) for person in act.persons)
        return [state for states in found for state in states]


class StaffIndex:
    """The list of staff, by practitioner and by surname."""

    def __init__(self, rows: Sequence[OnStaffList] = ()) -> None:
        self._rows = {row.practitioner: row for row in rows}
        self._by_surname: dict[bytes, list[OnStaffList]] = {}
        for row in rows:
            for surname in row.surnames:
                self._by_surname.setdefault(surname, []).append(row)

    def of(self, practitioner: str) -> OnStaffList:
        """Their row; an empty one of whoever is not on the list."""
        return self._rows.get(practitioner, _NOT_ON_IT)

    def called(self, surname: bytes) -> Sequence[OnStaffList]:
        """Whoever has this surname."""
        return self._by_surname.get(surname, ())


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """That a rule fired, whether or not something explains it away.

    `place` and `at` are of the act that made it fire; `places` are all acts that it is about.
    """

    rule: UnusualRule
    by: str | None
    person: str | None
    day: date
    at: datetime
    place: int
    explained_by: ExplainedBy | None = None
    places: tuple[int, ...] = ()

    @property
    def key(self) -> tuple[UnusualRule, str | None, str | None, date, bool]:
        """What is the same hit: one a rule, practitioner, person and day; beside it one explained.

        Of a morning that is explained and an evening that is not, the evening must not be lost.
        """
        return self.rule, self.by, self.person, self.day, self.explained_by is not None


def finding(
    rule: UnusualRule,
    acts: Sequence[LedgerAct],
    *,
    by: str | None,
    person: str | None,
    day: date,
    explained_by: ExplainedBy | None = None,
) -> RuleFinding:
    """A finding about several acts; the first of them by time is what it names."""
    ordered = sorted(acts, key=lambda act: (act.at, act.place))
    first, places = ordered[0], tuple(act.place for act in ordered)
    return RuleFinding(rule, by, person, day, first.at, first.place, explained_by, places)
