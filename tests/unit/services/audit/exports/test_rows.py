"""Entries as CSV and JSON lines: nothing but what is well-formed, and no formula."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.ledger import LedgerEntry, read_entry, require_well_formed
from consent.ledger.events import LedgerEvent
from services.audit.exports.postgres_entries import EntryRow
from services.audit.exports.rows import COLUMNS, csv_lines, json_lines, neutral
from services.audit.exports.shapes import shaped
from tests.support.balp.samples import PERSON, sample
from tests.support.ledger.ledger_builders import entries


@settings(max_examples=60, deadline=None)
@given(entries(), st.none() | st.integers(0, 10**9))
def test_a_row_says_what_the_entry_says(entry: LedgerEntry, place: int | None):
    """Every possible entry comes back from its row, and no cell of it is a formula."""
    told = b"".join(piece for _, piece in csv_lines([EntryRow(1, place, entry.body)])).decode()

    header, row = csv.reader(io.StringIO(told, newline=""))
    cells = dict(zip(header, row, strict=True))
    whole = read_entry(entry.body)
    assert tuple(header) == COLUMNS
    assert cells["index"] == ("" if place is None else str(place))
    assert (cells["actor"], cells["event"]) == (whole.actor, whole.event)
    assert json.loads(cells["fields"]) == json.loads(entry.body)["fields"]
    assert [cell for cell in row if cell != neutral(cell)] == []


@settings(max_examples=60, deadline=None)
@given(entries(), st.integers(0, 10_000), st.integers(1, 255))
def test_an_entry_is_read_just_when_the_ledger_finds_it_well_formed(
    entry: LedgerEntry, at: int, by: int
):
    """Also one of which a byte was changed."""
    where = at % len(entry.body)
    damaged = bytes([*entry.body[:where], entry.body[where] ^ by, *entry.body[where + 1 :]])
    try:
        require_well_formed(damaged)
        is_ours = True
    except Exception:  # noqa: BLE001 whatever it says of it
        is_ours = False

    assert shaped(entry.body) is not None
    assert (shaped(damaged) is not None) == is_ours


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_begins_as_a_formula_is_neutral(cell: str):
    """With an apostrophe before it, as the runbook says."""
    assert neutral(cell) == f"'{cell}"
    assert neutral("direct-care") == "direct-care"


def test_an_entry_that_is_not_ours_tells_its_place_and_hash_alone():
    """Whoever forged it may have written anything."""
    rows = [EntryRow(1, 7, b'{"event":"profile:read","name":"Quillfeather"}')]

    _, (_, row) = csv_lines(rows)
    ((_, line),) = json_lines(rows)

    assert row.startswith(b"7,,,,entry:not_well_formed,")
    assert json.loads(line).keys() == {"entry", "index", "sha256"}
    assert b"Quillfeather" not in row + line


def test_persons_are_told_once_and_in_order():
    """Whatever the field is called that names them."""
    found = shaped(sample(LedgerEvent.PERSON_JOINED).body)

    assert found is not None
    assert found.persons()[0] == PERSON
    assert len(found.persons()) == len(set(found.persons()))
