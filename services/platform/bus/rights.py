"""Who may do what on a bus that asks: one user a part, each with what its work takes. Pure.

Only the relay writes: connectors put what they publish into the outbox, in the transaction that
enters it, so nobody who reads an agency's messages can put anything on the bus at all. Nobody may
delete, alter or make a topic: who makes them (`tell-once bus create`) is the council's own user.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from schemas.topics import RECORD_TOPICS, SHARING_DECISIONS, TOPICS


class BusUser(StrEnum):
    """The users on the bus, by the part that each is for."""

    RELAY = "tell-once-relay"
    AGGREGATION = "tell-once-aggregation"
    CONNECTORS = "tell-once-connectors"
    OWNER = "tell-once-owner"


class BusAct(StrEnum):
    """What is done on the bus."""

    READ = "read"
    WRITE = "write"
    DESCRIBE = "describe"


class BusThing(StrEnum):
    """What it is done to."""

    TOPIC = "topic"
    GROUP = "group"
    GROUPS = "groups"
    """Every group whose name begins so."""


@dataclass(frozen=True, slots=True, order=True)
class BusRight:
    """One user may do one thing."""

    user: BusUser
    act: BusAct
    thing: BusThing
    name: str

    def __str__(self) -> str:
        return f"{self.user} may {self.act} {self.thing} {self.name}"


def bus_rights() -> frozenset[BusRight]:
    """All that there are to be; whatever is not here is refused."""
    return frozenset(
        [
            *_to_write(BusUser.RELAY, [topic.name for topic in TOPICS]),
            *_to_read(BusUser.AGGREGATION, [*RECORD_TOPICS, SHARING_DECISIONS]),
            BusRight(BusUser.AGGREGATION, BusAct.READ, BusThing.GROUP, "aggregation"),
            *_to_read(BusUser.CONNECTORS, [SHARING_DECISIONS]),
            BusRight(BusUser.CONNECTORS, BusAct.READ, BusThing.GROUP, "connectors"),
            *_to_read(BusUser.OWNER, [*RECORD_TOPICS, SHARING_DECISIONS]),
            BusRight(BusUser.OWNER, BusAct.READ, BusThing.GROUPS, "rebuild-"),
        ]
    )


def _to_write(user: BusUser, topics: list[str]) -> Iterator[BusRight]:
    for topic in topics:
        yield BusRight(user, BusAct.WRITE, BusThing.TOPIC, topic)
        yield BusRight(user, BusAct.DESCRIBE, BusThing.TOPIC, topic)


def _to_read(user: BusUser, topics: list[str]) -> Iterator[BusRight]:
    for topic in topics:
        yield BusRight(user, BusAct.READ, BusThing.TOPIC, topic)
        yield BusRight(user, BusAct.DESCRIBE, BusThing.TOPIC, topic)
