"""Which entries of the ledger auditors ask about, in which groups, found by what. Pure.

What connectors and jobs do by themselves (published, stored, joined, bound) is not among them: it
is most of a ledger, and nobody's look. Whoever asks about that has the export.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from consent.ledger import FieldValue, LedgerEntry
from consent.ledger.decision_fields import DECISION_FIELDS
from consent.ledger.events import PROFILE_READS, LedgerEvent
from consent.ledger.presence_fields import FAMILY_FIELDS
from schemas.vocabulary import LabelledCode

Event = LedgerEvent


class Group(LabelledCode):
    """What sort of thing happened, as an auditor asks for it."""

    LOOKS = "looks", "Looks at families, allowed"
    REFUSALS = "refusals", "Refused or failed attempts"
    SEARCHES = "searches", "Searches"
    EMERGENCIES = "emergencies", "Emergency access"
    DECISIONS = "decisions", "Sharing decisions and what became of them"
    PURGES = "purges", "What was taken out of the shared profile"
    WORK = "work", "Work with a family: story, decisions, referrals, visits confirmed"
    REACH = "reach", "What changes who may ask: relationships, restrictions, staff, joins"
    EXPORTS = "exports", "Exports and reports"
    AUDIT = "audit", "What auditors asked, reviews, and families' questions"
    FAMILY = "family", "What families saw and did on pages of their own"


_WITH_WORK = frozenset(
    {
        *(Event.STORY_ADDED, Event.STORY_CORRECTED, Event.STORY_CONFIRMED, Event.SUPPORT_WRITTEN),
        *(Event.SHARING_DECISION_RECORDED_IN_FULL, Event.SHARING_DECISION_WRITTEN_DOWN),
        *(Event.SHARING_DECISION_CONFIRMED, Event.RELATIONSHIP_REQUESTED),
        *(Event.RELATIONSHIP_REQUEST_ANSWERED, Event.PRESENCE_CONFIRMED),
    }
)
_REACH = frozenset(
    {
        *(Event.RELATIONSHIP_MADE, Event.RELATIONSHIP_ENDED, Event.COVER_WRITTEN),
        *(Event.RESTRICTION_PLACED, Event.RESTRICTION_CHANGED, Event.RESTRICTION_LIFTED),
        *(Event.EXCLUSION_RECORDED, Event.EXCLUSION_CONFIRMED, Event.EXCLUSION_ENDED),
        *(Event.MEMBERSHIP_CHANGED, Event.MEMBERSHIP_ENDED, Event.MEMBERSHIP_SUSPENDED),
        *(Event.MEMBERSHIP_RESUMED, Event.AGREEMENT_ADOPTED, Event.LEAD_ADDED, Event.LEAD_REMOVED),
        *(Event.PERSON_JOINED, Event.PERSON_JOIN_WARRANTED, Event.PERSON_JOIN_UNDONE),
        *(Event.PERSONS_KEPT_APART, Event.COMMUNITY_PARTNER_REGISTERED),
        Event.COMMUNITY_PARTNER_ENDED,
    }
)
GROUPS: Mapping[Group, frozenset[LedgerEvent]] = {
    Group.LOOKS: frozenset(
        {
            *(*PROFILE_READS, Event.ACCESS_EVALUATED, Event.OWN_LABELS_OPENED),
            *(Event.DECIDERS_LISTED, Event.LINK_REVIEW_READ, Event.PARKED_READ),
            Event.PARKED_VALUES_SHOWN,
        }
    ),
    # A question of another system is here where its answer was no.
    Group.REFUSALS: frozenset(
        {
            Event.ACCESS_EVALUATED,
            *(e for e in Event if e.endswith("refused") and e is not Event.STORING_REFUSED),
        }
    ),
    Group.SEARCHES: frozenset({Event.SEARCH_MADE, Event.LIMIT_REACHED}),
    Group.EMERGENCIES: frozenset(
        {
            *(Event.EMERGENCY_ACCESS_ANNOUNCED, Event.EMERGENCY_ACCESS_OPENED),
            *(Event.EMERGENCY_ACCESS_TOLD, Event.EMERGENCY_ACCESS_SEEN),
        }
    ),
    Group.DECISIONS: frozenset(DECISION_FIELDS),
    Group.PURGES: frozenset({Event.PROFILE_PURGED, Event.PERSON_ERASED, Event.KEY_DESTROYED}),
    Group.WORK: _WITH_WORK,
    Group.REACH: _REACH,
    Group.EXPORTS: frozenset(
        {
            *(e for e in Event if e.startswith("audit-export:")),
            *(Event.LEDGER_EXPORTED, Event.REPORT_MADE),
        }
    ),
    Group.AUDIT: frozenset(
        {
            *(e for e in Event if e.startswith(("audit:", "review:", "governance-item:"))),
            *(e for e in Event if e.startswith(("family-question:", "unusual-access:"))),
            *(Event.AUDIT_EXPORTS_LISTED, Event.STAFF_LIST_IMPORTED),
            *(Event.LEDGER_READ, Event.DISCLOSURE_REPLAYED, Event.INTEGRITY_CHANGED),
        }
    ),
    # Nobody else is told that somebody of a family looked, or has a page.
    Group.FAMILY: frozenset(FAMILY_FIELDS),
}
"""The events of each group; some are in two."""
ASKED_ABOUT = frozenset[LedgerEvent]().union(*GROUPS.values())
"""Every event that is indexed."""

# Whoever is joined, or kept apart, is named by which side they are of.
_PERSONS = ("subjects", "subject", "person", "persons", "other", "one", "kept", "joined")
_THINGS = ("decision", "relationship", "review", "item", "practitioner")


def thing(kind: str, opaque_id: str) -> str:
    """How something that is no person is named in the index: `decision:…`, `relationship:…`."""
    return f"{kind}:{opaque_id}"


@dataclass(frozen=True, slots=True)
class IndexRow:
    """By what one entry is found. `because` is why it was a no, where it was one."""

    seq: int
    event: LedgerEvent
    actor: str
    at: datetime
    because: str | None
    named: frozenset[str]


def index_row(seq: int, entry: LedgerEntry) -> IndexRow | None:
    """The row of an entry; None for one that auditors do not ask about."""
    if entry.event not in ASKED_ABOUT:
        return None
    named = {
        *(one for name in _PERSONS for one in _all(entry.fields.get(name))),
        *(thing(name, one) for name in _THINGS for one in _all(entry.fields.get(name))),
        *(thing("practitioner", one) for one in _all(entry.fields.get("practitioners"))),
    }
    return IndexRow(seq, entry.event, entry.actor, entry.at, why_not(entry), frozenset(named))


def why_not(entry: LedgerEntry) -> str | None:
    """The codes of why something was refused, with a plus between; None where it was not."""
    if entry.event not in GROUPS[Group.REFUSALS] or entry.fields.get("permitted") == "yes":
        return None
    told = entry.fields
    because = told.get("reasons", told.get("because", told.get("reason", told.get("permission"))))
    return "+".join(sorted(_all(because))) or "not-told"


def events_of(groups: Iterable[Group]) -> frozenset[LedgerEvent]:
    """The events of several groups."""
    return frozenset[LedgerEvent]().union(*(GROUPS[group] for group in groups))


def _all(value: FieldValue | None) -> list[str]:
    match value:
        case None | int() | datetime():
            return []
        case str():
            return [value] if value else []
        case _:
            return [str(one) for one in value]
