"""A Patient as the national register answers: all that it holds, and what it keeps back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import Any

import pytest

from connectors.health_visiting.reader import read_nems
from schemas.identifiers import Identifier
from schemas.records.message import SourceMessage
from schemas.records.payloads import (
    CommunicationNeeds,
    ContactDetails,
    FactStatus,
    Involvement,
    PersonDetails,
)
from schemas.vocabulary import Action, IdentifierStatus, Label
from tests.support.messages.register import (
    NUMBER,
    OTHER,
    UK_CORE,
    a_number,
    a_patient,
    a_practice,
    a_search,
    a_signal,
    coded,
    restricted,
    sent,
)
from tests.support.reading import (
    nems,
    payloads,
    record_of,
    removed,
    the_message,
    the_refusal,
    upserted,
)

CAME = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
KEY = f"patient/pds/{NUMBER}"
answered = partial(read_nems, received_at=CAME)


def told(mark: str | None = "U", **more: Any) -> SourceMessage:
    """What one record says."""
    return the_message(answered, sent(a_patient(mark, **more)))


def numbers(message: SourceMessage) -> Mapping[str, IdentifierStatus]:
    """The numbers that it states, and what they are."""
    found: tuple[Identifier, ...] = message.subjects[0].identifiers
    return {number.value: number.status for number in found}


def test_a_record_is_who_somebody_is_and_where_by_the_keys_of_the_registers_events():
    """So it takes the place of what an event told before."""
    message = told()

    assert upserted(message) == {
        f"{KEY}/details",
        f"{KEY}/contact",
        f"{KEY}/general-practice/Y99901",
    }
    details = record_of(message, PersonDetails).payload
    assert details == PersonDetails(
        family_name="Ashdown",
        given_names=("Wren",),
        date_of_birth="2024-05-03",
        sex="female",
        is_verified=True,
    )
    assert record_of(message, Involvement).labels == {Label.LOCATION}


def test_it_holds_from_when_it_came_and_is_the_same_when_it_is_read_again():
    """It has no time of its own, and may be kept back until it may be shared."""
    (first,) = read_nems(BytesIO(sent(a_patient())), received_at=CAME)
    (again,) = read_nems(BytesIO(first.raw()), received_at=datetime(2027, 1, 1, tzinfo=UTC))

    assert first.outcome == again.outcome
    assert isinstance(first.outcome, SourceMessage)
    assert first.outcome.version.sort_key == "2026-11-20T09:30:00.000000Z/000000007"


def test_without_a_time_at_all_nobody_can_tell_what_it_takes_the_place_of():
    """As of every statement of the register."""
    assert the_refusal(nems, sent(a_patient())) == ("MessageHeader.meta.lastUpdated", "missing")


def test_what_it_leaves_out_is_so_no_longer():
    """It is all that the register holds: a death that was told by mistake, a signal, a practice."""
    message = told(address=None, telecom=None)

    cleared = {r.source_id for r in message.records if r.action is Action.CLEAR}
    assert cleared == {f"{KEY}/changed", f"{KEY}/general-practice"}
    assert removed(message) == {
        f"{KEY}/death",
        f"{KEY}/death/signalled",
        f"{KEY}/communication",
        f"{KEY}/contact",
    }


def test_a_death_and_what_helps_are_read_as_uk_core_writes_them():
    """By the places that read them in events."""
    status = {"url": "deathNotificationStatus", "valueCodeableConcept": coded("2")}
    death = {"url": f"{UK_CORE}/Extension-UKCore-DeathNotificationStatus", "extension": [status]}
    language = {"url": "language", "valueCodeableConcept": coded("fr")}
    needed = {"url": "interpreterRequired", "valueBoolean": True}
    spoken = {
        "url": f"{UK_CORE}/Extension-UKCore-NHSCommunication",
        "extension": [language, needed],
    }

    message = told(deceasedDateTime="2026-08-01T00:00:00+00:00", extension=[death, spoken])

    (died,) = [r.payload for r in message.records if r.source_id == f"{KEY}/death"]
    assert died == PersonDetails(died="2026-08-01T00:00:00+00:00")
    assert f"{KEY}/death/signalled" in removed(message)
    assert payloads(message, CommunicationNeeds) == [CommunicationNeeds(("fr",), True)]


def test_uses_and_periods_say_what_is_over():
    """By the one place that reads them."""
    message = told(
        name=[
            {"use": "usual", "family": "Ashdown", "given": ["Wren"], "period": {"start": "2025"}},
            {"use": "old", "family": "Marlow", "given": ["Wren"]},
        ],
        address=[
            {"use": "home", "line": ["4 Quarry Lane"], "period": {"end": "2025-01-01"}},
            {"use": "home", "line": ["9 Mill Road"], "postalCode": "NF2 2BB"},
        ],
        generalPractitioner=[a_practice("Y99902", start="2020-01-01", end="2021-12-31")],
    )

    details, contact = record_of(message, PersonDetails), record_of(message, ContactDetails)
    assert isinstance(details.payload, PersonDetails)
    assert details.payload.former_names == ("Wren Marlow",)
    assert isinstance(contact.payload, ContactDetails)
    assert [address.period.end for address in contact.payload.addresses] == ["2025-01-01", None]
    assert message.subjects[0].demographics.postcode == "NF2 2BB"
    assert [one.status for one in payloads(message, Involvement)] == [FactStatus.ENDED]


def test_who_is_marked_is_protected_and_their_place_is_not_taken_for_nowhere():
    """The register leaves out where they are, which takes nothing back."""
    message = the_message(answered, sent(restricted()))

    assert message.protects == {"patient"}
    assert not message.protects_no_longer
    assert upserted(message) == {f"{KEY}/details"}
    assert f"{KEY}/contact" not in removed(message)
    assert [r.source_id for r in message.records if r.action is Action.CLEAR] == [f"{KEY}/changed"]


def test_a_place_that_stands_there_all_the_same_is_one_that_its_source_protects():
    """Another system may send what the register would not."""
    message = told("R")

    located = [r.labels for r in message.records if Label.LOCATION in r.labels]
    assert located
    assert all(Label.PROTECTED_LOCATION in labels for labels in located)


def test_a_marked_record_without_a_name_does_not_take_the_name_away():
    """The register may leave it out too."""
    message = the_message(answered, sent(restricted(name=None, birthDate=None)))

    assert f"{KEY}/details" not in upserted(message) | removed(message)
    assert message.protects == {"patient"}


def test_who_is_not_marked_is_protected_no_longer():
    """As far as the register is concerned; a record without a mark says nothing of it."""
    assert told("U").protects_no_longer == {"patient"}
    assert not told(None).protects_no_longer


def test_a_withdrawn_record_is_not_used():
    """It waits, and is urgent: somebody may be protected by it."""
    refusal = the_refusal(answered, sent(a_patient("REDACTED")))

    assert refusal == ("Patient.meta.security", "redacted")


@pytest.mark.parametrize(
    "data",
    [
        sent(a_patient(identifier=[a_number(), a_number(OTHER, use="old")])),
        sent(
            a_patient(link=[{"type": "replaces", "other": {"reference": f"Patient/{OTHER}"}}]),
        ),
        a_search(a_patient(), asked=OTHER),
        a_signal("nhs-number-change-2", number=OTHER, beside=a_patient()),
    ],
    ids=["by-use", "by-link", "by-address", "beside-a-signal"],
)
def test_a_number_that_was_replaced_is_a_former_one(data: bytes):
    """Whoever asks by it is answered with the record that took its place."""
    message = the_message(answered, data)

    assert numbers(message) == {
        NUMBER: IdentifierStatus.VERIFIED,
        OTHER: IdentifierStatus.SUPERSEDED,
    }


def test_a_record_under_a_number_that_is_not_its_own_is_nobodys():
    """It cannot be told which of the two is meant."""
    refusal = the_refusal(answered, sent(a_patient(identifier=[a_number(OTHER)])))

    assert refusal == ("Patient.id", "contradicts:Patient.identifier[nhs-number]")


def test_a_search_that_finds_several_tells_of_nobody():
    """The register itself answers a program with one, or with none."""
    refusal = the_refusal(answered, a_search(a_patient(), a_patient(number=OTHER)))

    assert refusal == ("Bundle.entry", "several-values")


def test_a_record_beside_a_signal_holds_from_when_that_was_sent():
    """It was read then, whenever it comes."""
    message = the_message(nems, a_signal(beside=a_patient()))

    assert message.version.at == "2026-09-01T09:00:00.000000Z"
    assert f"{KEY}/details" in upserted(message)


def test_what_is_not_read_is_counted():
    """Names of the format, never a value."""
    message = told(contact=[{"telecom": [{"system": "phone", "value": "01632 960141"}]}])

    assert "Patient.contact.telecom.value" in message.unused.fields
    assert "Patient.generalPractitioner.type" in message.unused.fields


def test_a_record_that_another_has_replaced_is_not_used():
    """Source: FHIR R4, Patient.link, replaced-by: it must no longer be used."""
    other = {"reference": f"Patient/{OTHER}"}
    replaced = sent(a_patient(link=[{"type": "replaced-by", "other": other}]))

    assert the_refusal(answered, replaced) == ("Patient.link", "replaced")
    assert numbers(told(link=[{"type": "seealso", "other": other}])).keys() == {NUMBER}
