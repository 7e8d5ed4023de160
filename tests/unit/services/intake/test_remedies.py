"""Whatever a message is parked for, there are words for it: what is wrong, and what to do."""

from services.intake.parked.remedies import (
    WhoMends,
    has_words,
    question_to_source,
    remedy_for,
)
from tests.support.reason_codes import reason_codes


def test_every_reason_that_a_connector_gives_has_words():
    """Found in their code: one that is new has no remedy until somebody writes it."""
    found = list(reason_codes())

    without = sorted({(code, where) for code, where in found if not has_words(code)})

    assert len({code for code, _ in found}) > 40
    assert not without


def test_the_field_is_considered_where_it_matters():
    """A contradiction about birth can be decided here; one about numbers cannot."""
    birth = remedy_for("Patient.birthDate", "contradicts:MessageHeader.birthDateTime")
    number = remedy_for(
        "Patient.identifier[nhs-number]", "contradicts:MessageHeader.routing.nhsNumber"
    )

    assert birth.who is WhoMends.STEWARD
    assert number.who is WhoMends.SOURCE
    assert remedy_for("Pupil/DOB", "not-a-date").who is WhoMends.SOURCE


def test_a_fault_of_the_envelope_says_what_the_specification_wants():
    """To whoever has to ask the source for it."""
    replaced = remedy_for("focus.identifier", "missing")

    assert replaced.who is WhoMends.SOURCE
    assert "the identifier under which it was sent before" in replaced.wrong
    assert remedy_for("Pupil", "missing").wrong != replaced.wrong


def test_a_reason_that_nobody_has_words_for_still_says_what_to_do():
    """An older message, or a newer reader."""
    assert remedy_for("Bundle", "never-heard-of").who is WhoMends.OPERATOR


def test_what_is_sent_to_the_source_leaves_out_what_is_not_known():
    """And asks for no name in return."""
    said = question_to_source(
        event=None, message_id="abc", origin=None, field="Pupil/DOB", reason="not-a-date"
    )

    assert "Message id: abc" in said
    assert "Event" not in said
    assert "Do not answer with names" in said
