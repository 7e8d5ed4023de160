"""What is past its time when it comes: only that it is gone is stored. Pure.

A source may say every night what ended long ago. Swept away every day and stored every night it
would be there half of the time, so its content is not stored at all.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from schemas.records.published import PublishedRecord
from schemas.vocabulary import Action
from services.aggregation.retention import (
    Marks,
    RetentionRules,
    kept_until,
    may_last_a_childhood,
)
from services.aggregation.retention_marks import about_until, born_year, said_on
from services.aggregation.retention_sweep import KeptRecord, PastRecord


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
        found = _past(record, rules, today)
        if found is None:
            stored.append(record)
        else:
            past.append(found)
            stored.append(replace(record, payload=None, action=Action.REMOVE))
    return stored, past


def _past(record: PublishedRecord, rules: RetentionRules, today: date) -> PastRecord | None:
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
