"""Ledger entries: exactly their fields, canonical, and never personal."""

import json
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import LedgerEntryInvalidError
from consent.ledger import (
    LedgerEntry,
    entry_id_for,
    ledger_entry,
    new_entry_id,
    read_entry,
    require_well_formed,
)
from consent.ledger_events import EVENT_FIELDS, LedgerEvent
from consent.ledger_fields import field_path
from tests.support.ledger_builders import ACTOR, NOW, an_entry, entries, of_kind

CANARIES = (
    "Amina Oyelaran",
    "amina oyelaran",
    "O'Neill",
    "9990000018",
    "999 000 0018",
    "nhs-number:9990000018",
    "A999000001234",
    "2019-12-13",
    "13/12/2019",
    "LS1 4AP",
    "12 Example Street",
    "amina@example.org",
    "+447700900123",
    "07700900123",
    "Zoë",
    "",
)


def _valid_fields(event: LedgerEvent) -> dict[str, Any]:
    """Give some valid value for every field of an event."""
    return {name: _first(kind) for name, kind in EVENT_FIELDS[event].items()}


def _first(kind: Any) -> Any:
    if kind.items is not None:
        return [_first(kind.items)]
    if kind.vocabulary is not None:
        return min(kind.vocabulary)
    return {
        "opaque id": "0b0f0c0a-1111-4222-8333-444455556666",
        "SHA-256 in hexadecimal": "ab" * 32,
        "whole number": 3,
        "recipient": "role:practitioner",
    }.get(kind.label, "some-code")


EVERY_FIELD = [
    pytest.param(event, name, id=f"{event}-{name}")
    for event, fields in EVENT_FIELDS.items()
    for name in fields
]


def _listed(value: str) -> list[str]:
    return [value]


def _in_a_set(value: str) -> set[str]:
    return {value}


def _nested(value: str) -> list[dict[str, str]]:
    return [{"name": value}]


def test_every_event_has_its_fields():
    """The table is complete, and names are as the glossary writes them."""
    assert set(EVENT_FIELDS) == set(LedgerEvent)
    assert all(event.count(":") == 1 for event in LedgerEvent)


@pytest.mark.parametrize("event", LedgerEvent)
def test_an_event_with_its_fields_is_an_entry(event: LedgerEvent):
    """Each event can be built, and read back."""
    entry = an_entry(event, _valid_fields(event))

    read = read_entry(entry.body)

    assert (read.entry_id, read.event, read.at, read.actor) == (
        entry.entry_id,
        event,
        NOW,
        ACTOR,
    )
    assert read.fields.keys() == EVENT_FIELDS[event].keys()


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


@pytest.mark.parametrize(("event", "name"), EVERY_FIELD)
def test_a_missing_field_is_refused(event: LedgerEvent, name: str):
    """The message names it."""
    fields = _valid_fields(event)
    del fields[name]

    with pytest.raises(LedgerEntryInvalidError, match=name):
        an_entry(event, fields)


@pytest.mark.parametrize("event", LedgerEvent)
def test_an_unexpected_field_is_refused(event: LedgerEvent):
    """The message does not repeat it."""
    fields = _valid_fields(event) | {"Amina Oyelaran": "x"}

    with pytest.raises(LedgerEntryInvalidError) as refusal:
        an_entry(event, fields)

    assert "Amina" not in str(refusal.value)


@pytest.mark.parametrize(("event", "name"), EVERY_FIELD)
def test_no_field_holds_a_personal_value(event: LedgerEvent, name: str):
    """Names, numbers, dates, addresses are refused everywhere, and not repeated."""
    for canary, wrap in product(CANARIES, (str, _listed, _in_a_set, _nested)):
        fields = _valid_fields(event) | {name: wrap(canary)}

        with pytest.raises(LedgerEntryInvalidError) as refusal:
            an_entry(event, fields)

        assert canary == "" or canary not in str(refusal.value)


@pytest.mark.parametrize(("event", "name"), EVERY_FIELD)
def test_a_value_of_another_kind_is_refused(event: LedgerEvent, name: str):
    """Also an NHS number as a number."""
    for value in (None, True, 1.5, -1, 9_990_000_018, b"bytes", NOW, object()):
        fields = _valid_fields(event) | {name: value}

        with pytest.raises(LedgerEntryInvalidError):
            an_entry(event, fields)


@pytest.mark.parametrize(
    "actor",
    [
        "",
        "practitioner:",
        "practitioner:Amina Oyelaran",
        "practitioner:amina",
        "job:",
        "job:9990000018",
        "nobody",
        "somebody:code",
    ],
)
def test_nobody_acts_anonymously(actor: str):
    """The actor is a practitioner's id, a partner's code or a job's name."""
    with pytest.raises(LedgerEntryInvalidError, match="actor"):
        an_entry(actor=actor)


@pytest.mark.parametrize("actor", ["job:ingest", "partner:leeds-csc", ACTOR])
def test_practitioners_partners_and_jobs_act(actor: str):
    """All three kinds of actor are written as they are."""
    assert read_entry(an_entry(actor=actor).body).actor == actor


@pytest.mark.parametrize(
    "at", [NOW.replace(tzinfo=None), NOW.astimezone(timezone(timedelta(hours=1)))]
)
def test_times_are_aware_and_utc(at: datetime):
    """Any other time is refused."""
    with pytest.raises(LedgerEntryInvalidError, match="UTC"):
        LedgerEntry(new_entry_id(NOW), LedgerEvent.LEDGER_READ, at, ACTOR, {})


def test_an_unknown_code_is_refused_but_stays_readable():
    """A word that a vocabulary has lost can be read, not written."""
    entry = an_entry(LedgerEvent.RESEND_REQUESTED, {"source": "schools", "subject": "ab" * 16})
    older = entry.body.replace(b'"schools"', b'"libraries"')

    assert read_entry(older).fields["source"] == "libraries"
    with pytest.raises(LedgerEntryInvalidError, match="unknown code"):
        an_entry(LedgerEvent.RESEND_REQUESTED, {"source": "libraries", "subject": "ab" * 16})


def test_sets_are_written_in_order():
    """A set has no order, canonical JSON has one."""
    fields = {"record": "ab" * 16, "subjects": frozenset({"cd" * 16, "ab" * 16})}

    entry = an_entry(LedgerEvent.STORY_ADDED, fields)

    assert read_entry(entry.body).fields["subjects"] == ("ab" * 16, "cd" * 16)


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


def test_a_field_path_that_cannot_be_told_is_starred():
    """Parking a message must not fail for how its field is called."""
    assert field_path("Patient.birthDate") == "Patient.birthDate"
    assert field_path("Amina Oyelaran") == "*"
    assert field_path("") == "*"


@given(st.sampled_from([kind for fields in EVENT_FIELDS.values() for kind in fields.values()]))
def test_every_kind_of_field_has_a_strategy(kind: Any):
    """The properties above reach every kind."""
    assert of_kind(kind) is not None


def test_an_entry_without_an_id_gets_one():
    """And without fields it has none."""
    entry = ledger_entry(LedgerEvent.LEDGER_READ, at=NOW, actor="job:report")

    assert entry.fields == {}
    assert entry.entry_id.version == 7
    assert read_entry(entry.body).at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
