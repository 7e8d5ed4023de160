"""What every message leaves for one check, published or not: how old, who decides, who has died.

It opens and shows nothing, and is kept although nothing of the message may be shared: otherwise
whoever records a decision would be the only one to say whose it was (DESIGN.md section 16).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.publishing.events import RecordKeys
from connectors.publishing.ports import Feed, PersonIndex, ResolvedSubject
from connectors.publishing.telling.decider_ports import (
    DeciderClearing,
    DeciderFact,
    DeciderIntake,
    ToldBirth,
    ToldCare,
    ToldDeath,
    ToldForDeciding,
    ToldResponsibility,
)
from schemas.identifiers import PersonId, RecordKey
from schemas.records.message import Record, SourceMessage, Subject
from schemas.records.payloads import (
    FactStatus,
    Occurrence,
    OccurrenceKind,
    PersonDetails,
    Plan,
    Relationship,
    RelationshipKind,
)
from schemas.records.published import ALL_RECORDS
from schemas.vocabulary import Action, Category, Source

_LOOKED_AFTER = "looked-after"
# A date of birth beside the records of a message: one a source, whatever the message is about.
_BESIDE = RecordKey("subject")
# Whoever cares for a child day by day has no responsibility by that (Children Act 1989 s.3(5)).
_HOLD_NONE = frozenset({RelationshipKind.FOSTER_CARER, RelationshipKind.CARER})
# Where what is taken back may have told of age, responsibility or care: a removal does not say.
_TELL_OF_DECIDERS = frozenset(
    {Category.IDENTITY_AND_CONTACT, Category.FAMILY_AND_HOUSEHOLD, Category.SOCIAL_CARE}
)

_Known = Mapping[str, PersonId | None]


@dataclass(slots=True)
class DeciderTelling:
    """Gathers message by message; writes once, at the end of the batch."""

    source: Source
    keys: RecordKeys
    feed: Feed | None = None
    _gathered: list[tuple[SourceMessage, Sequence[ResolvedSubject]]] = field(default_factory=list)

    def gather(self, message: SourceMessage, subjects: Sequence[ResolvedSubject]) -> None:
        """Note what a message tells. What the hub's own pages write is only their writer's word."""
        if self.source is not Source.FAMILY_HUB:
            self._gathered.append((message, subjects))

    def write(self, deciders: DeciderIntake, persons: PersonIndex, *, at: datetime) -> None:
        """Keep it of everybody who is somebody by now, also by what the batch itself made known."""
        told: list[DeciderFact] = []
        cleared: list[DeciderClearing] = []
        for message, known in zip(*self._with_persons(persons), strict=True):
            agency = None if self.feed is None else self.feed.agency or message.sender
            facts = _facts(message, known, self.keys)
            told += [replace(one, agency=agency, said=self._as_far_as_kept(one)) for one in facts]
            gone = _clearings(message, known, self.keys)
            cleared += [replace(one, agency=agency) for one in gone]
        if told or cleared:
            deciders.keep(told, cleared, self.source, at=at)

    def _as_far_as_kept(self, fact: DeciderFact) -> ToldForDeciding | None:
        """No register stands behind what one person can write, whatever is said in it."""
        is_kept = self.feed is not None and self.feed.is_kept
        if is_kept or not isinstance(fact.said, ToldBirth):
            return fact.said
        return replace(fact.said, is_registered=False)

    def _with_persons(self, persons: PersonIndex) -> tuple[list[SourceMessage], list[_Known]]:
        unknown = [
            subject
            for message, found in self._gathered
            for subject, one in zip(message.subjects, found, strict=True)
            if one.person is None
        ]
        again = iter(persons.resolve(unknown) if unknown else ())
        known: list[_Known] = [
            {
                subject.ref: next(again).person if one.person is None else one.person
                for subject, one in zip(message.subjects, found, strict=True)
            }
            for message, found in self._gathered
        ]
        return [message for message, _ in self._gathered], known


def _facts(message: SourceMessage, known: _Known, keys: RecordKeys) -> Iterator[DeciderFact]:
    version = message.version.sort_key
    notified = _notified_births(message)
    dated = set()
    for record in message.records:
        person = known[record.subjects[0]]
        if person is None or record.action is Action.CLEAR or not _tells_of_deciders(record):
            continue
        said = _said(record, message, notified, keys)
        dated |= {person} if isinstance(said, ToldBirth) else set()
        key, scopes = keys.of_record(record.source_id), keys.of_scopes(record.scopes)
        yield DeciderFact(person, key, version, said, scopes, _other_person(record, said, known))
    for subject in message.subjects:
        person, born = known[subject.ref], subject.demographics.date_of_birth
        if person is not None and born is not None and person not in dated:
            yield DeciderFact(person, _BESIDE, version, ToldBirth(born))


def _tells_of_deciders(record: Record) -> bool:
    match record.payload:
        case PersonDetails() | Relationship():
            return True
        case Plan():
            return record.payload.kind == _LOOKED_AFTER
        case None:
            return record.category in _TELL_OF_DECIDERS
        case _:
            return False


def _said(
    record: Record, message: SourceMessage, notified: frozenset[str], keys: RecordKeys
) -> ToldForDeciding | None:
    match record.payload:
        case PersonDetails() if record.payload.says_died:
            return ToldDeath()
        case PersonDetails(date_of_birth=str() as born):
            is_registered = record.payload.is_verified or record.subjects[0] in notified
            return ToldBirth(born, is_registered)
        case Relationship(period=period) if period.is_to_come(message.version.at[:10]):
            return None
        case Relationship():
            is_notified = record.subjects[0] in notified
            other = _other(record, message)
            return _responsibility(record.payload, other, is_notified=is_notified)
        # An authority says itself whom it looks after; a school only has heard of it.
        case Plan() if message.source is Source.SOCIAL_CARE:
            part_of = record.part_of
            key = None if part_of is None else keys.of_record(part_of)
            return ToldCare(record.payload.period.end, key)
        case _:
            return None


def _responsibility(
    told: Relationship, other: Subject | None, *, is_notified: bool
) -> ToldResponsibility | None:
    """A mother has it by birth (Children Act 1989 s.2); of others it has to be said."""
    by_birth = {RelationshipKind.MOTHER}
    if is_notified:
        # A birth is notified of the mother, also where no code says so.
        by_birth.add(RelationshipKind.PARENT)
    is_mothers = told.has_responsibility is None and told.kind in by_birth
    name = told.name or _name_of(other)
    if told.status is not FactStatus.HOLDS:
        return None
    if told.kind in _HOLD_NONE or name is None or not (told.has_responsibility or is_mothers):
        return None
    return ToldResponsibility(name, told.period.end)


def _other(record: Record, message: SourceMessage) -> Subject | None:
    named = set(record.subjects[1:])
    return next((subject for subject in message.subjects if subject.ref in named), None)


def _other_person(record: Record, said: ToldForDeciding | None, known: _Known) -> PersonId | None:
    if not isinstance(said, ToldResponsibility):
        return None
    return next((known[ref] for ref in record.subjects[1:] if known[ref] is not None), None)


def _name_of(subject: Subject | None) -> str | None:
    if subject is None or subject.demographics.placeholder_name:
        return None
    who = subject.demographics
    return " ".join(part for part in (*who.given_names, who.family_name) if part) or None


def _notified_births(message: SourceMessage) -> frozenset[str]:
    """Whose birth the message notifies: the registrar's own source of the date."""
    if message.source is not Source.HEALTH_VISITING:
        return frozenset()
    return frozenset(
        record.subjects[0]
        for record in message.records
        if isinstance(record.payload, Occurrence) and record.payload.kind is OccurrenceKind.BIRTH
    )


def _clearings(
    message: SourceMessage, known: _Known, keys: RecordKeys
) -> Iterator[DeciderClearing]:
    version = message.version.sort_key
    for record in message.records:
        person = known[record.subjects[0]]
        if person is not None and record.action is Action.CLEAR:
            yield DeciderClearing(person, keys.of(record), version, keys.of_scopes(record.keeps))
    first = known[message.subjects[0].ref] if message.removes_subject else None
    if first is not None:
        yield DeciderClearing(first, ALL_RECORDS, version)
