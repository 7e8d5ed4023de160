"""Which logs are whose: a consumer group kept by PostgreSQL's session-level advisory locks.

A member holds one shared lock that counts it as living, and one exclusive lock for each log that
is its own. A member that is killed loses its session, and with it all of them.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import psycopg

from services.event_bus import TopicPartition

_LOW_32: Final = 0xFFFFFFFF
_JOIN = "SELECT pg_advisory_lock_shared(%s)"
_STANDING = """
    SELECT pid = pg_backend_pid()
    FROM pg_locks
    WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND objsubid = 1
      AND classid = %s::bigint::oid AND objid = %s::bigint::oid
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY pid
"""
# Rows are filtered one by one, so no more is locked than LIMIT lets out.
_TAKE = """
    SELECT key FROM unnest(%s::bigint[]) AS key WHERE pg_try_advisory_lock(key) LIMIT %s
"""
_GIVE_BACK = "SELECT pg_advisory_unlock(key) FROM unnest(%s::bigint[]) AS key"


class GroupShare:
    """One member's share of its group's logs, on the session of `connection`.

    Raises psycopg.Error when the session is gone; all locks went with it.
    """

    def __init__(
        self, connection: psycopg.Connection[Any], group: str, logs: Sequence[TopicPartition]
    ) -> None:
        self._connection = connection
        self._keys = {lock_key(group, log.topic, log.partition): log for log in logs}
        self._member_key = lock_key(group, "members", len(logs))
        self._held: list[int] = []
        connection.execute(_JOIN, [self._member_key])

    def held(self) -> frozenset[TopicPartition]:
        """Return the logs that are this member's."""
        return frozenset(self._keys[key] for key in self._held)

    def settle(self) -> None:
        """Give back what is above the fair share, or take what is free below it."""
        rank, members = self._standing()
        quota = fair_share(len(self._keys), members, rank)
        if len(self._held) > quota:
            self._give_back(self._held[quota:])
        elif len(self._held) < quota:
            self._take(quota - len(self._held), rank)

    def _standing(self) -> tuple[int, int]:
        high, low = self._member_key >> 32 & _LOW_32, self._member_key & _LOW_32
        members = self._connection.execute(_STANDING, [high, low]).fetchall()
        return members.index((True,)), len(members)

    def _take(self, count: int, rank: int) -> None:
        free = [key for key in self._keys if key not in self._held]
        start = rank * len(free) // (rank + 1)  # members reach for different ends
        candidates = free[start:] + free[:start]
        taken = self._connection.execute(_TAKE, [candidates, count]).fetchall()
        self._held += [key for (key,) in taken]

    def _give_back(self, surplus: list[int]) -> None:
        self._connection.execute(_GIVE_BACK, [surplus])
        self._held = [key for key in self._held if key not in surplus]


def fair_share(logs: int, members: int, rank: int) -> int:
    """Say how many of the logs the member of this rank gets; the shares add up to all of them."""
    return logs // members + (rank < logs % members)


def lock_key(*parts: str | int) -> int:
    """Hash the parts to the 64-bit number of an advisory lock."""
    name = "\x00".join(str(part) for part in parts)
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
