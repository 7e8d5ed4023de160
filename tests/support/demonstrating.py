"""A test's database as a folder of invented families: there one command is both hands."""

from services.platform.database.engine import open_engine
from services.platform.database.migrating import mark_installation


def mark(database: str, *, is_demonstration: bool) -> None:
    """Say once what the installation behind this URL is."""
    engine = open_engine(database)
    with engine.begin() as connection:
        mark_installation(connection, is_demonstration=is_demonstration)
    engine.dispose()
