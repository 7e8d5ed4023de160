"""Ledger entries are read back exactly as they were written, and nothing else is read."""

import json
from datetime import timedelta

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import LedgerEntryInvalidError
from consent.ledger import LedgerEntry, entry_id_for, new_entry_id, read_entry, require_well_formed
from consent.ledger.events import LedgerEvent
from tests.support.ledger.ledger_builders import NOW, an_entry, entries


@given(entries())
def test_the_body_is_canonical_json(entry: LedgerEntry):
    """What we write is, byte for byte, what RFC 8785 says; rfc8785 is the judge."""
    assert rfc8785.dumps(json.loads(entry.body)) == entry.body
    assert require_well_formed(entry.body) == str(entry.entry_id).encode()


@given(entries())
def test_reading_gives_back_what_was_written(entry: LedgerEntry):
    """Reading a body and writing it again gives the same bytes."""
    read = read_entry(entry.body)

    again = LedgerEntry(read.entry_id, read.event, read.at, read.actor, read.fields)

    assert again.body == entry.body
    assert read.records_the_same_as(entry.body)


def test_an_unknown_code_is_refused_but_stays_readable():
    """A word that a vocabulary has lost can be read, not written."""
    entry = an_entry(LedgerEvent.RESEND_REQUESTED, {"source": "schools", "subject": "ab" * 16})
    older = entry.body.replace(b'"schools"', b'"libraries"')

    assert read_entry(older).fields["source"] == "libraries"
    with pytest.raises(LedgerEntryInvalidError, match="unknown code"):
        an_entry(LedgerEvent.RESEND_REQUESTED, {"source": "libraries", "subject": "ab" * 16})


def test_the_same_parts_give_the_same_id():
    """And parts that are cut differently another one."""
    assert entry_id_for("published", "ab") == entry_id_for("published", "ab")
    assert entry_id_for("published", "ab") != entry_id_for("publisheda", "b")
    assert entry_id_for("x").version == 8


def test_new_ids_grow_with_time():
    """So that the index of ids is written at its end."""
    assert new_entry_id(NOW) < new_entry_id(NOW + timedelta(milliseconds=1))
    assert new_entry_id(NOW).version == 7
    assert new_entry_id(NOW) != new_entry_id(NOW)


def test_the_same_fact_at_another_time_is_the_same_fact():
    """A message that is handled again writes the same entry, later."""
    first = an_entry(entry_id=entry_id_for("a"))
    again = an_entry(entry_id=entry_id_for("a"), at=NOW + timedelta(hours=1))
    other = an_entry(entry_id=entry_id_for("a"), number=2)

    assert again.records_the_same_as(first.body)
    assert not other.records_the_same_as(first.body)
    assert not other.records_the_same_as(b"not an entry")


@given(entries(), st.data())
def test_any_changed_byte_makes_another_entry_or_none(entry: LedgerEntry, data: st.DataObject):
    """No two spellings are the same entry: what still reads, writes itself as it was read."""
    body = bytearray(entry.body)
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))

    try:
        read = read_entry(bytes(body))
    except LedgerEntryInvalidError:
        return

    assert rfc8785.dumps(json.loads(bytes(body))) == bytes(body)
    assert read.body != entry.body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b'{"event":"nothing:happened"}',
        an_entry().body + b" ",
        an_entry().body.replace(b'"v":1', b'"v":2'),
        an_entry().body.replace(b":1}", b":1.0}"),
        an_entry().body.replace(b'"results"', b'"Results"'),
        an_entry().body.replace(b"2026-03-02", b"2026-13-02"),
    ],
)
def test_what_is_not_an_entry_is_refused(body: bytes):
    """Bodies are read strictly."""
    with pytest.raises(LedgerEntryInvalidError):
        require_well_formed(body)


def test_a_day_on_no_calendar_is_refused():
    """The pattern knows months and days, not how long each month is."""
    with pytest.raises(LedgerEntryInvalidError, match="calendar"):
        read_entry(an_entry().body.replace(b"2026-03-02", b"2026-02-31"))
