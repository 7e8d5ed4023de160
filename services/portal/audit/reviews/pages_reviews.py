"""The pages of reviews: what waits, one review and what is said of it, whom a breach affects."""

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.identifiers import reference_of
from services.audit.outcomes import Outcome, ReviewRefusal, Step
from services.audit.postgres_answers import PAGE, Auditing, place_from_text
from services.audit.reviews.affected import families_affected
from services.audit.reviews.postgres import DuePlace
from services.audit.reviews.queue import QueueAnswer, QueueAsked, queue_waiting
from services.audit.reviews.reviewing import Reviewed, move, review, review_asked
from services.audit.reviews.waiting import SHOWN_UNLESS_ASKED
from services.people.governance.queue import ItemKind
from services.people.persons.subjects import SubjectInvalidError
from services.portal.audit.addresses import (
    AFFECTED,
    ONE_FAMILY_QUESTION,
    ONE_REVIEW,
    REVIEWS,
    ReviewItemInPath,
    with_query,
)
from services.portal.audit.csv_files import csv_file
from services.portal.audit.filters import filters_of, read_days
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.reviews import words_reviews as words
from services.portal.audit.reviews.said import (
    STEPS,
    Said,
    read_said,
    reasons_for,
    require_fresh,
    words_to_say,
)
from services.portal.audit.words import worker_line
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.guard import Form, FormCheck
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.words.dates import uk_day_in_words

router = audit_router()
MOST_IN_A_FILE = 5_000
_HITS = "unusual"
_KINDS = (
    *(ItemKind.EMERGENCY, ItemKind.UNCONFIRMED_PRESENCE, ItemKind.ONE_PERSONS_WORD),
    *(ItemKind.CAPACITY_DOUBT, ItemKind.DUTY_OVER_REFUSAL, ItemKind.UNCONFIRMED_NARROWING),
    *(ItemKind.NAME_USED, ItemKind.FAMILY_QUESTION),
)
_FIRST = DuePlace(datetime.min.replace(tzinfo=UTC), "")
_AFFECTED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The filters of the queue; no kind is all of them."""

    kind: str
    overdue_only: bool
    after: DuePlace

    @property
    def asked(self) -> QueueAsked:
        """As the queue is asked for."""
        kinds = SHOWN_UNLESS_ASKED
        if self.kind:
            kinds = frozenset() if self.kind == _HITS else frozenset({ItemKind(self.kind)})
        return QueueAsked(kinds, self.kind in {"", _HITS}, self.overdue_only, self.after)

    def href(self, **other: str | None) -> str:
        """The list with these filters and others."""
        overdue = "yes" if self.overdue_only else None
        return with_query(REVIEWS, {"kind": self.kind, "overdue": overdue, **other})


def _read(filters: Submitted, errors: FormErrors) -> _Chosen:
    kind = filters.text("kind")
    if kind not in {"", _HITS, *_KINDS}:
        errors.add("kind", "Choose one of the list")
        kind = ""
    overdue = filters.text("overdue")
    if overdue not in {"", "yes"}:
        errors.add("overdue", "Choose one of the list")
    return _Chosen(kind, overdue == "yes", _after(filters, errors, "kind"))


def _after(filters: Submitted, errors: FormErrors, field: str) -> DuePlace:
    typed = filters.text("after")
    at, tilde, item = typed.partition("~")
    try:
        return DuePlace(place_from_text(f"{at}{tilde}0").at, item) if typed else _FIRST
    except SubjectInvalidError:
        errors.add(field, "That page is not there. Begin again with the first")
        return _FIRST


@router.get(REVIEWS)
def show_reviews(visit: CurrentVisit, request: Request) -> Response:
    """List what waits, the soonest due first: as a page, or as a file of the same rows."""
    errors = FormErrors()
    typed = filters_of(request)
    chosen = _read(typed, errors)
    if errors:
        return _list(visit, chosen, None, errors)
    is_file = typed.text("as") == "csv"
    most = MOST_IN_A_FILE if is_file else PAGE
    answer = answered(visit, lambda auditing: queue_waiting(chosen.asked, auditing, most=most))
    if is_file:
        return csv_file("reviews", words.QUEUE_COLUMNS, words.queue_rows(answer))
    return _list(visit, chosen, answer, errors)


def _list(
    visit: Visit, chosen: _Chosen, answer: QueueAnswer | None, errors: FormErrors
) -> Response:
    following = None if answer is None else answer.next
    after = None if following is None else f"{following.due_at.isoformat()}~{following.item}"
    return show_audit(
        visit,
        "reviews.html",
        AuditSection.REVIEWS,
        entered=None if answer is None else answer.entered,
        status=422 if errors else 200,
        errors=errors,
        chosen=chosen,
        kinds=[(_HITS, "Unusual access"), *((one.value, one.label) for one in _KINDS)],
        rows=() if answer is None else words.queue_lines(answer),
        later=None if after is None else chosen.href(after=after),
        csv=chosen.href(**{"as": "csv"}),
    )


# One review.


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
    if isinstance(done, ReviewRefusal):
        errors.add("said", done.label)
        return _review(visit, review, Submitted(), errors)
    return go_to(ONE_REVIEW.format(review=review))


def _said(item: str, said: Said, auditing: Auditing) -> Reviewed | ReviewRefusal:
    by, work = auditing.by, auditing.work
    if isinstance(said.word, Outcome):
        if said.because is None:
            raise ValueError("an outcome has a reason by then")
        return review(item, said.word, said.because, by=by, work=work, state=said.state)
    return move(item, said.word, by=by, work=work, state=said.state)


def _review(visit: Visit, review: str, form: Submitted, errors: FormErrors) -> Response:
    asked = answered(visit, lambda auditing: review_asked(review, auditing))
    if asked is None:
        raise HTTPException(404)
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
        states=words.review_states(shown),
        why_not=None if standing.step is Step.CLOSED else asked.why_not,
        words=words_to_say(may),
        reasons=reasons_for(may),
        state=standing.state,
        is_second=standing.step is Step.SECOND_WANTED,
        affected=AFFECTED.format(review=review) if is_breach else None,
        token=visit.token(FormPurpose.REVIEW_ACCESS),
    )


def _may_say(step: Step) -> tuple[Step | Outcome, ...]:
    if step is Step.CLOSED:
        return ()
    return tuple(Outcome) if step is Step.SECOND_WANTED else (*STEPS, *Outcome)


# Whom a breach affects.


@router.get(AFFECTED)
def show_affected(visit: CurrentVisit, request: Request, review: ReviewItemInPath) -> Response:
    """List the families that its worker looked at without a reason, and what is to be done now."""
    errors = FormErrors()
    typed = filters_of(request)
    is_chosen = bool(typed.text("from") or typed.text("to"))
    days = read_days(typed, errors, visit.today, days=90) if is_chosen else None
    answer = answered(
        visit,
        lambda auditing: families_affected(
            review,
            auditing,
            since=None if days is None else days.since,
            until=None if days is None else days.until,
        ),
    )
    if answer is None:
        raise HTTPException(404)
    filters = {} if days is None else days.as_filters
    address = AFFECTED.format(review=review)
    if typed.text("as") == "csv" and not errors:
        return csv_file("affected", words.AFFECTED_COLUMNS, words.affected_rows(answer))
    lines = words.affected_lines(answer)
    after = typed.text("after")
    left = [one for one in lines if one.family.number > after]
    shown = left[:_AFFECTED_AT_ONCE]
    more = {**filters, "after": shown[-1].family.number} if len(left) > len(shown) else None
    return show_audit(
        visit,
        "affected.html",
        AuditSection.REVIEWS,
        is_below=True,
        entered=answer.entered,
        status=422 if errors else 200,
        errors=errors,
        review=review,
        reference=reference_of(review),
        worker=worker_line(answer.breach.worker, answer.workers),
        since=uk_day_in_words(answer.since),
        until=uk_day_in_words(answer.until),
        filters=filters,
        number=len(lines),
        families=shown,
        is_cut=answer.is_cut,
        address=address,
        csv=with_query(address, {**filters, "as": "csv"}),
        more=None if more is None else with_query(address, more),
    )
