"""Topics of the bus: names, partitions, how long they are kept (DESIGN.md section 5)."""

from dataclasses import dataclass
from datetime import timedelta

from schemas.vocabulary import Source

PARTITIONS = 4
SHARING_DECISIONS = "sharing.decisions"
PROFILES_CHANGED = "profiles.changed"
PARKED = "records.parked"
CONNECTIONS_CHANGED = "connections.changed"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; `retention` None with `compacted` keeps the latest message of each key."""

    name: str
    retention: timedelta | None
    compacted: bool = False


def records_topic(source: Source) -> str:
    """Where the records of a source are published."""
    return f"records.{source}"


RECORD_TOPICS = tuple(records_topic(source) for source in Source)
TOPICS = (
    *(Topic(name, timedelta(days=14)) for name in RECORD_TOPICS),
    Topic(SHARING_DECISIONS, None, compacted=True),
    Topic(PROFILES_CHANGED, timedelta(days=7)),
    Topic(PARKED, timedelta(days=30)),
    Topic(CONNECTIONS_CHANGED, timedelta(days=7)),
)
