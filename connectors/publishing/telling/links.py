"""Which subjects of a batch are told of anew, and which may be somebody who is known already.

What a person is compared by is kept only where their identity is published. Of somebody whom
nobody knows nothing is kept at all, unless they may be a person whose decisions permit this source
to share identities: then they become a person of their own, about whom nothing is shared until
somebody or the weights say that the two are one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.publishing.ports import Likenesses, ResolvedSubject, ToldSubject
from consent import AccessRequest, SharedProfile
from consent.deciding.decide import Answers
from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Decisions
from schemas.identifiers import PersonId
from schemas.records.message import Record, SourceMessage, Subject
from schemas.records.payloads import ContactDetails, PersonDetails
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Action, Category, Label, Source

_IDENTITY = Category.IDENTITY_AND_CONTACT


@dataclass(slots=True)
class Likening:
    """Gathers message by message; looks up and writes once, at the end of the batch.

    `is_typed` where one person can have written it: that a number was replaced is then a claim,
    which a data steward is asked about, and which by itself ties nobody's no to anybody.
    """

    likenesses: Likenesses
    source: Source
    is_kept: bool
    is_typed: bool
    _known: list[tuple[ToldSubject, PersonId]] = field(default_factory=list)
    _unknown: list[tuple[str, ToldSubject, PersonId | None]] = field(default_factory=list)
    _taken_back: set[PersonId] = field(default_factory=set)
    _replaced: list[tuple[Subject, PersonId]] = field(default_factory=list)

    def gather(
        self,
        ref: str,
        message: SourceMessage,
        subjects: Sequence[ResolvedSubject],
        published: Sequence[PublishedRecord],
        unrecorded: Collection[PersonId],
    ) -> None:
        """Note whom a message tells of, of whom it publishes the identity, and who is unknown.

        `unrecorded` are those about whom nothing is on record: as good as unknown, but with an id.
        """
        told = told_of(message)
        identified = _persons_of(published, Action.UPSERT)
        for one, resolved in zip(told, subjects, strict=True):
            person = resolved.person
            if resolved.is_beside:
                continue
            if person is not None and resolved.replaced and not self.is_typed:
                self._replaced.append((one.subject, person))
            if person is None or person in unrecorded:
                self._unknown.append((ref, one, person))
            elif person in identified:
                self._known.append((one, person))
        gone = _persons_of(published, Action.REMOVE) | _persons_of(published, Action.CLEAR)
        self._taken_back |= gone - identified

    def write(self, decisions: Decisions, *, at: datetime) -> list[LedgerEntry]:
        """Keep what is new, take in who may be known; gives the entries about those."""
        if self._taken_back:
            self.likenesses.forget(self._taken_back, self.source)
        if self._replaced:
            self.likenesses.note_replaced(self._replaced, at=at)
        if self._known:
            self.likenesses.keep(self._known, self.source, at=at, is_kept=self.is_kept)
        return self._take_in(decisions, at) if self._unknown else []

    def _take_in(self, decisions: Decisions, at: datetime) -> list[LedgerEntry]:
        self.likenesses.wait([(ref, told) for ref, told, _ in self._unknown], self.source)
        alike = self.likenesses.alike([(told, person) for _, told, person in self._unknown])
        permitted = self._permitted({p for persons in alike for p in persons}, decisions, at)
        made = set()
        for (_, told, person), persons in zip(self._unknown, alike, strict=True):
            if permitted.isdisjoint(persons):
                continue
            if person is None:
                made.add(self.likenesses.take_in(told, self.source, at=at))
            else:
                known = [(told, person)]
                self.likenesses.keep(known, self.source, at=at, is_kept=self.is_kept)
        return [self._entry(person, at) for person in sorted(p for p in made if p is not None)]

    def _permitted(
        self, persons: Collection[PersonId], decisions: Decisions, at: datetime
    ) -> frozenset[PersonId]:
        """Those whose identity this source may share: only with them is anybody compared."""
        if not persons:
            return frozenset()
        answers = Answers(decisions.on_record(persons), decisions.agreements)
        asked = {
            p: AccessRequest((p,), _IDENTITY, self.source, SharedProfile(), at) for p in persons
        }
        return frozenset(p for p in persons if answers.to(asked[p]).is_permitted)

    def _entry(self, person: PersonId, at: datetime) -> LedgerEntry:
        fields = {"person": person, "source": self.source}
        actor = f"job:connector-{self.source}"
        return ledger_entry(LedgerEvent.PERSON_HELD, fields, at=at, actor=actor)


def told_of(message: SourceMessage) -> list[ToldSubject]:
    """What the message tells of each of its subjects, in their order."""
    details: dict[str, PersonDetails] = {}
    contacts: dict[str, ContactDetails] = {}
    for record in message.records:
        match record.payload:
            case PersonDetails() if record.payload.date_of_birth or record.payload.family_name:
                details[record.subjects[0]] = record.payload
            case ContactDetails() if not _is_protected(record):
                contacts[record.subjects[0]] = record.payload
            case _:
                pass
    return [ToldSubject(s, details.get(s.ref), contacts.get(s.ref)) for s in message.subjects]


def _is_protected(record: Record) -> bool:
    return Label.PROTECTED_LOCATION in record.labels


def _persons_of(published: Sequence[PublishedRecord], action: Action) -> set[PersonId]:
    """Of whom identity records are stated, or taken back."""
    return {r.persons[0] for r in published if r.category is _IDENTITY and r.action is action}
