"""The ledger's tables, and the ledger port: appends entries in the caller's transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Identity,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import UserDefinedType

from consent.errors import LedgerConflictError, LedgerUnavailableError
from consent.ledger import LedgerEntry
from services.platform.database.engine import metadata

# In the driver's own words, because %b sends binary: as text, two arrays of bodies cost the client
# twice what all the rest of a transaction of a hundred entries does. One entry needs no arrays.
APPEND_ONE = """
    INSERT INTO ledger_entry (entry_id, body) VALUES (%(id)b, %(body)b)
    ON CONFLICT (entry_id) DO NOTHING
"""
APPEND_NEW = """
    INSERT INTO ledger_entry (entry_id, body)
    SELECT entry_id, body
    FROM unnest(CAST(%(ids)b AS uuid[]), CAST(%(bodies)b AS bytea[])) AS new (entry_id, body)
"""
APPEND = f"{APPEND_NEW} ON CONFLICT (entry_id) DO NOTHING"
_STORED = text("SELECT entry_id, body FROM ledger_entry WHERE entry_id = ANY(CAST(:ids AS uuid[]))")


class PostgresLedger:
    """Appends with one statement a call, in the transaction of its connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entries: Sequence[LedgerEntry]) -> None:
        """Write the entries; see consent.ports.Ledger for what holds and what is raised."""
        if not entries:
            return
        try:
            if self._insert(entries) != len(entries):
                self._require_the_same(entries)
        except SQLAlchemyError as error:
            raise LedgerUnavailableError(
                f"{len(entries)} ledger entries could not be written; roll back and show nothing"
            ) from error

    def _insert(self, entries: Sequence[LedgerEntry]) -> int:
        if len(entries) == 1:
            values = {"id": entries[0].entry_id, "body": entries[0].body}
            return self._connection.exec_driver_sql(APPEND_ONE, values).rowcount
        arrays = {
            "ids": [entry.entry_id for entry in entries],
            "bodies": [entry.body for entry in entries],
        }
        return self._connection.exec_driver_sql(APPEND, arrays).rowcount

    def _require_the_same(self, entries: Sequence[LedgerEntry]) -> None:
        rows = self._connection.execute(_STORED, {"ids": [entry.entry_id for entry in entries]})
        stored = {entry_id: bytes(body) for entry_id, body in rows}
        for entry in entries:
            if not entry.records_the_same_as(stored[entry.entry_id]):
                raise LedgerConflictError(
                    f"another entry is in the ledger as {entry.entry_id}; roll back, and give "
                    "what differs an id of its own"
                )


# The tables, as migrations 0002_ledger and 0007_witness make them.


class TransactionId(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id, `xid8`; travels as text."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Name the type in SQL."""
        return "xid8"


ledger_entry = Table(
    "ledger_entry",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("entry_id", Uuid, nullable=False, unique=True),
    Column(
        "xid",
        TransactionId,
        nullable=False,
        index=True,
        server_default=text("pg_current_xact_id()"),
    ),
    Column("body", LargeBinary, nullable=False),
)
"""What was appended. The order of `seq` among committed entries becomes the ledger's order."""

ledger_leaf = Table(
    "ledger_leaf",
    metadata,
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_seq", BigInteger, nullable=False, unique=True),
    Column("leaf_hash", LargeBinary, nullable=False),
)
"""Which entry has which place in the Merkle tree."""

ledger_node = Table(
    "ledger_node",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Hashes of the complete subtrees of every fourth level (services.ledger.postgres_tree)."""

ledger_checkpoint = Table(
    "ledger_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("signed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Every checkpoint that was ever signed, as the signed note."""

ledger_cosignature = Table(
    "ledger_cosignature",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("witness", Text, primary_key=True),
    Column("line", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""What witnesses put below a checkpoint, one line each, as migration 0007_witness keeps it."""

ledger_integration = Table(
    "ledger_integration",
    metadata,
    Column("is_only_row", Boolean, primary_key=True, server_default=text("true")),
    Column("horizon", TransactionId, nullable=False),
)
"""Below this transaction id every entry has its place in the tree."""
