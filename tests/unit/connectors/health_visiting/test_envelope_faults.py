"""What senders leave out of an envelope: made up for where one thing alone can be meant."""

import json
from typing import Any

import pytest

from connectors.health_visiting.nems.events import ALIASES, EventCode
from connectors.ports import Unreadable
from schemas.records.message import SourceMessage
from schemas.records.payloads import Involvement, Occurrence
from schemas.vocabulary import Label
from tests.support.messages.nems_bundles import (
    Resource,
    bundle,
    encounter,
    episode,
    immunization,
    observation,
    organisation,
    patient,
    practitioner,
    to,
)
from tests.support.reading import (
    nems,
    outcomes,
    payloads,
    record_of,
    removed,
    the_message,
    the_refusal,
    upserted,
)

CONTEXT = (patient(), organisation(), practitioner())
OTHER_TIME = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
FOCUS, NOT_FOUND = "MessageHeader.focus", "not-found"


def document(event: str = "CH018", *resources: Resource, **header: Any) -> dict[str, Any]:
    """A message as one may take it apart: observations at an encounter, unless others are given."""
    found = resources or (encounter(), observation())
    loaded: dict[str, Any] = json.loads(bundle(event, *found, *CONTEXT, **header))
    return loaded


def header_of(message: dict[str, Any]) -> Resource:
    """The header, to change it."""
    header: Resource = message["entry"][0]["resource"]
    return header


def as_sent(message: dict[str, Any]) -> bytes:
    """The bytes of a message."""
    return json.dumps(message).encode()


@pytest.mark.parametrize(("number", "event"), ALIASES.items())
def test_a_number_means_the_same_as_the_name(number: str, event: EventCode):
    """The records, and by what they are known, are those of the event by its name."""
    parts = (encounter(), observation(), episode(id="ep"), immunization(id="im"))
    said = {
        code: as_sent(document(code, *(p | {"context": to("focus")} for p in parts)))
        for code in (number, event)
    }
    (by_number,), (by_name,) = (outcomes(nems, text) for text in said.values())

    assert _what_it_says(by_number) == _what_it_says(by_name)


def _what_it_says(outcome: SourceMessage | Unreadable) -> object:
    if isinstance(outcome, Unreadable):
        return outcome.field, outcome.reason, outcome.about and outcome.about.kind
    return outcome.records, outcome.kind, outcome.names


def test_no_two_numbers_mean_one_event():
    """Each of the 37 has one of its own."""
    assert sorted(a for a in ALIASES if a.startswith("CH")) == [f"CH{n:03}" for n in range(1, 38)]
    assert len(set(ALIASES.values())) == len(ALIASES)


def test_a_message_without_an_id_is_known_by_what_it_says():
    """Delivered again it is the same, said otherwise it is not."""
    message = document()
    del header_of(message)["id"]
    once = the_message(nems, as_sent(message)).message_id
    message["id"] = "another"
    again = the_message(nems, as_sent(message)).message_id
    header_of(message)["timestamp"] = "2026-03-03T10:00:00+00:00"

    assert once.startswith("header.")
    assert once == again != the_message(nems, as_sent(message)).message_id


def test_what_has_no_lastupdated_is_as_of_when_it_was_published():
    """Digital Child Health makes the event sequence optional."""
    message = document()
    del header_of(message)["meta"]

    assert the_message(nems, as_sent(message)).version.at == "2026-03-02T10:00:00.000000Z"


@pytest.mark.parametrize("release", ["DCH-", "EMS-"])
def test_the_type_of_the_event_is_read_in_each_release(release: str):
    """New, update or delete; two of them at once are refused."""
    text = as_sent(document(kind="delete"))
    released = text.replace(b"Extension-Mess", f"Extension-{release}Mess".encode())
    doubled = document()
    header_of(doubled)["extension"].append(
        {
            "url": f"https://fhir.nhs.uk/STU3/StructureDefinition/Extension-{release}MessageEventType-1",
            "valueCodeableConcept": {"coding": [{"code": "delete"}]},
        }
    )

    assert removed(the_message(nems, released)) == removed(the_message(nems, text)) != set()
    assert the_refusal(nems, as_sent(doubled)) == (
        "MessageHeader.extension[messageEventType]",
        "several-values",
    )


@pytest.mark.parametrize("focus", [None, [{"reference": "urn:uuid:0"}], []])
def test_a_focus_that_leads_nowhere_is_the_only_resource_of_its_kind(focus: object):
    """Of two nobody knows which."""
    message = document()
    header_of(message)["focus"] = focus
    two = document("CH018", encounter(), encounter(id="other"), observation())
    header_of(two)["focus"] = focus

    assert (
        the_message(nems, as_sent(message)).records
        == the_message(nems, as_sent(document())).records
    )
    assert the_refusal(nems, as_sent(two)) == (FOCUS, NOT_FOUND)


def test_a_message_inside_another_envelope_is_the_message():
    """ITK wraps them; of two inside nobody knows which is meant."""
    message = document()
    around = {"resourceType": "MessageHeader", "id": "itk", "event": {"code": "ITK006M"}}
    entry = [{"resource": around}, {"resource": message}]
    wrapped = {"resourceType": "Bundle", "type": "message", "entry": entry}

    read = the_message(nems, as_sent(wrapped))

    assert read.records == the_message(nems, as_sent(message)).records
    assert read.message_id == the_message(nems, as_sent(message)).message_id
    two = wrapped | {"entry": [*entry, {"resource": document("CH003")}]}
    assert the_refusal(nems, as_sent(two)) == ("MessageHeader.event.code", "unknown")


def test_relative_references_are_followed():
    """By type and id, where the entry has another address, or none."""
    expected = the_message(nems, as_sent(document())).records
    relative = as_sent(document())
    for kind, key in (("Encounter", "focus"), ("Patient", "pat"), ("Organization", "org")):
        relative = relative.replace(
            f'"reference": "urn:uuid:{key}"'.encode(), f'"reference": "{kind}/{key}"'.encode()
        )
    nameless = document()
    for entry in nameless["entry"]:
        del entry["fullUrl"]

    assert b"urn:uuid:pat" in relative
    assert the_message(nems, relative).records == expected
    assert the_message(nems, as_sent(nameless)).records == expected


def test_a_relative_reference_to_one_of_two_is_to_neither():
    """Two servers may each have a Patient/pat: nothing is said of either."""
    message = document("CH018", encounter(subject={"reference": "Patient/pat"}), observation())
    message["entry"].append(
        {
            "fullUrl": "https://other.example/Patient/pat",
            "resource": patient(birthDate="2020-01-01"),
        }
    )

    assert the_refusal(nems, as_sent(message)) == ("focus.subject", NOT_FOUND)


def test_one_address_of_two_entries_stands_in_the_way_of_who_refers_to_it():
    """And of nobody else."""
    twice = document("CH018", encounter(), observation(), observation(words="Body weight"))
    referred = document("CH018", encounter(), observation())
    referred["entry"].append({"fullUrl": "urn:uuid:pat", "resource": patient()})

    (told,) = payloads(the_message(nems, as_sent(twice)), Occurrence)
    assert [label for label, _ in told.details][-2:] == ["Head circumference", "Body weight"]
    assert the_refusal(nems, as_sent(referred)) == ("Bundle.entry.fullUrl", "duplicate")


def _unnamed(**header: Any) -> dict[str, Any]:
    message = document(**header)
    for entry in message["entry"]:
        entry["resource"].pop("id", None)
    message["entry"][1]["resource"].pop("identifier")
    return message


def test_what_is_new_and_has_no_identifier_is_known_by_what_it_says():
    """Published again it is the same record; with another finding it is another."""
    first = _unnamed()
    later = _unnamed(updated="2026-03-09T10:00:00+00:00")
    other = _unnamed()
    other["entry"][2]["resource"]["valueQuantity"]["value"] = 48

    ids = [upserted(the_message(nems, as_sent(one))) for one in (first, later, other)]

    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("kind", ["update", "delete"])
def test_what_is_replaced_has_to_be_named(kind: str):
    """Nobody can tell what an update without an identifier takes the place of."""
    assert the_refusal(nems, as_sent(_unnamed(kind=kind))) == ("focus.identifier", "missing")


def test_a_time_of_birth_on_another_day_leaves_the_date_untold():
    """No date, no details, no age; what was found is told, marked."""
    born = {"extension": [{"url": OTHER_TIME, "valueDateTime": "2017-10-02T12:00:00+00:00"}]}
    message = document("CH018", encounter(), observation())
    header_of(message)["extension"].pop(0)
    message["entry"][3]["resource"]["_birthDate"] = born

    read = the_message(nems, as_sent(message))

    assert read.doubt is None
    assert read.subjects[0].demographics.date_of_birth is None
    assert {type(record.payload) for record in read.records} == {Occurrence}
    assert all(Label.DATES_CONTRADICT in record.labels for record in read.records)


# Everything of an event by the key of its Encounter.


def test_contacts_told_of_at_an_encounter_are_those_of_its_episodes():
    """Whoever works with the child now; how they are associated is no service."""
    temporary = {"system": "x/DCH-AssociationType-1", "code": "Temporary", "display": "Temporary"}
    first = episode(id="one", type=[{"coding": [temporary]}])
    second = episode(id="two", period={"start": "2025-01-01", "end": "2025-06-01"})
    second |= {"status": "finished"}

    read = the_message(nems, as_sent(document("CH027", encounter(), first, second)))

    told = payloads(read, Involvement)
    assert [(one.service, one.status.value) for one in told] == [
        ("Health service", "holds"),
        ("Health visiting service", "ended"),
    ]
    gone = the_message(nems, as_sent(document("CH027", encounter(), kind="delete")))
    assert removed(gone) == {next(iter(r.source_id for r in read.records if r.payload is told[0]))}


def test_vaccinations_told_of_at_an_encounter_go_by_its_key():
    """Given and not given; a deletion takes them all back."""
    given, refused = immunization(id="i1"), immunization(id="i2", notGiven=True)
    read = the_message(nems, as_sent(document("CH015", encounter(), given, refused)))

    assert [one.outcome for one in payloads(read, Occurrence)] == ["Given", "Not given"]
    gone = the_message(nems, as_sent(document("CH015", encounter(), given, kind="delete")))
    assert removed(gone) == {record_of_first(read)}
    assert [r.source_id for r in gone.records if r.scopes] == [f"{record_of_first(read)}/others"]
    assert the_refusal(nems, as_sent(document("CH015", encounter()))) == ("Immunization", "missing")


def record_of_first(read: Any) -> str:
    """The key of the first occurrence."""
    first = next(r for r in read.records if isinstance(r.payload, Occurrence))
    return str(first.source_id)


def test_the_shape_of_the_envelope_makes_no_difference_to_what_is_found():
    """An observation stays what it is."""
    found = record_of(the_message(nems, as_sent(document())), Occurrence).payload
    assert isinstance(found, Occurrence)
    assert ("Head circumference", "47 cm") in found.details
