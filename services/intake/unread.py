"""A parked message as it may be told of: about whom, of which source, of what kind, since when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from connectors.ports import Urgency
from schemas.records.kinds import MessageKind
from schemas.vocabulary import Source


@dataclass(frozen=True, slots=True)
class ParkedAbout:
    """A parked message about somebody; `removes` where it takes something back.

    `urgency` is what of it cannot wait until somebody has mended it.
    """

    parked_id: str
    source: Source
    kind: MessageKind
    removes: bool
    since: datetime
    urgency: Urgency | None = None


@dataclass(frozen=True, slots=True, repr=False)
class UnreadHere:
    """How much one source has sent of a child that could not be read, since when, of what kinds.

    `urgent` is what of it whoever contacts the family has to know of beforehand.
    """

    count: int
    since: datetime
    kinds: tuple[MessageKind, ...]
    urgent: tuple[Urgency, ...] = ()

    @property
    def in_words(self) -> str:
        """How much, and what."""
        messages = "1 message" if self.count == 1 else f"{self.count} messages"
        return f"{messages} could not be read: {', '.join(kind.label for kind in self.kinds)}"


def counted(parked: Collection[ParkedAbout]) -> UnreadHere | None:
    """How much that is, since when, of which kinds in the order of their list; None for none."""
    if not parked:
        return None
    kinds = {one.kind for one in parked}
    since = min(one.since for one in parked)
    urgent = {one.urgency for one in parked}
    return UnreadHere(
        len(parked),
        since,
        tuple(kind for kind in MessageKind if kind in kinds),
        tuple(urgency for urgency in Urgency if urgency in urgent),
    )
