"""Help wanted, next steps and what was just written, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.records.payloads import FactStatus, HelpWanted, NextStep, WrittenHere
from schemas.uk_time import uk_day
from schemas.vocabulary import LabelledCode
from services.people.practitioners.people import SignedInPractitioner
from services.portal.family.writing.form import (
    HELP_STATUS,
    STEP_STATUS,
    HelpState,
    StepState,
    SupportField,
)
from services.portal.frame.addresses import FamilyAddresses
from services.portal.frame.forms import Submitted
from services.portal.words.cards import Fact, Tag
from services.portal.words.dates import day_in_words
from services.portal.words.people import names_in
from services.profile.model import HelpView, Profile, StepView


class SupportDone(LabelledCode):
    """What was just done, in the words of the page that follows."""

    WRITTEN = "written", "Written down. Those who may read it find it here within a few seconds."
    INVOLVED = (
        "involved",
        "Written down. Those who may know who works with the family find you here within seconds.",
    )
    NO_LONGER = "no-longer", "Written down that you do not work with this child any more."
    TAKEN_BACK = "taken-back", "Taken out of the record. It is gone within a few seconds."
    NOTHING = "nothing", "Nothing was changed: only who wrote it can change it, while it is here."

    @property
    def is_success(self) -> bool:
        """Whether what was asked for was done."""
        return self is not SupportDone.NOTHING


@dataclass(frozen=True, slots=True, repr=False)
class SupportLine:
    """Something that is wanted or to be done, how it stands, who does it, and who wrote it down.

    `change` is where its writer changes it; empty for everybody else.
    """

    text: str
    tag: Tag
    about: str
    written: str
    change: str


_HELP: Final[Mapping[FactStatus, Tag]] = {
    FactStatus.PLANNED: Tag("Waiting", "yellow"),
    FactStatus.UNDER_WAY: Tag("Started", "green"),
    FactStatus.ENDED: Tag("Done", "grey"),
    FactStatus.NOT_DONE: Tag("Not wanted any more", "grey"),
}
_STEPS: Final[Mapping[FactStatus, Tag]] = {
    FactStatus.PLANNED: Tag("To do", "blue"),
    FactStatus.ENDED: Tag("Done", "grey"),
    FactStatus.NOT_DONE: Tag("Not needed any more", "grey"),
}
_LATE = Tag("Late", "red")
_NOT_KNOWN = Tag("Not known how it stands", "grey")


def help_lines(
    profile: Profile,
    addresses: FamilyAddresses,
    who: SignedInPractitioner,
    *,
    is_open_only: bool = False,
) -> tuple[SupportLine, ...]:
    """Write what the family wants help with; only what is not over, for the first page."""
    names = names_in(profile)
    views = [view for view in profile.help_wanted if view.is_open or not is_open_only]
    return tuple(
        SupportLine(
            view.wanted.text,
            _HELP.get(view.wanted.status, _NOT_KNOWN),
            _about(_helped(view), names.of(view.person), is_other=view.person != profile.child),
            _written(view.written),
            _change(view.written, f"help/{view.key}", addresses, who),
        )
        for view in views
    )


def step_lines(
    profile: Profile, addresses: FamilyAddresses, who: SignedInPractitioner
) -> tuple[SupportLine, ...]:
    """Write the next steps, with the plan of each where that is shown."""
    names, plans = names_in(profile), plans_by_key(profile)
    return tuple(
        SupportLine(
            view.step.text,
            _step_tag(view, profile),
            _about(
                _done(view, plans), names.of(view.person), is_other=view.person != profile.child
            ),
            _written(view.written),
            _change(view.written, f"step/{view.key}", addresses, who),
        )
        for view in profile.next_steps
    )


def steps_of_plan(profile: Profile, plan: str) -> tuple[Fact, ...]:
    """Write what is still to be done for one plan, as facts of its card."""
    return tuple(
        Fact(view.step.text, _who_and_when(view.step))
        for view in profile.next_steps
        if view.is_open and view.step.plan == plan
    )


def late_steps(profile: Profile) -> tuple[str, ...]:
    """Write a line for each step whose day is gone by."""
    today = uk_day(profile.as_of).isoformat()
    return tuple(
        f"A next step is late: {view.step.text} ({_who_and_when(view.step)})."
        for view in profile.next_steps
        if view.is_late(today)
    )


def plans_by_key(profile: Profile) -> Mapping[str, str]:
    """What each plan that goes on is called, by its key."""
    return {view.key: view.plan.title for view in profile.plans if view.is_current and view.key}


def _helped(view: HelpView) -> str:
    wanted = view.wanted
    since = f"since {day_in_words(wanted.since)}" if wanted.since else ""
    match wanted.status:
        case FactStatus.PLANNED:
            parts = [wanted.helper, f"asked for on {day_in_words(wanted.written.at)}"]
        case FactStatus.UNDER_WAY:
            parts = [wanted.helper, since]
        case _:
            parts = [wanted.helper, day_in_words(wanted.since)]
    return _sentence(parts)


def _done(view: StepView, plans: Mapping[str, str]) -> str:
    step = view.step
    title = plans.get(step.plan or "")
    plan = f"for the plan {title}" if title else ""
    when = _who_and_when(step) if view.is_open else f"{step.who}, {day_in_words(step.since)}"
    return _sentence([when, plan])


def _who_and_when(step: NextStep) -> str:
    return f"{step.who}, by {day_in_words(step.by)}" if step.by else step.who


def _sentence(parts: Sequence[str | None]) -> str:
    text = ", ".join(part for part in parts if part)
    return text[:1].upper() + text[1:]


def _about(said: str, name: str, *, is_other: bool) -> str:
    return f"{said}, for {name}" if is_other else said


def _written(written: WrittenHere) -> str:
    return f"Written down by {written.by}, {day_in_words(written.at)}"


def _change(
    written: WrittenHere, page: str, addresses: FamilyAddresses, who: SignedInPractitioner
) -> str:
    return addresses.support(page) if who.is_one_with(written.author) else ""


def _step_tag(view: StepView, profile: Profile) -> Tag:
    if view.is_late(uk_day(profile.as_of).isoformat()):
        return _LATE
    return _STEPS.get(view.step.status, _NOT_KNOWN)


# Forms filled in with what stands.


def filled_with_help(wanted: HelpWanted) -> Submitted:
    """Fill in the form with it."""
    state = next((s for s, status in HELP_STATUS.items() if status is wanted.status), None)
    return _filled(
        {
            SupportField.TEXT: wanted.text,
            SupportField.HELPER: wanted.helper,
            SupportField.STATE: state or HelpState.WAITING,
        }
    )


def filled_with_step(step: NextStep) -> Submitted:
    """Fill in the form with it."""
    state = next((s for s, status in STEP_STATUS.items() if status is step.status), None)
    year, month, day = step.by.split("-") if step.by else ("", "", "")
    return _filled(
        {
            SupportField.TEXT: step.text,
            SupportField.WHO: step.who,
            f"{SupportField.BY}-day": day.lstrip("0"),
            f"{SupportField.BY}-month": month.lstrip("0"),
            f"{SupportField.BY}-year": year,
            SupportField.STATE: state or StepState.TO_DO,
        }
    )


def _filled(fields: Mapping[str, str | None]) -> Submitted:
    return Submitted({str(name): [str(value)] for name, value in fields.items() if value})
