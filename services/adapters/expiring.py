"""Letting go of what is kept for a time only."""

from datetime import datetime

from sqlalchemy import Connection, text


def forget_expired_messages(connection: Connection, at: datetime) -> int:
    """Delete held messages whose year is over; gives how many. For the connectors' role."""
    gone = connection.execute(
        text("DELETE FROM holding_health_visiting.held_message WHERE expires_at <= :at"),
        {"at": at},
    )
    return gone.rowcount
