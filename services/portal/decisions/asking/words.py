"""One page that asks a family, in words: its heading, its choices, and what is read aloud."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from consent.circumstances import Channel
from schemas.vocabulary import Source
from services.people.deciders.naming import NamedChoice
from services.portal.decisions.asking.choices import HowChoices, how_choices
from services.portal.decisions.asking.steps import (
    USUALLY,
    AskStep,
    Lasts,
    Usual,
    last_day,
    shared_in,
)
from services.portal.decisions.who import OF_THE_FAMILY, DeciderChoices, decider_choices
from services.portal.frame.addresses import FamilyAddresses
from services.portal.frame.forms import Submitted
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
    """One answer on the page that is read aloud, and the page on which it is changed."""

    label: str
    lines: tuple[str, ...]
    change: str


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
    with_whom = answers.chosen("recipients") or [one.value for one in Source]
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
        recipients=choices_of(Source, with_whom),
        lasts=choices_of(Lasts, answers.chosen("lasts")),
        rows=_rows(answers, deciders, addresses, today) if is_last else (),
    )


def _rows(
    answers: Submitted, deciders: DeciderChoices, addresses: FamilyAddresses, today: date
) -> tuple[AskedRow, ...]:
    what, whom = shared_in(answers)
    who = next((str(i["text"]) for i in deciders.items if i.get("checked")), "Not chosen")
    named = answers.text("decider-name")
    decider = f"{who}: {named}" if named else who
    rows = [
        AskedRow("Who decides", (decider,), addresses.decide(AskStep.WHO)),
        AskedRow("How", (Channel(answers.text("channel")).label,), addresses.decide(AskStep.HOW)),
    ]
    usual = addresses.decide(AskStep.USUAL)
    if not what:
        nothing = "They say no: nothing is shared but what the law demands."
        return (*rows, AskedRow("What they share", (nothing,), usual))
    left_out = tuple(f"Not shared: {one.label}" for one in USUALLY if one not in what)
    until = date_in_words(last_day(answers, today))
    return (
        *rows,
        AskedRow("What they share", (*(one.label for one in what), *left_out), usual),
        AskedRow("With whom", tuple(one.label for one in whom), usual),
        AskedRow("Until", (until,), addresses.decide(AskStep.UNTIL)),
    )
