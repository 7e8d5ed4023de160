"""publish_if_permitted: the only use case that sends a record (DESIGN.md sections 1 and 11)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.ports import Received, Unreadable
from connectors.publishing.batch import (
    BatchOnRecord,
    KeepingBack,
    read_what_is_known,
    reason_told,
    ref_of,
    settled_message,
    unless_purged,
)
from connectors.publishing.entries import (
    entry_for_parked,
    entry_for_published,
    entry_for_settled,
    entry_for_withheld,
)
from connectors.publishing.events import RecordKeys, record_event, resend_event
from connectors.publishing.lists.told import ListsTold
from connectors.publishing.ports import (
    Publishing,
    RecordedDisposition,
    ResolvedSubject,
)
from connectors.publishing.receiving.order import AsItCame, about_of, in_order
from connectors.publishing.receiving.unread import unsettled
from connectors.publishing.select import Selection, select_permitted
from connectors.publishing.telling.gathering import Gathering
from connectors.publishing.typed import (
    is_typed,
    namespace_of,
    without_others,
    without_replaced,
)
from consent.ledger import LedgerEntry
from schemas.envelope import Event
from schemas.errors import UnreadableMessageError
from schemas.identifiers import PersonId
from schemas.records.message import SourceMessage, Subject
from schemas.records.published import PublishedRecord
from schemas.records.unused import NOTHING_UNUSED, Unused
from schemas.vocabulary import Disposition, Source


@dataclass(frozen=True, slots=True)
class PublishIfPermitted:
    """Order: publish what may be published of these messages of one source.

    `accepts` those that contradict themselves, or what is on record, about a date of birth, as of
    whom their number names: two hands have said so. `whole` is the part of its sender's list for
    which their file was declared whole, as such parts are compared; whoever is not in it is for
    `services.intake.lists` to take off. `is_in_order` says that whoever orders it has already seen
    to their order (`order.in_order`).
    """

    source: Source
    messages: Sequence[Received]
    accepts: bool = False
    whole: str | None = None
    is_in_order: bool = False


@dataclass(frozen=True, slots=True)
class IndexedDisposition:
    """What became of one message, as its partner is told: codes and positions, no content.

    `unused` is what of it became no record, by names of the format.
    """

    index: int
    message_id: str | None
    disposition: Disposition
    reason: str | None
    unused: Unused = NOTHING_UNUSED


def publish_if_permitted(
    command: PublishIfPermitted, *, publishing: Publishing
) -> list[IndexedDisposition]:
    """Decide on each message, queue what is permitted, hold or park the rest.

    Nothing leaves before the caller commits: events, ledger entries and dispositions are one
    transaction. A message that was published in full before is a duplicate; one that was held
    back is decided on again. One message never stops the others.
    """
    batch = _Batch.begin(command, publishing)
    dispositions = [batch.handle(position) for position in range(len(command.messages))]
    batch.write()
    return dispositions


def _in_order(
    command: PublishIfPermitted, publishing: Publishing, keys: RecordKeys
) -> Sequence[Received]:
    if command.is_in_order:
        return command.messages
    arrivals = [AsItCame(received) for received in command.messages]
    taken, hasher = publishing.dispositions, publishing.hasher
    return in_order(command.source, arrivals, keys=keys, taken=taken, hasher=hasher)


@dataclass(slots=True)
class _Written:
    """What a batch will write, gathered so that each port is called once."""

    entries: list[LedgerEntry] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    dispositions: list[tuple[RecordedDisposition, Sequence[Subject]]] = field(default_factory=list)
    learned: list[tuple[Subject, PersonId]] = field(default_factory=list)
    published_of: set[PersonId] = field(default_factory=set)


@dataclass(slots=True)
class _Batch:
    """Messages of one source that are decided on and written together."""

    source: Source
    messages: list[Received]
    refs: Sequence[str]
    known: BatchOnRecord
    publishing: Publishing
    now: datetime
    keeping: KeepingBack
    gathering: Gathering
    whole: str | None
    written: _Written = field(default_factory=_Written)

    @classmethod
    def begin(cls, command: PublishIfPermitted, publishing: Publishing) -> "_Batch":
        typed_by = namespace_of(publishing.feed)
        keys = RecordKeys(command.source, publishing.hasher, typed_by=typed_by)
        messages = _in_order(command, publishing, keys)
        refs = [ref_of(command.source, r, publishing.hasher) for r in messages]
        found = (command.source, messages, refs, publishing)
        known = read_what_is_known(*found, accepts=command.accepts)
        now = publishing.clock.now()
        keeping = KeepingBack(publishing.kept_back, publishing.kept_scopes, keys)
        came = [received.outcome.version for received in command.messages]
        lists = ListsTold.read(known.messages, came, known.resolved, publishing)
        named = lists.with_lasting_keys(known.messages, known.resolved, known.published_of)
        gathering = Gathering.begin(command.source, keys, lists, publishing)
        told = (keeping, gathering, command.whole)
        return cls(command.source, named, refs, known, publishing, now, *told)

    def handle(self, position: int) -> IndexedDisposition:
        ref = self.refs[position]
        recorded = self._decided(position)
        received = self.messages[position]
        if recorded.disposition is not Disposition.DUPLICATE:
            self.known.dispositions[ref] = recorded
        outcome = received.outcome
        if isinstance(outcome, SourceMessage) and recorded.disposition is not Disposition.PARKED:
            resolved = self.known.resolved[position]
            self.gathering.take(position, outcome, resolved, self._told_of(position))
        unused = outcome.unused if isinstance(outcome, SourceMessage) else NOTHING_UNUSED
        return IndexedDisposition(
            received.index, outcome.message_id, recorded.disposition, recorded.reason, unused
        )

    def write(self) -> None:
        ports, written = self.publishing, self.written
        gained = ports.persons.learn(written.learned, at=self.now)
        news = [resend_event(person, hasher=ports.hasher, at=self.now) for person in sorted(gained)]
        is_some_unread = ports.dispositions.save(written.dispositions, at=self.now)
        ports.dispositions.save_published_subjects(self.source, written.published_of)
        self.keeping.write()
        ports.outbox.add([*written.events, *news])
        told = self.gathering.write(self.whole, is_some_unread=is_some_unread, at=self.now)
        ports.ledger.append([*written.entries, *told])

    def _decided(self, position: int) -> RecordedDisposition:
        received, ref = self.messages[position], self.refs[position]
        subjects = self._told_of(position)
        before = unless_purged(self.known.dispositions.get(ref), subjects, self.known.purged)
        # (1) Published in full before: nothing is done twice.
        if before and before.disposition is Disposition.PUBLISHED and not before.withheld:
            return replace(before, disposition=Disposition.DUPLICATE, reason="received-before")
        # (2) Not readable: kept, with the reason, to be replayed.
        if isinstance(received.outcome, Unreadable):
            return self._park(received, ref, received.outcome, before)
        # (3) A subject whose identifiers contradict what is known is nobody's.
        message = received.outcome
        conflict = next((s.conflict for s in subjects if s.conflict), None)
        if conflict is not None:
            return self._park(received, ref, unsettled(message, "subject", conflict), before)
        # (4) What contradicts itself is somebody's only where something else says whose.
        settled = settled_message(message, subjects, self.publishing)
        if isinstance(settled, Unreadable):
            return self._park(received, ref, settled, before)
        if settled is not message:
            message = settled
            received = self.messages[position] = replace(received, outcome=message)
        # (5) Decide on each record; publish those that are permitted.
        try:
            recorded = self._publish(received, ref, message, subjects, before)
        except UnreadableMessageError as error:
            why = unsettled(message, error.field, error.reason)
            return self._park(received, ref, why, before)
        self.gathering.deciders.gather(message, self.known.resolved[position])
        return recorded

    @property
    def _feed_id(self) -> str | None:
        return None if self.publishing.feed is None else self.publishing.feed.id

    def _told_of(self, position: int) -> Sequence[ResolvedSubject]:
        """Whom a message is of: what one person can write, of nobody beside its own case."""
        resolved = self.known.resolved.get(position, ())
        message = self.messages[position].outcome
        if isinstance(message, SourceMessage) and is_typed(self.publishing.feed):
            return without_others(message, resolved)
        return resolved

    def _publish(
        self,
        received: Received,
        ref: str,
        message: SourceMessage,
        subjects: Sequence[ResolvedSubject],
        before: RecordedDisposition | None,
    ) -> RecordedDisposition:
        selection = select_permitted(
            message,
            self.known.without_unrecorded(subjects),
            self.known.answers,
            published_of=self.known.published_of,
            keys=self.keeping.keys,
            at=self.now,
        )
        recorded = self._placed(
            RecordedDisposition(
                ref,
                self.source,
                selection.disposition,
                reason_told(message, selection.reason, selection.disposition),
                selection.withheld_categories,
                feed=self._feed_id,
                is_accepted=message.doubt is not None and message.doubt.is_accepted,
            ),
            received,
        )
        if recorded == before and self._says_nothing_new(selection):
            return recorded
        self._queue(ref, selection)
        self._tell_of_doubt(ref, message, selection)
        self._remember(message, subjects, selection, recorded)
        likening, unrecorded = self.gathering.likening, self.known.unrecorded
        likening.gather(ref, message, subjects, selection.permitted, unrecorded)
        self.keeping.keep_or_release(received, message, recorded, at=self.now)
        return recorded

    def _says_nothing_new(self, selection: Selection) -> bool:
        """Decided again to the same end, about nobody of whom nothing was published yet."""
        published_of = self.known.published_of
        return all(record.persons[0] in published_of for record in selection.permitted)

    def _queue(self, ref: str, selection: Selection) -> None:
        """One event for each person, under that person's key: erasing one erases all of it."""
        by = self.publishing.sent_by
        if not selection.permitted:
            entry = entry_for_withheld(self.source, ref, selection, at=self.now, by=by)
            self.written.entries.append(entry)
            return
        by_person: dict[PersonId, list[PublishedRecord]] = {}
        for record in selection.permitted:
            by_person.setdefault(record.persons[0], []).append(record)
        purges = (self.known.purged.get(person) for person in selection.persons)
        parts = (ref, *selection.decided_from, *(at.isoformat() for at in purges if at is not None))
        events = [
            record_event(
                person,
                records,
                parts=parts,
                sealer=self.publishing.sealer,
                hasher=self.publishing.hasher,
                at=self.now,
            )
            for person, records in by_person.items()
        ]
        self.written.events.extend(events)
        self.written.entries.append(
            entry_for_published(self.source, ref, events, selection, at=self.now, by=by)
        )

    def _tell_of_doubt(self, ref: str, message: SourceMessage, selection: Selection) -> None:
        if message.doubt is not None and selection.permitted:
            told = (self.source, ref, selection, message.doubt)
            by = self.publishing.sent_by
            self.written.entries.append(entry_for_settled(*told, at=self.now, by=by))

    def _park(
        self, received: Received, ref: str, why: Unreadable, before: RecordedDisposition | None
    ) -> RecordedDisposition:
        reason = f"{why.field}: {why.reason}"
        recorded = self._placed(
            RecordedDisposition(ref, self.source, Disposition.PARKED, reason), received
        )
        if before is None or recorded != before or recorded.version != before.version:
            self.keeping.park(ref, received, why, at=self.now, feed=self._feed_id)
            by = self.publishing.sent_by
            self.written.entries.append(entry_for_parked(self.source, ref, why, at=self.now, by=by))
            self.written.dispositions.append((recorded, ()))
            self.gathering.unread.gather_parked(ref, why)
        return recorded

    def _placed(self, recorded: RecordedDisposition, received: Received) -> RecordedDisposition:
        """With its place among what was said of the same, where nothing else says it."""
        about, version = about_of(received, self.keeping.keys), received.outcome.version
        if about is None or version is None:
            return recorded
        return replace(recorded, about=about, version=version.sort_key)

    def _remember(
        self,
        message: SourceMessage,
        subjects: Sequence[ResolvedSubject],
        selection: Selection,
        recorded: RecordedDisposition,
    ) -> None:
        self.written.dispositions.append((recorded, message.subjects if recorded.withheld else ()))
        self.gathering.unread.gather_read(message)
        published = {record.persons[0] for record in selection.permitted}
        self.written.published_of |= published
        typed = is_typed(self.publishing.feed)
        self.written.learned.extend(
            (without_replaced(subject) if typed else subject, resolved.person)
            for subject, resolved in zip(message.subjects, subjects, strict=True)
            if resolved.person is not None and resolved.person in published
        )
