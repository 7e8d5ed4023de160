"""The page of one hit: what the rule saw, what may explain it, and what a reviewer says of it."""

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.identifiers import reference_of
from services.audit.outcomes import Outcome, Step
from services.audit.postgres_answers import Auditing
from services.audit.reviews.hits_asked import HitAnswer
from services.audit.reviews.judging_hits import HitJudged, judge_hit, step_hit
from services.audit.reviews.postgres_same_access import (
    OtherRefused,
    hit_and_others,
    items_beside,
    say_the_same,
)
from services.audit.unusual.hits import Hit, HitStanding
from services.audit.unusual.judging import SENTENCES
from services.audit.unusual.reviewing import HitRefusal
from services.portal.audit.addresses import AFFECTED, ONE_HIT, HitInPath
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.reviews import words_unusual as words
from services.portal.audit.reviews.said import (
    STEPS,
    ReviewerSaid,
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
    if isinstance(judged, HitRefusal | OtherRefused):
        errors.add("said", judged.label)
        return _hit(visit, hit, Submitted(), errors)
    return go_to(ONE_HIT.format(hit=hit))


def _judged(
    hit: str, said: ReviewerSaid, auditing: Auditing
) -> HitJudged | HitRefusal | OtherRefused:
    by, work = auditing.by, auditing.work
    if not isinstance(said.word, Outcome):
        return step_hit(hit, said.word, said.state, by=by, work=work)
    because = said.because
    if because is None:
        raise ValueError("an outcome has a reason by then")
    judged = judge_hit(hit, said.word, because, said.state, by=by, work=work)
    if not said.of_both or isinstance(judged, HitRefusal):
        return judged
    others = items_beside(judged.hit, work)
    return say_the_same(others, said.word, because, by=by, work=work) or judged


def _hit(visit: Visit, hit: str, form: Submitted, errors: FormErrors) -> Response:
    found = answered(visit, lambda auditing: hit_and_others(hit, auditing))
    if found is None:
        raise HTTPException(404)
    answer, others = found
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
        others=words.other_lines(others),
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
