"""Which records of a message may be published: `decide`, asked for the first time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.publishing.events import RecordKeys
from connectors.publishing.ports import Hasher, ResolvedSubject
from consent import AccessRequest, Decision, Reason, SharedProfile
from consent.deciding.decide import Answers
from schemas.identifiers import DecisionId, PersonId, RecordKey
from schemas.records.message import Record, SourceMessage
from schemas.records.published import ALL_RECORDS, PublishedRecord
from schemas.vocabulary import Action, Category, Disposition, Source

_OF_ALL = Category.IDENTITY_AND_CONTACT


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a message is permitted, what is withheld, and from which decisions that follows.

    `withheld_categories` names a category once for each record of it that is withheld.
    """

    persons: tuple[PersonId, ...]
    permitted: tuple[PublishedRecord, ...]
    withheld_categories: tuple[Category, ...]
    reasons: tuple[Reason, ...]
    policy_version: str
    decided_from: tuple[DecisionId, ...]

    @property
    def disposition(self) -> Disposition:
        """Published if anything that it states is; what it takes back goes through all the same."""
        states = any(record.action is Action.UPSERT for record in self.permitted)
        is_published = states or (self.permitted and not self.withheld_categories)
        return Disposition.PUBLISHED if is_published else Disposition.WITHHELD

    @property
    def reason(self) -> str | None:
        """Codes for the partner: why withheld, or what part of it was."""
        if self.disposition is Disposition.PUBLISHED:
            withheld = ",".join(sorted(set(self.withheld_categories)))
            return f"partly-withheld:{withheld}" if withheld else None
        return ",".join(self.reasons) or "nothing-to-share"

    @property
    def categories(self) -> tuple[Category, ...]:
        """The categories that are published."""
        return tuple(sorted({record.category for record in self.permitted}))


def select_permitted(
    message: SourceMessage,
    subjects: Sequence[ResolvedSubject],
    answers: Answers,
    *,
    published_of: Collection[PersonId],
    keys: RecordKeys,
    at: datetime,
) -> Selection:
    """Ask `decide` for each record on behalf of the shared profile.

    A removal has no content, so it needs no right where something of the person was published;
    elsewhere it needs the right of what it removes, and waits like that until there is one. What
    a clearing takes back may be of several categories: it goes with anything else of the message
    that is published, and where the message states nothing, with the right to any category.
    """
    persons = {s.ref: r.person for s, r in zip(message.subjects, subjects, strict=True)}
    selecting = _Selecting(message, persons, answers, published_of, at)
    published: list[PublishedRecord] = []
    withheld: list[Category] = []
    for record in sorted(message.records, key=_is_clearing):
        if selecting.may_go(record):
            published.append(_published(message, record, selecting.about(record), keys))
        else:
            withheld.append(record.category)
    if message.removes_subject:
        person = persons[message.subjects[0].ref]
        if person is not None and selecting.is_shared(person):
            published.append(_removal_of_all(person, message))
        else:
            withheld.append(_OF_ALL)
    decided = selecting.decided
    refusals = [decision for decision in decided if not decision.is_permitted]
    return Selection(
        tuple(sorted({p for p in persons.values() if p is not None})),
        tuple(published),
        tuple(sorted(withheld)),
        tuple(sorted({r for d in refusals or decided for r in d.reasons})),
        answers.policy_version(at),
        tuple(sorted({i for d in decided for i in d.decided_from})),
    )


@dataclass(slots=True)
class _Selecting:
    """One message while it is decided on; `decided` is what was asked and answered."""

    message: SourceMessage
    persons: Mapping[str, PersonId | None]
    answers: Answers
    published_of: Collection[PersonId]
    at: datetime
    decided: list[Decision] = field(default_factory=list)
    _stated_of: set[PersonId | None] = field(default_factory=set)

    def about(self, record: Record) -> tuple[PersonId | None, ...]:
        """Who the record is about; None stands for somebody whom nobody knows."""
        return tuple(self.persons[ref] for ref in record.subjects)

    def may_go(self, record: Record) -> bool:
        """Whether a record may be published, or taken back, now; ask about clearings last."""
        about = self.about(record)
        if record.action is not Action.UPSERT and about[0] in self.published_of:
            return True
        if _is_clearing(record) and about[0] is not None and self._goes_along(about[0]):
            return True
        decision = self.answers.to(_request(self.message.source, record, about, self.at))
        self.decided.append(decision)
        if decision.is_permitted and record.action is Action.UPSERT:
            self._stated_of.add(about[0])
        return decision.is_permitted

    def is_shared(self, person: PersonId) -> bool:
        """Whether anything of the person was published, or may be now in some category."""
        if person in self.published_of:
            return True
        requests = (
            AccessRequest((person,), category, self.message.source, SharedProfile(), self.at)
            for category in Category
        )
        return any(self.answers.to(request).is_permitted for request in requests)

    def _goes_along(self, person: PersonId) -> bool:
        if any(record.action is Action.UPSERT for record in self.message.records):
            return person in self._stated_of
        return self.is_shared(person)


def _is_clearing(record: Record) -> bool:
    return record.action is Action.CLEAR


def record_key(source: Source, record: Record, hasher: Hasher) -> RecordKey:
    """The opaque key of a record: the same for every version that its source sends."""
    return RecordKeys(source, hasher).of(record)


def _request(
    source: Source, record: Record, about: tuple[PersonId | None, ...], at: datetime
) -> AccessRequest:
    """A subject whom nobody knows has nothing on record, so nothing permits."""
    known = tuple(person for person in about if person is not None)
    return AccessRequest(
        subjects=known if len(known) == len(about) else (),
        category=record.category,
        source=source,
        recipient=SharedProfile(),
        at=at,
        labels=record.labels,
    )


def _published(
    message: SourceMessage, record: Record, about: tuple[PersonId | None, ...], keys: RecordKeys
) -> PublishedRecord:
    return PublishedRecord(
        key=keys.of(record),
        source=message.source,
        category=record.category,
        persons=tuple(person for person in about if person is not None),
        version=message.version.sort_key,
        payload=record.payload,
        action=record.action,
        labels=record.labels,
        scopes=keys.of_scopes(record.scopes),
        keeps=keys.of_scopes(record.keeps),
        part_of=None if record.part_of is None else keys.of_record(record.part_of),
        more=record.more,
    )


def _removal_of_all(person: PersonId, message: SourceMessage) -> PublishedRecord:
    version = message.version.sort_key
    return PublishedRecord(
        ALL_RECORDS, message.source, _OF_ALL, (person,), version, None, Action.REMOVE
    )
