"""What is gathered of a batch of messages beside their records, and kept with them in one go."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.publishing.events import RecordKeys
from connectors.publishing.lists.told import ListsTold
from connectors.publishing.ports import Publishing, ResolvedSubject
from connectors.publishing.receiving.unread import UnreadTold
from connectors.publishing.telling.contacts import ContactsTold
from connectors.publishing.telling.decider_facts import DeciderTelling
from connectors.publishing.telling.links import Likening
from connectors.publishing.telling.marks import MarksTold
from connectors.publishing.telling.own_cases import OwnCasesTold
from connectors.publishing.typed import is_typed
from consent.ledger import LedgerEntry
from schemas.records.message import SourceMessage
from schemas.vocabulary import Source


@dataclass(slots=True)
class Gathering:
    """One collector for each capability that hears of messages; each writes once, at the end."""

    source: Source
    publishing: Publishing
    lists: ListsTold
    likening: Likening
    deciders: DeciderTelling
    own: OwnCasesTold
    contacts: ContactsTold
    marks: MarksTold
    unread: UnreadTold = field(default_factory=UnreadTold)

    @classmethod
    def begin(
        cls, source: Source, keys: RecordKeys, lists: ListsTold, publishing: Publishing
    ) -> "Gathering":
        """Gather for messages of one source; `lists` has been read already, to name them by."""
        feed = publishing.feed
        return cls(
            source,
            publishing,
            lists,
            Likening(
                publishing.likenesses,
                source,
                is_kept=feed is not None and feed.is_kept,
                is_typed=is_typed(feed),
            ),
            DeciderTelling(source, keys, feed),
            OwnCasesTold(publishing),
            ContactsTold(publishing),
            MarksTold(publishing),
        )

    def take(
        self,
        position: int,
        message: SourceMessage,
        resolved: Sequence[ResolvedSubject],
        told_of: Sequence[ResolvedSubject],
    ) -> None:
        """Hear of a message that could be read; `told_of` are those whom its sender may tell of."""
        self.own.gather(message, resolved)
        self.contacts.gather(message, told_of)
        self.lists.gather(position, message, resolved)
        self.marks.gather(message)

    def write(
        self, whole: str | None, *, is_some_unread: bool, at: datetime
    ) -> Sequence[LedgerEntry]:
        """Keep everything, and give the entries for it. Call it when persons were made.

        `whole` is the part of a list that was declared whole; `is_some_unread` says whether
        anything is kept of messages of this source that could not be read.
        """
        ports = self.publishing
        self.unread.write(ports.unread, self.source, is_some_unread=is_some_unread, at=at)
        held = self.likening.write(ports.decisions, at=at)
        told = self.own.write(at=at)
        self.deciders.write(ports.deciders, ports.persons, at=at)
        self.contacts.write()
        self.lists.write(whole)
        self.marks.write()
        return [*held, *told]
