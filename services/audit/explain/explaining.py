"""Why an access was allowed or refused, in the sentence that an auditor would write. Pure.

What was on record at its moment is decided once more, and which decision, relationship, warrant,
role, agreement and rule let it through is told; where that is not kept, that it cannot be told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from consent.model import DeciderKind, Response
from consent.question import Reason
from schemas.identifiers import reference_of
from schemas.uk_time import to_uk_time
from schemas.vocabulary import Category, LabelledCode, Purpose, Source
from services.audit.looks import Access, Answered, AuditedWorker
from services.people.relationships.model import WarrantKind

RULES: Mapping[Reason, str] = {
    Reason.ROLE_OPENS_NO_RECORDS: "0",
    Reason.UNREADABLE_REQUEST: "1",
    Reason.NO_SUBJECT: "1",
    Reason.POLICY_DENIES: "1",
    Reason.NOT_SPOKEN_FOR: "1",
    Reason.RESTRICTED: "2",
    Reason.EXCLUDED: "2a",
    Reason.NO_RELATIONSHIP: "3",
    Reason.DUTY: "4",
    Reason.EMERGENCY: "4",
    Reason.REFUSED: "5",
    Reason.WITHDRAWN: "5",
    Reason.OBJECTED: "5",
    Reason.DETRIMENTAL: "5",
    Reason.KEPT_TO_OTHERS: "5a",
    Reason.CONSENT: "7",
    Reason.PUBLIC_TASK: "7",
    Reason.NO_DECISION: "9",
    Reason.NOT_ASKED: "9",
    Reason.EXPIRED: "9",
}
"""The rule of DESIGN.md section 4 by which each reason comes about."""


class Retold(LabelledCode):
    """What deciding it once more came to."""

    SAME = "same", "Decided once more: the same answer as then"
    DIFFERS = "differs", "Decided once more: not the answer that was given then"
    CANNOT = "cannot-be-told", "What was known then cannot be told"
    NO_ACCESS = "no-access", "Nothing of a family was asked for, so there is nothing to decide"


@dataclass(frozen=True, slots=True)
class PartThen:
    """The answer then about one category of one source, and of whom."""

    person: str
    category: Category
    source: Source
    is_permitted: bool
    reasons: tuple[Reason, ...]
    decisions: tuple[str, ...]

    @property
    def rule(self) -> str:
        """The rules that decided it."""
        return ", ".join(sorted({RULES[r] for r in self.reasons if r in RULES}))


@dataclass(frozen=True, slots=True)
class DecisionThen:
    """A sharing decision as it stood then."""

    id: str
    version: int
    response: Response
    basis: str
    decider: DeciderKind
    decided_at: datetime
    confirmed_at: datetime | None
    notice_version: str | None
    until: datetime | None
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class RelationshipThen:
    """A relationship that held then; `by` is who asked for it, `warrant` what stood for it."""

    id: str
    ground: str
    warrant: str
    by: str
    since: datetime
    until: datetime | None
    known_at: datetime


@dataclass(frozen=True, slots=True)
class RoleThen:
    """In which agency somebody worked then, and as what; by whose two hands."""

    role: str
    agency: str
    since: datetime
    asked_by: str
    warranted_by: str


@dataclass(frozen=True, slots=True)
class AgreementThen:
    """The data-sharing agreement that was in force then."""

    version: str
    adopted_at: datetime
    valid_from: str
    valid_until: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """One access with all that was on record for it; `lacks` is what is not kept of that time."""

    access: Access
    worker: AuditedWorker
    told: Retold
    parts: tuple[PartThen, ...] = ()
    decisions: tuple[DecisionThen, ...] = ()
    relationships: tuple[RelationshipThen, ...] = ()
    role: RoleThen | None = None
    agreement: AgreementThen | None = None
    differences: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    begins_at: datetime | None = None
    today: tuple[Category, ...] | None = None

    @property
    def sentence(self) -> str:
        """What an auditor would write of it."""
        match self.told:
            case Retold.NO_ACCESS:
                return f"{self.worker.name} asked to see nothing of {_whose(self)} here."
            case Retold.CANNOT:
                return f"{_what_happened(self)}. {_why_untold(self)}"
            case Retold.DIFFERS:
                return f"{_what_happened(self)}. {' '.join(self.differences)}"
            case Retold.SAME:
                because = _why_refused(self) if _is_refused(self) else _why_allowed(self)
                return f"{_what_happened(self)}, because {because}."


def _is_refused(told: Explanation) -> bool:
    return told.access.answered is Answered.REFUSED


def _whose(told: Explanation) -> str:
    persons = told.access.persons
    return f"family {reference_of(persons[0])}" if persons else "a family"


def _what_happened(told: Explanation) -> str:
    family = _whose(told)
    if _is_refused(told):
        return f"{told.worker.name} was shown nothing of {family}"
    seen = joined(CATEGORIES_IN_SHORT[Category(c)] for c in told.access.categories) or "nothing"
    return f"{told.worker.name} saw {seen} of {family}"


def _why_allowed(told: Explanation) -> str:
    used = set(told.access.decisions)
    reasons = {r for part in told.parts if part.is_permitted for r in part.reasons}
    why = [_decided(one) for one in told.decisions if one.id in used]
    if Reason.DUTY in reasons and not why:
        why.append("a duty to share it was recorded (rule 4)")
    if Reason.EMERGENCY in reasons:
        why.append("an emergency had been announced (rule 4)")
    if told.relationships:
        why.append(_related(told.relationships[0]))
    if told.role is not None:
        why.append(f"they worked as {told.role.role} in {told.worker.agency or told.role.agency}")
    if told.agreement is not None:
        why.append(f"agreement {told.agreement.version} was in force")
    return joined(why, each="because")


def _decided(one: DecisionThen) -> str:
    who = DECIDERS_IN_WORDS[one.decider]
    what = "agreed" if one.basis == "consent" else f"shared it as {one.basis}"
    return f"{who} {what} on {_day(one.decided_at)} (decision {reference_of(one.id)}, rule 7)"


def _related(one: RelationshipThen) -> str:
    ground = GROUNDS_IN_WORDS.get(one.ground, one.ground)
    return f"{ground}, for which {WARRANTS_IN_WORDS[WarrantKind(one.warrant)]}"


def _why_refused(told: Explanation) -> str:
    reasons = [Reason(code) for code in told.access.because if code in set(Reason)]
    return (
        joined(f"{REASONS_IN_WORDS[r]} (rule {RULES.get(r, '9')})" for r in reasons)
        or "nothing said yes"
    )


def _why_untold(told: Explanation) -> str:
    since = "" if told.begins_at is None else f": that is kept from {_day(told.begins_at)} on"
    return (
        "Whether that was rightly answered cannot be told, because what was on record then of "
        f"{joined(told.lacks)} is not kept{since}."
    )


def joined(parts: Iterable[str], *, each: str = "") -> str:
    """Parts with commas and an `and`; `each` is said again before every one but the first."""
    every = [p for p in parts if p]
    again = f"{each} " if each else ""
    said = [every[0], *(f"{again}{p}" for p in every[1:])] if every else []
    if len(said) < 2:  # noqa: PLR2004 one needs nothing between
        return "".join(said)
    return f"{', '.join(said[:-1])} and {said[-1]}"


def _day(moment: datetime) -> str:
    day = to_uk_time(moment)
    return f"{day.day} {day:%B %Y}"


CATEGORIES_IN_SHORT: Mapping[Category, str] = {
    Category.IDENTITY_AND_CONTACT: "contact",
    Category.FAMILY_AND_HOUSEHOLD: "family and household",
    Category.STORY: "story",
    Category.COMMUNICATION_NEEDS: "communication needs",
    Category.PRACTITIONERS: "who works with them",
    Category.CHILD_HEALTH: "health",
    Category.EDUCATION: "education",
    Category.EARLY_HELP: "early help",
    Category.SOCIAL_CARE: "social care",
    Category.SAFEGUARDING: "safeguarding",
}
"""What a sentence calls each category."""
DECIDERS_IN_WORDS: Mapping[DeciderKind, str] = {
    DeciderKind.PARENT: "a person with parental responsibility",
    DeciderKind.YOUNG_PERSON: "the young person",
    DeciderKind.ADULT_SELF: "the adult it is about",
    DeciderKind.PRACTITIONER: "a practitioner",
    DeciderKind.PERSON: "the person it is about",
    DeciderKind.COURT: "a court",
    DeciderKind.OTHER: "somebody else",
    DeciderKind.NOT_SAID: "somebody who was not named",
}
GROUNDS_IN_WORDS: Mapping[str, str] = {
    "case-load": "the family was on their case-load",
    "own": "the family was on their agency's own books",
    "referral": "the family was referred to them",
    "cover": "they stood in for a colleague",
    "family-confirmed": "the family was with them and confirmed it",
    "emergency": "they had opened an emergency",
}
WARRANTS_IN_WORDS: Mapping[WarrantKind, str] = {
    WarrantKind.FEED: "a feed that two officers registered stood",
    WarrantKind.CORROBORATED: "a file stood, with which another agency's agreed",
    WarrantKind.CODE: "a code that the family read out stood",
    WarrantKind.OFFICER: "a confirming officer stood",
    WarrantKind.COLLEAGUE: "a colleague stood",
    WarrantKind.FAMILY: "the family stood",
    WarrantKind.CASE_LOAD_HOLDER: "somebody of another agency who works with them stood",
    WarrantKind.ROTA: "a rota that somebody else wrote stood",
    WarrantKind.NOBODY: "nobody else stood: it was announced before it opened",
    WarrantKind.MIGRATION: "nobody stood: it was taken over from before",
    WarrantKind.DEMONSTRATION: "one command stood, among invented families",
}
REASONS_IN_WORDS: Mapping[Reason, str] = {
    Reason.ROLE_OPENS_NO_RECORDS: "their role opens no family records",
    Reason.NO_RELATIONSHIP: "no relationship with the family was on record",
    Reason.RESTRICTED: "the family was restricted, and they were not on its list",
    Reason.EXCLUDED: "the family had named them as somebody who must not see it",
    Reason.POLICY_DENIES: "the agreement in force did not cover it",
    Reason.NO_DECISION: "nothing on record said yes",
    Reason.NOT_ASKED: "the family had not been asked",
    Reason.EXPIRED: "what was decided had run out",
    Reason.REFUSED: "the family had refused",
    Reason.WITHDRAWN: "the family had withdrawn",
    Reason.OBJECTED: "the family had objected",
    Reason.DETRIMENTAL: "sharing was judged more detrimental to the child",
    Reason.KEPT_TO_OTHERS: "the family kept it to others",
    **{
        reason: reason.label.rstrip(".").lower()
        for reason in (
            *(Reason.NO_SUBJECT, Reason.UNREADABLE_REQUEST, Reason.DUTY, Reason.EMERGENCY),
            *(Reason.CONSENT, Reason.PUBLIC_TASK, Reason.NOT_SPOKEN_FOR, Reason.CANNOT_BE_TOLD),
            *(Reason.NO_RIGHT, Reason.PERMITTED_IN_PART),
        )
    },
}


# What one worker could see of one family in one day, and what they did see.


@dataclass(frozen=True, slots=True)
class SpanOfDay:
    """From when until when one answer held."""

    since: datetime
    until: datetime
    is_permitted: bool
    reasons: tuple[Reason, ...]
    decisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CouldSee:
    """One category of one source over a day, and when it was looked at."""

    category: Category
    source: Source
    spans: tuple[SpanOfDay, ...]
    seen_at: tuple[datetime, ...]


Moment = tuple[datetime, Iterable[PartThen]]


def spans_of(
    moments: Iterable[Moment], *, until: datetime
) -> Mapping[tuple[str, str], list[SpanOfDay]]:
    """By category and source the spans of a day, from what was answered at its moments in order.

    What holds about anybody of the family holds: a page shows what is permitted of each.
    """
    spans: dict[tuple[str, str], list[SpanOfDay]] = {}
    ordered = list(moments)
    ends = [*(at for at, _ in ordered[1:]), until]
    for (at, parts), end in zip(ordered, ends, strict=True):
        best: dict[tuple[str, str], PartThen] = {}
        for part in parts:
            key = (part.category.value, part.source.value)
            if key not in best or (part.is_permitted and not best[key].is_permitted):
                best[key] = part
        for key, part in best.items():
            so_far = spans.setdefault(key, [])
            now = SpanOfDay(at, end, part.is_permitted, part.reasons, part.decisions)
            last = so_far[-1] if so_far else None
            if last is not None and _says_the_same(last, now):
                so_far[-1] = SpanOfDay(
                    last.since, end, last.is_permitted, last.reasons, last.decisions
                )
            else:
                so_far.append(now)
    return spans


def _says_the_same(one: SpanOfDay, other: SpanOfDay) -> bool:
    return (one.is_permitted, one.reasons, one.decisions) == (
        other.is_permitted,
        other.reasons,
        other.decisions,
    )


def purpose_of(access: Access) -> Purpose | None:
    """To what end somebody asked, if that is told."""
    return None if access.purpose is None else Purpose(access.purpose)
