"""Ledger entries: who did what to which ids, when; as canonical JSON, which is the Merkle leaf.

In: an event of the closed list (`events.LedgerEvent`) with exactly its fields, an actor, a time.
Out: the entry's bytes (`LedgerEntry`), read back by `consent.ledger.read_entry`; hashes and proofs
of the tree that they are the leaves of (`merkle.py`).
Rule: which fields an event has is in `event_fields.EVENT_FIELDS`; what may stand in a field is in
`fields.FieldKind`, which leaves no room for a name, an address or a number of a person.
"""

import json
import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from uuid import UUID

import orjson

from consent.errors import LedgerEntryInvalidError
from consent.ledger.event_fields import EVENT_FIELDS
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import ACTOR_TEXT, TIME_TEXT, UUID_TEXT, FieldKind

FieldValue = str | int | datetime | Collection[str]

ENTRY_VERSION = 1
_EVENT = re.compile(rb'"event":"([a-z_:-]{1,64})"')
_NO_OFFSET = timedelta(0)

# RFC 8785 for what an entry can hold: ASCII names, ASCII text without escapes, whole numbers
# below 2^53 and lists of these. There its order and spelling are those of orjson, which takes a
# fraction of the time, and of the standard library; a property test holds them against rfc8785.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One event. Raises LedgerEntryInvalidError unless it has exactly its event's fields.

    `actor` is `practitioner:<opaque id>`, `partner:<code>`, `job:<name>` or
    `operator:<account>`. `at` is aware UTC.
    `body` is the canonical JSON (RFC 8785) of all the rest, and the leaf of the Merkle tree.
    """

    entry_id: UUID
    event: LedgerEvent
    at: datetime
    actor: str
    fields: Mapping[str, FieldValue]
    body: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a wrong set of fields, an ill-shaped value or an unknown code."""
        kinds = EVENT_FIELDS[self.event]
        _require_names(self.event, kinds, self.fields)
        plain = {name: _plain(value) for name, value in self.fields.items()}
        body = _encode(self, plain)
        if body is None or not _pattern(self.event).fullmatch(body):
            raise LedgerEntryInvalidError(_what_is_wrong(self, kinds, plain))
        for name, kind in _vocabularies(self.event):
            if not kind.has_word(plain[name]):
                raise LedgerEntryInvalidError(f"{self.event}: {name} has an unknown code")
        object.__setattr__(self, "body", body)

    def records_the_same_as(self, body: bytes) -> bool:
        """Tell whether a stored entry records this fact, at whatever time."""
        try:
            other = read_entry(body)
        except LedgerEntryInvalidError:
            return False
        mine = read_entry(self.body)
        return (mine.entry_id, mine.event, mine.actor, mine.fields) == (
            other.entry_id,
            other.event,
            other.actor,
            other.fields,
        )


def ledger_entry(
    event: LedgerEvent,
    fields: Mapping[str, FieldValue] | None = None,
    *,
    at: datetime,
    actor: str,
    entry_id: UUID | None = None,
) -> LedgerEntry:
    """Build an entry; without an id it gets a new one. Raises LedgerEntryInvalidError."""
    chosen = new_entry_id(at) if entry_id is None else entry_id
    return LedgerEntry(chosen, event, at, actor, {} if fields is None else fields)


def new_entry_id(at: datetime) -> UUID:
    """Make a new id: UUID version 7 (RFC 9562 section 5.7), so that ids grow with time."""
    milliseconds = (at - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)
    return _uuid(milliseconds.to_bytes(6, "big") + os.urandom(10), version=7)


def entry_id_for(*parts: str) -> UUID:
    """Make the one id of a fact: the same parts give the same id (RFC 9562 section 5.8).

    Name in the parts what makes the fact the one it is, so that handling a message again writes
    the same id: `entry_id_for("publication", source, message, policy_version)`.
    """
    digest = sha256(b"".join(b"%d:%b," % (len(p.encode()), p.encode()) for p in parts)).digest()
    return _uuid(digest[:16], version=8)


def read_entry(body: bytes) -> LedgerEntry:
    """Read an entry from its canonical JSON; raises LedgerEntryInvalidError.

    Codes that no vocabulary has any more are read: what was written stays valid.
    """
    require_well_formed(body)
    document = json.loads(body)
    entry = object.__new__(LedgerEntry)
    values = {
        "entry_id": UUID(document["entry_id"]),
        "event": LedgerEvent(document["event"]),
        "at": _parse_time(document["at"]),
        "actor": document["actor"],
        "fields": {
            k: tuple(v) if isinstance(v, list) else v for k, v in document["fields"].items()
        },
        "body": body,
    }
    for name, value in values.items():
        object.__setattr__(entry, name, value)
    return entry


def require_well_formed(body: bytes) -> bytes:
    """Check that bytes are the canonical JSON of an entry with exactly its event's fields.

    Gives the entry's id as it stands in the body; raises LedgerEntryInvalidError.
    """
    named = _EVENT.search(body)
    event = _EVENTS.get(named[1]) if named else None
    if event is None:
        raise LedgerEntryInvalidError("the entry is of no known event")
    match = _pattern(event).fullmatch(body)
    if match is None:
        raise LedgerEntryInvalidError(f"{event}: not canonical, or not exactly its fields")
    return match["entry_id"]


_EVENTS = {event.encode(): event for event in LedgerEvent}


@cache
def _vocabularies(event: LedgerEvent) -> Sequence[tuple[str, FieldKind]]:
    return [each for each in EVENT_FIELDS[event].items() if each[1].vocabulary is not None]


@cache
def _pattern(event: LedgerEvent) -> re.Pattern[bytes]:
    """Build the pattern of the canonical JSON of an event: its names in order, its kinds."""
    fields = ",".join(f'"{name}":{kind.json}' for name, kind in sorted(EVENT_FIELDS[event].items()))
    return re.compile(
        rf'\{{"actor":"{ACTOR_TEXT}","at":"{TIME_TEXT}","entry_id":"(?P<entry_id>{UUID_TEXT})",'
        rf'"event":"{re.escape(event)}","fields":\{{{fields}\}},"v":{ENTRY_VERSION}\}}'.encode()
    )


def _encode(entry: LedgerEntry, plain: Mapping[str, object]) -> bytes | None:
    document = {
        "actor": entry.actor,
        "at": _plain(entry.at),
        "entry_id": str(entry.entry_id),
        "event": str(entry.event),
        "fields": plain,
        "v": ENTRY_VERSION,
    }
    try:
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except (TypeError, ValueError):
        return None


def _plain(value: object) -> object:
    if isinstance(value, str | int | list | tuple):
        return value
    if isinstance(value, datetime):
        if value.utcoffset() != _NO_OFFSET:
            return None
        # As `_TIME_FORMAT` says, in a fifth of the time.
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    return value


def _require_names(
    event: LedgerEvent, kinds: Mapping[str, FieldKind], fields: Mapping[str, FieldValue]
) -> None:
    missing = sorted(kinds.keys() - fields.keys())
    if missing:
        raise LedgerEntryInvalidError(f"{event}: lacks {', '.join(missing)}")
    if len(fields) != len(kinds):
        raise LedgerEntryInvalidError(f"{event}: only {', '.join(kinds) or 'no fields'}")


def _what_is_wrong(
    entry: LedgerEntry, kinds: Mapping[str, FieldKind], plain: Mapping[str, object]
) -> str:
    for name, kind in kinds.items():
        try:
            is_of_kind = re.fullmatch(kind.json, _canonical(plain[name]))
        except (TypeError, ValueError):
            is_of_kind = None
        if not is_of_kind:
            return f"{entry.event}: {name} is not a {kind.label}"
    return f"{entry.event}: the actor is not a practitioner, partner or job, or the time not UTC"


def _parse_time(text: str) -> datetime:
    # Its form was looked at before: `strptime` would take longer than all else.
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise LedgerEntryInvalidError("the entry's time is on no calendar") from None


def _uuid(content: bytes, *, version: int) -> UUID:
    number = int.from_bytes(content, "big")
    number = number & ~(0xF << 76) | version << 76
    return UUID(int=number & ~(0x3 << 62) | 0x2 << 62)
