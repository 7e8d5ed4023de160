"""Ledger entries: exactly their fields, canonical, and never personal."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import LedgerEntryInvalidError
from consent.ledger import LedgerEntry, ledger_entry, new_entry_id, read_entry
from consent.ledger.event_fields import EVENT_FIELDS
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import TIME, field_path
from tests.support.each_case import each_case
from tests.support.ledger.ledger_builders import ACTOR, NOW, an_entry, of_kind

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
        "UTC time": "2026-03-02T09:30:00.000000Z",
    }.get(kind.label, "some-code")


EVERY_FIELD = [(event, name) for event, fields in EVENT_FIELDS.items() for name in fields]


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


def test_an_event_with_its_fields_is_an_entry():
    """Each event can be built, and read back."""
    with each_case() as case:
        for event in LedgerEvent:
            with case(event):
                entry = an_entry(event, _valid_fields(event))

                read = read_entry(entry.body)

                known = (entry.entry_id, event, NOW, ACTOR)
                assert (read.entry_id, read.event, read.at, read.actor) == known
                assert read.fields.keys() == EVENT_FIELDS[event].keys()


def test_a_missing_field_is_refused():
    """The message names it."""
    with each_case() as case:
        for event, name in EVERY_FIELD:
            fields = _valid_fields(event)
            del fields[name]

            with case(event, name), pytest.raises(LedgerEntryInvalidError, match=name):
                an_entry(event, fields)


def test_an_unexpected_field_is_refused():
    """The message does not repeat it."""
    with each_case() as case:
        for event in LedgerEvent:
            with case(event):
                fields = _valid_fields(event) | {"Amina Oyelaran": "x"}

                with pytest.raises(LedgerEntryInvalidError) as refusal:
                    an_entry(event, fields)

                assert "Amina" not in str(refusal.value)


@pytest.mark.parametrize("wrap", [str, _listed, _in_a_set, _nested])
def test_no_field_holds_a_personal_value(wrap: Callable[[str], Any]):
    """Names, numbers, dates, addresses are refused everywhere, and not repeated."""
    with each_case() as case:
        for (event, name), canary in product(EVERY_FIELD, CANARIES):
            with case(event, name, repr(canary)):
                fields = _valid_fields(event) | {name: wrap(canary)}

                with pytest.raises(LedgerEntryInvalidError) as refusal:
                    an_entry(event, fields)

                assert canary == "" or canary not in str(refusal.value)


@pytest.mark.parametrize(
    "value",
    [None, True, 1.5, -1, 9_990_000_018, b"bytes", NOW, object()],
    ids=["none", "true", "a fraction", "below zero", "a number", "bytes", "a time", "an object"],
)
def test_a_value_of_another_kind_is_refused(value: Any):
    """Also an NHS number as a number."""
    with each_case() as case:
        for event, name in EVERY_FIELD:
            if value is NOW and EVENT_FIELDS[event][name] is TIME:
                continue
            fields = _valid_fields(event) | {name: value}

            with case(event, name), pytest.raises(LedgerEntryInvalidError):
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


def test_sets_are_written_in_order():
    """A set has no order, canonical JSON has one."""
    fields = {"record": "ab" * 16, "subjects": frozenset({"cd" * 16, "ab" * 16})}

    entry = an_entry(LedgerEvent.STORY_ADDED, fields)

    assert read_entry(entry.body).fields["subjects"] == ("ab" * 16, "cd" * 16)


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
