"""What publishing needs from the outside world. All calls join one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from connectors.ports import Received, Unreadable
from connectors.publishing.lists.ports import PupilLists
from connectors.publishing.receiving.taken import OrderOfReceipt
from connectors.publishing.receiving.unread import UnreadMessages
from connectors.publishing.telling.decider_ports import DeciderIntake
from consent.ledger import LedgerEntry
from consent.ports import Clock, Decisions, Ledger, Outbox, ProtectedPlaces
from schemas.identifiers import PersonId, RecordKey
from schemas.records.message import SourceMessage, Subject
from schemas.records.payloads import ContactDetails, PersonDetails, Telecom
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Disposition, Source


@dataclass(frozen=True, slots=True)
class ResolvedSubject:
    """Who a subject is on the shared side; `conflict` says why it may not be linked.

    `is_beside` says that one person could write that they have to do with the message at all:
    then they are nobody. `is_birth_on_record`: known by a number, and born when it was asked.
    `replaced` are others who have an NHS number that the message says was replaced by theirs: that
    they are one is its source's word alone, which opens nothing, and what denies holds.
    """

    person: PersonId | None
    conflict: str | None = None
    is_beside: bool = False
    is_birth_on_record: bool = False
    replaced: frozenset[PersonId] = frozenset()


@dataclass(frozen=True, slots=True)
class RecordedDisposition:
    """What became of a message: the row that a redelivery finds.

    `ref` is the keyed hash of source and message id; `withheld` the categories not published;
    `feed` by which it came first, for when it is decided on again; `is_accepted` by two hands.
    `about` is whose statement it is where its source gives it no date, and `version` its place
    among those.
    """

    ref: str
    source: Source
    disposition: Disposition
    reason: str | None
    withheld: tuple[Category, ...] = ()
    at: datetime | None = field(default=None, compare=False)
    feed: str | None = field(default=None, compare=False)
    is_accepted: bool = False
    about: RecordKey | None = field(default=None, compare=False)
    version: str | None = field(default=None, compare=False)


class PersonIndex(Protocol):
    """Who is who, by keyed hashes of identifiers; names never lie here in the clear."""

    def resolve(self, subjects: Sequence[Subject]) -> Sequence[ResolvedSubject]:
        """For each subject the person it is known to be, by the deterministic rules."""

    def learn(
        self, known: Sequence[tuple[Subject, PersonId]], *, at: datetime
    ) -> Collection[PersonId]:
        """Add what the subjects newly tell of their persons; gives the persons that gained."""


class RecordedDispositions(OrderOfReceipt, Protocol):
    """What became of each message."""

    def lock_and_find(
        self, source: Source, refs: Sequence[str]
    ) -> Mapping[str, RecordedDisposition]:
        """Earlier ones; keeps others from deciding the same messages until commit."""

    def save(
        self, dispositions: Sequence[tuple[RecordedDisposition, Sequence[Subject]]], *, at: datetime
    ) -> bool:
        """Keep them; withheld ones can be found again by their subjects' hashes.

        Gives whether of anything that the source sent before, and could not be read, it is known
        about whom it is.
        """

    def heard(self, source: Source, *, at: datetime) -> None:
        """Remember when the source was last heard from."""

    def purged(self, persons: Collection[PersonId]) -> Mapping[PersonId, datetime]:
        """When the shared side last purged records of the persons: before it is forgotten."""

    def published_subjects(
        self, source: Source, persons: Collection[PersonId]
    ) -> Collection[PersonId]:
        """Those of the persons of whom this source has ever published anything."""

    def save_published_subjects(self, source: Source, persons: Collection[PersonId]) -> None:
        """Remember that something of them was published."""


class Sealer(Protocol):
    """Encryption under a person's data key."""

    def seal(self, person: PersonId, plain: bytes) -> bytes:
        """A compact JWE; raises KeyDestroyedError when the person's key is gone."""


class Hasher(Protocol):
    """Keyed hashes for opaque ids."""

    def opaque(self, kind: str, *parts: str) -> str:
        """64 hexadecimal digits that only the holder of the key can make again."""


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message that is kept back: the scopes in which all of it lies, and its version."""

    ref: str
    scopes: tuple[RecordKey, ...]
    version: str


class KeptScopes(Protocol):
    """Where in its source each message that is kept back lies, for one source."""

    def note(self, kept: Sequence[KeptMessage]) -> None:
        """Remember it of messages that are held, parked or to be sent again."""

    def forget(self, refs: Collection[str]) -> None:
        """Forget it of messages that are kept back no longer."""

    def clear(self, gone: Collection[tuple[RecordKey, str]]) -> None:
        """Let go of every kept message that lies in one of these scopes and is older than that.

        Its content, where it is to be found again and what became of it: if it comes again it is
        decided on anew.
        """


class KeptBack(Protocol):
    """Where what was not published waits, with its owner and never on the shared side."""

    def keep(
        self, ref: str, raw: bytes, record_keys: Sequence[str], *, version: str, at: datetime
    ) -> None:
        """Keep a withheld message until it is permitted, removed or expired."""

    def write_kept(self) -> None:
        """Write what `keep` may only have gathered: called once all of a batch are decided on."""

    def clear(self, record_keys: Sequence[str], *, version: str) -> None:
        """Forget kept messages about records that their source has removed in this version.

        One that is newer stays: the removal came late.
        """

    def release(self, refs: Collection[str]) -> None:
        """Forget messages that are now published in full."""

    def park(
        self, ref: str, received: Received, why: Unreadable, *, at: datetime, feed: str | None
    ) -> None:
        """Keep, encrypted, a message that could not be read, to be replayed when mended.

        `feed` is by which it came: it is that feed's still when it is replayed.
        """


# How people can be reached.


@dataclass(frozen=True, slots=True, repr=False)
class ToldContacts:
    """The contacts that one version of a record tells, as whose; none, where it is gone.

    `name` is what the source calls who they are of, `agency` whose feed it came by where known.
    """

    person: PersonId
    record: str
    version: str
    held_as: str = ""
    other: PersonId | None = None
    telecoms: tuple[Telecom, ...] = ()
    name: str = ""
    agency: str = ""


@dataclass(frozen=True, slots=True)
class ContactsCleared:
    """Whatever an agency of the source told of a person's contacts before this version is gone."""

    person: PersonId
    version: str
    agency: str = ""


class HeldContacts(Protocol):
    """Since when one source has held which contacts of whom; sealed under the person's key."""

    def keep(self, told: Sequence[ToldContacts], cleared: Sequence[ContactsCleared]) -> None:
        """Keep what is new and forget what is told no more; an older version changes nothing."""


# To notice that somebody nobody knows may be somebody known.


@dataclass(frozen=True, slots=True, repr=False)
class ToldSubject:
    """What one message tells of one of its subjects: the subject, and the records about them."""

    subject: Subject
    details: PersonDetails | None = None
    contact: ContactDetails | None = None


class Likenesses(Protocol):
    """Facts by which persons are compared: sealed, and found by keyed hashes only."""

    def keep(
        self,
        told: Sequence[tuple[ToldSubject, PersonId]],
        source: Source,
        *,
        at: datetime,
        is_kept: bool = False,
    ) -> None:
        """Keep what a source tells of persons; who is told of anew is compared again.

        `is_kept` where it came by a kept feed: a number in a file that one person can write is a
        claim, whatever its check digit.
        """

    def alike(
        self, told: Sequence[tuple[ToldSubject, PersonId | None]]
    ) -> Sequence[Collection[PersonId]]:
        """For each the known persons whom they may be: enough agrees for somebody to look.

        Who has an id already is not like themselves, nor like those they were kept apart from.
        """

    def take_in(self, told: ToldSubject, source: Source, *, at: datetime) -> PersonId | None:
        """Make a person of somebody nobody knows yet, to be compared; None if nothing names them.

        Who cannot be told again by what is known of them would be made again with each message.
        """

    def wait(self, waiting: Sequence[tuple[str, ToldSubject]], source: Source) -> None:
        """Let messages held back be found by whoever turns out to be like their subjects."""

    def note_replaced(self, told: Sequence[tuple[Subject, PersonId]], *, at: datetime) -> None:
        """Keep which numbers are theirs no longer; who has such a number is compared with them.

        Also of a message that is withheld: by keyed hashes, so that what denies about either holds.
        """

    def forget(self, persons: Collection[PersonId], source: Source) -> None:
        """Forget what a source has told of them, because it takes it back."""

    def may_have_twin(self, subject: Subject, person: PersonId | None, days: Sequence[str]) -> bool:
        """Whether somebody is on record who was born with them, or as like them on these days."""


# Whose feed messages come by, and what they tell of the cases of the agency that it is of.


@dataclass(frozen=True, slots=True)
class Feed:
    """A registered way in, by its opaque id: of which agency, and whether others keep it.

    A feed is *kept* where somebody else than the agency's own workers allocates, else *typed*.
    Where it names no agency each message is of whom its envelope names: for invented families.
    """

    id: str
    agency: str | None
    is_kept: bool


@dataclass(frozen=True, slots=True, repr=False)
class ToldLabel:
    """By which name and date of birth an agency knows somebody, and its reference for them."""

    family_name: str | None
    given_names: tuple[str, ...]
    date_of_birth: str | None
    reference: str | None


@dataclass(frozen=True, slots=True, repr=False)
class ToldCase:
    """What one message tells of one person whom its agency works with, or did.

    `records` are involvements, and what may take one back; without a label nothing is stated of
    the person. `deaths` are what tells of a death, or may take that back. `person` is None for
    somebody whom nobody knows yet.
    """

    agency: str
    feed: Feed
    subject: Subject
    person: PersonId | None
    message: SourceMessage
    records: tuple[PublishedRecord, ...]
    label: ToldLabel | None = None
    deaths: tuple[PublishedRecord, ...] = ()


class OwnCases(Protocol):
    """The cases of each agency as its own feeds tell them, whatever is shared of them."""

    def take(self, cases: Sequence[ToldCase], *, at: datetime) -> Sequence[LedgerEntry]:
        """Keep what was told, in whatever order and however often it comes.

        Gives the entries about the relationships that began, changed or ended by it. Whoever is
        merely named gets none; an agency that is not in the directory is nobody.
        """


class MarksOfSources(Protocol):
    """Whom a source marks as protected: hidden at once, for as long as it says so."""

    def protect(self, persons: Collection[PersonId]) -> None:
        """Hide them from all but who works with them now, until two hands say who may see them.

        Again changes nothing, nor does it undo what two hands have said since.
        """

    def release(self, persons: Collection[PersonId]) -> None:
        """Let what only the mark has hidden be seen again; what two hands have said MUST stay."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """What publishing works with, all in one transaction; `sent_by` names a partner that pushes.

    Without a `feed` nobody knows whose cases the messages tell of, and none are taken.
    """

    persons: PersonIndex
    decisions: Decisions
    dispositions: RecordedDispositions
    outbox: Outbox
    sealer: Sealer
    hasher: Hasher
    kept_back: KeptBack
    kept_scopes: KeptScopes
    likenesses: Likenesses
    deciders: DeciderIntake
    contacts: HeldContacts
    places: ProtectedPlaces
    unread: UnreadMessages
    ledger: Ledger
    clock: Clock
    sent_by: str | None = None
    feed: Feed | None = None
    own_cases: OwnCases | None = None
    marks: MarksOfSources | None = None
    lists: PupilLists | None = None
