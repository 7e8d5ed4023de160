"""What storing and reading a profile need from outside. All calls join one transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from typing import Protocol

from consent.model import LegitimateRelationship, RelationshipGround
from schemas.identifiers import PersonId, PractitionerId, RecordKey
from schemas.records.published import NOT_KEPT, KeptTo, PublishedRecord
from schemas.unchanging import unchanging
from schemas.vocabulary import Category, Label, Purpose, Source
from services.intake.unread import ParkedAbout
from services.people.relationships.model import MayOpen
from services.profile.parts.content import Content

# A record as it is stored: what may be known of it before it is opened.


@unchanging(frozen=True, slots=True, repr=False)
class ClearedRecord:
    """A record that went with its scope; and of which source, come when, where that is kept."""

    key: RecordKey
    person: PersonId
    source: Source | None = field(default=None, compare=False)
    arrived: str = field(default="", compare=False)


@unchanging(frozen=True, slots=True, repr=False)
class StoredRecord:
    """What `decide` needs to know, and the sealed content that it may permit to open.

    `persons` are those whom it is about, by the ids known outside; `stored_under` is the one for
    whom it came, whose key seals it. The two differ where persons turned out to be one. `places`
    are keyed hashes of every place that it names, in each of the forms in which it may be told.

    Several records about which the same is asked may lie under one seal: `key` is then the
    part's, which has no version, and `bound_to` all that is asked of it, to which it is sealed.
    """

    key: RecordKey
    source: Source
    category: Category
    persons: tuple[PersonId, ...]
    labels: frozenset[Label]
    version: str
    sealed: bytes
    stored_under: PersonId
    kept_to: frozenset[KeptTo] = NOT_KEPT
    places: frozenset[bytes] = frozenset()
    bound_to: str = ""


class StoredRecords(Protocol):
    """The records of the shared profile."""

    def upsert(self, records: Sequence[PublishedRecord]) -> Sequence[PublishedRecord]:
        """Store what is newer than what is stored; gives those that changed something.

        What is older than a clearing of a scope in which it lies is not stored.
        """

    def clear(self, clearings: Sequence[PublishedRecord]) -> Sequence[ClearedRecord]:
        """Take away what lies in these scopes and is older; gives the records that went.

        A scope is one person's with one source; ALL_RECORDS is the scope of everything. What is
        older than a clearing of a scope in which it lies MUST NOT be stored after it either,
        unless the clearing keeps a scope inside in which it lies. Clearings may come in any
        order and more than once: the outcome is that of all of them together.
        """

    def known_as(self, person: PersonId) -> PersonId:
        """The id by which this person is known outside: their own, unless they were joined."""

    def about(
        self, persons: Collection[PersonId], *, outdated: bool = False
    ) -> Sequence[StoredRecord]:
        """What is stored about the persons, sealed: decide first, then open.

        Also what is stored under anybody who is one with them; each record names the persons
        whom it is about by the ids by which they are known outside. Of a record that its source
        has told of several who are one, only what it said last is given; all of it with
        `outdated`, which is for taking away and never for showing.
        """

    def in_parts(self, persons: Collection[PersonId]) -> Sequence[StoredRecord]:
        """What is stored about the persons as `about` says it, to be shown and not to be changed.

        Records about which `decide` is asked the same may come together.
        """

    def open(self, records: Sequence[StoredRecord]) -> Iterator[PublishedRecord]:
        """The contents of records that a decision permits, each with what completes it."""

    def contents(self, records: Sequence[StoredRecord]) -> Iterator[Content]:
        """The same, no fact of it read yet, nor put together with what completes it."""

    def purge(self, records: Sequence[StoredRecord]) -> None:
        """Delete the records, content and row."""


class CaseLoads(Protocol):
    """Which agencies records name, so that somebody can be rung; it lets nobody open anything."""

    def save(self, records: Sequence[PublishedRecord]) -> None:
        """Take the involvements among these records into the case-loads."""

    def forget(self, records: Collection[tuple[PersonId, str]]) -> None:
        """Drop what was derived from records that are gone: under whom they were, and their keys.

        What was derived from a record of the same key under somebody else MUST stay.
        """


class Relationships(Protocol):
    """Why practitioners may ask about persons."""

    def relationships(
        self, practitioner: PractitionerId, persons: Collection[PersonId]
    ) -> Sequence[LegitimateRelationship]:
        """Every relationship of the practitioner in force with one of the persons.

        Each names the person asked about; of being with a family it names whoever is there.
        """

    def may_open(
        self, practitioner: PractitionerId, persons: Collection[PersonId]
    ) -> Mapping[PersonId, MayOpen]:
        """What lets the practitioner ask about each of these persons now, if anything does."""

    def of(
        self, practitioner: PractitionerId, *, most: int
    ) -> Sequence[tuple[PersonId, RelationshipGround]]:
        """The persons with whom the practitioner has a relationship now, once a ground."""


class Purges(Protocol):
    """When something of a person was purged."""

    def save(self, person: PersonId, *, at: datetime) -> None:
        """Remember the time, so that the same records may come again later."""


# What is remembered of a reading: who looked, and at whose records.

VISIT = timedelta(hours=1)
"""How long before now a look still belongs to the visit that goes on."""


@unchanging(frozen=True, slots=True, repr=False)
class Disclosure:
    """What who-has-looked shows of one reading; written with its ledger entry.

    `shown_as_one` are those whose records were shown as the person's own, who are one with them:
    if that is undone, each can still be told who has looked at theirs.
    """

    disclosure: str
    person: PersonId
    practitioner: PractitionerId
    purpose: Purpose
    permitted: bool
    categories: tuple[Category, ...]
    at: datetime
    shown_as_one: tuple[PersonId, ...] = ()


class Looks(Protocol):
    """Who has looked at whom."""

    def save(self, look: Disclosure) -> None:
        """Write down one reading, permitted or refused."""


@unchanging(frozen=True, slots=True, repr=False)
class EarlierLook:
    """When somebody looked before, and what has come here since: `source key` of each record."""

    at: datetime
    arrived: frozenset[str]


class EarlierLooks(Protocol):
    """When somebody looked before."""

    def looked_before(
        self, person: PersonId, practitioner: PractitionerId, *, at: datetime
    ) -> EarlierLook | None:
        """When this practitioner last saw the person, or who is one with them, in another visit.

        What they read within VISIT before `at` is of the visit that goes on.
        """


def whose(records: Sequence[StoredRecord]) -> Iterator[PersonId]:
    """Whom these are about, and for whom they came: after a join is undone both can be told."""
    return (p for record in records for p in (*record.persons, record.stored_under))


def shown_as_one(records: Sequence[StoredRecord], child: PersonId) -> tuple[PersonId, ...]:
    """For whom else the child's own records came."""
    own = {record.stored_under for record in records if record.persons[0] == child}
    return tuple(sorted(own - {child}))


@unchanging(frozen=True, slots=True, repr=False)
class ListedLook:
    """A line of who has looked: one reading, permitted or refused.

    `through` names the partner on whose screens it was, if it was.
    """

    at: datetime
    practitioner_name: str
    agency_name: str
    purpose: str
    permitted: bool
    categories: tuple[Category, ...]
    through: str | None = None


class ListedLooks(Protocol):
    """The looks at a person as they can be listed."""

    def of(self, person: PersonId, *, most: int) -> Sequence[ListedLook]:
        """The latest looks at a person, or who is or was shown as one with them, newest first."""


# What a source has sent of a person that is not among the records.


class UnreadOf(Protocol):
    """What sources have sent of persons that is not among the records."""

    def about(self, person: PersonId) -> Sequence[ParkedAbout]:
        """The parked messages about the person, or who is one with them, each once.

        Whoever asks MUST ask `decide` for the existence of each before it is told.
        """

    def may_hold(self, person: PersonId) -> Collection[Source]:
        """The sources of which it cannot be said that they have sent nothing about the person.

        Something about them waits for a right to share it; or something could not be read that
        names nobody, which is told of everybody alike.
        """
