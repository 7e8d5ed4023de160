"""When somebody looked last by themselves, and how things stood each time that changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from services.audit.integrity.standing import Stands, WatchedPart

_LOOKED = text("SELECT looked_at FROM integrity_watch")
_LOCK = text("SELECT looked_at FROM integrity_watch FOR UPDATE")
_LOOK = text("UPDATE integrity_watch SET looked_at = :at")
_LAST = text("""
    SELECT change_id, at, standing, off_parts, told FROM integrity_change
    ORDER BY change_id DESC LIMIT 1
""")
_KEEP = text("""
    INSERT INTO integrity_change (at, standing, off_parts, told)
    VALUES (:at, :standing, CAST(:off_parts AS text[]), :told) RETURNING change_id
""")


@dataclass(frozen=True, slots=True)
class LastChange:
    """Since when things stand as they do; `told` is to how many addresses an alarm went."""

    id: int
    at: datetime
    stands: Stands
    off: tuple[WatchedPart, ...]
    told: int


def last_look(connection: Connection) -> datetime | None:
    """When the worker looked last."""
    found: datetime | None = connection.execute(_LOOKED).scalar_one()
    return found


def look_alone(connection: Connection, at: datetime) -> None:
    """Be the one who looks, until this transaction ends."""
    connection.execute(_LOCK)
    connection.execute(_LOOK, {"at": at})


def last_change(connection: Connection) -> LastChange | None:
    """The newest change; None before the first."""
    row = connection.execute(_LAST).one_or_none()
    if row is None:
        return None
    off = tuple(WatchedPart(one) for one in row.off_parts)
    return LastChange(int(row.change_id), row.at, Stands(row.standing), off, int(row.told))


def keep_change(
    connection: Connection, at: datetime, stands: Stands, off: Sequence[WatchedPart], told: int
) -> int:
    """Keep that it changed; gives its number."""
    wanted = {
        "at": at,
        "standing": stands.value,
        "off_parts": [one.value for one in off],
        "told": told,
    }
    return int(connection.execute(_KEEP, wanted).scalar_one())
