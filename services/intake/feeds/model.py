"""A way in for messages, as it is registered: to which agency, and who keeps it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from schemas.vocabulary import LabelledCode, Source


class FeedChannel(StrEnum):
    """How messages come in, and what tells one such way from another (`CameBy.reference`)."""

    MAILBOX = "mailbox"
    """The id of the MESH mailbox."""
    CLIENT = "client"
    """The id of the partner whose key it is."""
    FOLDER = "folder"
    """A hash of the folder's path, which may tell more than anybody needs to know."""
    UPLOAD = "upload"
    """The code of the agency for which somebody reads in a file."""


class FeedClass(LabelledCode):
    """Who keeps what comes by a feed."""

    KEPT = "kept", "Kept: somebody else than its workers says who works with whom"
    TYPED = "typed", "Typed: one person can write it"


@dataclass(frozen=True, slots=True)
class CameBy:
    """By which way a message came."""

    channel: FeedChannel
    reference: str

    @property
    def usual_class(self) -> FeedClass:
        """A mailbox or a client has a system behind it; a file one person can write."""
        has_system = self.channel in {FeedChannel.MAILBOX, FeedChannel.CLIENT}
        return FeedClass.KEPT if has_system else FeedClass.TYPED


def by_folder(folder: Path) -> CameBy:
    """The way in by a folder."""
    return CameBy(FeedChannel.FOLDER, sha256(bytes(folder.resolve())).hexdigest())


@dataclass(frozen=True, slots=True)
class RegisteredFeed:
    """One feed as it stands: of which agency, by which way, and who the two hands were."""

    id: str
    source: Source
    agency: str
    came_by: CameBy
    feed_class: FeedClass
    asked_by: str
    warranted_by: str
    since: datetime
    until: datetime | None = None
    state: int = 1

    def is_in_force(self, at: datetime) -> bool:
        """Whether it held at that time."""
        return self.since <= at and (self.until is None or at < self.until)
