"""Bringing a database to the version that this program knows, and what it is for."""

from pathlib import Path

from sqlalchemy import Connection, Engine, text

from services.platform.errors import ServiceError

HEAD = "0078_what_follows_is_seen"
_LOCK = 0x7E11_0C0E
# Every command asks: SQLAlchemy's own way of looking for a table takes five times as long.
_HAS_A_VERSION = text("SELECT to_regclass('alembic_version') IS NOT NULL")
# Every part asks before it does anything, each as a user of its own; the table is alembic's.
_MAY_ALL_ASK = text("SELECT has_table_privilege('public', 'alembic_version', 'SELECT')")
_ALL_MAY_ASK = text("GRANT SELECT ON alembic_version TO PUBLIC")


class DatabaseTooOldError(ServiceError):
    """The database is not at this program's version; run `tell-once migrate`."""


def is_current(engine: Engine) -> bool:
    """Whether the database is at this program's version."""
    with engine.connect() as connection:
        if not connection.execute(_HAS_A_VERSION).scalar():
            return False
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return bool(version == HEAD)


def is_empty(engine: Engine) -> bool:
    """Whether no version of this program was ever here."""
    with engine.connect() as connection:
        return not connection.execute(_HAS_A_VERSION).scalar()


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`; several processes at once wait for one another."""
    from alembic import command  # noqa: PLC0415 slow to import, and rarely needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config.attributes["connection"] = connection
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
            if not connection.execute(_MAY_ALL_ASK).scalar():
                connection.execute(_ALL_MAY_ASK)


# What the installation is: marked when it was made, and never after.

_IS_DEMONSTRATION = text("SELECT is_demonstration FROM installation")
_MARK = text("""
    INSERT INTO installation (is_demonstration) VALUES (:is_demonstration) ON CONFLICT DO NOTHING
""")


def is_demonstration(connection: Connection) -> bool:
    """Whether one command counts as both hands here; where nothing was marked it does not."""
    return bool(connection.execute(_IS_DEMONSTRATION).scalar())


def mark_installation(connection: Connection, *, is_demonstration: bool) -> None:
    """Say what it is, once: what it was marked as before stays."""
    connection.execute(_MARK, {"is_demonstration": is_demonstration})
