"""Vaccinations become occurrences, also those that were not given."""

from schemas.records.payloads import Occurrence, OccurrenceKind
from schemas.vocabulary import Category, Label
from tests.support.each_case import each_case
from tests.support.messages.nems import AHeader
from tests.support.messages.nems_bundles import (
    Resource,
    bundle,
    immunization,
    organisation,
    patient,
)
from tests.support.messages.nems_messages import vaccination
from tests.support.reading import nems, payloads, record_of, removed, the_message, the_refusal


def test_given_vaccination_says_what_when_and_by_whom():
    """In words, without SNOMED's tags."""
    message = the_message(nems, vaccination())

    (occurrence,) = payloads(message, Occurrence)

    assert occurrence.kind is OccurrenceKind.VACCINATION
    assert occurrence.title == "Measles mumps and rubella vaccination - second dose"
    assert occurrence.period.start == "2026-09-01T10:00:00+00:00"
    assert occurrence.outcome == "Given"
    assert not occurrence.not_done
    assert ("Vaccine", "Priorix") in occurrence.details
    assert occurrence.practitioner_name == "Ruth Castell"
    assert occurrence.agency_name == "Larkhill Surgery"


def test_vaccination_not_given_says_so_and_why():
    """Offered and not given is a fact of its own."""
    message = the_message(nems, vaccination(given=False))

    (occurrence,) = payloads(message, Occurrence)

    assert occurrence.not_done
    assert occurrence.outcome == "Not given: Immunization consent not given"
    assert occurrence.details == ()


def test_where_it_was_given_and_why_not_are_in_words():
    """Bare codes of HL7 and SNOMED; one that nobody here knows is named as that."""
    sites = "http://hl7.org/fhir/v3/ActSite"
    told = (
        ({"system": sites, "code": "LA"}, "Left arm"),
        ({"system": sites, "code": "LT", "display": "left thigh"}, "left thigh"),
        ({"system": "http://snomed.info/sct", "code": "368209003"}, "Right upper arm"),
        ({"system": sites, "code": "QQ"}, "A place without a name here (HL7 ActSite QQ)"),
    )
    with each_case() as case:
        for coding, words in told:
            with case(coding):
                (given,) = _occurrences(immunization(site={"coding": [coding]}))
                assert ("Site", words) in given.details
    why = {"coding": [{"system": "http://hl7.org/fhir/v3/ActReason", "code": "PATOBJ"}]}
    (refused,) = _occurrences(immunization(notGiven=True, explanation={"reasonNotGiven": [why]}))
    assert refused.outcome == "Not given: declined by or for the patient"


def _occurrences(about: Resource) -> list[Occurrence]:
    text = bundle("vaccinations-1", about, patient(), organisation())
    return payloads(the_message(nems, text), Occurrence)


def test_vaccination_names_a_place_so_it_is_labelled():
    """The surgery tells where somebody is seen."""
    record = record_of(the_message(nems, vaccination()), Occurrence)

    assert record.category is Category.CHILD_HEALTH
    assert record.labels == {Label.LOCATION}


def test_delete_removes_the_vaccination():
    """With the source id that it came under."""
    new = the_message(nems, vaccination())
    header = AHeader(event="vaccinations-1", event_type="delete")

    delete = the_message(nems, vaccination(header=header, status="entered-in-error"))

    assert removed(delete) == {record_of(new, Occurrence).source_id}


def test_impossible_date_is_left_out_and_named():
    """The thirtieth of February is no day; that it was given stands."""
    message = the_message(nems, vaccination(on="2026-02-30"))

    (given,) = payloads(message, Occurrence)
    assert (given.period.start, given.outcome) == (None, "Given")
    assert "Immunization.date" in message.unused.fields


def test_unsaid_whether_given_parks():
    """Given and not given must not be mistaken for one another."""
    unsaid = vaccination().replace(b'<notGiven value="false"/>', b'<notGiven value="perhaps"/>')

    assert the_refusal(nems, unsaid) == ("Immunization.notGiven", "not-a-boolean")
