"""What messages tell of the cases of the agency whose feed they came by (DESIGN.md rule 3a).

Whatever is published or withheld of a message: that its agency works with somebody, and by which
name it knows them, is the agency's own. What is told of others is kept as a mention of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from connectors.publishing.events import RecordKeys
from connectors.publishing.ports import (
    Feed,
    Hasher,
    Publishing,
    ResolvedSubject,
    ToldCase,
    ToldLabel,
)
from connectors.publishing.typed import namespace_of, place_of_case
from consent.ledger import LedgerEntry
from schemas.identifiers import Identifier, PersonId, RecordKey
from schemas.records.message import Demographics, Record, SourceMessage, Subject
from schemas.records.payloads import Involvement, PersonDetails
from schemas.records.published import ALL_RECORDS, PublishedRecord
from schemas.vocabulary import Action, Category, IdentifierScheme, IdentifierStatus

_OWN_FIRST = (
    IdentifierScheme.LOCAL,
    IdentifierScheme.LA_CHILD_ID,
    IdentifierScheme.UPN,
    IdentifierScheme.NHS_NUMBER,
)
_HOLD_INVOLVEMENTS = frozenset({Category.PRACTITIONERS, Category.EDUCATION, Category.SOCIAL_CARE})
_ENDED = frozenset({IdentifierStatus.SUPERSEDED, IdentifierStatus.INVALIDATED})


@dataclass(slots=True)
class OwnCasesTold:
    """Gathers message by message; hands on once, at the end of the batch."""

    publishing: Publishing
    _told: list[ToldCase] = field(default_factory=list)

    def gather(self, message: SourceMessage, subjects: Sequence[ResolvedSubject]) -> None:
        """Note what a message tells of whom, if it is known whose feed it came by."""
        feed = self.publishing.feed
        agency = None if feed is None else feed.agency or message.sender
        if feed is not None and agency is not None:
            persons = [resolved.person for resolved in subjects]
            self._told += cases_of(message, persons, feed, agency, self.publishing.hasher)

    def write(self, *, at: datetime) -> Sequence[LedgerEntry]:
        """Keep what was told; gives the entries about the relationships that follow."""
        port = self.publishing.own_cases
        return () if port is None or not self._told else port.take(self._told, at=at)


def cases_of(
    message: SourceMessage,
    persons: Sequence[PersonId | None],
    feed: Feed,
    agency: str,
    hasher: Hasher,
) -> Iterator[ToldCase]:
    """Whose case the message tells of: whom it is about, and whoever it says is worked with."""
    keys = RecordKeys(message.source, hasher, typed_by=namespace_of(feed))
    whose = place_of_case(message)
    for number, (subject, person) in enumerate(zip(message.subjects, persons, strict=True)):
        told = tuple(_told(message, subject, keys, _bears_on_involvements))
        deaths = tuple(_told(message, subject, keys, _bears_on_a_death))
        if number == whose or any(record.action is Action.UPSERT for record in told):
            is_stated = _tells_who(message, subject) and not _is_doubted(message, subject)
            label = label_of(subject) if is_stated and not message.mentions else None
            yield ToldCase(agency, feed, subject, person, message, told, label, deaths)
        elif person and (taken_back := tuple(r for r in told if r.action is Action.REMOVE)):
            yield ToldCase(agency, feed, subject, person, message, taken_back, deaths=deaths)


def label_of(subject: Subject) -> ToldLabel:
    """By which name, date of birth and number the agency knows somebody."""
    known = [i for i in subject.identifiers if i.status not in _ENDED]
    own = min(known, key=_by_whose_number, default=None)
    who = subject.demographics
    return ToldLabel(
        who.family_name, who.given_names, who.date_of_birth, None if own is None else own.value
    )


def _by_whose_number(identifier: Identifier) -> int:
    return _OWN_FIRST.index(identifier.scheme)


def _tells_who(message: SourceMessage, subject: Subject) -> bool:
    """Whether it says by what the agency knows them, and not only what has become of them."""
    who = subject.demographics
    return _states_something(message) and bool(subject.identifiers or who != Demographics())


def _takes_everything_back(message: SourceMessage) -> bool:
    """Whether nothing is left of what the source said: it says so, or clears the widest scope."""
    if message.removes_subject:
        return True
    clears = (r for r in message.records if r.action is Action.CLEAR and len(r.scopes) == 1)
    return not _states_something(message) and any(clears)


def _states_something(message: SourceMessage) -> bool:
    """A message without records is a notice about somebody; one that only takes back is none."""
    if message.removes_subject:
        return False
    return not message.records or any(r.action is Action.UPSERT for r in message.records)


def _is_doubted(message: SourceMessage, subject: Subject) -> bool:
    """Whether its agency's own date of birth of them is one that it contradicts."""
    return message.doubt is not None and message.doubt.subject == subject.ref


def _told(
    message: SourceMessage, subject: Subject, keys: RecordKeys, bears_on: Callable[[Record], bool]
) -> Iterator[PublishedRecord]:
    """The involvements of the subject, or deaths, and everything that may take one back."""
    if subject is message.subjects[0] and _takes_everything_back(message):
        yield _everything(message)
    for record in (*message.records, *message.mentions):
        if record.subjects[0] == subject.ref and bears_on(record):
            yield PublishedRecord(
                key=keys.of(record),
                source=message.source,
                category=record.category,
                persons=(),
                version=message.version.sort_key,
                payload=record.payload,
                action=record.action,
                scopes=keys.of_scopes(record.scopes),
                keeps=keys.of_scopes(record.keeps),
                part_of=None if record.part_of is None else keys.of_record(record.part_of),
            )


def _bears_on_involvements(record: Record) -> bool:
    match record.action:
        case Action.UPSERT:
            return isinstance(record.payload, Involvement)
        case Action.REMOVE:
            return record.category in _HOLD_INVOLVEMENTS
        case Action.CLEAR:
            return True
        case _:
            assert_never(record.action)


def _bears_on_a_death(record: Record) -> bool:
    if record.action is not Action.UPSERT:
        return True
    said = record.payload
    return isinstance(said, PersonDetails) and (said.says_died or said.has_died is not None)


def _everything(message: SourceMessage) -> PublishedRecord:
    return PublishedRecord(
        RecordKey(ALL_RECORDS),
        message.source,
        Category.IDENTITY_AND_CONTACT,
        (),
        message.version.sort_key,
        None,
        Action.CLEAR,
    )
