"""A parked message as it may be told of: about whom, of which source, of what kind, since when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connectors.ports import Urgency
from schemas.identifiers import PersonId
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


class UnreadOf(Protocol):
    """What sources have sent of persons that is not among the records."""

    def about(self, person: PersonId) -> Sequence[ParkedAbout]:
        """The parked messages about the person, or who is one with them, each once.

        Whoever asks MUST ask `decide` for the existence of each before it is told.
        """

    def may_hold(self, person: PersonId) -> Collection[Source]:
        """The sources of which it cannot be said that they have sent nothing about the person.

        Something about them waits for a right to share it; or something could not be read that
        names nobody, which is told of everybody alike.
        """
