"""How far the pipeline is: what was handled and what still waits."""

from sqlalchemy import Connection, text


def count_waiting(connection: Connection) -> tuple[int, int]:
    """How many record events aggregation has handled, and how many wait in the outbox."""
    handled = connection.execute(text("SELECT count(*) FROM inbox")).scalar_one()
    queued = connection.execute(text("SELECT count(*) FROM outbox")).scalar_one()
    return handled, queued


def count_handled(connection: Connection) -> int:
    """How many messages connectors have decided on."""
    found = connection.execute(text("SELECT count(*) FROM message_outcome")).scalar_one()
    return int(found)


def count_persons(connection: Connection) -> int:
    """How many persons are known."""
    return int(connection.execute(text("SELECT count(*) FROM person")).scalar_one())
