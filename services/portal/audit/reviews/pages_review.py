"""The page of one review: what happened after, what was said of it, and what a reviewer says."""

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.identifiers import reference_of
from services.audit.outcomes import Outcome, ReviewRefusal, Step
from services.audit.postgres_answers import Auditing
from services.audit.reviews.postgres import PostgresReviews
from services.audit.reviews.postgres_same_access import (
    OtherRefused,
    hits_beside,
    review_and_others,
    say_the_same,
)
from services.audit.reviews.reviewing import (
    Reviewed,
    move,
    review,
)
from services.people.governance.queue import ItemKind
from services.portal.audit.addresses import (
    AFFECTED,
    ONE_FAMILY_QUESTION,
    ONE_REVIEW,
    ReviewItemInPath,
)
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.reviews import words_reviews as words
from services.portal.audit.reviews.said import (
    STEPS,
    ReviewerSaid,
    read_said,
    reasons_for,
    require_fresh,
    words_to_say,
)
from services.portal.audit.reviews.words_unusual import other_lines
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.guard import Form, FormCheck
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.words.dates import uk_day_in_words

router = audit_router()


@router.get(ONE_REVIEW)
def show_review(visit: CurrentVisit, review: ReviewItemInPath) -> Response:
    """Show one with what happened after, and what was said of it."""
    return _review(visit, review, visit.typed(), FormErrors())


@router.post(ONE_REVIEW, dependencies=[Depends(FormCheck(FormPurpose.REVIEW_ACCESS))])
def say_of_review(visit: CurrentVisit, review: ReviewItemInPath, form: Form) -> Response:
    """Take what a reviewer says; a refusal is entered, and told on the page."""
    errors = FormErrors()
    said = read_said(form, errors, (*STEPS, *Outcome))
    if said is None:
        return _review(visit, review, form, errors)
    require_fresh(visit, said, form)
    done = visit.services.audit.ask(visit.who, lambda auditing: _said(review, said, auditing))
    if isinstance(done, ReviewRefusal | OtherRefused):
        errors.add("said", done.label)
        return _review(visit, review, Submitted(), errors)
    return go_to(ONE_REVIEW.format(review=review))


def _said(
    item: str, said: ReviewerSaid, auditing: Auditing
) -> Reviewed | ReviewRefusal | OtherRefused:
    by, work = auditing.by, auditing.work
    if not isinstance(said.word, Outcome):
        return move(item, said.word, by=by, work=work, state=said.state)
    if said.because is None:
        raise ValueError("an outcome has a reason by then")
    done = review(item, said.word, said.because, by=by, work=work, state=said.state)
    if not said.of_both or isinstance(done, ReviewRefusal):
        return done
    waiting = PostgresReviews(work.connection).item(item)
    beside = () if waiting is None else hits_beside(waiting, work)
    return say_the_same(beside, said.word, said.because, by=by, work=work) or done


def _review(visit: Visit, review: str, form: Submitted, errors: FormErrors) -> Response:
    found = answered(visit, lambda auditing: review_and_others(review, auditing))
    if found is None:
        raise HTTPException(404)
    asked, others = found
    shown = asked.shown
    row, standing = shown.row, shown.row.standing
    if row.item.kind == ItemKind.FAMILY_QUESTION:
        return go_to(ONE_FAMILY_QUESTION.format(item=review))
    may = () if asked.why_not is not None else _may_say(standing.step)
    is_breach = standing.step is Step.CLOSED and standing.outcome is Outcome.BREACH
    return show_audit(
        visit,
        "review.html",
        AuditSection.REVIEWS,
        is_below=True,
        entered=shown.entered,
        status=422 if errors else 200,
        errors=errors,
        form=form,
        kind=ItemKind(row.item.kind),
        review=review,
        reference=reference_of(review),
        row=row,
        due=uk_day_in_words(row.item.due_at),
        persons=row.item.persons,
        step=words.step_tag(standing.step),
        sentence=words.review_in_a_sentence(row, shown.workers),
        work=words.work_lines(row.work, shown.workers),
        records=asked.records,
        states=words.review_states(shown),
        why_not=None if standing.step is Step.CLOSED else asked.why_not,
        words=words_to_say(may),
        reasons=reasons_for(may),
        state=standing.state,
        is_second=standing.step is Step.SECOND_WANTED,
        affected=AFFECTED.format(review=review) if is_breach else None,
        others=other_lines(others),
        token=visit.token(FormPurpose.REVIEW_ACCESS),
    )


def _may_say(step: Step) -> tuple[Step | Outcome, ...]:
    if step is Step.CLOSED:
        return ()
    return tuple(Outcome) if step is Step.SECOND_WANTED else (*STEPS, *Outcome)
