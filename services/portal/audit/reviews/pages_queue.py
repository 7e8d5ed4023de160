"""The list of what waits for a review, the soonest due first."""

from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from services.audit.postgres_answers import PAGE, place_from_text
from services.audit.reviews.postgres import DuePlace
from services.audit.reviews.queue import QueueAnswer, QueueAsked, queue_waiting
from services.audit.reviews.waiting import SHOWN_UNLESS_ASKED
from services.people.governance.queue import ItemKind
from services.people.persons.subjects import SubjectInvalidError
from services.portal.audit.addresses import (
    REVIEWS,
    with_query,
)
from services.portal.audit.csv_files import MOST_ROWS, csv_file
from services.portal.audit.filters import filters_of
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.reviews import words_reviews as words
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.visit import CurrentVisit, Visit

router = audit_router()
_HITS = "unusual"
_KINDS = (
    *(ItemKind.EMERGENCY, ItemKind.UNCONFIRMED_PRESENCE, ItemKind.ONE_PERSONS_WORD),
    *(ItemKind.CAPACITY_DOUBT, ItemKind.DUTY_OVER_REFUSAL, ItemKind.UNCONFIRMED_NARROWING),
    *(ItemKind.NAME_USED, ItemKind.FAMILY_QUESTION),
    *(ItemKind.HELD_BACK, ItemKind.HELD_TOO_LONG),
)
_FIRST = DuePlace(datetime.min.replace(tzinfo=UTC), "")


@dataclass(frozen=True, slots=True)
class _QueueChosen:
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


def _read(filters: Submitted, errors: FormErrors) -> _QueueChosen:
    kind = filters.text("kind")
    if kind not in {"", _HITS, *_KINDS}:
        errors.add("kind", "Choose one of the list")
        kind = ""
    overdue = filters.text("overdue")
    if overdue not in {"", "yes"}:
        errors.add("overdue", "Choose one of the list")
    return _QueueChosen(kind, overdue == "yes", _after(filters, errors, "kind"))


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
    most = MOST_ROWS if is_file else PAGE
    answer = answered(visit, lambda auditing: queue_waiting(chosen.asked, auditing, most=most))
    if is_file:
        return csv_file(
            "reviews",
            words.QUEUE_COLUMNS,
            words.queue_rows(answer),
            is_cut=answer.next is not None,
        )
    return _list(visit, chosen, answer, errors)


def _list(
    visit: Visit, chosen: _QueueChosen, answer: QueueAnswer | None, errors: FormErrors
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
