"""What the ledger is told of each message: opaque ids and codes, never content."""

from collections.abc import Sequence
from datetime import datetime

from connectors.ports import Unreadable
from connectors.selecting import Selection
from consent.ledger import FieldValue, LedgerEntry, entry_id_for, ledger_entry
from consent.ledger_events import LedgerEvent
from consent.ledger_fields import field_path
from schemas.envelope import Event
from schemas.vocabulary import Source


def entry_for_published(
    source: Source, ref: str, events: Sequence[Event], selection: Selection, *, at: datetime
) -> LedgerEntry:
    """What was published of a message, and what was not; one entry for each different answer."""
    fields = _decided(source, ref, selection) | {
        "event_id": events[0].id,
        "withheld_categories": frozenset(selection.withheld_categories),
    }
    why = (selection.policy_version, *selection.reasons, *selection.withheld_categories)
    return ledger_entry(
        LedgerEvent.PUBLICATION_PERMITTED,
        fields,
        at=at,
        actor=_actor(source),
        entry_id=entry_id_for("published", ref, *(event.id for event in events), *why),
    )


def entry_for_withheld(
    source: Source, ref: str, selection: Selection, *, at: datetime
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
        actor=_actor(source),
        entry_id=entry_id_for("withheld", ref, *selection.withheld_categories, *parts),
    )


def entry_for_parked(source: Source, ref: str, why: Unreadable, *, at: datetime) -> LedgerEntry:
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
        actor=_actor(source),
        entry_id=entry_id_for("parked", ref, why.field, why.reason),
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


def _actor(source: Source) -> str:
    return f"job:connector-{source}"
