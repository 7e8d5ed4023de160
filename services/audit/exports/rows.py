"""Entries as rows of CSV (RFC 4180) and as JSON lines. Pure.

A CSV's columns never change their order or their name; a new one comes at the end. A cell that
begins as a formula would, in a spreadsheet, has an apostrophe before it. JSON lines are canonical
(RFC 8785), and `entry` in them is the leaf of the Merkle tree as it stands in the ledger.

An entry that is not well-formed was not written by us. What it holds could be anything, so that
only its place and its hash leave: `ledger verify` says what is wrong with it.
"""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import islice
from typing import Protocol

from services.audit.exports.shapes import ShapedEntry, shaped

COLUMNS = (
    "index",
    "entry_id",
    "at",
    "actor",
    "event",
    "persons",
    "purpose",
    "categories",
    "withheld_categories",
    "reasons",
    "because",
    "policy_version",
    "decided_from",
    "fields",
)
NOT_WELL_FORMED = "entry:not_well_formed"
BATCH = 500
_TOLD = COLUMNS[COLUMNS.index("persons") + 1 : -1]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_RISKY = re.compile(r"(?:^|,)[=+\-@\t\r]")


class Placed(Protocol):
    """An entry and where it is in the tree; None where it has no place yet."""

    @property
    def place(self) -> int | None:
        """Its place."""

    @property
    def body(self) -> bytes:
        """Its bytes."""


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def csv_lines(entries: Iterable[Placed]) -> Iterator[tuple[int, bytes]]:
    """Yield a header, and then rows, many at a time, each time with how many rows they are."""
    yield 0, f"{','.join(COLUMNS)}\r\n".encode()
    rest = iter(entries)
    while batch := list(islice(rest, BATCH)):
        yield len(batch), "".join(map(_csv_line, batch)).encode()


def json_lines(entries: Iterable[Placed]) -> Iterator[tuple[int, bytes]]:
    """Yield lines, many at a time, each time with how many they are."""
    rest = iter(entries)
    while batch := list(islice(rest, BATCH)):
        yield len(batch), b"".join(map(_json_line, batch))


def _csv_line(entry: Placed) -> str:
    """The row of an entry; of what is well-formed only the last cell has to be quoted."""
    index = "" if entry.place is None else str(entry.place)
    found = shaped(entry.body)
    if found is None:
        nothing = "," * (len(COLUMNS) - 5)
        return f"{index},,,,{NOT_WELL_FORMED}{nothing}{sha256(entry.body).hexdigest()}\r\n"
    groups, places = found.groups, found.shape.places
    told = [_plain(groups[places[name]]) if name in places else "" for name in _TOLD]
    head = (index, found.id, found.at, found.actor, found.shape.event, _persons(found))
    cells = ",".join((*head, *told))
    if _RISKY.search(cells):  # no code begins so; should one do so some day, it is neutral
        cells = ",".join(map(neutral, cells.split(",")))
    quoted = found.fields.replace('"', '""')
    return f'{cells},"{quoted}"\r\n'


def _plain(value: str) -> str:
    return value.strip('[]"').replace('","', " ")


def _persons(found: ShapedEntry) -> str:
    persons = found.shape.persons
    return _plain(found.groups[persons[0]]) if len(persons) == 1 else " ".join(found.persons())


def _json_line(entry: Placed) -> bytes:
    index = b"null" if entry.place is None else b"%d" % entry.place
    if shaped(entry.body) is not None:
        return b'{"entry":%b,"index":%b}\n' % (entry.body, index)
    digest = sha256(entry.body).hexdigest().encode()
    return b'{"entry":null,"index":%b,"sha256":"%b"}\n' % (index, digest)
