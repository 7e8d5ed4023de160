"""What a witness saw last, in an SQLite file: nothing but Python's standard library is needed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from consent.errors import WitnessForgetfulError
from consent.transparency.checkpoint import OpenedCheckpoint
from consent.transparency.verifier_key import VerifierKey
from consent.transparency.witness import SeenTree
from services.platform.durable_files import replace_durably

_BUSY_SECONDS = 10.0
# EXTRA: the commit is on the disk, and so is the end of its journal (SQLite, PRAGMA synchronous).
_SAFELY = ("PRAGMA journal_mode = DELETE", "PRAGMA synchronous = EXTRA")
_TABLES = """
    CREATE TABLE IF NOT EXISTS witness (key TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS seen (
        origin TEXT PRIMARY KEY,
        size INTEGER NOT NULL CHECK (size >= 0),
        root BLOB NOT NULL CHECK (length(root) = 32),
        note TEXT NOT NULL
    ) WITHOUT ROWID;
"""
_SEEN = "SELECT size, root FROM seen WHERE origin = ?"
_REMEMBER = """
    INSERT INTO seen (origin, size, root, note) VALUES (?, ?, ?, ?)
    ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root,
        note = excluded.note
"""


class SqliteWitnessMemory:
    """consent.transparency.witness.WitnessMemory in a file, which each call opens for itself."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def open(cls, path: Path, *, key: VerifierKey, mark: Path) -> "SqliteWitnessMemory":
        """Open the memory that belongs to this key, making it the first time.

        `mark` is a file beside the key that says that the key has a memory. Raises
        WitnessForgetfulError when that memory is gone, or this is another key's: a witness that
        has forgotten what it saw must not go on under the same key.
        """
        if mark.exists() and not path.exists():
            raise WitnessForgetfulError(
                f"{path.name} is missing, but {key.name} has cosigned before; restore the newest "
                "one, never an older copy, or make a new key"
            )
        memory = cls(path)
        try:
            path.touch(mode=0o600)
            with memory._transaction() as connection:
                memory._belong_to(connection, key)
            replace_durably(mark, f"{key.label}\n".encode())
        except OSError as error:
            raise WitnessForgetfulError(
                f"{path.name}, or {mark.name} beside the key, cannot be written: {error.strerror}"
            ) from error
        return memory

    def seen(self, origin: str) -> SeenTree:
        """Give the tree that was cosigned last; the empty one before the first."""
        with self._connection() as connection:
            return _seen(connection, origin)

    def advance(self, origin: str, *, last: SeenTree, checkpoint: OpenedCheckpoint) -> bool:
        """Take this checkpoint for the last one if `last` still is; say whether it was."""
        new = checkpoint.checkpoint
        with self._transaction() as connection:
            if _seen(connection, origin) != last:
                return False
            connection.execute(_REMEMBER, (origin, new.size, new.root, str(checkpoint.note)))
            return True

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(
                sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            ) as connection:
                for pragma in _SAFELY:
                    connection.execute(pragma)
                yield connection
        except sqlite3.Error as error:
            raise WitnessForgetfulError(
                f"{self._path.name} cannot be read or written ({type(error).__name__}); nothing "
                "was cosigned"
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Let in one at a time, of all threads and processes; durable when the block is left."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def _belong_to(self, connection: sqlite3.Connection, key: VerifierKey) -> None:
        for statement in _TABLES.split(";\n"):
            connection.execute(statement)
        owner = connection.execute("SELECT key FROM witness").fetchone()
        if owner is None:
            connection.execute("INSERT INTO witness VALUES (?)", (key.label,))
        elif owner[0] != key.label:
            raise WitnessForgetfulError(
                f"{self._path.name} belongs to {owner[0]}; give {key.name} a state of its own"
            )


def _seen(connection: sqlite3.Connection, origin: str) -> SeenTree:
    row = connection.execute(_SEEN, (origin,)).fetchone()
    return SeenTree() if row is None else SeenTree(row[0], bytes(row[1]))
