"""Every source in one table: whoever treats one source otherwise than another asks its row.

A new source is a word of the vocabulary (`schemas.vocabulary.Source`), a row at the end of ROWS, a
folder beside this file with its reader, and the published schemas made anew. A migration comes
with it only where its agency gets a store of its own. Pure: readers are imported when they read.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from io import BytesIO
from types import MappingProxyType
from typing import Any, BinaryIO

from connectors.ports import MessageReader, Received
from schemas.topics import records_topic
from schemas.vocabulary import Category, Purpose, Source

UNBORN = -1
"""The age of a child who is expected."""
_EVERY_CATEGORY = frozenset(Category)
_EVERY_PURPOSE = frozenset(Purpose)
_XML = frozenset({"application/xml", "text/xml"})
_JSON = frozenset({"application/json"})


class Arrival(StrEnum):
    """How messages come by themselves; files given to `ingest` and pushes come besides."""

    MAILBOX = "mailbox"
    """In the MESH mailbox that the settings name."""
    FOLDER = "folder"
    """In the folder that the settings name."""


class WithheldWait(StrEnum):
    """Where a message waits that may not be published yet; what partners push waits with them."""

    HOLDING_STORE = "holding-store"
    """In its agency's own store here, since a mailbox forgets: schema, role and key of its own."""
    ITS_FILE = "its-file"
    """In the file that it came in, which is read again."""
    ITS_WRITER = "its-writer"
    """Nowhere: whoever writes it on a page is told at once."""
    ITS_REQUEST = "its-request"
    """In the request that it answers, which is kept here, and is told again once it may be."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What partners push of a source: what its scope lets them do, what the data is, and as what.

    `data` goes on after "The data is what a file of the source holds:".
    """

    scope_label: str
    data: str
    media_types: frozenset[str]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whom a source knows: in words, from which age to which, and what no record does not mean."""

    words: str
    from_age: int
    to_age: int
    no_data_means: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """All that differs between sources.

    `read` is None where nothing is sent in files; `is_written_here` where it is said in this
    service itself, on pages or by answers, whatever comes in files besides.
    `example_files` stand in the help of `ingest`. By default a source's records are kept by the
    standard rules for the categories of `retention`, and agencies of its kind receive for the
    purposes of `agreement`. `list_part` reads for which part of it somebody declares a list whole,
    where it sends lists; it gives None for what is no part. `list_part_of_file` reads the same from
    a file's name, and `sender_of_file` whose own titles a list has, which `read_own_titles` reads.
    """

    source: Source
    read: MessageReader | None
    withheld: WithheldWait
    coverage: Coverage
    example_files: str = ""
    is_written_here: bool = False
    one_message_a_file: bool = False
    arrival: Arrival | None = None
    pushed: Pushed | None = None
    retention: frozenset[Category] = _EVERY_CATEGORY
    agreement: frozenset[Purpose] = _EVERY_PURPOSE
    list_part: Callable[[str], str | None] | None = None
    list_part_of_file: Callable[[str], str | None] | None = None
    sender_of_file: Callable[[str], str | None] | None = None
    read_own_titles: (
        Callable[[BinaryIO, datetime, Mapping[str, str]], Iterator[Received]] | None
    ) = None

    @property
    def command_word(self) -> str:
        """What names it on the command line."""
        return self.source.value

    @property
    def topic(self) -> str:
        """Where its records are published."""
        return records_topic(self.source)

    @property
    def scope(self) -> str:
        """The scope that lets a partner push it."""
        return f"events:{self.source}"

    @property
    def event_type(self) -> str:
        """The type of the event that a partner pushes."""
        return f"tellonce.{self.source}.sent.v1"


def _read_health_visiting(stream: BinaryIO, *, received_at: datetime) -> Iterator[Received]:
    from connectors.health_visiting.reader import read_health_visiting  # noqa: PLC0415 see above

    return read_health_visiting(stream, received_at=received_at)


def _read_schools(stream: BinaryIO, *, received_at: datetime) -> Iterator[Received]:
    from connectors.schools.files import read_schools  # noqa: PLC0415 see above

    return read_schools(stream, received_at=received_at)


def _read_own_titles(
    stream: BinaryIO, received_at: datetime, own_titles: Mapping[str, str]
) -> Iterator[Received]:
    from connectors.schools.files import read_schools  # noqa: PLC0415 see above

    return read_schools(stream, received_at=received_at, own_titles=own_titles)


def _school_by_name(name: str) -> str | None:
    from connectors.schools.list_parts import school_from_name  # noqa: PLC0415 see above

    return school_from_name(name)


def _part_of_a_school(text: str) -> str | None:
    from connectors.schools.list_parts import part_from_text  # noqa: PLC0415 see above

    return part_from_text(text)


def _part_by_name(name: str) -> str | None:
    from connectors.schools.list_parts import part_from_name  # noqa: PLC0415 see above

    return part_from_name(name)


def _read_family_hub(stream: BinaryIO, *, received_at: datetime) -> Iterator[Received]:
    from connectors.family_hub.registrations import read_family_hub  # noqa: PLC0415 see above

    return read_family_hub(stream, received_at=received_at)


def _read_social_care(stream: BinaryIO, *, received_at: datetime) -> Iterator[Received]:
    from connectors.social_care.files import read_social_care  # noqa: PLC0415 see above

    return read_social_care(stream, received_at=received_at)


ROWS: tuple[SourceRow, ...] = (
    SourceRow(
        Source.HEALTH_VISITING,
        _read_health_visiting,
        WithheldWait.HOLDING_STORE,
        Coverage(
            "children and young people from before birth to 19, in the area it serves, from the "
            "day it began to send here",
            UNBORN,
            19,
            "No record does not mean that no health visitor knows the family",
        ),
        example_files="messages/*.xml",
        one_message_a_file=True,
        arrival=Arrival.MAILBOX,
        pushed=Pushed(
            "Send what health visiting records",
            "NEMS messages for health visiting",
            frozenset({"application/fhir+xml", "application/fhir+json"}) | _JSON | _XML,
        ),
    ),
    SourceRow(
        Source.SCHOOLS,
        _read_schools,
        WithheldWait.ITS_FILE,
        Coverage(
            "children of school age, 3 to 19, at schools that send here, for the time their files "
            "tell",
            3,
            19,
            "No record does not mean that a child is at no school",
        ),
        example_files="transfer.xml class-list.csv --json",
        arrival=Arrival.FOLDER,
        pushed=Pushed(
            "Send what schools record",
            "transfer files or class lists for schools",
            frozenset({"text/csv"}) | _XML,
        ),
        list_part=_part_of_a_school,
        list_part_of_file=_part_by_name,
        sender_of_file=_school_by_name,
        read_own_titles=_read_own_titles,
    ),
    SourceRow(
        Source.SOCIAL_CARE,
        _read_social_care,
        WithheldWait.ITS_FILE,
        Coverage(
            "children from before birth to 18, care leavers to 25, in the council’s area, from the "
            "day it began to send here",
            UNBORN,
            25,
            "No record does not mean that there is no social worker or no concern",
        ),
        example_files="northfield.json census.xml",
        pushed=Pushed(
            "Send what children's social care records",
            "CSC payloads or a census for social care",
            _JSON | _XML,
        ),
    ),
    SourceRow(
        Source.FAMILY_HUB,
        _read_family_hub,
        WithheldWait.ITS_FILE,
        Coverage(
            "families from before birth to 19, what was written down in this service",
            UNBORN,
            25,
            "No entry does not mean that the family has told nobody",
        ),
        example_files="birth-registrations.csv",
        is_written_here=True,
    ),
    SourceRow(
        Source.COMMUNITY,
        None,
        WithheldWait.ITS_REQUEST,
        Coverage(
            "families for whom a service was asked through this one, with their agreement",
            UNBORN,
            25,
            "No answer does not mean that no service in the community knows the family",
        ),
        # By its own request alone: what a family agreed to, which the agreement bounds too.
        agreement=frozenset({Purpose.EARLY_HELP}),
        is_written_here=True,
    ),
)

_ROW_OF: Mapping[Source, SourceRow] = MappingProxyType({row.source: row for row in ROWS})


def row_of(source: Source) -> SourceRow:
    """All that is particular to this source."""
    return _ROW_OF[source]


def read_messages(
    source: Source,
    stream: BinaryIO,
    *,
    received_at: datetime,
    own_titles: Mapping[str, str] | None = None,
) -> Iterator[Received]:
    """The messages in a file of this source; `received_at` versions those that have no date.

    `own_titles` are what the titles of a list mean at its sender, where somebody has said so.
    """
    row = row_of(source)
    if row.read is None:
        raise ValueError(f"the {source.label.lower()} writes on pages, not in files")
    if own_titles and row.read_own_titles is not None:
        return row.read_own_titles(stream, received_at, own_titles)
    return row.read(stream, received_at=received_at)


def load_readers() -> None:
    """Import every reader, as a process does that goes on reading, before it begins to serve.

    Otherwise the first message of a source imports its reader in the middle of the work, and the
    garbage collector goes through it ever after.
    """
    for row in ROWS:
        if row.read is not None:
            row.read(BytesIO(), received_at=datetime.fromtimestamp(0, UTC))


def the_one_by(arrival: Arrival) -> Source:
    """The source that comes in this way: the settings name one mailbox and one folder."""
    (source,) = (row.source for row in ROWS if row.arrival is arrival)
    return source


def the_one_with_a_store() -> Source:
    """The source whose agency has a store of its own here: migrations have made one."""
    (source,) = (row.source for row in ROWS if row.withheld is WithheldWait.HOLDING_STORE)
    return source


def with_every_source(
    document: bytes, element: str, is_of: Callable[[SourceRow, Mapping[str, Any]], bool]
) -> bytes:
    """A JSON document of rules that ships with the service, with every source in it.

    `element` of a rule lists sources. One that no rule names is added to each rule that `is_of`
    finds meant for its row; what the document does name stays as it says, to the byte.
    """
    told = json.loads(document)
    named = {source for rule in told["rules"] for source in rule[element]}
    missing = [row for row in ROWS if row.source.value not in named]
    meant = [[row.source.value for row in missing if is_of(row, rule)] for rule in told["rules"]]
    if not any(meant):
        return document
    for rule, sources in zip(told["rules"], meant, strict=True):
        rule[element] += sources
    return json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n"
