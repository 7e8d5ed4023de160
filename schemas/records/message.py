"""One message from a source: the unit that is received, decided on, published or parked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from schemas.identifiers import Identifier
from schemas.records.kinds import MessageKind
from schemas.records.payloads import Payload
from schemas.records.unused import NOTHING_UNUSED, MoreAtSource, Unused
from schemas.vocabulary import Action, Category, Label, Source

# Whom it is about, as its source knows them.


@dataclass(frozen=True, slots=True, repr=False)
class Demographics:
    """What tells one person from another besides numbers; dates as YYYY-MM-DD.

    `placeholder_name` is true for "Baby SMITH" and the like: such a name never links.
    """

    family_name: str | None = None
    given_names: tuple[str, ...] = ()
    date_of_birth: str | None = None
    postcode: str | None = None
    placeholder_name: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """A person in a message. `ref` is unique in the message and means nothing outside it."""

    ref: str
    identifiers: tuple[Identifier, ...] = ()
    demographics: Demographics = field(default_factory=Demographics)


@dataclass(frozen=True, slots=True, repr=False)
class Version:
    """The source's own sequence: ISO 8601 time in UTC, then a number. Compare by `sort_key`."""

    at: str
    number: int = 0

    @classmethod
    def of(cls, sort_key: str) -> Self:
        """The version that has this `sort_key`."""
        at, _, number = sort_key.rpartition("/")
        return cls(at, int(number))

    @property
    def sort_key(self) -> str:
        """Text that sorts as the versions do; a later one wins over an earlier one."""
        return f"{self.at}/{self.number:09d}"


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """One fact from one source about one or more persons.

    `source_id` is the source's own lasting id for it (the upsert key); `subjects` are refs of
    the message's subjects, the first is whose record it is. A removal has no payload.

    `scopes` is the chain of the source's scopes in which it lies, the widest first, the same for
    every version: what may later be taken back as a whole (`clearing`). `part_of` is the source id
    of the record that this one completes: a source that sends only what changed tells the end of
    a plan without its beginning. `keeps` is for clearings. `more` is what else its source has told
    with it and is not among the records.
    """

    source_id: str
    category: Category
    subjects: tuple[str, ...]
    payload: Payload | None
    action: Action = Action.UPSERT
    labels: frozenset[Label] = frozenset()
    scopes: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    part_of: str | None = None
    more: tuple[MoreAtSource, ...] = ()


def clearing(
    scope: str,
    category: Category,
    subjects: tuple[str, ...],
    *,
    scopes: tuple[str, ...] = (),
    keeps: tuple[str, ...] = (),
) -> Record:
    """Everything in this scope that is older than the message is gone, but for what it `keeps`.

    What the same message carries is not older, so it stays. The scope is the first subject's
    alone; `scopes` are those around it, `keeps` those inside it that stand though the message
    does not repeat them. `category` is how the ledger and the partner name what is taken back.
    """
    return Record(
        scope, category, subjects, None, Action.CLEAR, scopes=(*scopes, scope), keeps=keeps
    )


def with_more(
    records: Sequence[Record], more: tuple[MoreAtSource, ...], category: Category | None = None
) -> tuple[Record, ...]:
    """The records, of which one about one person alone tells what more there is at the source.

    The last of the category, where there is one: so whoever may know of that may know of it, and
    it is taken back, replaced and forgotten with it.
    """
    said = [n for n, one in enumerate(records) if one.payload is not None and not one.subjects[1:]]
    first = [n for n in said if records[n].category is category] or said
    if not more or not first:
        return tuple(records)
    return tuple(replace(r, more=more) if n == first[-1] else r for n, r in enumerate(records))


@dataclass(frozen=True, slots=True, repr=False)
class BirthDoubt:
    """Two dates of birth of one subject of a message that contradict each other: neither is learnt.

    `field` and `reason` are why it parks unless something settles whom it is about: `is_timed`,
    that the time of birth agrees with a day by which it was routed, or what is on record.
    `against` are codes of what leaves that to a steward whatever agrees. `stated` is the date of
    their own details, `routed` the days that the envelope may mean. `is_accepted` once two hands
    have said that it is about whom its number names.
    """

    field: str
    reason: str
    subject: str
    stated: str | None = None
    routed: tuple[str, ...] = ()
    is_timed: bool = False
    against: tuple[str, ...] = ()
    is_accepted: bool = False


WHOLE_LIST = "school"
"""The part of a sender's list that is all of it."""
IN_PART = "/in-part"
"""How the source id ends of what a list without all columns says, to complete another record."""


@dataclass(frozen=True, slots=True, repr=False)
class Listed:
    """That a sender has the first subject on a list, and no lasting reference of its own for them.

    Every source id and scope begins with `sender/own/`: who lists them, and what this message tells
    them by, which another may not repeat. `stands_in` are the parts of the list in which they
    stand ("year:3"); `whole` the part of it of which the message's file says itself that it is
    whole. `has_left`: they are there as somebody who has left.
    """

    sender: str
    own: str
    stands_in: tuple[str, ...] = ()
    whole: str | None = None
    has_left: bool = False
    is_unnamed: bool = False

    @property
    def prefix(self) -> str:
        """What every source id begins with."""
        return f"{self.sender}/{self.own}/"


@dataclass(frozen=True, slots=True, repr=False)
class Undated:
    """What stands for a date of its own in a message whose source gives it none.

    `about` is whose statement it is, as the source's own id: of one of these whatever was taken
    last holds. `name` and `digest`, with the moment between them, are the message's id: the digest
    is of what is said. `former_id` is the id that earlier versions of this program gave it.
    """

    about: str
    name: str
    digest: str
    former_id: str | None = None

    def id_at(self, version: Version, *, numbered: bool = False) -> str:
        """The id of the message as it came at that moment, or as that one of this moment."""
        number = f"/{version.number}" if numbered else ""
        return f"{self.name}/{version.at}/{self.digest}{number}"


@dataclass(frozen=True, slots=True, repr=False)
class SourceMessage:
    """What a mapper makes of one NEMS message, one pupil or one child's payload.

    `message_id` is what redeliveries share; `version` orders the source's messages: the moment of
    their receipt those that are `undated`.
    `removes_subject` asks to remove every record that this source sent about the first subject.
    `sender` is the code of the agency that its envelope names as who sent it: evidence that
    opens nothing by itself, because whoever writes a file can write it. `names` is what its sender
    calls it and what it is about: what came before under one of these and could not be read has
    been said again. With a `doubt` the subject that it names has no date of birth here, and every
    record carries the label for it. `listed` is for senders that have no lasting reference of their
    own. `protects` are the subjects whom its source marks as protected, `protects_no_longer` those
    of whom it says that they are not.
    `mentions` are other agencies' work with the first subject, which is told to nobody and only
    warrants what those agencies say themselves: a message with some makes nobody its sender's own.
    """

    source: Source
    message_id: str
    version: Version
    subjects: tuple[Subject, ...]
    records: tuple[Record, ...]
    removes_subject: bool = False
    sender: str | None = None
    kind: MessageKind = MessageKind.UNKNOWN
    names: tuple[str, ...] = ()
    unused: Unused = NOTHING_UNUSED
    doubt: BirthDoubt | None = None
    listed: Listed | None = None
    undated: Undated | None = None
    protects: frozenset[str] = frozenset()
    protects_no_longer: frozenset[str] = frozenset()
    mentions: tuple[Record, ...] = ()

    def known_as(self, message_id: str, version: Version) -> Self:
        """The same message under another id and version."""
        return replace(self, message_id=message_id, version=version)
