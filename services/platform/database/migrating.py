"""Bringing a database to the version that this program knows."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from services.platform.errors import ServiceError

HEAD = "0017_narrowing"
_LOCK = 0x7E11_0C0E


class DatabaseTooOldError(ServiceError):
    """The database is not at this program's version; run `tell-once migrate`."""


def is_current(engine: Engine) -> bool:
    """Whether the database is at this program's version."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return bool(version == HEAD)


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
