"""Purging what is past its time, a few persons at a time; not storing what comes too late. Pure.

A batch of persons is one transaction.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from consent.ledger import LedgerEntry, entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Clock, Ledger
from schemas.identifiers import PersonId, RecordKey
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Action, Category, Source
from services.lifecycle.retention.marks import about_until, born_year, said_on
from services.lifecycle.retention.rules import (
    Marks,
    RetentionRule,
    RetentionRules,
    born_in,
    kept_until,
    may_last_a_childhood,
    together,
)

ACTOR = "job:retention"
REMOVALS = "removals"
"""The rule by which the memory of a removed record goes, in reports."""

Line = tuple[str, Source, Category]
"""By what a report counts: rule, source, category."""


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A row of the shared profile by what stands beside its content, which is not opened.

    `persons` are those under whom it is stored; `part_of` is the record that it completes.
    """

    persons: tuple[PersonId, ...]
    source: Source
    category: Category
    key: RecordKey
    version: str
    marks: Marks
    part_of: RecordKey | None = None
    is_removal: bool = False


@dataclass(frozen=True, slots=True)
class PastRecord:
    """One whose time is over, and by which rule."""

    record: KeptRecord
    rule: str


@dataclass(frozen=True, slots=True)
class KeptBatch:
    """All that is stored under some persons.

    `births` are the years that their sources state, those of everybody who is one with them
    among these; `held` are those about whom nothing may go. `last` is where to go on.
    """

    records: Sequence[KeptRecord]
    births: Mapping[PersonId, Sequence[int]]
    held: Collection[PersonId]
    last: PersonId
    persons: int


class Kept(Protocol):
    """What is stored, as one transaction sees it."""

    def batch(self, after: PersonId, *, today: date) -> KeptBatch | None:
        """The next persons in the order of their ids; None when there are no more."""

    def purge(self, records: Sequence[KeptRecord]) -> Sequence[KeptRecord]:
        """Delete these, with what was derived from them; gives those that went.

        A record that has a newer version meanwhile stays.
        """


@dataclass(frozen=True, slots=True)
class Sweeping:
    """What a sweep works with; every port joins one transaction."""

    kept: Kept
    announce: Callable[[Sequence[PersonId]], None]
    ledger: Ledger
    clock: Clock


@dataclass(frozen=True, slots=True)
class Swept:
    """What one batch came to: where to go on, of how many persons, what went or would go."""

    last: PersonId
    persons: int
    lines: Counter[Line]
    held_back: int


def past_records(
    batch: KeptBatch, rules: RetentionRules, today: date
) -> tuple[Sequence[PastRecord], int]:
    """Those whose time is over, and how many more would be if nobody were held.

    A record and the parts that complete it go together or not at all.
    """
    due = [one for group in _groups(batch) for one in _due(group, batch, rules, today)]
    free = [one for one in due if not set(one.record.persons) & set(batch.held)]
    return free, len(due) - len(free)


def sweep_batch(
    after: PersonId, rules: RetentionRules, *, dry_run: bool, sweeping: Sweeping
) -> Swept | None:
    """Purge what is past its time of the next persons; None when there are no more.

    With `dry_run` nothing goes. Each rule by which something went is one ledger entry.
    """
    now = sweeping.clock.now()
    batch = sweeping.kept.batch(after, today=now.date())
    if batch is None:
        return None
    past, held_back = past_records(batch, rules, now.date())
    if past and not dry_run:
        past = _purge(past, rules, sweeping)
    lines = Counter((p.rule, p.record.source, p.record.category) for p in past)
    return Swept(batch.last, batch.persons, lines, held_back)


def _groups(batch: KeptBatch) -> Iterator[Sequence[KeptRecord]]:
    groups: dict[tuple[str, ...], list[KeptRecord]] = defaultdict(list)
    for record in batch.records:
        whole = record.part_of or record.key
        groups[*record.persons, record.source, whole, str(record.is_removal)].append(record)
    yield from groups.values()


def _due(
    group: Sequence[KeptRecord], batch: KeptBatch, rules: RetentionRules, today: date
) -> Iterator[PastRecord]:
    first = group[0]
    marks = together(record.marks for record in group)
    if first.is_removal:
        if rules.housekeeping.removals.after(marks.said_on) < today:
            yield from (PastRecord(record, REMOVALS) for record in group)
        return
    marks = replace(marks, born_year=born_in(batch.births.get(first.persons[0], ())))
    found = [rules.rule_for(record.source, record.category) for record in group]
    if max(kept_until(rule, marks) for rule in found) < today:
        yield from (_past(record, rule) for record, rule in zip(group, found, strict=True))


def _past(record: KeptRecord, rule: RetentionRule) -> PastRecord:
    return PastRecord(record, rule.id)


def _purge(
    past: Sequence[PastRecord], rules: RetentionRules, sweeping: Sweeping
) -> Sequence[PastRecord]:
    gone = set(sweeping.kept.purge([one.record for one in past]))
    went = [one for one in past if one.record in gone]
    content = [one for one in went if not one.record.is_removal]
    sweeping.announce(sorted({person for one in content for person in one.record.persons}))
    sweeping.ledger.append(list(entries_of(content, rules, at=sweeping.clock.now())))
    return went


def entries_of(
    went: Iterable[PastRecord], rules: RetentionRules, *, at: datetime
) -> Iterator[LedgerEntry]:
    """That these went: a rule and a person are one entry, which names no other family."""
    by_rule: dict[tuple[str, PersonId], list[KeptRecord]] = defaultdict(list)
    for one in went:
        by_rule[one.rule, one.record.persons[0]].append(one.record)
    for (rule, person), records in sorted(by_rule.items()):
        yield ledger_entry(
            LedgerEvent.PROFILE_SWEPT,
            {
                "subjects": sorted({p for record in records for p in record.persons}),
                "rule": rule,
                "rules": rules.sha256,
                "records": len(records),
            },
            at=at,
            actor=ACTOR,
            entry_id=entry_id_for(
                "swept", rule, person, *sorted(f"{r.key}/{r.version}" for r in records)
            ),
        )


# What is past its time when it comes: only that it is gone is stored.
#
# A source may say every night what ended long ago. Swept away every day and stored every night it
# would be there half of the time, so its content is not stored at all.


def unless_past(
    records: Iterable[PublishedRecord], rules: RetentionRules, today: date
) -> tuple[list[PublishedRecord], list[PastRecord]]:
    """What is to be stored of these, and which of them are past their time by which rule.

    In the place of such a one stands its removal, in its own version: what was stored of it
    before goes too. What completes another is never past by itself: without it the other would
    go on. Nor is what may last a childhood: the year of birth stands on another record, so that is
    for the sweep to find.
    """
    stored, past = [], []
    for record in records:
        found = _past_when_stored(record, rules, today)
        if found is None:
            stored.append(record)
        else:
            past.append(found)
            stored.append(replace(record, payload=None, action=Action.REMOVE))
    return stored, past


def _past_when_stored(
    record: PublishedRecord, rules: RetentionRules, today: date
) -> PastRecord | None:
    if record.action is not Action.UPSERT or record.part_of is not None:
        return None
    kept, rule = _kept(record, today), rules.rule_for(record.source, record.category)
    if may_last_a_childhood(rule, kept.marks) and kept.marks.born_year is None:
        return None
    return PastRecord(kept, rule.id) if kept_until(rule, kept.marks) < today else None


def _kept(record: PublishedRecord, today: date) -> KeptRecord:
    marks = Marks(
        said_on(record.version, stored_on=today, today=today),
        about_until(record),
        born_year(record),
    )
    return KeptRecord(
        record.persons, record.source, record.category, record.key, record.version, marks
    )
