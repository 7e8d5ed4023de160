"""Newborn screening becomes occurrences whose outcome is in words."""

from schemas.records.payloads import Occurrence, OccurrenceKind
from tests.support.messages.nems import AHeader
from tests.support.messages.nems_messages import ATest, screening
from tests.support.reading import nems, payloads, record_of, removed, the_message

PROGRAMME = "Newborn and Infant Physical Examination Screening Programme, "
HIPS = ATest(
    ("985531000000102", f"{PROGRAMME}hip examination"),
    ("985891000000104", f"{PROGRAMME}hip examination done, right abnormality suspected"),
)
EYES = ATest(
    ("988361000000105", f"{PROGRAMME}eye examination"),
    ("989071000000108", f"{PROGRAMME}eye examination done, no abnormality"),
)
HEARING = ATest(
    ("276771000000107", "Newborn hearing screening programme outcome (situation)"),
    ("276781000000109", "Newborn hearing screening programme completed, clear response"),
)


def test_hearing_outcome_is_the_programme_s_summary():
    """Four tests, one summary: the summary is what people read."""
    message = the_message(nems, screening(None, AHeader("newborn-hearing-1"), summary=HEARING))

    (occurrence,) = payloads(message, Occurrence)

    assert occurrence.kind is OccurrenceKind.SCREENING
    assert occurrence.title == "Newborn Hearing Screening"
    assert occurrence.outcome == "Newborn hearing screening programme completed, clear response"
    assert occurrence.practitioner_name is None


def test_examination_outcome_is_what_each_examination_found():
    """Without a summary the findings stand side by side, the programme's name left out."""
    text = screening(None, AHeader("nipe-outcome-1"), tests=(HIPS, EYES))

    (occurrence,) = payloads(the_message(nems, text), Occurrence)

    assert occurrence.outcome == (
        "Hip examination done, right abnormality suspected; Eye examination done, no abnormality"
    )
    assert occurrence.details[0][0] == "Hip examination"
    assert occurrence.practitioner_name == "Ivor Prentice"


def test_blood_spot_is_a_screening_too():
    """The third programme has the same shape."""
    text = screening(
        None,
        AHeader("blood-spot-test-outcome-1"),
        kind=("008", "Newborn Blood Spot Screening"),
        tests=(ATest(("314081000", "Phenylketonuria screening test"), ("1", "Not suspected")),),
    )

    (occurrence,) = payloads(the_message(nems, text), Occurrence)

    assert occurrence.title == "Newborn Blood Spot Screening"
    assert occurrence.details == (("Phenylketonuria screening test", "Not suspected"),)


def test_same_supplier_number_in_two_programmes_is_two_records():
    """NHS examples use one identifier for hearing, examination and blood spot alike."""
    ids = {
        record_of(the_message(nems, screening(None, AHeader(event))), Occurrence).source_id
        for event in ("newborn-hearing-1", "nipe-outcome-1", "blood-spot-test-outcome-1")
    }

    assert len(ids) == 3


def test_delete_removes_the_screening():
    """With the source id that it came under."""
    new = the_message(nems, screening(None, AHeader("nipe-outcome-1"), tests=(EYES,)))
    header = AHeader("nipe-outcome-1", event_type="delete")

    delete = the_message(nems, screening(None, header, status="entered-in-error"))

    assert removed(delete) == {record_of(new, Occurrence).source_id}
