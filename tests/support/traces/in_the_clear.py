"""Everything that a database holds, as somebody who steals it would read it."""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, Engine, text

_TABLES = text("""
    SELECT table_schema, table_name FROM information_schema.tables
    WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
    ORDER BY 1, 2
""")


def tables_of(engine: Engine) -> list[str]:
    """Name every table there is, with its schema."""
    with engine.connect() as connection:
        return [f'"{row[0]}"."{row[1]}"' for row in connection.execute(_TABLES)]


def found_in_the_clear(engine: Engine, values: Collection[str]) -> list[tuple[str, str]]:
    """Say which tables hold which of the values, in whatever column."""
    found = []
    tables, sought = tables_of(engine), [(value, value.casefold()) for value in values]
    with engine.connect() as connection:  # one for all of them: there are more than a hundred
        for table in tables:
            held = "\n".join(_texts(connection, table)).casefold()
            found += [(table, value) for value, word in sought if word in held]
    return found


def _texts(connection: Connection, table: str) -> Iterator[str]:
    for row in connection.exec_driver_sql(f"SELECT * FROM {table}"):  # noqa: S608 - our names
        for value in row:
            is_binary = isinstance(value, bytes | memoryview)
            yield bytes(value).decode("latin-1") if is_binary else str(value)
