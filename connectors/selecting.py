"""Which records of a message may be published: `decide`, asked for the first time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.publishing_ports import Hasher, ResolvedSubject
from consent import POLICY_VERSION, AccessRequest, Decision, OnRecord, Reason, SharedProfile, decide
from schemas.identifiers import DecisionId, PersonId, RecordKey
from schemas.records.message import Record, SourceMessage
from schemas.records.published import ALL_RECORDS, PublishedRecord
from schemas.vocabulary import Action, Category, Disposition, Source


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a message is permitted, what is withheld, and from which decisions that follows."""

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
            withheld = ",".join(self.withheld_categories)
            return f"partly-withheld:{withheld}" if withheld else None
        return ",".join(self.reasons) or "nothing-to-share"

    @property
    def categories(self) -> tuple[Category, ...]:
        """The categories that are published."""
        return tuple(sorted({record.category for record in self.permitted}))


def select_permitted(
    message: SourceMessage,
    subjects: Sequence[ResolvedSubject],
    on_record: Mapping[PersonId, OnRecord],
    *,
    published_of: Collection[PersonId],
    hasher: Hasher,
    at: datetime,
) -> Selection:
    """Ask `decide` for each record on behalf of the shared profile.

    A removal has no content, so it needs no right; but where nothing of a person was ever
    published there is nothing to remove: it waits like what it removes.
    """
    persons = {s.ref: r.person for s, r in zip(message.subjects, subjects, strict=True)}
    permitted: list[PublishedRecord] = []
    withheld: set[Category] = set()
    decided: list[Decision] = []
    for record in message.records:
        about = tuple(persons[ref] for ref in record.subjects)
        if record.action is Action.REMOVE:
            if about[0] in published_of:
                permitted.append(_published(message, record, about, hasher))
            else:
                withheld.add(record.category)
            continue
        decision = _decide(message.source, record, about, on_record, at)
        decided.append(decision)
        if decision.is_permitted:
            permitted.append(_published(message, record, about, hasher))
        else:
            withheld.add(record.category)
    if message.removes_subject:
        permitted.extend(_removal_of_all(message, persons, published_of))
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


def _decide(
    source: Source,
    record: Record,
    about: tuple[PersonId | None, ...],
    on_record: Mapping[PersonId, OnRecord],
    at: datetime,
) -> Decision:
    """A subject whom nobody knows has nothing on record, so nothing permits."""
    known = tuple(person for person in about if person is not None)
    request = AccessRequest(
        subjects=known if len(known) == len(about) else (),
        category=record.category,
        source=source,
        recipient=SharedProfile(),
        at=at,
        labels=record.labels,
    )
    found = [on_record[person] for person in known if person in on_record]
    return decide(
        request,
        OnRecord(
            tuple({d.id: d for f in found for d in f.decisions}.values()),
            tuple({r.id: r for f in found for r in f.restrictions}.values()),
        ),
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


def _removal_of_all(
    message: SourceMessage,
    persons: Mapping[str, PersonId | None],
    published_of: Collection[PersonId],
) -> list[PublishedRecord]:
    person = persons[message.subjects[0].ref]
    if person is None or person not in published_of:
        return []
    version = message.version.sort_key
    category = Category.IDENTITY_AND_CONTACT
    return [
        PublishedRecord(
            ALL_RECORDS, message.source, category, (person,), version, None, Action.REMOVE
        )
    ]
