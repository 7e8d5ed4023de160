"""What the ledger is told of each message: opaque ids and codes, never content."""

from collections.abc import Sequence
from datetime import datetime

from connectors.ports import Unreadable
from connectors.publishing.select import Selection
from consent.ledger import FieldValue, LedgerEntry, entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import field_path
from schemas.envelope import Event
from schemas.records.message import BirthDoubt
from schemas.vocabulary import Source


def entry_for_published(
    source: Source,
    ref: str,
    events: Sequence[Event],
    selection: Selection,
    *,
    at: datetime,
    by: str | None = None,
) -> LedgerEntry:
    """What was published of a message, and what was not; one entry for each different answer.

    `by` is the partner that sent it; None: the source's own connector read it.
    """
    fields = _decided(source, ref, selection) | {
        "event_id": events[0].id,
        "withheld_categories": frozenset(selection.withheld_categories),
    }
    why = (selection.policy_version, *selection.reasons, *selection.withheld_categories)
    return ledger_entry(
        LedgerEvent.PUBLICATION_PERMITTED,
        fields,
        at=at,
        actor=_actor(source, by),
        entry_id=entry_id_for("published", ref, *(e.id for e in events), *why, *_sent(by)),
    )


def entry_for_withheld(
    source: Source, ref: str, selection: Selection, *, at: datetime, by: str | None = None
) -> LedgerEntry:
    """That nothing of a message was published, and why; one entry for each different why."""
    fields = _decided(source, ref, selection) | {
        "categories": frozenset(selection.withheld_categories)
    }
    why = (selection.policy_version, *selection.reasons, "from", *selection.decided_from)
    parts = (*why, "of", *selection.persons)
    return ledger_entry(
        LedgerEvent.PUBLICATION_WITHHELD,
        fields,
        at=at,
        actor=_actor(source, by),
        entry_id=entry_id_for("withheld", ref, *selection.withheld_categories, *parts, *_sent(by)),
    )


def entry_for_settled(
    source: Source,
    ref: str,
    selection: Selection,
    doubt: BirthDoubt,
    *,
    at: datetime,
    by: str | None,
) -> LedgerEntry:
    """That a message went although its dates contradict each other, and what spoke for it."""
    because = "accepted" if doubt.is_accepted else "agrees"
    return ledger_entry(
        LedgerEvent.CONTRADICTION_SETTLED,
        {"source": source, "message": ref, "subjects": selection.persons, "because": because},
        at=at,
        actor=_actor(source, by),
        entry_id=entry_id_for("settled", ref, because, *selection.persons, *_sent(by)),
    )


def entry_for_parked(
    source: Source, ref: str, why: Unreadable, *, at: datetime, by: str | None = None
) -> LedgerEntry:
    """That a message could not be read."""
    return ledger_entry(
        LedgerEvent.MESSAGE_PARKED,
        {
            "source": source,
            "message": ref,
            "reason": why.reason,
            "field": field_path(why.field),
        },
        at=at,
        actor=_actor(source, by),
        entry_id=entry_id_for("parked", ref, why.field, why.reason, *_sent(by)),
    )


def _decided(source: Source, ref: str, selection: Selection) -> dict[str, FieldValue]:
    return {
        "source": source,
        "message": ref,
        "subjects": selection.persons,
        "categories": selection.categories,
        "reasons": selection.reasons,
        "policy_version": selection.policy_version,
        "decided_from": selection.decided_from,
    }


def _actor(source: Source, by: str | None) -> str:
    return by or f"job:connector-{source}"


def _sent(by: str | None) -> Sequence[str]:
    """Who sent it is part of the fact; a connector's own reading has nothing to add."""
    return () if by is None else ("by", by)
