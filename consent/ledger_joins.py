"""The ledger's events of joining persons, with the exact fields of each."""

from collections.abc import Mapping

from consent.ledger_event_names import LedgerEvent
from consent.ledger_fields import CODE, ID, FieldKind, many

JOIN_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    # `subjects` is everybody who is one from then on, or was until then.
    LedgerEvent.PERSON_JOINED: {
        "join": ID,
        "kept": ID,
        "joined": ID,
        "subjects": many(ID),
        "because": many(CODE),
    },
    LedgerEvent.PERSON_JOIN_UNDONE: {"join": ID, "kept": ID, "joined": ID, "subjects": many(ID)},
    LedgerEvent.PERSONS_KEPT_APART: {"one": ID, "other": ID},
    LedgerEvent.PERSON_LEFT_BEHIND: {"person": ID},
}
