"""The tables of the ledger, as migrations 0002_ledger and 0007_witness make them."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
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
from sqlalchemy.types import UserDefinedType

from services.adapters.tables import metadata


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
"""Hashes of the complete subtrees of every fourth level (services.adapters.ledger_nodes)."""

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
