from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest

from consent.circumstances import (
    Channel,
    CompetenceQuestion,
    NotAskedReason,
    Present,
    RefusalReason,
)
from consent.errors import DecisionInvalidError
from consent.lawfulness import Article9, Gateway
from consent.model import DeciderKind
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Source
from services.portal.decisions.form import DecisionContext, read_decision
from services.portal.decisions.orders import DecisionForm, HowDecided, recording_order
from services.portal.decisions.refused import note_refused
from services.portal.frame.forms import FormErrors, Submitted
from tests.support.portal.portal_builders import a_practitioner
from tests.support.portal.portal_forms import A_PERMIT

CHILD = PersonId("person-1")
CONTEXT = DecisionContext((CHILD,), PractitionerId("priya-nair"), date(2026, 11, 22))


def read(changed: Mapping[str, list[str]], *without: str) -> tuple[DecisionForm | None, FormErrors]:
    fields = {name: [v] if isinstance(v, str) else list(v) for name, v in A_PERMIT.items()}
    kept = {name: values for name, values in fields.items() if name not in without}
    errors = FormErrors()
    return read_decision(Submitted({**kept, **changed}), errors, CONTEXT), errors


def test_a_permit_is_read_as_it_was_filled_in() -> None:
    """Every service and every source are chosen in so many words."""
    decision, errors = read({})

    assert not errors
    assert decision is not None
    assert decision.subjects == (CHILD,)
    assert decision.recipients == frozenset()
    assert decision.sources == frozenset()
    assert decision.decider_kind is DeciderKind.PARENT
    assert decision.decider_reference == "mother"
    assert not decision.existence_may_be_shown


@pytest.mark.parametrize("question", list(A_PERMIT))
def test_an_unanswered_question_is_never_taken_as_a_yes(question: str) -> None:
    """Nothing chosen means nothing decided."""
    decision, errors = read({}, question)

    assert decision is None
    assert list(errors.messages) == [question]


@pytest.mark.parametrize("question", list(A_PERMIT))
def test_an_answer_that_was_not_offered_is_refused(question: str) -> None:
    """Codes come from the closed lists only."""
    decision, errors = read({question: ["everything"]})

    assert decision is None
    assert list(errors.messages) == [question]


def test_services_are_named_as_decisions_name_recipients() -> None:
    """An agency is a recipient by its kind."""
    decision, _ = read({"recipients": ["schools", "health-visiting"], "sources": ["schools"]})

    assert decision is not None
    assert decision.recipients == {"agency:schools", "agency:health-visiting"}
    assert decision.sources == {Source.SCHOOLS}


def test_all_services_and_some_contradict_each_other() -> None:
    """Nobody guesses which was meant."""
    decision, errors = read({"recipients": ["everyone", "schools"]})

    assert decision is None
    assert list(errors.messages) == ["recipients"]


def test_a_practitioner_who_decides_is_told_apart_by_id() -> None:
    """The reference is the id of whoever fills in the form."""
    decision, _ = read({"decided-by": ["practitioner"]})

    assert decision is not None
    assert decision.decider_reference == "priya-nair"


@pytest.mark.parametrize(
    ("day", "is_fine"), [("21", False), ("22", False), ("23", True), ("", False)]
)
def test_the_last_day_is_in_the_future(day: str, *, is_fine: bool) -> None:
    """A decision that ends before it begins is a mistake."""
    decision, errors = read({"until-day": [day], "until-month": ["11"], "until-year": ["2026"]})

    assert (decision is not None) == is_fine
    assert list(errors.messages) == ([] if is_fine else ["until-day"])


@pytest.mark.parametrize(
    ("day", "is_fine"), [("21", True), ("22", True), ("23", False), ("", False)]
)
def test_it_was_decided_today_or_before(day: str, *, is_fine: bool) -> None:
    """A paper form has a date; today is now."""
    fields = {"decided-on-day": [day], "decided-on-month": ["11"], "decided-on-year": ["2026"]}
    decision, errors = read(fields)

    assert list(errors.messages) == ([] if is_fine else ["decided-on-day"])
    assert (decision is not None) == is_fine
    if decision is not None:
        noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
        order = recording_order(decision, a_practitioner(), at=noon)
        midnight = datetime(2026, 11, 21, tzinfo=UTC)
        assert order.decided_at == (midnight if day == "21" else None)


def test_what_the_consent_service_refuses_is_shown_beside_its_field() -> None:
    """A field of the decision is found again on the page."""
    errors = FormErrors()

    note_refused(errors, DecisionInvalidError("supersedes", "is-another-deciders"))
    note_refused(errors, DecisionInvalidError("review-at", "is-not-in-the-future"))
    note_refused(errors, DecisionInvalidError("gateway", "is-newer-than-these-sentences"))

    assert errors.messages == {
        "decided-by": "Only who made a decision can replace it: select the same person",
        "review-day": "The day to ask again must be in the future",
        "gateways": "This cannot be recorded",
    }


def test_how_it_was_decided_may_be_left_out() -> None:
    """Nobody has to answer what not everybody has to know."""
    decision, errors = read({})

    assert not errors
    assert decision is not None
    assert decision.how == HowDecided()
    assert (decision.because, decision.article_9, decision.review) == (None, None, None)
    assert decision.gateways == frozenset()


def test_all_that_can_be_told_is_read() -> None:
    """The law, how it was decided, and when to ask again."""
    decision, errors = read(
        {
            "article-9": ["art-9-2-a"],
            "gateways": ["children-act-2004-s10", "care-act-2014"],
            "channel": ["telephone"],
            "interpreter": ["pl"],
            "notice-version": ["V3.1"],
            "decider-name": ["Isolde Quillfeather"],
            "present": ["professional-interpreter", "other-relative"],
            "review-day": ["1"],
            "review-month": ["3"],
            "review-year": ["2027"],
        }
    )

    assert not errors
    assert decision is not None
    assert decision.article_9 is Article9.EXPLICIT_CONSENT
    assert decision.gateways == {Gateway.CHILDREN_ACT_2004_S10, Gateway.CARE_ACT_2014}
    present = frozenset({Present.PROFESSIONAL_INTERPRETER, Present.OTHER_RELATIVE})
    assert decision.how == HowDecided(Channel.TELEPHONE, "pl", "v3.1", present=present)
    assert decision.decider_name == "Isolde Quillfeather"
    assert decision.review == date(2027, 3, 1)


def test_a_young_persons_answers_are_read_as_ticked() -> None:
    """Whether they are enough is not for the form to say."""
    decision, _ = read({"decided-by": ["young-person"], "competence": ["shared", "weighs"]})

    assert decision is not None
    assert decision.how.competence == {CompetenceQuestion.SHARED, CompetenceQuestion.WEIGHS}


@pytest.mark.parametrize(
    ("response", "field", "code", "because"),
    [
        ("refused", "why-refused", "who-would-see", RefusalReason.WHO_WOULD_SEE),
        ("refused", "why-refused", "", None),
        ("not-asked", "why-not-asked", "urgent", NotAskedReason.URGENT),
        ("given", "why-refused", "who-would-see", None),
        ("refused", "why-not-asked", "urgent", None),
    ],
)
def test_the_reason_is_that_of_what_was_decided(
    response: str, field: str, code: str, because: RefusalReason | NotAskedReason | None
) -> None:
    """The other question may have been left as it was."""
    decision, errors = read({"response": [response], field: [code]})

    assert not errors
    assert decision is not None
    assert decision.because == because


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"response": ["not-asked"]}, "why-not-asked"),
        ({"response": ["refused"], "why-refused": ["because"]}, "why-refused"),
        ({"article-9": ["art-10"]}, "article-9"),
        ({"gateways": ["magna-carta"]}, "gateways"),
        ({"channel": ["pigeon"]}, "channel"),
        ({"competence": ["clever"]}, "competence"),
        ({"review-day": ["1"]}, "review-day"),
        ({"review-day": ["22"], "review-month": ["11"], "review-year": ["2026"]}, "review-day"),
    ],
)
def test_what_was_not_offered_is_refused_beside_its_field(
    changed: dict[str, list[str]], field: str
) -> None:
    """Codes come from the closed lists; who did not ask says why."""
    decision, errors = read(changed)

    assert decision is None
    assert list(errors.messages) == [field]
