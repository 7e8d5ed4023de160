"""What can be chosen on the form of a sharing decision, and about how it came about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consent.circumstances import (
    Channel,
    CompetenceQuestion,
    NotAskedReason,
    Present,
    RefusalReason,
)
from consent.lawfulness import Article9, Basis, Gateway
from consent.model import Response
from schemas.vocabulary import SERVICES_HERE, Category, LabelledCode, Purpose, Source
from services.people.deciders.naming import NamedChoice
from services.portal.decisions.form import EVERY_SOURCE, EVERYONE, YES
from services.portal.decisions.who import TAKES_BACK, DeciderChoices, decider_choices
from services.portal.frame.forms import Submitted
from services.portal.words.cards import Item, as_options, choices_of, options_of, tick_box, with_all
from services.portal.words.codes import languages_to_choose

# What can be chosen about how a decision came about.


@dataclass(frozen=True, slots=True)
class HowChoices:
    """The items of each question, those ticked that were ticked before."""

    channels: list[Item]
    languages: list[Item]
    competence: list[Item]
    presumed: list[Item]
    parents: list[Item]
    present: list[Item]


def how_choices(form: Submitted) -> HowChoices:
    """Make the questions' items from what the form had."""
    return HowChoices(
        channels=choices_of(Channel, form.chosen("channel")),
        languages=options_of(
            languages_to_choose(), form.text("interpreter"), "There was no interpreter"
        ),
        competence=choices_of(CompetenceQuestion, form.chosen("competence")),
        presumed=tick_box(
            "They are 16 or 17, so nobody has to judge whether they can decide",
            ticked=form.text("presumed-competent") == YES,
        ),
        parents=tick_box(
            "They ask that their parents are not told",
            ticked=form.text("parents-not-told") == YES,
        ),
        present=choices_of(Present, form.chosen("present")),
    )


@dataclass(frozen=True, slots=True)
class WithdrawalChoices:
    """Who takes a decision back, how they said so, and why; lists to select from.

    Nothing of it has to be answered: the button must not lie three screens down on a telephone.
    """

    deciders: list[Item]
    is_listed: bool
    channels: list[Item]
    reasons: list[Item]


def withdrawal_choices(form: Submitted, listed: Sequence[NamedChoice] | None) -> WithdrawalChoices:
    """Make the items from what the form had, and from whom the recorder may choose."""
    deciders = decider_choices(form, listed, TAKES_BACK)
    return WithdrawalChoices(
        deciders=as_options(deciders.items, "Select who, if you know"),
        is_listed=deciders.is_listed,
        channels=_options(Channel, form.text("channel"), "Select how, if you know"),
        reasons=_options(RefusalReason, form.text("why-refused"), "Select a reason, or none"),
    )


@dataclass(frozen=True, slots=True)
class DecisionChoices:
    """The items of each question, those ticked that were ticked before."""

    responses: list[Item]
    why_refused: list[Item]
    why_not_asked: list[Item]
    deciders: DeciderChoices
    bases: list[Item]
    conditions: list[Item]
    gateways: list[Item]
    categories: list[Item]
    purposes: list[Item]
    recipients: list[Item]
    sources: list[Item]
    existence: list[Item]
    how: HowChoices


def decision_choices(
    form: Submitted, listed: Sequence[NamedChoice] | None = None
) -> DecisionChoices:
    """Make the questions' items from what the form had, and from whom the recorder may choose."""
    recipients, sources = form.chosen("recipients"), form.chosen("sources")
    return DecisionChoices(
        responses=choices_of(Response, form.chosen("response")),
        why_refused=_options(RefusalReason, form.text("why-refused"), "Select a reason, or none"),
        why_not_asked=_options(NotAskedReason, form.text("why-not-asked"), "Select a reason"),
        deciders=decider_choices(form, listed),
        bases=choices_of(Basis, form.chosen("basis")),
        conditions=_options(Article9, form.text("article-9"), "None stated"),
        gateways=choices_of(Gateway, form.chosen("gateways")),
        categories=choices_of(Category, form.chosen("categories")),
        purposes=choices_of(Purpose, form.chosen("purposes")),
        recipients=with_all(
            choices_of(SERVICES_HERE, recipients),
            EVERYONE,
            "Every service that works with the family",
            recipients,
        ),
        sources=with_all(choices_of(Source, sources), EVERY_SOURCE, "Every source", sources),
        existence=tick_box(
            "Practitioners who may not see it may be told that it exists",
            ticked=form.text("existence") == YES,
        ),
        how=how_choices(form),
    )


def _options(codes: Iterable[LabelledCode], chosen: str, nothing: str) -> list[Item]:
    return options_of([(code.value, code.label) for code in codes], chosen, nothing)
