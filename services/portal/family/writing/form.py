"""Reading of help wanted, a next step, a number of work, and what became of them.

Places and private numbers are kept out of free text: where somebody lives, and on which number they
are rung, stands in the record under rules of its own.
"""

import re
import secrets
from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from schemas.records.payloads import FactStatus
from schemas.vocabulary import LabelledCode
from services.portal.frame.forms import FormErrors, Submitted, has_date, read_date
from services.portal.words.people import telephone_link
from services.profile.model import Profile
from services.profile.story.support import HelpSaid, StepSaid

MAX_TEXT = 200
MAX_NAME = 100
ONCE = "once"
NO_PLAN = "none"
_ONCE = re.compile(r"[0-9a-f]{32}")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2}\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?:\+|\b)(?:[0-9][\s().-]*){9,}[0-9]\b")
_FEWEST_DIGITS = 3
_YEARS_BACK, _YEARS_ON = 1, 5


class HelpState(LabelledCode):
    """How far help is, as the form asks it."""

    WAITING = "waiting", "Waiting: nobody helps yet"
    STARTED = "started", "Started: somebody helps"
    DONE = "done", "Done"
    NOT_WANTED = "not-wanted", "Not wanted any more"
    IN_ERROR = "in-error", "Entered in error: take it out of the record"


class StepState(LabelledCode):
    """How far a step is."""

    TO_DO = "to-do", "Still to be done"
    DONE = "done", "Done"
    NOT_NEEDED = "not-needed", "Not needed any more"
    IN_ERROR = "in-error", "Entered in error: take it out of the record"


class InvolvedState(LabelledCode):
    """Whether somebody is involved still."""

    STILL = "still", "I work with this child"
    NO_LONGER = "no-longer", "I do not work with this child any more"
    IN_ERROR = "in-error", "Entered in error: take it out of the record"


BEGINNINGS: Final = (HelpState.WAITING, HelpState.STARTED)
"""How help can stand when it is first written down."""
HELP_STATUS: Final[Mapping[HelpState, FactStatus]] = {
    HelpState.WAITING: FactStatus.PLANNED,
    HelpState.STARTED: FactStatus.UNDER_WAY,
    HelpState.DONE: FactStatus.ENDED,
    HelpState.NOT_WANTED: FactStatus.NOT_DONE,
}
STEP_STATUS: Final[Mapping[StepState, FactStatus]] = {
    StepState.TO_DO: FactStatus.PLANNED,
    StepState.DONE: FactStatus.ENDED,
    StepState.NOT_NEEDED: FactStatus.NOT_DONE,
}


class SupportField(StrEnum):
    """What the fields are called."""

    TEXT = "text"
    HELPER = "helper"
    WHO = "who"
    BY = "by"
    PLAN = "plan"
    STATE = "state"
    TELEPHONE = "telephone"


def once_of(submitted: Submitted) -> str:
    """What tells this form from another: the same if it is sent again, new for a new page."""
    once = submitted.text(ONCE)
    return once if _ONCE.fullmatch(once) else secrets.token_hex(16)


def read_help(submitted: Submitted, errors: FormErrors, state: HelpState) -> HelpSaid:
    """Read what is wanted and who helps; note what is wrong with it."""
    text = _read_words(submitted, errors, SupportField.TEXT, "Write what they want help with")
    helper = submitted.text(SupportField.HELPER)
    if helper:
        _require_no_place(helper, errors, SupportField.HELPER, MAX_NAME)
    elif state is HelpState.STARTED:
        errors.add(SupportField.HELPER, "Write who helps")
    return HelpSaid(text, helper or None, HELP_STATUS.get(state, FactStatus.PLANNED))


def read_step(
    submitted: Submitted, errors: FormErrors, state: StepState, plans: Collection[str], today: date
) -> StepSaid:
    """Read what is to be done, by whom and by when; `plans` are those that the page offered."""
    text = _read_words(submitted, errors, SupportField.TEXT, "Write what is to be done next")
    who = submitted.text(SupportField.WHO)
    if not who:
        errors.add(SupportField.WHO, "Write who does it")
    _require_no_place(who, errors, SupportField.WHO, MAX_NAME)
    by = _read_by(submitted, errors, today)
    plan = _read_plan(submitted, errors, plans)
    return StepSaid(text, who, by, plan, STEP_STATUS.get(state, FactStatus.PLANNED))


def read_telephone(submitted: Submitted, errors: FormErrors, profile: Profile | None) -> str:
    """Read a number of work: one that can be rung, and none shown as the family's own."""
    number = submitted.text(SupportField.TELEPHONE)
    if not number:
        errors.add(SupportField.TELEPHONE, "Enter the number on which colleagues can ring you")
    elif telephone_link(number) is None or len(_digits(number)) < _FEWEST_DIGITS:
        errors.add(SupportField.TELEPHONE, "Enter a telephone number, such as 01632 960 401")
    elif profile is not None and _digits(number) in _numbers_of_family(profile):
        errors.add(
            SupportField.TELEPHONE, "Enter a number of your work: this is a number of the family"
        )
    return number


def _read_words(submitted: Submitted, errors: FormErrors, name: str, missing: str) -> str:
    text = " ".join(submitted.text(name).split())
    if not text:
        errors.add(name, missing)
    _require_no_place(text, errors, name, MAX_TEXT)
    return text


def _require_no_place(text: str, errors: FormErrors, name: str, most: int) -> None:
    if len(text) > most:
        errors.add(name, f"Write {most} characters or fewer")
    if _POSTCODE.search(text):
        errors.add(name, "Write no address or postcode here: where they live may be protected")
    if _NUMBER.search(text):
        errors.add(name, "Write no telephone number here: it may be private")


def _read_by(submitted: Submitted, errors: FormErrors, today: date) -> str | None:
    """The day, where one is given; of a step that is late it is gone by."""
    name = SupportField.BY
    if not has_date(submitted, name):
        return None
    by = read_date(submitted, errors, name, "Enter a day with a day, month and year, or leave it")
    if by is not None and not today.year - _YEARS_BACK <= by.year <= today.year + _YEARS_ON:
        errors.add(f"{name}-day", "Enter a day within the next five years")
    return None if by is None else by.isoformat()


def _read_plan(submitted: Submitted, errors: FormErrors, plans: Collection[str]) -> str | None:
    chosen = submitted.text(SupportField.PLAN)
    if not plans or chosen == NO_PLAN:
        return None
    if chosen not in plans:
        errors.add(SupportField.PLAN, "Select which plan it is a step of, or none")
        return None
    return chosen


def _numbers_of_family(profile: Profile) -> frozenset[str]:
    told = [claim.telecom for person in profile.people for claim in person.telecoms]
    told += [claim.telecom for kin in profile.kin for claim in kin.telecoms]
    return frozenset(_digits(telecom.value) for telecom in told)


def _digits(number: str) -> str:
    """The digits alone; a number of this country is one with and without +44."""
    digits = "".join(c for c in number if c.isdecimal())
    return f"0{digits[2:]}" if digits.startswith("44") else digits
