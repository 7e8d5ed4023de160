"""The pages of decisions: those of a mark, and one with its whole life."""

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.audit.asked import NotForThem
from services.audit.decisions.marks import DecisionMark
from services.audit.decisions.postgres_lives import life_of
from services.audit.decisions.postgres_marks import DecisionsAnswer, MarkedDecisions
from services.audit.postgres_answers import PAGE, Auditing
from services.portal.audit.addresses import DECISIONS, ONE_DECISION
from services.portal.audit.csv_files import MOST_ROWS, csv_file
from services.portal.audit.decisions.filters import (
    DecisionsChosen,
    WithinDays,
    read_decisions_chosen,
)
from services.portal.audit.decisions.picture import picture_of
from services.portal.audit.decisions.words import (
    FILE_COLUMNS,
    about_mark,
    decision_lines,
    decision_rows,
    event_lines,
    life_in_a_sentence,
    recorded_rows,
    through_lines,
    version_lines,
)
from services.portal.audit.filters import filters_of
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.words import family_links
from services.portal.frame.addresses import DecisionInPath
from services.portal.frame.forms import FormErrors
from services.portal.frame.visit import CurrentVisit, Visit

router = audit_router()
_Agencies = Sequence[tuple[str, str]]


@router.get(DECISIONS)
def show_decisions(visit: CurrentVisit, request: Request) -> Response:
    """List the decisions of a mark: as a page, or as a file of the same rows."""
    errors = FormErrors()
    typed = filters_of(request)
    chosen = read_decisions_chosen(typed, errors)
    if errors:
        return _list(visit, chosen, None, (), errors)
    is_file = typed.text("as") == "csv"
    answer, agencies = answered(visit, lambda a: _ask(chosen, a, is_file=is_file))
    if chosen.agency is not None and chosen.agency not in {code for code, _ in agencies}:
        errors.add("agency", "Choose one of the list")
        return _list(visit, chosen, None, agencies, errors)
    if is_file:
        is_cut = answer.next is not None
        return csv_file("decisions", FILE_COLUMNS, decision_rows(answer), is_cut=is_cut)
    return _list(visit, chosen, answer, agencies, errors)


def _ask(
    chosen: DecisionsChosen, auditing: Auditing, *, is_file: bool
) -> tuple[DecisionsAnswer, _Agencies] | NotForThem:
    answer = MarkedDecisions(auditing).of(
        chosen.mark,
        after=chosen.after,
        since=chosen.since(auditing.work.now),
        within=chosen.ahead,
        agency=chosen.agency,
        most=MOST_ROWS if is_file else PAGE,
    )
    if isinstance(answer, NotForThem):
        return answer
    known = auditing.work.directory.agencies()
    return answer, [(one.code, one.name) for one in known]


def _list(
    visit: Visit,
    chosen: DecisionsChosen,
    answer: DecisionsAnswer | None,
    agencies: _Agencies,
    errors: FormErrors,
) -> Response:
    return show_audit(
        visit,
        "decisions.html",
        AuditSection.DECISIONS,
        entered=None if answer is None else answer.entered,
        status=422 if errors else 200,
        errors=errors,
        chosen=chosen,
        about=about_mark(chosen.mark),
        marks=[(mark, chosen.of_mark(mark)) for mark in DecisionMark],
        agencies=agencies,
        days=[(one.value, one.label) for one in WithinDays],
        decisions=() if answer is None else decision_lines(answer),
        older=None if answer is None else chosen.page_after(answer.next),
        csv=chosen.href(**{"as": "csv"}),
    )


@router.get(ONE_DECISION)
def show_decision(visit: CurrentVisit, decision: DecisionInPath) -> Response:
    """Show one with what became of it, what it let through, and how it is recorded."""
    life = answered(visit, lambda auditing: life_of(decision, auditing))
    if life is None:
        raise HTTPException(404)
    return show_audit(
        visit,
        "decision.html",
        AuditSection.DECISIONS,
        is_below=True,
        entered=life.entered,
        life=life,
        sentence=life_in_a_sentence(life),
        picture=picture_of(life, visit.today),
        families=family_links(sorted(life.decision.subjects)),
        events=event_lines(life),
        through=through_lines(life),
        rows=recorded_rows(life),
        versions=version_lines(life),
    )
