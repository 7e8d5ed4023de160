"""The pages of what families ask: what waits, one question, and its answer as a code."""

from datetime import UTC, datetime

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.identifiers import reference_of
from services.audit.postgres_answers import PAGE, place_from_text
from services.audit.reviews.asked_by_families import (
    FamilyQuestionsAnswer,
    family_question_shown,
    family_questions,
)
from services.audit.reviews.postgres import DuePlace
from services.audit.reviews.questions import FamilyAnswer, FamilyQuestionRefusal, answer_family
from services.people.persons.subjects import SubjectInvalidError
from services.portal.audit.addresses import (
    FAMILY_QUESTIONS,
    ONE_FAMILY_QUESTION,
    ReviewItemInPath,
    with_query,
)
from services.portal.audit.csv_files import MOST_ROWS, csv_file
from services.portal.audit.filters import filters_of
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.reviews.words_questions import (
    FILE_COLUMNS,
    answers_to_give,
    question_line,
    question_lines,
    question_rows,
    said_lines,
)
from services.portal.frame.forms import FormErrors, Submitted, read_choice
from services.portal.frame.guard import Form, FormCheck
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to

router = audit_router()
_FIRST = DuePlace(datetime.min.replace(tzinfo=UTC), "")


@router.get(FAMILY_QUESTIONS)
def show_family_questions(visit: CurrentVisit, request: Request) -> Response:
    """List what waits for an answer, the soonest due first: as a page, or as a file."""
    errors = FormErrors()
    typed = filters_of(request)
    after = _after(typed, errors)
    if errors:
        return _list(visit, None, errors)
    is_file = typed.text("as") == "csv"
    most = MOST_ROWS if is_file else PAGE
    answer = answered(visit, lambda auditing: family_questions(auditing, after=after, most=most))
    if is_file:
        is_cut = answer.next is not None
        return csv_file("family-questions", FILE_COLUMNS, question_rows(answer), is_cut=is_cut)
    return _list(visit, answer, errors)


def _after(filters: Submitted, errors: FormErrors) -> DuePlace:
    typed = filters.text("after")
    at, tilde, item = typed.partition("~")
    try:
        return DuePlace(place_from_text(f"{at}{tilde}0").at, item) if typed else _FIRST
    except SubjectInvalidError:
        errors.add("after", "That page is not there. Begin again with the first")
        return _FIRST


def _list(visit: Visit, answer: FamilyQuestionsAnswer | None, errors: FormErrors) -> Response:
    following = None if answer is None else answer.next
    after = None if following is None else f"{following.due_at.isoformat()}~{following.item}"
    return show_audit(
        visit,
        "family_questions.html",
        AuditSection.REVIEWS,
        is_below=True,
        entered=None if answer is None else answer.entered,
        status=422 if errors else 200,
        errors=errors,
        questions=() if answer is None else question_lines(answer),
        later=None if after is None else with_query(FAMILY_QUESTIONS, {"after": after}),
        csv=with_query(FAMILY_QUESTIONS, {"as": "csv"}),
    )


# One question.


@router.get(ONE_FAMILY_QUESTION)
def show_family_question(visit: CurrentVisit, item: ReviewItemInPath) -> Response:
    """Show one, with the answers that can be given."""
    return _question(visit, item, visit.typed(), FormErrors())


@router.post(ONE_FAMILY_QUESTION, dependencies=[Depends(FormCheck(FormPurpose.ANSWER_FAMILY))])
def answer_question(visit: CurrentVisit, item: ReviewItemInPath, form: Form) -> Response:
    """Take what the family was told; it leaves the queue."""
    errors = FormErrors()
    told = read_choice(form, errors, "answer", FamilyAnswer, "Select what the family was told")
    if told is None:
        return _question(visit, item, form, errors)
    state = form.text("state")
    number = int(state) if state.isdecimal() and state.isascii() else 0
    done = visit.services.audit.ask(
        visit.who, lambda a: answer_family(item, told, by=a.by, work=a.work, state=number)
    )
    if isinstance(done, FamilyQuestionRefusal):
        errors.add("answer", done.label)
        return _question(visit, item, Submitted(), errors)
    return go_to(ONE_FAMILY_QUESTION.format(item=item))


def _question(visit: Visit, item: str, form: Submitted, errors: FormErrors) -> Response:
    answer = answered(visit, lambda auditing: family_question_shown(item, auditing))
    if answer is None:
        raise HTTPException(404)
    return show_audit(
        visit,
        "family_question.html",
        AuditSection.REVIEWS,
        is_below=True,
        entered=answer.entered,
        status=422 if errors else 200,
        errors=errors,
        item=item,
        reference=reference_of(answer.asked.question.id),
        question=question_line(answer.asked, answer.workers),
        said=said_lines(answer.said),
        answers=answers_to_give(form.text("answer")),
        state=answer.asked.question.state,
        token=visit.token(FormPurpose.ANSWER_FAMILY),
    )
