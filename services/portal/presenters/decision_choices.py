"""What can be chosen on the form of a sharing decision."""

from dataclasses import dataclass

from consent.lawfulness import Basis
from consent.model import Response
from schemas.vocabulary import Category, Purpose, Source
from services.portal.decision_form import EVERY_SOURCE, EVERYONE, DecidedBy
from services.portal.forms import Submitted
from services.portal.presenters.choices import Item, choices_of, with_all


@dataclass(frozen=True, slots=True)
class DecisionChoices:
    """The items of each question, those ticked that were ticked before."""

    responses: list[Item]
    deciders: list[Item]
    bases: list[Item]
    categories: list[Item]
    purposes: list[Item]
    recipients: list[Item]
    sources: list[Item]
    existence: list[Item]


def decision_choices(form: Submitted) -> DecisionChoices:
    """Make the questions' items from what the form had."""
    recipients, sources = form.chosen("recipients"), form.chosen("sources")
    return DecisionChoices(
        responses=choices_of(Response, form.chosen("response")),
        deciders=choices_of(DecidedBy, form.chosen("decided-by")),
        bases=choices_of(Basis, form.chosen("basis")),
        categories=choices_of(Category, form.chosen("categories")),
        purposes=choices_of(Purpose, form.chosen("purposes")),
        recipients=with_all(
            choices_of(Source, recipients),
            EVERYONE,
            "Every service that works with the family",
            recipients,
        ),
        sources=with_all(choices_of(Source, sources), EVERY_SOURCE, "Every source", sources),
        existence=[
            {
                "value": "yes",
                "text": "Practitioners who may not see it may be told that it exists",
                "checked": form.text("existence") == "yes",
            }
        ],
    )
