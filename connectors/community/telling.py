"""What a service answered is published if the family's decisions permit it, as every source's is.

`decide` is asked of each record on behalf of the shared profile. What is permitted goes to the bus
through the outbox, in the transaction of the answer and with its entry in the ledger; the rest
stays with the request, and nobody is told that it was withheld: the service has no right to know.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.community.mapper import (
    KEPT_TO_EARLY_HELP,
    Reported,
    source_message_from_reported,
)
from connectors.publishing.entries import entry_for_published, entry_for_withheld
from connectors.publishing.events import RecordKeys, record_event
from connectors.publishing.ports import Publishing, ResolvedSubject
from connectors.publishing.select import Selection, select_permitted
from consent.deciding.decide import Answers
from schemas.envelope import Event
from schemas.identifiers import PersonId
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Disposition, Source

_SOURCE = Source.COMMUNITY


@dataclass(frozen=True, slots=True)
class WhatBecame:
    """What became of a report: published, in part or whole, or withheld, with the codes of why."""

    disposition: Disposition
    reason: str | None

    @property
    def is_all_published(self) -> bool:
        """Whether nothing of it waits."""
        return self.disposition is Disposition.PUBLISHED and self.reason is None


def tell_if_permitted(told: Reported, *, publishing: Publishing) -> WhatBecame:
    """Publish what may be published of how a request stands. Told again it changes nothing."""
    now = publishing.clock.now()
    message = source_message_from_reported(told)
    selection = select_permitted(
        message,
        [ResolvedSubject(person) for person in told.persons],
        Answers(publishing.decisions.on_record(set(told.persons))),
        published_of=publishing.dispositions.published_subjects(_SOURCE, told.persons),
        keys=RecordKeys(_SOURCE, publishing.hasher),
        at=now,
    )
    ref = publishing.hasher.opaque("message", _SOURCE, message.message_id)
    publishing.dispositions.heard(_SOURCE, at=now)
    if selection.permitted:
        _publish(selection, ref, publishing, now)
    else:
        publishing.ledger.append([entry_for_withheld(_SOURCE, ref, selection, at=now)])
    return WhatBecame(selection.disposition, selection.reason)


def _publish(selection: Selection, ref: str, publishing: Publishing, now: datetime) -> None:
    records = [_kept(record) for record in selection.permitted]
    # What was purged and comes again is another event: the first was taken already.
    purged = publishing.dispositions.purged(selection.persons).values()
    parts = (ref, *selection.decided_from, *sorted(at.isoformat() for at in purged))
    events = _events(records, parts, publishing, now)
    publishing.outbox.add(events)
    publishing.dispositions.save_published_subjects(_SOURCE, {r.persons[0] for r in records})
    publishing.ledger.append([entry_for_published(_SOURCE, ref, events, selection, at=now)])


def _kept(record: PublishedRecord) -> PublishedRecord:
    is_words = record.category is Category.STORY and record.payload is not None
    return replace(record, kept_to=KEPT_TO_EARLY_HELP) if is_words else record


def _events(
    records: Sequence[PublishedRecord],
    parts: Sequence[str],
    publishing: Publishing,
    now: datetime,
) -> list[Event]:
    """One event for each person whose records they are, of one sort: stated, or taken back."""
    sorts: dict[tuple[PersonId, str], list[PublishedRecord]] = {}
    for record in records:
        sorts.setdefault((record.persons[0], record.action), []).append(record)
    return [
        record_event(
            person,
            found,
            parts=parts,
            sealer=publishing.sealer,
            hasher=publishing.hasher,
            at=now,
        )
        for (person, _), found in sorts.items()
    ]
