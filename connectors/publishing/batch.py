"""A batch of messages: what is known before anything is decided, and what of it is kept back."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from connectors.ports import Received, Unreadable
from connectors.publishing.events import RecordKeys
from connectors.publishing.ports import (
    Hasher,
    KeptBack,
    KeptMessage,
    KeptScopes,
    Publishing,
    RecordedDisposition,
    ResolvedSubject,
)
from connectors.publishing.receiving.doubts import SETTLED, accepted, is_settled, without_identity
from connectors.publishing.receiving.unread import unsettled
from consent.deciding.decide import Answers
from consent.ports import ProtectedPlaces
from schemas.identifiers import PersonId, RecordKey
from schemas.records.message import SourceMessage
from schemas.records.payloads import Address
from schemas.records.published import homes_told
from schemas.vocabulary import Action, Disposition, Source


@dataclass(frozen=True, slots=True)
class BatchOnRecord:
    """What is on record about a batch, read once before anything is decided.

    `messages` are those of the batch, the accepted ones as such. `unrecorded` are those about whom
    nothing is on record: who only may be somebody else.
    """

    messages: list[Received]
    dispositions: dict[str, RecordedDisposition]
    resolved: Mapping[int, Sequence[ResolvedSubject]]
    answers: Answers
    published_of: Collection[PersonId]
    purged: Mapping[PersonId, datetime]
    unrecorded: Collection[PersonId]

    def without_unrecorded(self, subjects: Sequence[ResolvedSubject]) -> Sequence[ResolvedSubject]:
        """They are answered for as nobody: their sender must not learn of anybody alike."""
        return [ResolvedSubject(None) if s.person in self.unrecorded else s for s in subjects]


def ref_of(source: Source, received: Received, hasher: Hasher) -> str:
    """The keyed hash by which a message is known: of its id, or of its bytes without one."""
    outcome = received.outcome
    if isinstance(outcome, SourceMessage):
        return hasher.opaque("message", source, outcome.message_id)
    return hasher.opaque("unreadable", source, sha256(received.raw()).hexdigest())


def read_what_is_known(
    source: Source,
    received: Sequence[Received],
    refs: Sequence[str],
    publishing: Publishing,
    *,
    accepts: bool,
) -> BatchOnRecord:
    """Look up a batch: dispositions, locked, persons, decisions, what was published or purged.

    Whether two hands said of a message whose it is, now (`accepts`) or before, is seen first.
    """
    dispositions = publishing.dispositions.lock_and_find(source, refs)
    was_accepted = {ref for ref, recorded in dispositions.items() if recorded.is_accepted}
    messages = [
        accepted(one) if accepts or ref in was_accepted else one
        for one, ref in zip(received, refs, strict=True)
    ]
    readable = [
        (position, one.outcome)
        for position, one in enumerate(messages)
        if isinstance(one.outcome, SourceMessage)
    ]
    flat = publishing.persons.resolve([s for _, message in readable for s in message.subjects])
    unread = iter(flat)
    resolved = {
        position: [next(unread) for _ in message.subjects] for position, message in readable
    }
    persons = {r.person for r in flat if r.person is not None}
    replaced = {r.person: r.replaced for r in flat if r.person is not None and r.replaced}
    on_record = publishing.decisions.on_record(persons, said_to_be=replaced)
    now = publishing.clock.now()
    restricted = {p for p, found in on_record.items() if found.is_protected(now)}
    protect_homes(readable, resolved, restricted, publishing.places)
    return BatchOnRecord(
        messages,
        dict(dispositions),
        resolved,
        Answers(on_record, publishing.decisions.agreements),
        publishing.dispositions.published_subjects(source, persons),
        publishing.dispositions.purged(persons),
        {p for p, found in on_record.items() if not (found.decisions or found.restrictions)},
    )


def unless_purged(
    before: RecordedDisposition | None,
    subjects: Sequence[ResolvedSubject],
    purged: Mapping[PersonId, datetime],
) -> RecordedDisposition | None:
    """What was purged from the shared profile may come again, so it is not a duplicate then."""
    purges = [purged[s.person] for s in subjects if s.person is not None and s.person in purged]
    if before is None or before.at is None or not purges:
        return before
    return before if before.at > max(purges) else None


# Whose a message is that contradicts itself, and what is told of one that went all the same.


def settled_message(
    message: SourceMessage, subjects: Sequence[ResolvedSubject], publishing: Publishing
) -> SourceMessage | Unreadable:
    """The message as far as it goes on; why it does not, where somebody has to say whose it is."""
    persons, likenesses = publishing.persons, publishing.likenesses
    if message.doubt is None or is_settled(
        message, subjects, persons=persons, likenesses=likenesses
    ):
        return without_identity(message)
    return unsettled(message, message.doubt.field, message.doubt.reason)


def reason_told(message: SourceMessage, reason: str | None, disposition: Disposition) -> str | None:
    """Codes for the partner, with that of a message that contradicts itself and went all the same.

    It is told of whatever is not withheld: of what nobody may see there is nothing to warn.
    """
    if message.doubt is None or disposition is not Disposition.PUBLISHED:
        return reason
    return ",".join(code for code in (reason, SETTLED) if code)


# What of a batch is kept back, and what of that its source has taken back since.


@dataclass(slots=True)
class KeepingBack:
    """Keeps back and parks messages one by one; what scopes they lie in is written at the end.

    So a clearing reaches what it is newer than in its own batch too, on either side of it.
    """

    kept_back: KeptBack
    kept_scopes: KeptScopes
    keys: RecordKeys
    _kept: list[KeptMessage] = field(default_factory=list)
    _cleared: list[tuple[RecordKey, str]] = field(default_factory=list)
    _released: list[str] = field(default_factory=list)

    def keep_or_release(
        self,
        received: Received,
        message: SourceMessage,
        recorded: RecordedDisposition,
        *,
        at: datetime,
    ) -> None:
        """Keep what is withheld; forget what its source takes back and what is published now."""
        keys: dict[Action, list[str]] = {action: [] for action in Action}
        for record in message.records:
            keys[record.action].append(self.keys.of(record))
        version = message.version.sort_key
        self.kept_back.clear(keys[Action.REMOVE], version=version)
        self._cleared += [
            (self.keys.of(record), version)
            for record in message.records
            if record.action is Action.CLEAR and not record.keeps
        ]
        if recorded.withheld:
            stated = keys[Action.UPSERT]
            self.kept_back.keep(recorded.ref, received.raw(), stated, version=version, at=at)
            self._note(recorded.ref, message)
        else:
            self._released.append(recorded.ref)

    def park(
        self, ref: str, received: Received, why: Unreadable, *, at: datetime, feed: str | None
    ) -> None:
        """Keep what cannot be read or is nobody's."""
        self.kept_back.park(ref, received, why, at=at, feed=feed)
        self._note(ref, received.outcome)

    def write(self) -> None:
        """Write what was gathered; call it once, last."""
        self.kept_back.write_kept()
        self.kept_back.release(self._released)
        self.kept_scopes.forget(self._released)
        self.kept_scopes.note(self._kept)
        self.kept_scopes.clear(self._cleared)

    def _note(self, ref: str, outcome: SourceMessage | Unreadable) -> None:
        version = outcome.version
        scopes = outcome.scopes if isinstance(outcome, Unreadable) else _scopes_of_all(outcome)
        if scopes and version is not None:
            kept = KeptMessage(ref, self.keys.of_scopes(scopes), version.sort_key)
            self._kept.append(kept)


def _scopes_of_all(message: SourceMessage) -> tuple[str, ...]:
    """The scopes in which every record of the message lies."""
    chains = [set(record.scopes) for record in message.records]
    return tuple(sorted(set.intersection(*chains))) if chains else ()


# What a message about somebody restricted leaves, published or not: where that person is.
#
# Whoever lives with them may be told of by others, and nothing else would say that this is a place
# to protect. Only its keyed hash is kept.


def protect_homes(
    messages: Sequence[tuple[int, SourceMessage]],
    resolved: Mapping[int, Sequence[ResolvedSubject]],
    restricted: Collection[PersonId],
    places: ProtectedPlaces,
) -> None:
    """Keep where these messages say that any of the restricted live."""
    if not restricted:
        return
    told = [
        (person, address)
        for position, message in messages
        for person, address in _homes(message, resolved[position])
        if person is not None and person in restricted
    ]
    if told:
        places.protect(told)


def _homes(
    message: SourceMessage, resolved: Sequence[ResolvedSubject]
) -> Iterator[tuple[PersonId | None, Address]]:
    persons = {s.ref: r.person for s, r in zip(message.subjects, resolved, strict=True)}
    for record in message.records:
        about = [persons[ref] for ref in record.subjects]
        yield from homes_told(record.payload, about)
