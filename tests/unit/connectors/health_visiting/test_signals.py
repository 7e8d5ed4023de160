"""Signals of the national notification service: a reason to ask, a death, another number."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest

from connectors.health_visiting.reader import is_signal, read_nems
from connectors.health_visiting.register.signals import EVENTS
from connectors.ports import Unreadable, Urgency
from schemas.identifiers import nhs_number_identifier
from schemas.records.kinds import MessageKind
from schemas.records.message import SourceMessage
from schemas.records.payloads import Occurrence, PersonDetails
from schemas.vocabulary import Category, IdentifierStatus
from tests.support.checkout import ROOT
from tests.support.messages.register import (
    NUMBER,
    OTHER,
    SIGNAL_ID,
    a_cloud_event,
    a_patient,
    a_signal,
    sent,
)
from tests.support.reading import nems, outcomes, payloads, removed, the_message, upserted

KEY = f"patient/pds/{NUMBER}"
NUMBERED = {"nhsNumber": NUMBER, "familyName": "ASHDOWN", "dob": "2024-05-03"}


@pytest.mark.parametrize(
    ("event", "about", "category"),
    [
        ("pds-change-of-gp-2", "the general practice", Category.PRACTITIONERS),
        ("pds-record-change-2", "who the person is, or where", Category.IDENTITY_AND_CONTACT),
        ("nhs-number-change-2", "the NHS number", Category.IDENTITY_AND_CONTACT),
        ("imms-vaccination-record-change-1", "a vaccination", Category.CHILD_HEALTH),
        (
            "patientflags-change-1",
            "what helps the person to be understood",
            Category.COMMUNICATION_NEEDS,
        ),
        ("vrs-proxy-role-created-1", "who may act for the person", Category.FAMILY_AND_HOUSEHOLD),
        ("pds-change-of-gp-9", "the general practice", Category.PRACTITIONERS),
    ],
)
@pytest.mark.parametrize("form", [a_signal, a_cloud_event])
def test_it_is_shown_as_a_reason_to_ask(
    form: Callable[[str], bytes], event: str, about: str, category: Category
):
    """In either form, and in whichever version; nothing of the change itself is made up."""
    message = the_message(nems, form(event))

    (record,) = message.records
    assert record.category is category
    assert isinstance(record.payload, Occurrence)
    assert record.payload.title == f"Changed at its source: {about}"
    assert record.payload.period.start == "2026-09-01"
    assert dict(record.payload.details) == {
        "What to do": "Ask its source: what has changed was not sent"
    }
    assert message.subjects[0].identifiers == (nhs_number_identifier(NUMBER),)


def test_what_the_register_signals_is_taken_back_when_it_has_answered():
    """It lies where the answer clears."""
    (record,) = the_message(nems, a_signal()).records

    assert record.source_id == f"{KEY}/changed/pds-change-of-gp"
    assert record.scopes == (f"{KEY}/changed",)


@pytest.mark.parametrize(
    "data",
    [
        a_signal("pds-death-notification-2"),
        a_cloud_event("pds-death-notification-2"),
        a_cloud_event(
            "pds-death-notification-1", subject=NUMBERED, data={"deathNotificationStatus": "1"}
        ),
    ],
)
def test_a_death_is_told_by_being_signalled(data: bytes):
    """Apart from what an event told of it with its date, which this one does not have."""
    message = the_message(nems, data)

    assert payloads(message, PersonDetails) == [PersonDetails(has_died=True)]
    assert f"{KEY}/death/signalled" in upserted(message)
    assert message.kind is MessageKind.DEATH_NOTIFICATION


def test_a_death_that_was_not_is_taken_back_whoever_told_it():
    """The first version of the service says so."""
    removal = {"deathNotificationStatus": "U"}
    message = the_message(
        nems, a_cloud_event("pds-death-notification-1", subject=NUMBERED, data=removal)
    )

    assert removed(message) == {f"{KEY}/death", f"{KEY}/death/signalled"}
    assert not payloads(message, PersonDetails)


def test_one_number_in_the_place_of_another_is_one_person():
    """The record to ask for has the one that is in force."""
    message = the_message(nems, a_signal("nhs-number-change-2", number=OTHER, focus=NUMBER))

    found = {number.value: number.status for number in message.subjects[0].identifiers}
    assert found == {NUMBER: IdentifierStatus.VERIFIED, OTHER: IdentifierStatus.SUPERSEDED}
    assert upserted(message) == {f"{KEY}/changed/nhs-number-change"}


def test_any_other_signal_with_two_numbers_joins_nobody():
    """Only one about numbers says that two are one person's."""
    message = the_message(nems, a_signal(number=OTHER, focus=NUMBER))

    assert message.subjects[0].identifiers == (nhs_number_identifier(OTHER),)


def test_the_first_version_says_whom_it_means_beside_the_number():
    """A number that is somebody else's is then found out."""
    message = the_message(nems, a_cloud_event("pds-change-of-gp-1", subject=NUMBERED))

    who = message.subjects[0].demographics
    assert (who.family_name, who.date_of_birth) == ("ASHDOWN", "2024-05-03")


def test_delivered_again_it_is_the_same_message():
    """Another one under its id is not."""
    one, other = the_message(nems, a_signal()), the_message(nems, a_signal(number=OTHER))

    assert one.message_id == the_message(nems, a_signal()).message_id
    assert one.message_id != other.message_id
    assert SIGNAL_ID in one.message_id


def test_one_that_tests_the_way_tells_nothing():
    """It comes every quarter of an hour."""
    assert the_message(nems, a_signal("mns-test-signal-1")).records == ()


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        (a_signal("something-new-1"), "Signal.type", "unknown"),
        (a_signal(""), "Signal.type", "missing"),
        (a_signal(number=None), "Signal.subject", "missing"),
        (a_signal(number="9990000019"), "Signal.subject", "check-digit"),
        (a_signal(time="yesterday"), "Signal.time", "not-an-instant"),
        (a_cloud_event("pds-change-of-gp-2", time="2026"), "Signal.time", "not-an-instant"),
    ],
)
def test_what_cannot_be_read_names_its_field(data: bytes, field: str, reason: str):
    """And never what stood there."""
    (outcome,) = outcomes(nems, data)

    assert isinstance(outcome, Unreadable)
    assert (outcome.field, outcome.reason) == (field, reason)


def test_a_death_that_cannot_be_read_is_urgent_and_told_of_whom_it_names():
    """Whoever works with them has to ask at once."""
    (outcome,) = outcomes(nems, a_signal("pds-death-notification-2", time="yesterday"))

    assert isinstance(outcome, Unreadable)
    assert outcome.about is not None
    assert outcome.cannot_wait is Urgency.DEATH
    assert outcome.about.identifiers == (nhs_number_identifier(NUMBER),)


def test_in_a_mailbox_signals_are_known_by_what_they_are():
    """They come under a workflow that its owner has named."""
    assert is_signal(a_signal())
    assert is_signal(a_cloud_event("pds-change-of-gp-2"))
    assert not is_signal(sent(a_patient()))
    assert not is_signal(b"{")
    assert not is_signal(b"<Bundle/>")


def test_the_table_of_signals_says_what_is_shown():
    """One row an event that is known, in the words of the page."""
    rows = (ROOT / "deploy/conformance/signals-and-answers.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| ([a-z-]+) \| ([^|]+) \|", rows, re.MULTILINE))
    known = {name: event.about for name, event in EVENTS.items() if name != "mns-test-signal"}

    assert {name: told.get(name) for name in known} == known


def test_a_signal_of_what_is_yet_to_happen_parks():
    """It would stand until then, whatever the register answers; a death is warned of."""
    came = partial(read_nems, received_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
    urgent = {"pds-change-of-gp-2": None, "pds-death-notification-2": Urgency.DEATH}
    for event, urgency in urgent.items():
        (ahead,) = outcomes(came, a_cloud_event(event, time="2031-01-01T09:00:00Z"))
        (now,) = outcomes(came, a_cloud_event(event, time="2026-11-20T12:00:00Z"))

        assert isinstance(ahead, Unreadable)
        assert (ahead.field, ahead.reason, ahead.cannot_wait) == (
            "Signal.time",
            "contradicts",
            urgency,
        )
        assert isinstance(now, SourceMessage)
