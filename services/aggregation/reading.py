"""Reading one family: the look is on the ledger before the answer leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from consent import Decision, Reason
from consent.ledger import ledger_entry, new_entry_id
from consent.ledger_events import LedgerEvent
from consent.model import Mode
from consent.ports import Clock, Ledger
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Purpose, Source
from services.aggregation import merging
from services.aggregation.ports import CaseLoads, Decisions, StoredRecords
from services.aggregation.profile import NotShared, Profile, ProfileRefused
from services.aggregation.source_status import LastHeard, source_statuses
from services.aggregation.stored import StoredRecord
from services.aggregation.viewing import ReadProfile, Viewing, view_family

_Decided = Sequence[tuple[StoredRecord, Decision]]


@dataclass(frozen=True, slots=True)
class Look:
    """What who-has-looked shows of one reading; written with its ledger entry."""

    disclosure: str
    person: PersonId
    practitioner: PractitionerId
    purpose: Purpose
    permitted: bool
    categories: tuple[Category, ...]
    at: datetime


class Looks(Protocol):
    """Who has looked at whom."""

    def save(self, look: Look) -> None:
        """Write down one reading, permitted or refused."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading works with; every port joins one transaction."""

    records: StoredRecords
    case_loads: CaseLoads
    decisions: Decisions
    directory: merging.Directory
    last_heard: LastHeard
    looks: Looks
    ledger: Ledger
    clock: Clock


def read_profile(command: ReadProfile, *, reading: Reading) -> Profile | ProfileRefused:
    """One family as the practitioner may see it, or why not.

    Decisions are read in the same transaction as the records, so a withdrawal is in force for
    the very next call. The look or the refusal is in the ledger when the caller commits; nothing
    may be shown before that. A refusal is an answer, not an error (STYLE.md 12).
    """
    viewing, family = view_family(
        command,
        at=reading.clock.now(),
        records=reading.records,
        decisions=reading.decisions,
        case_loads=reading.case_loads,
    )
    refusal = viewing.refusal()
    if refusal is not None:
        return _refused(viewing, refusal, reading)
    decided = [(record, viewing.ask(record)) for record in family]
    permitted = [(record, decision) for record, decision in decided if decision.is_permitted]
    denied = [(record, decision) for record, decision in decided if not decision.is_permitted]
    if not permitted and (reasons := viewing.why_nothing()):
        return _refused(viewing, reasons, reading)
    return _shown(viewing, permitted, denied, reading)


def _shown(viewing: Viewing, permitted: _Decided, denied: _Decided, reading: Reading) -> Profile:
    stored = [record for record, _ in permitted]
    profile = _profile(viewing, permitted, denied, list(reading.records.open(stored)), reading)
    look = _look(viewing, {record.category for record in stored}, permitted=True)
    reading.looks.save(look)
    reading.ledger.append(
        [
            ledger_entry(
                LedgerEvent.PROFILE_READ,
                {
                    "disclosure": look.disclosure,
                    "subjects": {viewing.command.person, *(p for r in stored for p in r.persons)},
                    "purpose": viewing.command.purpose,
                    "categories": look.categories,
                    "withheld_categories": {record.category for record, _ in denied},
                    "policy_version": profile.policy_version,
                    "decided_from": profile.decided_from,
                },
                at=viewing.at,
                actor=f"practitioner:{viewing.practitioner.id}",
            )
        ]
    )
    return profile


def _profile(
    viewing: Viewing,
    permitted: _Decided,
    denied: _Decided,
    records: Sequence[PublishedRecord],
    reading: Reading,
) -> Profile:
    today = viewing.at.date()
    child = viewing.command.person
    protected = viewing.protected_locations()
    people = merging.people(records, child, protected)
    not_shared = _not_shared(viewing, denied)
    return Profile(
        child=child,
        purpose=viewing.command.purpose,
        as_of=viewing.at,
        people=people,
        relatives=merging.relatives(records, child),
        practitioners=merging.practitioners(records, reading.directory, today.isoformat()),
        communication=merging.communication(records),
        story=merging.story(records),
        timeline=merging.timeline(records),
        plans=merging.plans(records, today.isoformat()),
        sources=source_statuses(
            {record.source for record in records},
            {entry.source for entry in not_shared},
            viewing.sources_left_out(),
            born=people[0].date_of_birth,
            last_heard=reading.last_heard,
            today=today,
        ),
        not_shared=not_shared,
        location_protected=bool(protected),
        shared_under_duty=tuple(
            sorted({record.category for record, d in permitted if Reason.DUTY in d.reasons})
        ),
        policy_version=viewing.policy_version,
        decided_from=tuple(sorted({i for _, d in permitted for i in d.decided_from})),
        parents_are_not_told=viewing.parents_are_not_told(),
    )


def _not_shared(viewing: Viewing, denied: _Decided) -> tuple[NotShared, ...]:
    """What is named as not shared: only that of which the existence may be shown."""
    reasons: dict[tuple[Category, Source], set[Reason]] = {}
    for record, decision in denied:
        if viewing.ask(record, Mode.EXISTENCE).is_permitted:
            reasons.setdefault((record.category, record.source), set()).update(decision.reasons)
    return tuple(
        NotShared(category, source, tuple(sorted(why)))
        for (category, source), why in sorted(reasons.items())
    )


def _refused(viewing: Viewing, reasons: tuple[Reason, ...], reading: Reading) -> ProfileRefused:
    reading.looks.save(_look(viewing, (), permitted=False))
    reading.ledger.append(
        [
            ledger_entry(
                LedgerEvent.PROFILE_READ_REFUSED,
                {
                    "subjects": [viewing.command.person],
                    "purpose": viewing.command.purpose,
                    "reasons": reasons,
                    "policy_version": viewing.policy_version,
                },
                at=viewing.at,
                actor=f"practitioner:{viewing.practitioner.id}",
            )
        ]
    )
    return ProfileRefused(reasons, viewing.policy_version)


def _look(viewing: Viewing, categories: set[Category] | tuple[()], *, permitted: bool) -> Look:
    return Look(
        disclosure=str(new_entry_id(viewing.at)),
        person=viewing.command.person,
        practitioner=viewing.practitioner.id,
        purpose=viewing.command.purpose,
        permitted=permitted,
        categories=tuple(sorted(categories)),
        at=viewing.at,
    )
