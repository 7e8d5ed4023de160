"""Which question follows which when a family is asked, and to which forms its answers come."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256

from consent.circumstances import Channel
from consent.lawfulness import Basis
from consent.model import Response
from schemas.vocabulary import SERVICES_HERE, Category, LabelledCode, Purpose, Source
from services.portal.decisions.form import EVERY_SOURCE, EVERYONE, YES, read_how
from services.portal.decisions.who import (
    OF_THE_FAMILY,
    WHO_DECIDED,
    DecidedBy,
    can_only_say_no,
    read_who,
)
from services.portal.frame.forms import (
    FormErrors,
    Submitted,
    read_choice,
    read_choices,
    read_date,
)


class AskStep(StrEnum):
    """A question, in the order in which they are asked."""

    WHO = "who"
    YOUNG_PERSON = "young-person"
    HOW = "how"
    USUAL = "usual"
    SOME = "some"
    UNTIL = "until"
    CHECK = "check"


class Usual(LabelledCode):
    """What a family says to sharing as usual."""

    YES = "yes", "Yes"
    SOME = "some", "Yes, but not some of it"
    NO = "no", "No"
    NOT_NOW = "not-now", "Not now: nothing is written down"


class Lasts(LabelledCode):
    """Until when it holds."""

    YEAR = "12", "For 12 months"
    HALF = "6", "For 6 months"
    DAY = "day", "Until another day"


_AGREES = frozenset({Usual.YES, Usual.SOME})
USUALLY = tuple(c for c in Category if c not in (Category.SOCIAL_CARE, Category.SAFEGUARDING))
"""What is shared as usual: what concerns safety is shared as the law says, and never asked here."""
_FOR = (Purpose.EARLY_HELP, Purpose.DIRECT_CARE)
_ANSWERED: Mapping[AskStep, str] = {
    AskStep.WHO: "decided-by",
    AskStep.HOW: "channel",
    AskStep.USUAL: "usual",
    AskStep.SOME: "recipients",
    AskStep.UNTIL: "lasts",
}
"""By which field it is known that a question was answered."""
_DECIDED = ("response", "categories", "recipients", "decided-by", "decider-name")
_MONTH_DAYS = 30


_FIELDS: Mapping[AskStep, Sequence[str]] = {
    AskStep.WHO: ("decided-by", "decider-name"),
    AskStep.YOUNG_PERSON: ("competence", "presumed-competent", "parents-not-told"),
    AskStep.HOW: ("channel", "present", "interpreter"),
    AskStep.USUAL: ("usual",),
    AskStep.SOME: ("categories", "recipients"),
    AskStep.UNTIL: ("lasts", "until-day", "until-month", "until-year"),
    AskStep.CHECK: (),
}


def fields_of(step: AskStep) -> Sequence[str]:
    """The fields that a page asks: what is sent of them takes the place of what was before."""
    return _FIELDS[step]


def with_answers(before: Submitted, step: AskStep, sent: Submitted) -> Submitted:
    """All answers so far, with those of this page in the place of what they were."""
    kept = {name: found for name, found in before.fields.items() if name not in fields_of(step)}
    new = {name: sent.fields[name] for name in fields_of(step) if name in sent.fields}
    return Submitted({**kept, **new})


def wrong_with(step: AskStep, sent: Submitted, before: Submitted, today: date) -> FormErrors:
    """What is wrong with the answers of one page, after what was answered before."""
    errors = FormErrors()
    match step:
        case AskStep.WHO:
            read_who(sent, errors, WHO_DECIDED, OF_THE_FAMILY)
        case AskStep.YOUNG_PERSON:
            read_how(sent, errors)
        case AskStep.HOW:
            read_choice(sent, errors, "channel", Channel, "Select how you spoke with them")
            read_how(sent, errors)
        case AskStep.USUAL:
            said = read_choice(sent, errors, "usual", Usual, "Select what the family says")
            if said in _AGREES and can_only_say_no(before.text("decided-by")):
                errors.add("usual", "Nobody but the family agrees for it. Select no, or not now")
        case AskStep.SOME:
            read_choices(sent, errors, "categories", Category, "Select what they share")
            read_choices(sent, errors, "recipients", Source, "Select with whom they share it")
        case AskStep.UNTIL:
            _wrong_until(sent, errors, today)
        case AskStep.CHECK:
            pass
    return errors


def _wrong_until(sent: Submitted, errors: FormErrors, today: date) -> None:
    if read_choice(sent, errors, "lasts", Lasts, "Select until when it holds") is not Lasts.DAY:
        return
    day = read_date(sent, errors, "until", "Enter the last day with a day, month and year")
    if day is not None and day <= today:
        errors.add("until-day", "The last day must be in the future")


def next_of(step: AskStep, answers: Submitted) -> AskStep:
    """The question after this one, by what was answered."""
    match step:
        case AskStep.WHO:
            is_young = answers.text("decided-by") == DecidedBy.YOUNG_PERSON
            return AskStep.YOUNG_PERSON if is_young else AskStep.HOW
        case AskStep.YOUNG_PERSON:
            return AskStep.HOW
        case AskStep.HOW:
            return AskStep.USUAL
        case AskStep.USUAL:
            return _AFTER[Usual(answers.text("usual"))]
        case AskStep.SOME:
            return AskStep.UNTIL
        case AskStep.UNTIL | AskStep.CHECK:
            return AskStep.CHECK


_AFTER = {
    Usual.YES: AskStep.UNTIL,
    Usual.SOME: AskStep.SOME,
    Usual.NO: AskStep.CHECK,
    Usual.NOT_NOW: AskStep.CHECK,
}


def open_step(wanted: AskStep, answers: Submitted) -> AskStep:
    """The page that is shown: the one wanted, or an earlier one that was not answered yet."""
    for step in AskStep:
        if step is wanted:
            return wanted
        field = _ANSWERED.get(step)
        if field is not None and _is_asked(step, answers) and not answers.text(field):
            return step
        if step is AskStep.USUAL and _agrees_for_others(answers):
            return step
    return wanted


def _agrees_for_others(answers: Submitted) -> bool:
    """Whether the answers are a yes of who can only say no: then it is asked once more."""
    return answers.text("usual") in _AGREES and can_only_say_no(answers.text("decided-by"))


def _is_asked(step: AskStep, answers: Submitted) -> bool:
    usual = answers.text("usual")
    match step:
        case AskStep.SOME:
            return usual == Usual.SOME
        case AskStep.UNTIL:
            return usual != Usual.NO
        case _:
            return True


# What the answers come to: a yes, and a no to what is left out of it.


def last_day(answers: Submitted, today: date) -> date:
    """The last day on which it holds. Raises ValueError where no day was told."""
    lasts = Lasts(answers.text("lasts"))
    if lasts is Lasts.DAY:
        year, month, day = (int(answers.text(f"until-{part}")) for part in ("year", "month", "day"))
        return date(year, month, day)
    return _months_later(today, int(lasts.value))


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    longest = (first + timedelta(days=_MONTH_DAYS + 2)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, longest.day))


def shared_in(answers: Submitted) -> tuple[tuple[Category, ...], tuple[Source, ...]]:
    """What is shared and with whom, in their usual order; empty where it is a no."""
    match Usual(answers.text("usual")):
        case Usual.YES:
            return USUALLY, SERVICES_HERE
        case Usual.SOME:
            what = {Category(code) for code in answers.chosen("categories")}
            whom = {Source(code) for code in answers.chosen("recipients")}
            return (
                tuple(one for one in USUALLY if one in what),
                tuple(one for one in SERVICES_HERE if one in whom),
            )
        case Usual.NO | Usual.NOT_NOW:
            return (), ()


def forms_of(answers: Submitted, today: date) -> list[Submitted]:
    """The decisions to record, what narrows first: each as the long form would be filled in."""
    what, whom = shared_in(answers)
    left_out = tuple(one for one in USUALLY if one not in what)
    others = tuple(one for one in SERVICES_HERE if one not in whom)
    forms = []
    if left_out:
        forms.append(_form(answers, Response.REFUSED, left_out, SERVICES_HERE))
    if what and others:
        forms.append(_form(answers, Response.REFUSED, what, others))
    if what:
        until = last_day(answers, today)
        forms.append(_form(answers, Response.GIVEN, what, whom, until))
    return forms


def key_of(form: Submitted) -> str:
    """What tells one decision of a family from another: what, to whom, yes or no, who said it.

    Not how it was said: who puts that right has not decided again.
    """
    said = {name: sorted(form.fields.get(name, ())) for name in _DECIDED}
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _form(
    answers: Submitted,
    response: Response,
    what: Sequence[Category],
    whom: Sequence[Source],
    until: date | None = None,
) -> Submitted:
    asked = {step: fields_of(step) for step in (AskStep.WHO, AskStep.YOUNG_PERSON, AskStep.HOW)}
    about = {n: answers.fields[n] for names in asked.values() for n in names if n in answers.fields}
    fields: dict[str, Sequence[str]] = {
        **about,
        "response": [response.value],
        "basis": [Basis.CONSENT.value],
        "categories": [one.value for one in what],
        "purposes": [one.value for one in _FOR],
        "recipients": [EVERYONE]
        if len(whom) == len(SERVICES_HERE)
        else [one.value for one in whom],
        "sources": [EVERY_SOURCE],
    }
    if response is Response.REFUSED:
        fields["existence"] = [YES]
    if until is not None:
        parts = zip(("day", "month", "year"), (until.day, until.month, until.year), strict=True)
        fields |= {f"until-{part}": [str(number)] for part, number in parts}
    return Submitted(fields)
