"""How what comes of known persons in this very service is published: as every source's records are.

What is written on its own pages, and what a community service answers here.

It is asked of `decide` first; what is permitted goes to the bus through the outbox, in the
transaction that enters it. Nothing is kept of what is refused: its writer is told at once.
"""

from collections.abc import Sequence
from datetime import datetime

from connectors.publishing.events import record_event
from connectors.publishing.ports import Publishing
from consent import AccessRequest, Reason, SharedProfile
from consent.deciding.decide import Answers
from schemas.records.message import Version
from schemas.records.published import PublishedRecord

KEY_DIGITS = 32


def instant(moment: datetime) -> str:
    """A moment in UTC, as versions and records write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def later_than(version: str, now: datetime) -> str:
    """A version of now, or the next: a clock that was put back must not leave the old to stand."""
    at = Version(instant(now)).sort_key
    last = Version.of(version)
    return at if at > version else Version(last.at, last.number + 1).sort_key


def why_not(records: Sequence[PublishedRecord], publishing: Publishing) -> tuple[Reason, ...]:
    """Why these may not be published together; empty where they may."""
    answers = Answers(publishing.decisions.on_record({p for r in records for p in r.persons}))
    now = publishing.clock.now()
    decided = [answers.to(_asked(record, now)) for record in records]
    return tuple(sorted({why for d in decided if not d.is_permitted for why in d.reasons}))


def queue(
    told: Sequence[tuple[PublishedRecord, Sequence[str]]], publishing: Publishing, *, at: datetime
) -> None:
    """Queue one event for each record; its parts, with the key, make the id of its event."""
    publishing.outbox.add(
        [
            record_event(
                record.persons[0],
                [record],
                parts=parts,
                sealer=publishing.sealer,
                hasher=publishing.hasher,
                at=at,
            )
            for record, parts in told
        ]
    )
    for source in {record.source for record, _ in told}:
        publishing.dispositions.heard(source, at=at)
        whose = {record.persons[0] for record, _ in told if record.source is source}
        publishing.dispositions.save_published_subjects(source, whose)


def _asked(record: PublishedRecord, now: datetime) -> AccessRequest:
    return AccessRequest(
        record.persons,
        record.category,
        record.source,
        SharedProfile(),
        now,
        labels=record.labels,
        kept_to=record.kept_to,
    )
