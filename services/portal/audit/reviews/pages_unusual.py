"""The pages of unusual access: rules and their hits, one hit, and what a reviewer says of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from services.audit.postgres_answers import PAGE, place_from_text
from services.audit.reviews.hits_asked import (
    FIGURES_OF,
    HitsAnswer,
    hits_asked,
)
from services.audit.reviews.queue import STILL_OPEN
from services.audit.unusual.hits import HitStanding
from services.audit.unusual.model import UnusualRule
from services.audit.unusual.postgres_hits import HitFilter
from services.people.persons.subjects import SubjectInvalidError
from services.portal.audit.addresses import (
    UNUSUAL,
    with_query,
)
from services.portal.audit.csv_files import MOST_ROWS, csv_file
from services.portal.audit.filters import Days, filters_of, read_code, read_days
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.reviews import words_unusual as words
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.visit import CurrentVisit, Visit

router = audit_router()


@dataclass(frozen=True, slots=True)
class _HitsChosen:
    """The filters of the list; no standing is what is open."""

    days: Days
    rule: UnusualRule | None
    standing: HitStanding | None
    after: tuple[datetime, str] | None

    @property
    def asked(self) -> HitFilter:
        """As hits are asked for."""
        standings: Collection[HitStanding] = STILL_OPEN
        if self.standing is not None:
            standings = (self.standing,)
        return HitFilter(self.days.first, self.days.last, self.rule, standings, self.after)

    def href(self, **other: str | None) -> str:
        """The list with these filters and others."""
        chosen = {
            "rule": None if self.rule is None else self.rule.value,
            "state": None if self.standing is None else self.standing.value,
            **self.days.as_filters,
        }
        return with_query(UNUSUAL, {**chosen, **other})


def _read(filters: Submitted, errors: FormErrors, visit: Visit) -> _HitsChosen:
    return _HitsChosen(
        read_days(filters, errors, visit.today, days=FIGURES_OF.days),
        read_code(filters, errors, "rule", UnusualRule),
        read_code(filters, errors, "state", HitStanding),
        _after(filters, errors),
    )


def _after(filters: Submitted, errors: FormErrors) -> tuple[datetime, str] | None:
    typed = filters.text("after")
    at, tilde, hit = typed.partition("~")
    try:
        return (place_from_text(f"{at}{tilde}0").at, hit) if typed else None
    except SubjectInvalidError:
        errors.add("rule", "That page is not there. Begin again with the first")
        return None


@router.get(UNUSUAL)
def show_unusual(visit: CurrentVisit, request: Request) -> Response:
    """List hits and how well each rule does: as a page, or the hits as a file."""
    errors = FormErrors()
    typed = filters_of(request)
    chosen = _read(typed, errors, visit)
    if errors:
        return _list(visit, chosen, None, errors)
    is_file = typed.text("as") == "csv"
    most = MOST_ROWS if is_file else PAGE
    answer = answered(visit, lambda auditing: hits_asked(chosen.asked, auditing, most=most))
    if is_file:
        return csv_file(
            "unusual-access",
            words.FILE_COLUMNS,
            words.hit_rows(answer),
            is_cut=answer.next is not None,
        )
    return _list(visit, chosen, answer, errors)


def _list(
    visit: Visit, chosen: _HitsChosen, answer: HitsAnswer | None, errors: FormErrors
) -> Response:
    following = None if answer is None else answer.next
    after = None if following is None else f"{following[0].isoformat()}~{following[1]}"
    return show_audit(
        visit,
        "unusual.html",
        AuditSection.UNUSUAL,
        entered=None if answer is None else answer.entered,
        status=422 if errors else 200,
        errors=errors,
        chosen=chosen,
        rules=[(one.value, one.label) for one in UnusualRule],
        states=[(one.value, one.label.partition(":")[0]) for one in HitStanding],
        hits=() if answer is None else words.hit_lines(answer),
        figures=() if answer is None else words.rule_lines(answer.figures),
        sentence=None if answer is None else words.in_a_sentence(answer.figures),
        older=None if after is None else chosen.href(after=after),
        csv=chosen.href(**{"as": "csv"}),
    )
