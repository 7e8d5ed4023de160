"""Looks at a family as an auditor is told them: by whom, to what end, why it was let through. Pure.

Entries that one worker makes about the same people within half an hour of one another are one
visit: reading four pages of a family is one look to whoever asks who has looked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from consent.ledger import LedgerEntry
from consent.ledger.events import LedgerEvent
from schemas.vocabulary import LabelledCode
from services.audit.index.entries import why_not

_COUNTS = ("results", "rows", "entries")
_OF_A_FAMILY = "family:"
VISIT_GAP = timedelta(minutes=30)
"""Who looks again within so long is still looking."""


class Answered(LabelledCode):
    """What an attempt came to."""

    ALLOWED = "allowed", "Allowed"
    IN_PART = "in-part", "Allowed in part"
    REFUSED = "refused", "Refused"
    DONE = "done", "Done"


@dataclass(frozen=True, slots=True)
class Access:
    """One entry of something seen, tried or done: ids, codes and times, nothing that a record says.

    `through` is the partner by whose system it came; `decisions` are those that let it through;
    `counted` is how many were found, or left, where the entry counts.
    """

    entry: UUID
    seq: int
    at: datetime
    event: LedgerEvent
    actor: str
    answered: Answered
    persons: tuple[str, ...] = ()
    purpose: str | None = None
    categories: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    policy_version: str | None = None
    decisions: tuple[str, ...] = ()
    through: str | None = None
    counted: int | None = None


def access_from(seq: int, entry: LedgerEntry) -> Access:
    """What an entry tells of an attempt. Who asked by another system is who looked."""
    told = entry.fields
    asker = entry.actor
    through = None if told.get("partner") is None else f"partner:{told['partner']}"
    if entry.event is LedgerEvent.ACCESS_EVALUATED and not asker.startswith("operator:"):
        asker, through = f"practitioner:{told['practitioner']}", entry.actor
    persons = {one for name in ("subjects", "person", "other") for one in _all(told.get(name))}
    because = why_not(entry)
    return Access(
        entry=entry.entry_id,
        seq=seq,
        at=entry.at,
        event=entry.event,
        actor=asker,
        answered=_answered(entry, because),
        persons=tuple(sorted(persons)),
        purpose=_one(told.get("purpose")),
        categories=_all(told.get("categories")),
        withheld=_all(told.get("withheld_categories")),
        because=() if because is None else tuple(because.split("+")),
        policy_version=_one(told.get("policy_version")),
        decisions=_all(told.get("decided_from")),
        through=through,
        counted=next((n for one in _COUNTS if isinstance(n := told.get(one), int)), None),
    )


def _answered(entry: LedgerEntry, because: str | None) -> Answered:
    if because is not None:
        return Answered.REFUSED
    if "categories" not in entry.fields:
        return Answered.DONE
    return Answered.IN_PART if _all(entry.fields.get("withheld_categories")) else Answered.ALLOWED


@dataclass(frozen=True, slots=True)
class AuditedVisit:
    """What one worker did about the same people without half an hour between, newest first."""

    actor: str
    accesses: tuple[Access, ...]

    @property
    def first(self) -> datetime:
        """When it began."""
        return self.accesses[-1].at

    @property
    def last(self) -> Access:
        """What came last: by it visits are put in order."""
        return self.accesses[0]

    @property
    def answered(self) -> Answered:
        """The widest of what was answered: one look that was allowed is a look."""
        found = {access.answered for access in self.accesses}
        widest = (Answered.ALLOWED, Answered.IN_PART, Answered.DONE, Answered.REFUSED)
        return next(one for one in widest if one in found)

    def all_of(self, name: str) -> tuple[str, ...]:
        """Everything that its accesses tell by this name, once each."""
        return tuple(sorted({one for access in self.accesses for one in getattr(access, name)}))


def visits_in(accesses: Iterable[Access]) -> Sequence[AuditedVisit]:
    """The visits that these make up, by their last access, newest first. Newest first they come."""
    open_visits: dict[str, AuditedVisit] = {}
    done: list[AuditedVisit] = []
    for access in accesses:
        visit = open_visits.get(access.actor)
        if visit is not None and visit.first - access.at <= VISIT_GAP:
            open_visits[access.actor] = replace(visit, accesses=(*visit.accesses, access))
            continue
        if visit is not None:
            done.append(visit)
        open_visits[access.actor] = AuditedVisit(access.actor, (access,))
    every = [*done, *open_visits.values()]
    return sorted(every, key=lambda visit: (visit.last.at, visit.last.seq), reverse=True)


# By whom something was done, as staff are named: they are named actors.


@dataclass(frozen=True, slots=True)
class AuditedWorker:
    """Somebody who works here, as they stood when they looked."""

    actor: str
    name: str
    role: str | None = None
    job_title: str | None = None
    agency: str | None = None
    agency_code: str | None = None


def worker_of(actor: str, known: Mapping[str, AuditedWorker]) -> AuditedWorker:
    """Who an actor is; a system account, a job and a partner go by what they are called.

    Who acts on a page of their own has no name here: the entry says by which access.
    """
    if actor.startswith(_OF_A_FAMILY):
        return AuditedWorker(actor, "Somebody of the family")
    return known.get(actor) or AuditedWorker(actor, actor)


def _all(value: object) -> tuple[str, ...]:
    match value:
        case tuple() | list():
            return tuple(str(one) for one in value)
        case str():
            return (value,)
        case _:
            return ()


def _one(value: object) -> str | None:
    return value if isinstance(value, str) else None
