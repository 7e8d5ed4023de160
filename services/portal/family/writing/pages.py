"""Writing down help wanted, a next step, and that one is involved; changing what one wrote.

A form comes back filled in with what was typed: after a mistake, after a session that ended, and
where the family's decisions let nothing be written. Sent twice, it is entered once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, assert_never

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.identifiers import PersonId
from schemas.records.payloads import FactStatus, Involvement
from services.people.practitioners.permissions import Permission
from services.portal.family.writing.form import (
    BEGINNINGS,
    NO_PLAN,
    HelpState,
    InvolvedState,
    StepState,
    SupportField,
    once_of,
    read_help,
    read_step,
    read_telephone,
)
from services.portal.family.writing.words import (
    SupportDone,
    filled_with_help,
    filled_with_step,
    plans_by_key,
)
from services.portal.frame.addresses import EntryInPath, FamilyAddresses, PersonInPath
from services.portal.frame.forms import FormErrors, Submitted, read_choice
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.words.cards import Item, choices_of
from services.portal.words.frame import FamilyPage, why_refused
from services.profile.model import HelpView, Profile, ProfileRefused, StepView
from services.profile.story.support import (
    Answer,
    InvolvedSaid,
    NotPublished,
    SupportForm,
    SupportOutcome,
)

router = guarded_router(Permission.FAMILY_RECORDS)
_HELP = "/families/{person}/support/help"
_STEP = "/families/{person}/support/step"
_INVOLVED = "/families/{person}/support/involved"
_SELECT = "Select how it stands"
Own = TypeVar("Own", HelpView, StepView)


@dataclass(frozen=True, slots=True, repr=False)
class _Filled:
    """A form as it is shown: what stands in it, what is wrong, why nothing was written."""

    form: Submitted
    errors: FormErrors = field(default_factory=FormErrors)
    why_not: NotPublished | None = None
    done: SupportDone | None = None


@dataclass(frozen=True, slots=True, repr=False)
class _WrittenAbout:
    """Whom somebody writes about, and what of it is shown to them: nothing, where that is none.

    Who has a case of their own may write, whatever they may read.
    """

    visit: Visit
    person: PersonId
    profile: Profile | None
    involvement: Involvement | None

    @property
    def addresses(self) -> FamilyAddresses:
        return self.visit.addresses(self.person)

    @property
    def help_wanted(self) -> Sequence[HelpView]:
        return self.profile.help_wanted if self.profile else ()

    @property
    def next_steps(self) -> Sequence[StepView]:
        return self.profile.next_steps if self.profile else ()

    @property
    def plans(self) -> Mapping[str, str]:
        return plans_by_key(self.profile) if self.profile else {}

    def own(self, views: Iterable[Own], entry: str) -> Own:
        """What they wrote themselves. Raises HTTPException 404 for anything else."""
        for view in views:
            if view.key == entry and self.visit.who.is_one_with(view.written.author):
                return view
        raise HTTPException(404)

    def after(self, done: SupportDone) -> str:
        """Where one goes on: where it will stand, or a page that they may see."""
        if self.profile is not None:
            return self.addresses.people_after(done)
        return self.addresses.after_support("involved", done)


def _written_about(visit: Visit, person: PersonId) -> _WrittenAbout | Response:
    """Who is written about, or the refusal, entered once; an emergency alone opens no form."""
    involvement = visit.services.support.involvement(visit.who, person, visit.purpose)
    if isinstance(involvement, ProfileRefused):
        return visit.show_refused(person, involvement)
    profile = visit.services.read_profile(visit.who, person, visit.purpose)
    shown = profile if isinstance(profile, Profile) else None
    return _WrittenAbout(visit, person, shown, involvement)


# What the family wants help with.


@router.get(f"{_HELP}/new")
def show_help_to_add(
    visit: CurrentVisit, person: PersonInPath, done: SupportDone | None = None
) -> Response:
    """Ask what they want help with."""
    family = _written_about(visit, person)
    if isinstance(family, Response):
        return family
    return _help_form(family, None, _Filled(visit.typed(), done=done))


@router.post(f"{_HELP}/new", dependencies=[Depends(FormCheck(FormPurpose.WRITE_HELP))])
def add_help(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Write it down, then show people and support."""
    return _send_help(visit, person, None, form)


@router.get(f"{_HELP}/{{entry}}")
def show_help_to_change(visit: CurrentVisit, person: PersonInPath, entry: EntryInPath) -> Response:
    """Show what they wrote, filled in, and ask how it stands."""
    family = _written_about(visit, person)
    if isinstance(family, Response):
        return family
    wanted = family.own(family.help_wanted, entry).wanted
    form = _typed_or(visit, filled_with_help(wanted))
    return _help_form(family, entry, _Filled(form))


@router.post(f"{_HELP}/{{entry}}", dependencies=[Depends(FormCheck(FormPurpose.WRITE_HELP))])
def change_help(
    visit: CurrentVisit, person: PersonInPath, entry: EntryInPath, form: Form
) -> Response:
    """Write down what changed, or take it back."""
    return _send_help(visit, person, entry, form)


def _send_help(visit: Visit, person: PersonId, entry: str | None, form: Submitted) -> Response:
    family = _written_about(visit, person)
    if isinstance(family, Response):
        return family
    sent, errors = _sent(visit, form, entry), FormErrors()
    state = read_choice(form, errors, SupportField.STATE, HelpState, _SELECT)
    if entry is not None and state is HelpState.IN_ERROR:
        return _take_back(family, sent)
    if entry is None and state is not None and state not in BEGINNINGS:
        errors.add(SupportField.STATE, _SELECT)
    said = read_help(form, errors, state or HelpState.WAITING)
    if errors:
        return _help_form(family, entry, _Filled(form, errors))
    answer = visit.services.support.say_help(visit.who, person, said, sent)
    if isinstance(answer, NotPublished):
        return _help_form(family, entry, _Filled(form, errors, answer))
    return _after(family, answer, SupportDone.WRITTEN)


def _help_form(family: _WrittenAbout, entry: str | None, filled: _Filled) -> Response:
    states: Iterable[HelpState] = BEGINNINGS if entry is None else HelpState
    return _show(
        family,
        "write_help.html",
        filled,
        is_new=entry is None,
        states=choices_of(states, filled.form.chosen(SupportField.STATE) or (HelpState.WAITING,)),
        action=family.addresses.support(f"help/{entry or 'new'}"),
        token=family.visit.token(FormPurpose.WRITE_HELP),
    )


# A plan's next step.


@router.get(f"{_STEP}/new")
def show_step_to_add(
    visit: CurrentVisit, person: PersonInPath, done: SupportDone | None = None
) -> Response:
    """Ask what is to be done next, who does it and by when."""
    family = _written_about(visit, person)
    if isinstance(family, Response):
        return family
    return _step_form(family, None, _Filled(visit.typed(), done=done))


@router.post(f"{_STEP}/new", dependencies=[Depends(FormCheck(FormPurpose.WRITE_STEP))])
def add_step(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Write it down, then show people and support."""
    return _send_step(visit, person, None, form)


@router.get(f"{_STEP}/{{entry}}")
def show_step_to_change(visit: CurrentVisit, person: PersonInPath, entry: EntryInPath) -> Response:
    """Show what they wrote, filled in, and ask how it stands."""
    family = _written_about(visit, person)
    if isinstance(family, Response):
        return family
    step = family.own(family.next_steps, entry).step
    form = _typed_or(visit, filled_with_step(step))
    return _step_form(family, entry, _Filled(form))


@router.post(f"{_STEP}/{{entry}}", dependencies=[Depends(FormCheck(FormPurpose.WRITE_STEP))])
def change_step(
    visit: CurrentVisit, person: PersonInPath, entry: EntryInPath, form: Form
) -> Response:
    """Write down what changed, or take it back."""
    return _send_step(visit, person, entry, form)


def _send_step(visit: Visit, person: PersonId, entry: str | None, form: Submitted) -> Response:
    family = _written_about(visit, person)
    if isinstance(family, Response):
        return family
    sent, errors = _sent(visit, form, entry), FormErrors()
    state: StepState | None = StepState.TO_DO
    if entry is not None:
        state = read_choice(form, errors, SupportField.STATE, StepState, _SELECT)
        if state is StepState.IN_ERROR:
            return _take_back(family, sent)
    plans = family.plans if entry is None else {}
    said = read_step(form, errors, state or StepState.TO_DO, plans, visit.today)
    if errors:
        return _step_form(family, entry, _Filled(form, errors))
    answer = visit.services.support.say_step(visit.who, person, said, sent)
    if isinstance(answer, NotPublished):
        return _step_form(family, entry, _Filled(form, errors, answer))
    return _after(family, answer, SupportDone.WRITTEN)


def _step_form(family: _WrittenAbout, entry: str | None, filled: _Filled) -> Response:
    return _show(
        family,
        "write_step.html",
        filled,
        is_new=entry is None,
        plans=_plan_items(family.plans, filled.form) if entry is None else [],
        states=choices_of(StepState, filled.form.chosen(SupportField.STATE)),
        action=family.addresses.support(f"step/{entry or 'new'}"),
        token=family.visit.token(FormPurpose.WRITE_STEP),
    )


def _plan_items(plans: Mapping[str, str], form: Submitted) -> list[Item]:
    if not plans:
        return []
    chosen = form.text(SupportField.PLAN)
    named = [{"value": k, "text": title, "checked": k == chosen} for k, title in plans.items()]
    none: Item = {"value": NO_PLAN, "text": "No plan", "checked": chosen == NO_PLAN}
    return [*named, {"divider": "or"}, none]


# That whoever is signed in works with the child.


@router.get(_INVOLVED)
def show_involved(
    visit: CurrentVisit, person: PersonInPath, done: SupportDone | None = None
) -> Response:
    """Ask for a number of work; of who is involved, whether they still are."""
    family = _written_about(visit, person)
    if isinstance(family, Response):
        return family
    stands = family.involvement
    number = (stands.telephone if stands else None) or visit.services.support.work_number(visit.who)
    form = _typed_or(visit, Submitted({SupportField.TELEPHONE: [number]} if number else {}))
    return _involved_form(family, stands, _Filled(form, done=done))


@router.post(_INVOLVED, dependencies=[Depends(FormCheck(FormPurpose.SAY_INVOLVED))])
def say_involved(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Write it down, then show people and support."""
    family = _written_about(visit, person)
    if isinstance(family, Response):
        return family
    stands = family.involvement
    sent, errors = _sent(visit, form, None), FormErrors()
    state = InvolvedState.STILL
    if form.text(SupportField.STATE):
        chosen = read_choice(form, errors, SupportField.STATE, InvolvedState, _SELECT)
        state = chosen or InvolvedState.STILL
    if state is InvolvedState.IN_ERROR:
        return _take_back(family, sent)
    is_over = state is InvolvedState.NO_LONGER
    number = "" if is_over else read_telephone(form, errors, family.profile)
    if errors:
        return _involved_form(family, stands, _Filled(form, errors))
    said = InvolvedSaid(number, is_over=is_over)
    answer = visit.services.support.say_involved(visit.who, person, said, sent)
    if isinstance(answer, NotPublished):
        return _involved_form(family, stands, _Filled(form, errors, answer))
    done = SupportDone.NO_LONGER if is_over else SupportDone.INVOLVED
    return _after(family, answer, done)


def _involved_form(family: _WrittenAbout, stands: Involvement | None, filled: _Filled) -> Response:
    is_involved = stands is not None and stands.status is FactStatus.HOLDS
    chosen = filled.form.chosen(SupportField.STATE) or (InvolvedState.STILL,)
    return _show(
        family,
        "write_involved.html",
        filled,
        is_involved=is_involved,
        states=choices_of(InvolvedState, chosen),
        action=family.addresses.support("involved"),
        token=family.visit.token(FormPurpose.SAY_INVOLVED),
    )


# What all of them do.


def _typed_or(visit: Visit, otherwise: Submitted) -> Submitted:
    typed = visit.typed()
    return typed if typed.fields else otherwise


def _sent(visit: Visit, form: Submitted, entry: str | None) -> SupportForm:
    return SupportForm(once_of(form), visit.purpose, entry)


def _take_back(family: _WrittenAbout, sent: SupportForm) -> Response:
    answer = family.visit.services.support.take_back(family.visit.who, family.person, sent)
    return _after(family, answer, SupportDone.TAKEN_BACK)


def _after(family: _WrittenAbout, answer: Answer, done: SupportDone) -> Response:
    match answer:
        case NotPublished(refused=refused) | (ProfileRefused() as refused):
            return family.visit.show_refused(family.person, refused)
        case SupportOutcome.NOT_THEIRS:
            return go_to(family.after(SupportDone.NOTHING))
        case SupportOutcome.WRITTEN:
            return go_to(family.after(done))
        case _:
            assert_never(answer)


def _show(family: _WrittenAbout, template: str, filled: _Filled, **words: object) -> Response:
    why_not = filled.why_not
    otherwise = 200 if why_not is None else 403
    return family.visit.show_family(
        template,
        FamilyPage.PEOPLE,
        family.person,
        family.profile,
        status=422 if filled.errors else otherwise,
        form=filled.form,
        errors=filled.errors,
        done=filled.done,
        once=once_of(filled.form),
        why_not=() if why_not is None else why_refused(why_not.refused),
        **words,
    )
