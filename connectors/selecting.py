"""Which records of a message may be published: `decide`, asked for the first time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.publishing_ports import Hasher, ResolvedSubject
from consent import POLICY_VERSION, AccessRequest, Decision, Reason, SharedProfile
from consent.answers import Answers
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
        """Published if anything of it is."""
        return Disposition.PUBLISHED if self.permitted else Disposition.WITHHELD

    @property
    def reason(self) -> str | None:
        """Codes for the partner: why withheld, or what part of it was."""
        if self.permitted:
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
    hasher: Hasher,
    at: datetime,
) -> Selection:
    """Ask `decide` for each record on behalf of the shared profile.

    A removal has no content, so it needs no right where something of the person was published;
    elsewhere it needs the right of what it removes, and waits like that until there is one.
    """
    persons = {s.ref: r.person for s, r in zip(message.subjects, subjects, strict=True)}
    permitted: list[PublishedRecord] = []
    withheld: list[Category] = []
    decided: list[Decision] = []
    for record in message.records:
        about = tuple(persons[ref] for ref in record.subjects)
        if record.action is Action.REMOVE and about[0] in published_of:
            permitted.append(_published(message, record, about, hasher))
            continue
        request = _request(message.source, record, about, at)
        decision = answers.to(request)
        decided.append(decision)
        if decision.is_permitted:
            permitted.append(_published(message, record, about, hasher))
        else:
            withheld.append(record.category)
    if message.removes_subject:
        person = persons[message.subjects[0].ref]
        if person is not None and _may_remove_all(person, message, published_of, answers, at):
            permitted.append(_removal_of_all(person, message))
        else:
            withheld.append(_OF_ALL)
    refusals = [decision for decision in decided if not decision.is_permitted]
    return Selection(
        tuple(sorted({p for p in persons.values() if p is not None})),
        tuple(permitted),
        tuple(sorted(withheld)),
        tuple(sorted({r for d in refusals or decided for r in d.reasons})),
        POLICY_VERSION,
        tuple(sorted({i for d in decided for i in d.decided_from})),
    )


def record_key(source: Source, record: Record, hasher: Hasher) -> RecordKey:
    """The opaque key of a record: the same for every version that its source sends."""
    return RecordKey(hasher.opaque("record", source, record.source_id)[:32])


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
    message: SourceMessage, record: Record, about: tuple[PersonId | None, ...], hasher: Hasher
) -> PublishedRecord:
    return PublishedRecord(
        key=record_key(message.source, record, hasher),
        source=message.source,
        category=record.category,
        persons=tuple(person for person in about if person is not None),
        version=message.version.sort_key,
        payload=record.payload,
        action=record.action,
        labels=record.labels,
    )


def _may_remove_all(
    person: PersonId,
    message: SourceMessage,
    published_of: Collection[PersonId],
    answers: Answers,
    at: datetime,
) -> bool:
    """Whether anything of the person was published, or may be now in some category."""
    if person in published_of:
        return True
    requests = (
        AccessRequest((person,), category, message.source, SharedProfile(), at)
        for category in Category
    )
    return any(answers.to(request).is_permitted for request in requests)


def _removal_of_all(person: PersonId, message: SourceMessage) -> PublishedRecord:
    version = message.version.sort_key
    return PublishedRecord(
        ALL_RECORDS, message.source, _OF_ALL, (person,), version, None, Action.REMOVE
    )
