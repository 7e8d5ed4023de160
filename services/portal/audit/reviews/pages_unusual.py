"""The pages of unusual access: rules and their hits, one hit, and what a reviewer says of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.identifiers import reference_of
from services.audit.outcomes import Outcome, Step
from services.audit.postgres_answers import PAGE, Auditing, place_from_text
from services.audit.reviews.judging_hits import HitJudged, judge_hit, step_hit
from services.audit.reviews.queue import STILL_OPEN
from services.audit.unusual.asking import FIGURES_OF, HitAnswer, HitsAnswer, hit_asked, hits_asked
from services.audit.unusual.hits import Hit, HitStanding
from services.audit.unusual.judging import SENTENCES
from services.audit.unusual.model import UnusualRule
from services.audit.unusual.postgres_hits import HitFilter
from services.audit.unusual.reviewing import HitRefusal
from services.people.persons.subjects import SubjectInvalidError
from services.portal.audit.addresses import (
    AFFECTED,
    ONE_HIT,
    UNUSUAL,
    HitInPath,
    with_query,
)
from services.portal.audit.csv_files import csv_file
from services.portal.audit.filters import Days, filters_of, read_code, read_days
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.reviews import words_unusual as words
from services.portal.audit.reviews.said import (
    STEPS,
    Said,
    read_said,
    reasons_for,
    require_fresh,
    words_to_say,
)
from services.portal.audit.words import family_links
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.guard import Form, FormCheck
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.words.dates import uk_day_in_words

router = audit_router()
MOST_IN_A_FILE = 5_000


@dataclass(frozen=True, slots=True)
class _Chosen:
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


def _read(filters: Submitted, errors: FormErrors, visit: Visit) -> _Chosen:
    return _Chosen(
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
    most = MOST_IN_A_FILE if is_file else PAGE
    answer = answered(visit, lambda auditing: hits_asked(chosen.asked, auditing, most=most))
    if is_file:
        return csv_file("unusual-access", words.FILE_COLUMNS, words.hit_rows(answer))
    return _list(visit, chosen, answer, errors)


def _list(visit: Visit, chosen: _Chosen, answer: HitsAnswer | None, errors: FormErrors) -> Response:
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


# One hit.


@router.get(ONE_HIT)
def show_hit(visit: CurrentVisit, hit: HitInPath) -> Response:
    """Show what the rule saw, what may explain it, and what was said of it."""
    return _hit(visit, hit, visit.typed(), FormErrors())


@router.post(ONE_HIT, dependencies=[Depends(FormCheck(FormPurpose.JUDGE_HIT))])
def say_of_hit(visit: CurrentVisit, hit: HitInPath, form: Form) -> Response:
    """Take what a reviewer says; a refusal is entered, and told on the page."""
    errors = FormErrors()
    said = read_said(form, errors, (*STEPS, *Outcome))
    if said is None:
        return _hit(visit, hit, form, errors)
    require_fresh(visit, said, form)
    judged = visit.services.audit.ask(visit.who, lambda auditing: _judged(hit, said, auditing))
    if judged is HitRefusal.NOT_THERE:
        raise HTTPException(404)
    if isinstance(judged, HitRefusal):
        errors.add("said", judged.label)
        return _hit(visit, hit, Submitted(), errors)
    return go_to(ONE_HIT.format(hit=hit))


def _judged(hit: str, said: Said, auditing: Auditing) -> HitJudged | HitRefusal:
    by, work = auditing.by, auditing.work
    if isinstance(said.word, Outcome):
        because = said.because
        if because is None:
            raise ValueError("an outcome has a reason by then")
        return judge_hit(hit, said.word, because, said.state, by=by, work=work)
    return step_hit(hit, said.word, said.state, by=by, work=work)


def _hit(visit: Visit, hit: str, form: Submitted, errors: FormErrors) -> Response:
    answer = answered(visit, lambda auditing: hit_asked(hit, auditing))
    if answer is None:
        raise HTTPException(404)
    told = answer.hit
    may = _may_say(answer)
    return show_audit(
        visit,
        "hit.html",
        AuditSection.UNUSUAL,
        is_below=True,
        entered=answer.entered,
        status=422 if errors else 200,
        errors=errors,
        form=form,
        hit=told,
        reference=reference_of(told.id),
        due=uk_day_in_words(told.due_at),
        families=family_links(() if told.person is None else (told.person,)),
        sentence=words.hit_in_a_sentence(answer),
        explained=SENTENCES[told.rule].explained,
        explained_by=told.explained_by,
        checks=words.checked(answer.beside),
        acts=words.act_lines(answer.acts, answer),
        after=words.act_lines(() if answer.beside is None else answer.beside.work, answer),
        states=words.state_lines(answer),
        quiet=words.quiet_in_words(answer),
        why_not=answer.why_not,
        words=words_to_say(may),
        reasons=reasons_for(may),
        state=told.states[-1].number if told.states else 0,
        is_second=told.standing is HitStanding.SECOND_WANTED,
        affected=_affected(told),
        token=visit.token(FormPurpose.JUDGE_HIT),
    )


def _may_say(answer: HitAnswer) -> tuple[Step | Outcome, ...]:
    """What can be said of it now, by whoever looks."""
    hit = answer.hit
    if not hit.states or answer.why_not is not None or words.is_over(hit):
        return ()
    if hit.standing is HitStanding.SECOND_WANTED:
        return (Outcome.BREACH, Step.LOOKING)
    begun = STEPS if hit.standing is HitStanding.NEW else STEPS[1:]
    return (*begun, *Outcome)


def _affected(hit: Hit) -> str | None:
    return AFFECTED.format(review=hit.id) if hit.standing is HitStanding.BREACH else None
