"""A connection as it stands, what a family agreed to tell, and what becomes of what is asked. Pure.

What is told is sealed under the key of whoever is to be rung: erased with it, and opened for a
partner only after `decide` (`showing.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from consent.circumstances import Circumstances
from consent.model import Decider
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import Category
from services.interfaces.connections.life import ConnectionStatus, DeclineReason, EndReason

MOST_WORDS: Final = 500
MOST_NAME: Final = 120


@dataclass(frozen=True, slots=True, repr=False)
class StoryTold:
    """An entry of the family's story that it chose to be told, in its words."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class WhatIsTold:
    """What a service would be told, and nothing beside it. There is no field for an address.

    `name` is of the one whom they would ring, `number` or `email` how, `reach` when and how it is
    safe. `language` is how they are understood, `why` what they want help with, in their words.
    """

    name: str
    number: str = ""
    email: str = ""
    reach: str = ""
    language: str = ""
    why: str = ""
    story: tuple[StoryTold, ...] = ()

    @property
    def categories(self) -> frozenset[Category]:
        """What a sharing decision has to name for all of it."""
        found = {Category.IDENTITY_AND_CONTACT}
        if self.language:
            found.add(Category.COMMUNICATION_NEEDS)
        if self.why or self.story:
            found.add(Category.STORY)
        return frozenset(found)

    def as_json(self) -> dict[str, Any]:
        """As it is sealed."""
        story = [{"key": one.key, "text": one.text} for one in self.story]
        plain = {name: getattr(self, name) for name in _TEXTS}
        return plain | {"story": story}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "WhatIsTold":
        """What was sealed."""
        story = tuple(StoryTold(one["key"], one["text"]) for one in kept["story"])
        return cls(**{name: kept[name] for name in _TEXTS}, story=story)


def lines_of(told: WhatIsTold | None) -> tuple[tuple[str, str], ...]:
    """What was told, line by line, for whoever asks what is held; nothing where it is gone."""
    if told is None:
        return ()
    said = [(label, getattr(told, name)) for name, label in _LABELS.items()]
    story = [("From your story", one.text) for one in told.story]
    return tuple((label, text) for label, text in [*said, *story] if text)


_LABELS: Final[Mapping[str, str]] = {
    "name": "Name",
    "number": "Telephone",
    "email": "Email",
    "reach": "How to reach you",
    "language": "Language",
    "why": "Why",
}
_TEXTS: Final = ("name", "number", "email", "reach", "language", "why")


@dataclass(frozen=True, slots=True)
class AskedService:
    """An entry of the directory that can be asked, and what it said of its places, if lately."""

    id: str
    name: str
    partner: str
    partner_name: str
    agency: str | None
    email: str | None
    telephone: str | None
    capacity: str | None = None
    capacity_words: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceConnection:
    """One request to one service, as it stands. `version` counts its changes.

    `person` is who would be rung; `permits` are the sharing decisions by person, as many as there
    are people of whom something is told. `agreed_until` is how long the family lets a service see
    it that says yes. `undelivered` is why it came back, if it did.
    """

    id: str
    reference: str
    service: str
    partner: str
    person: PersonId
    asked_by: PractitionerId
    agency: str
    status: ConnectionStatus
    categories: frozenset[Category]
    agreed_until: datetime
    changed_at: datetime
    permits: Mapping[PersonId, DecisionId] = field(default_factory=dict)
    version: int = 1
    sent_at: datetime | None = None
    open_by: datetime | None = None
    respond_by: datetime | None = None
    undelivered: str | None = None
    is_to_ring: bool = False
    chased: int = 0
    declined: DeclineReason | None = None
    suggested: str | None = None
    ended: EndReason | None = None

    @property
    def is_red(self) -> bool:
        """Whether whoever asked has to do something: it came back, or nobody answered."""
        return self.status is ConnectionStatus.LAPSED or (
            self.undelivered is not None and not self.status.is_over
        )


@dataclass(frozen=True, slots=True)
class Happened:
    """One change of a connection, as its page tells it."""

    status: ConnectionStatus
    at: datetime
    actor: str
    change: str
    because: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class YesSaid:
    """That one person agrees, as it is told: for whom, by whom, how it came about.

    `decider_name` is a parent's, as it was typed; `is_chosen` where the decider is a reference
    from the list (`services.decisions.choosing`).
    """

    person: PersonId
    decided_by: Decider
    circumstances: Circumstances = field(default_factory=Circumstances)
    decider_name: str | None = None
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Ask:
    """Order: ask this service, as these people agree. The first is who would be rung."""

    service: str
    told: WhatIsTold
    agreed: tuple[YesSaid, ...]
    period_days: int


class NotAsked(StrEnum):
    """Why a service is not asked, as the page says it and the ledger keeps it."""

    NOT_LISTED = "is-not-listed"
    NO_PARTNER = "has-no-partner"
    REFUSED = "refusal-in-force"
    NOT_PERMITTED = "is-not-permitted"
    NOTHING_TOLD = "tells-nothing"
    STORY_CLOSED = "story-is-closed"
    NOT_FREE = "is-not-free-to-say"
    NOT_WRITTEN = "was-not-written"


class NotChanged(StrEnum):
    """Why nothing becomes of a connection. Whoever is no party to it is told `NOT_THERE` alone."""

    NOT_THERE = "is-not-there"
    NOT_NOW = "is-not-now"
    NOT_AGREED = "is-not-agreed"
    NO_REASON = "has-no-reason"
    NO_SUCH_DAY = "is-no-such-day"


@dataclass(frozen=True, slots=True, repr=False)
class RequestAsAgreed:
    """What a partner sees of a connection: exactly what the family agreed to.

    `decided_from` are the decisions by which it is seen; `people` are the ids of those it is about.
    """

    connection: ServiceConnection
    told: WhatIsTold
    asked_by: PractitionerId
    decided_from: tuple[DecisionId, ...]
