"""An entry of each event of the ledger, with every field filled."""

from consent.ledger import FieldValue, LedgerEntry
from consent.ledger.event_fields import EVENT_FIELDS
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import (
    CODE,
    FIELD_PATH,
    ID,
    REASON,
    RECIPIENT,
    SHA256,
    TIME,
    VERSION,
    WHOLE_NUMBER,
    FieldKind,
)
from tests.support.ledger.ledger_builders import ACTOR, an_entry

PERSON = "aa" * 16
OTHER = "bb" * 16
_OF_KIND: dict[str, FieldValue] = {
    ID.json: "cc" * 16,
    CODE.json: "a-code",
    VERSION.json: "2026-03",
    SHA256.json: "dd" * 32,
    WHOLE_NUMBER.json: 3,
    FIELD_PATH.json: "Patient.birthDate",
    TIME.json: "2026-03-02T09:30:00.000000Z",
    REASON.json: "contradicts:Patient.birthDate",
    RECIPIENT.json: "role:teacher",
}
_PERSONS = ("subject", "person", "one", "kept")
_OTHERS = ("other", "joined")


def sample(event: LedgerEvent, *, is_bare: bool = False, actor: str = ACTOR) -> LedgerEntry:
    """Build one; a bare one has nothing in its lists."""
    fields = {
        name: _value(name, kind, is_bare=is_bare) for name, kind in EVENT_FIELDS[event].items()
    }
    return an_entry(event, fields, actor=actor)


def _value(name: str, kind: FieldKind, *, is_bare: bool) -> FieldValue:
    if kind.items is not None:
        if is_bare:
            return []
        if name in {"subjects", "persons"}:
            return [PERSON, OTHER]
        return [str(_value(name, kind.items, is_bare=False))]
    if kind.vocabulary is not None:
        return min(kind.vocabulary)
    if kind is ID and name in (*_PERSONS, *_OTHERS):
        return PERSON if name in _PERSONS else OTHER
    return _OF_KIND[kind.json]
