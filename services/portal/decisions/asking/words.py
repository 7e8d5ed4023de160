"""One page that asks a family, in words: its heading, its choices, and what is read aloud."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from consent.circumstances import Channel
from schemas.vocabulary import SERVICES_HERE, Category, Source
from services.people.deciders.naming import NamedChoice
from services.portal.decisions.asking.choices import HowChoices, how_choices
from services.portal.decisions.asking.services import ON_RECORD
from services.portal.decisions.asking.steps import (
    USUALLY,
    AskStep,
    Lasts,
    Usual,
    forms_of,
    key_of,
    last_day,
    shared_in,
)
from services.portal.decisions.form import EVERYONE
from services.portal.decisions.who import OF_THE_FAMILY, DeciderChoices, decider_choices
from services.portal.frame.addresses import FamilyAddresses
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.words.cards import Item, choices_of
from services.portal.words.dates import date_in_words

_HEADINGS = {
    AskStep.WHO: "Who is deciding?",
    AskStep.YOUNG_PERSON: "Can the young person decide this?",
    AskStep.HOW: "How did you speak with them?",
    AskStep.USUAL: "Do they want to share as usual?",
    AskStep.SOME: "What do they share, and with whom?",
    AskStep.UNTIL: "Until when?",
    AskStep.CHECK: "Read this to the family",
}
NAMES_DECIDERS = frozenset({AskStep.WHO, AskStep.CHECK})
"""The pages on which it stands by name who decides."""


@dataclass(frozen=True, slots=True, repr=False)
class AskedRow:
    """One answer on the page that is read aloud, and the page on which it is changed.

    `name` is what a mistake in it is called by.
    """

    label: str
    lines: tuple[str, ...]
    change: str
    name: str


@dataclass(frozen=True, slots=True, repr=False)
class AskedView:
    """Everything that a page prints beside its form."""

    step: str
    heading: str
    action: str
    deciders: DeciderChoices
    how: HowChoices
    usual: list[Item]
    usually: list[str]
    categories: list[Item]
    recipients: list[Item]
    lasts: list[Item]
    rows: tuple[AskedRow, ...]
    on_record: tuple[str, ...]


def with_presets(step: AskStep, answers: Submitted) -> Submitted:
    """What was answered, else what is usual: in person, for twelve months."""
    usual = {
        AskStep.HOW: ("channel", [Channel.IN_PERSON.value]),
        AskStep.UNTIL: ("lasts", [Lasts.YEAR.value]),
    }
    name, preset = usual.get(step, ("", []))
    return Submitted({name: preset, **answers.fields} if name else answers.fields)


def asked_view(
    step: AskStep,
    answers: Submitted,
    listed: Sequence[NamedChoice] | None,
    addresses: FamilyAddresses,
    today: date,
) -> AskedView:
    """Make the page of one question."""
    deciders = decider_choices(answers, listed, OF_THE_FAMILY)
    shares = answers.chosen("categories") or [one.value for one in USUALLY]
    with_whom = answers.chosen("recipients") or [one.value for one in SERVICES_HERE]
    is_last = step is AskStep.CHECK
    return AskedView(
        step=step.value,
        heading=_HEADINGS[step],
        action=addresses.decide(step),
        deciders=deciders,
        how=how_choices(answers),
        usual=choices_of(Usual, answers.chosen("usual")),
        usually=[one.label for one in USUALLY],
        categories=choices_of(USUALLY, shares),
        recipients=choices_of(SERVICES_HERE, with_whom),
        lasts=choices_of(Lasts, answers.chosen("lasts")),
        rows=_rows(answers, deciders, addresses, today) if is_last else (),
        on_record=_on_record(answers, today) if is_last else (),
    )


_ROW_OF = {
    "competence": "decided-by",
    "presumed-competent": "decided-by",
    "parents-not-told": "decided-by",
    "present": "channel",
    "interpreter": "channel",
}
_ROWS = frozenset({"decided-by", "channel", "usual", "until-day"})


def beside_rows(errors: FormErrors) -> FormErrors:
    """The same errors, each beside the row of what is read aloud from which it is changed."""
    beside = FormErrors()
    for name, message in errors.messages.items():
        row = _ROW_OF.get(name, name)
        beside.add(row if row in _ROWS else "usual", message)
    return beside


def _on_record(answers: Submitted, today: date) -> tuple[str, ...]:
    """What of it an earlier press has recorded: a no, where the yes beside it was refused."""
    recorded = set(answers.chosen(ON_RECORD))
    return tuple(
        f"{'; '.join(Category(code).label for code in form.chosen('categories'))}: "
        f"{_for_whom(form)}"
        for form in forms_of(answers, today)
        if key_of(form) in recorded
    )


def _for_whom(form: Submitted) -> str:
    whom = form.chosen("recipients")
    if whom == (EVERYONE,):
        return "nobody sees it"
    return f"not for {', '.join(Source(code).label for code in whom)}"


def _rows(
    answers: Submitted, deciders: DeciderChoices, addresses: FamilyAddresses, today: date
) -> tuple[AskedRow, ...]:
    what, whom = shared_in(answers)
    who = next((str(i["text"]) for i in deciders.items if i.get("checked")), "Not chosen")
    named = answers.text("decider-name")
    decider = f"{who}: {named}" if named else who
    channel = Channel(answers.text("channel")).label
    rows = [
        AskedRow("Who decides", (decider,), addresses.decide(AskStep.WHO), "decided-by"),
        AskedRow("How", (channel,), addresses.decide(AskStep.HOW), "channel"),
    ]
    usual = addresses.decide(AskStep.USUAL)
    if not what:
        nothing = "They say no: nothing is shared but what the law demands."
        return (*rows, AskedRow("What they share", (nothing,), usual, "usual"))
    left_out = tuple(f"Not shared: {one.label}" for one in USUALLY if one not in what)
    until = date_in_words(last_day(answers, today))
    return (
        *rows,
        AskedRow("What they share", (*(one.label for one in what), *left_out), usual, "usual"),
        AskedRow("With whom", tuple(one.label for one in whom), usual, "recipients"),
        AskedRow("Until", (until,), addresses.decide(AskStep.UNTIL), "until-day"),
    )
