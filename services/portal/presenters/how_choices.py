"""What can be chosen about how a decision came about."""

from dataclasses import dataclass

from consent.circumstances import Channel, CompetenceQuestion
from services.portal.forms import Submitted
from services.portal.how_form import YES
from services.portal.presenters.choices import Item, choices_of, options_of, tick_box
from services.portal.presenters.communication import languages_to_choose


@dataclass(frozen=True, slots=True)
class HowChoices:
    """The items of each question, those ticked that were ticked before."""

    channels: list[Item]
    languages: list[Item]
    competence: list[Item]
    presumed: list[Item]
    parents: list[Item]


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
    )
