"""What binds a row to the ledger, and how a row that was changed is known (DESIGN.md section 16).

A row of a bound table is one state, written once. Beside its content stand three more columns:
`salt`, at random; `bound_by`, the id of its entry `row:bound`, which holds a hash of salt and
content; and `seal`, a MAC over both under a key that no database holds. So whoever can write to
the database alone makes no row that counts; and whoever holds the key as well leaves an entry
that says otherwise. The salt goes with the row: then the entry tells nothing of it.
"""

import hmac
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

SALT_BYTES = 32
BINDING_COLUMNS = ("salt", "bound_by", "seal")
_VERSION = b"tell-once bound row 1\0"


@dataclass(frozen=True, slots=True, eq=False)
class BoundTable:
    """A table whose rows are bound: every column of it but the three that bind.

    `key` names what stays the same through all states; `state` is the column that counts them.
    `beside` are columns that are written with a row and not hashed: what is bound tells them, and
    whoever reads them compares it. `later` are columns that came after rows had been bound: one
    that is NULL is not hashed, so that those rows hold as they did.
    """

    name: str
    key: tuple[str, ...]
    state: str
    content: tuple[str, ...]
    beside: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, in the order in which they are hashed."""
        return (*self.key, self.state, *self.content, *self.later)

    @property
    def bound_columns(self) -> tuple[str, ...]:
        """All columns by which a row is doubted."""
        return (*self.columns, *BINDING_COLUMNS)

    @property
    def code(self) -> str:
        """The name as the ledger spells it."""
        return self.name.replace("_", "-")

    def selected(self, alias: str) -> str:
        """All columns that bind and are bound of `alias`, each under its name after `alias_`.

        For a query that reads rows of several tables, each of which is to be doubted.
        """
        return ", ".join(f"{alias}.{name} AS {alias}_{name}" for name in self.bound_columns)

    def row_id(self, row: Mapping[str, object]) -> str:
        """An opaque id of what the row is a state of: the hash of its key, which may be words."""
        return hash_of_key(self.name, [row[column] for column in self.key])


def hash_of_key(table: str, key: Sequence[object]) -> str:
    """The opaque id by which entries name a row of a table: the hash of its key."""
    return sha256(_canonical([table, *key])).hexdigest()


@dataclass(frozen=True, slots=True)
class Binding:
    """The three columns that bind one row."""

    salt: bytes
    bound_by: UUID
    seal: bytes


def bind(table: BoundTable, row: Mapping[str, object], entry: UUID, *, key: bytes) -> Binding:
    """Bind a row to the entry that is about to say what it holds; with a new salt."""
    salt = secrets.token_bytes(SALT_BYTES)
    return Binding(salt, entry, _seal(hash_of(table, row, salt), entry, key))


def hash_of(table: BoundTable, row: Mapping[str, object], salt: bytes) -> bytes:
    """The 32 bytes of salted SHA-256 that the ledger keeps of a row's content."""
    first = [row[column] for column in (*table.key, table.state, *table.content)]
    more = [[name, row[name]] for name in table.later if row[name] is not None]
    told = _canonical([table.name, *first, *more])
    return sha256(_VERSION + salt + told).digest()


def is_sealed(table: BoundTable, row: Mapping[str, object], *, key: bytes) -> bool:
    """Whether the row is as it was written; one that was never bound is not."""
    return are_sealed(table, [row[column] for column in table.bound_columns], key=key)


def are_sealed(table: BoundTable, values: Iterable[object], *, key: bytes) -> bool:
    """The same of the values of a row, in the order of `bound_columns`."""
    *told, salt, entry, seal = [tuple(v) if type(v) is list else v for v in values]
    if not (isinstance(salt, bytes) and isinstance(entry, UUID) and isinstance(seal, bytes)):
        return False
    return _is_sealed(table, tuple(told), salt, entry, seal, key)


# The same rows are read with every family: decisions, who works where, what somebody may open.
@lru_cache(maxsize=8_192)
def _is_sealed(  # noqa: PLR0917 as it is kept by each of them
    table: BoundTable, told: tuple[object, ...], salt: bytes, entry: UUID, seal: bytes, key: bytes
) -> bool:
    row = dict(zip(table.columns, told, strict=True))  # a tuple is spelled as a list is
    expected = _seal(hash_of(table, row, salt), entry, key)
    return hmac.compare_digest(expected, seal)


def _seal(held: bytes, entry: UUID, key: bytes) -> bytes:
    return hmac.digest(key, _VERSION + held + entry.bytes, "sha256")


_encoded = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode
_AS_IT_IS = frozenset({str, int, bool, float, type(None)})


def _canonical(values: Sequence[object]) -> bytes:
    plain = [value if type(value) in _AS_IT_IS else _plain(value) for value in values]
    return _encoded(plain).encode()


def _plain(value: object) -> object:
    """A value as one spelling of JSON, whatever the driver gives it as."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case bytes() | memoryview():
            return bytes(value).hex()
        case UUID():
            return str(value)
        case list() | tuple():
            return [_plain(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(f"a bound row holds no {type(value).__name__}")
