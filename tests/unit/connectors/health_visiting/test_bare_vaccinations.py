"""Vaccinations as the national immunisation service answers: R4 resources without a message."""

import json
from typing import Any

from connectors.ports import Unreadable
from schemas.records.kinds import MessageKind
from schemas.records.payloads import Occurrence
from schemas.vocabulary import Action, Category
from tests.support.reading import nems, outcomes, payloads, removed, the_message, the_refusal

_NUMBER, _OTHER_NUMBER = "9990000018", "9990000026"
_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"
_ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
_SNOMED = "http://snomed.info/sct"


def _sent(resource: dict[str, Any]) -> bytes:
    return json.dumps(resource).encode()


def _coded(code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": _SNOMED, "code": code, "display": display}]}


def _patient(number: str = _NUMBER) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": "Pat1",
        "identifier": [{"system": _SYSTEM, "value": number}],
        "name": [{"family": "Ashdown", "given": ["Wren"]}],
        "birthDate": "2024-05-03",
    }


def _immunization(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Immunization",
        "contained": [
            {
                "resourceType": "Practitioner",
                "id": "Pract1",
                "name": [{"family": "Castell", "given": ["Ruth"]}],
            },
            _patient(),
        ],
        "identifier": [{"system": "https://supplier.example/vaccinations", "value": "v-1"}],
        "status": "completed",
        "vaccineCode": _coded("34925111000001104", "Priorix"),
        "patient": {"reference": "#Pat1"},
        "occurrenceDateTime": "2026-09-01T10:00:00+00:00",
        "recorded": "2026-09-01T10:05:00+00:00",
        "performer": [
            {"actor": {"reference": "#Pract1"}},
            {"actor": {"type": "Organization", "identifier": {"system": _ODS, "value": "B0C4P"}}},
        ],
        "protocolApplied": [{"doseNumberPositiveInt": 2}],
        **more,
    }


def _found(number: str, **more: Any) -> dict[str, Any]:
    """One of those that a search found: its Patient stands beside it."""
    one = _immunization(
        identifier=[{"system": "https://supplier.example/vaccinations", "value": number}],
        patient={"reference": "urn:uuid:patient"},
        **more,
    )
    del one["contained"]
    return one


def _searchset(*resources: dict[str, Any]) -> bytes:
    entries = [{"fullUrl": "urn:uuid:patient", "resource": _patient()}]
    entries += [
        {"fullUrl": f"https://api.example/Immunization/{number}", "resource": one}
        for number, one in enumerate(resources)
    ]
    return _sent({"resourceType": "Bundle", "type": "searchset", "entry": entries})


def test_one_says_what_a_message_says():
    """Whom it is about stands inside it, and so does who gave it."""
    message = the_message(nems, _sent(_immunization()))

    (given,) = payloads(message, Occurrence)
    (child,) = message.subjects

    assert message.kind is MessageKind.VACCINATION
    assert message.sender == "B0C4P"
    assert message.version.at == "2026-09-01T10:05:00.000000Z"
    assert [number.value for number in child.identifiers] == [_NUMBER]
    assert child.demographics.date_of_birth == "2024-05-03"
    assert (given.title, given.outcome, given.not_done) == ("Priorix", "Given", False)
    assert given.period.start == "2026-09-01T10:00:00+00:00"
    assert ("Dose", "2") in given.details
    assert given.practitioner_name == "Ruth Castell"


def test_one_not_given_says_so_and_why():
    """R4 says it in the status."""
    not_given = _immunization(
        status="not-done", statusReason=_coded("310376006", "Immunisation consent not given")
    )

    (told,) = payloads(the_message(nems, _sent(not_given)), Occurrence)

    assert told.not_done
    assert told.outcome == "Not given: Immunisation consent not given"


def test_one_entered_in_error_is_taken_back():
    """By the key under which it was told."""
    told = the_message(nems, _sent(_immunization()))
    taken_back = the_message(nems, _sent(_immunization(status="entered-in-error")))

    (record,) = (r for r in told.records if r.category is Category.CHILD_HEALTH)

    assert removed(taken_back) == {record.source_id}
    assert all(r.action is Action.REMOVE for r in taken_back.records)


def test_those_of_a_search_are_told_together():
    """Each by its own number; the latest recorded says which set is later."""
    first, second = _found("v-1"), _found("v-2", recorded="2026-10-01")
    earlier = the_message(nems, _searchset(first))

    message = the_message(nems, _searchset(first, second))

    keys = {r.source_id for r in message.records if r.category is Category.CHILD_HEALTH}
    assert {key.rpartition("|")[2] for key in keys} == {"v-1", "v-2"}
    assert message.version.at == "2026-10-01T00:00:00.000000Z"
    assert message.version.sort_key > earlier.version.sort_key


def test_a_later_version_of_one_is_later():
    """Also where it was recorded at the same moment."""
    again = _immunization(meta={"versionId": "2"})

    first, later = (the_message(nems, _sent(one)) for one in (_immunization(), again))

    assert later.version.sort_key > first.version.sort_key


def test_whose_patient_is_not_there_is_known_by_number():
    """A search for one may give no Patient beside it."""
    one = _immunization(
        patient={
            "reference": "Patient/away",
            "identifier": {"system": _SYSTEM, "value": _NUMBER},
        }
    )
    del one["contained"]

    (child,) = the_message(nems, _sent(one)).subjects

    assert [number.value for number in child.identifiers] == [_NUMBER]
    assert child.demographics.date_of_birth is None


def test_names_inside_two_are_not_taken_for_one_another():
    """Each has a Pat1 of its own: here of two people, so nothing is told of either."""
    other = _immunization(
        contained=[_patient(_OTHER_NUMBER)],
        identifier=[{"system": "https://supplier.example/vaccinations", "value": "v-2"}],
    )
    both = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": _immunization()}, {"resource": other}],
    }

    refusal = _unreadable(_sent(both))

    assert (refusal.field, refusal.reason) == ("Immunization.patient", "several-values")
    assert refusal.about is not None
    assert {n.value for n in refusal.about.identifiers} == {_NUMBER, _OTHER_NUMBER}


def test_without_any_time_nobody_can_tell_which_is_later():
    """It is named, with whom it is about."""
    one = _immunization()
    del one["recorded"], one["occurrenceDateTime"]

    refusal = _unreadable(_sent(one))

    assert (refusal.field, refusal.reason) == ("Immunization.recorded", "missing")
    assert refusal.about is not None
    assert [n.value for n in refusal.about.identifiers] == [_NUMBER]


def test_a_number_that_was_not_traced_is_not_taken_for_verified():
    """R4 says by an extension of its own whether it was."""
    verified = [_with_status("01"), _with_status("number-present-and-verified")]
    not_verified = [_with_status("02"), _with_status("number-present-but-not-traced")]

    told = [
        the_message(nems, _sent(one)).subjects[0].identifiers[0].is_verified
        for one in (*verified, *not_verified)
    ]

    assert told == [True, True, False, False]


def _with_status(code: str) -> dict[str, Any]:
    patient = _patient()
    patient["identifier"][0]["extension"] = [
        {
            "url": "https://fhir.hl7.org.uk/StructureDefinition/"
            "Extension-UKCore-NHSNumberVerificationStatus",
            "valueCodeableConcept": {"coding": [{"code": code}]},
        }
    ]
    return _immunization(contained=[patient])


def test_xml_says_the_same():
    """In FHIR's other form."""
    text = f"""
    <Immunization xmlns="http://hl7.org/fhir">
      <contained><Patient><id value="Pat1"/>
        <identifier><system value="{_SYSTEM}"/><value value="{_NUMBER}"/></identifier>
        <birthDate value="2024-05-03"/></Patient></contained>
      <identifier><system value="https://supplier.example/vaccinations"/>
        <value value="v-1"/></identifier>
      <status value="completed"/>
      <vaccineCode><coding><system value="{_SNOMED}"/><code value="34925111000001104"/>
        <display value="Priorix"/></coding></vaccineCode>
      <patient><reference value="#Pat1"/></patient>
      <occurrenceDateTime value="2026-09-01T10:00:00+00:00"/>
      <recorded value="2026-09-01T10:05:00+00:00"/>
    </Immunization>
    """

    (given,) = payloads(the_message(nems, text.encode()), Occurrence)

    assert (given.title, given.outcome) == ("Priorix", "Given")


def test_a_search_that_found_none_is_no_message():
    """Nothing is told of anybody by it."""
    assert the_refusal(nems, _searchset()) == ("Bundle.type", "not-a-message")


def _unreadable(data: bytes) -> Unreadable:
    (outcome,) = outcomes(nems, data)
    assert isinstance(outcome, Unreadable)
    return outcome


def test_one_that_is_dated_before_the_birth_says_so():
    """It is a slip of its source's; nobody counts it as given to this child without asking."""
    given = _sent(_immunization(occurrenceDateTime="2023-09-01"))
    (before,) = payloads(the_message(nems, given), Occurrence)
    (after,) = payloads(the_message(nems, _sent(_immunization())), Occurrence)

    said = ("Dated", "Before the date of birth, by its source")
    assert said in before.details
    assert said not in after.details
