"""What can be chosen when a family's words are written down, and what was."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.identifiers import PersonId
from schemas.kept_to import KeptTo, categories_in, recipients_in
from schemas.vocabulary import Source
from services.aggregation.profile import Profile
from services.portal.forms import Submitted
from services.portal.presenters.choices import Item, choices_of
from services.portal.presenters.names import kind_in_words, names_in
from services.portal.story_form import (
    KEEP_CATEGORIES,
    KEEP_PEOPLE,
    KEEP_SERVICES,
    keepable_categories,
)
from services.portal.story_ports import Colleague, ToldStory


@dataclass(frozen=True, slots=True, repr=False)
class KeepChoices:
    """The items of the questions about whom it is kept to, those ticked that were before."""

    is_kept: bool
    services: list[Item]
    people: list[Item]
    categories: list[Item]


@dataclass(frozen=True, slots=True, repr=False)
class StoryChoices:
    """The items of each question; `about` is empty where nobody else of the family is known."""

    about: list[Item]
    keep: KeepChoices


@dataclass(frozen=True, slots=True, repr=False)
class CheckedStory:
    """What is about to be written down, in words."""

    paragraphs: tuple[str, ...]
    told_by: str
    with_whom: str
    about: tuple[str, ...]


def story_choices(
    form: Submitted, profile: Profile | None, colleagues: Iterable[Colleague]
) -> StoryChoices:
    """Make the questions' items from what the form had and who is known."""
    return StoryChoices(_relatives(form, profile), keep_choices(form, colleagues))


def keep_choices(form: Submitted, colleagues: Iterable[Colleague]) -> KeepChoices:
    """Make the items of the questions about whom it is kept to."""
    ticked = frozenset(form.chosen(KEEP_PEOPLE))
    return KeepChoices(
        is_kept=any(map(form.chosen, (KEEP_SERVICES, KEEP_PEOPLE, KEEP_CATEGORIES))),
        services=choices_of(Source, form.chosen(KEEP_SERVICES)),
        people=[
            {
                "value": one.id,
                "text": f"{one.name}, {one.job_title}",
                "hint": {"text": one.agency_name},
                "checked": one.id in ticked,
            }
            for one in colleagues
        ],
        categories=choices_of(keepable_categories(), form.chosen(KEEP_CATEGORIES)),
    )


def kept_before(marks: frozenset[KeptTo]) -> Submitted:
    """Fill in the form with whom an entry is kept to already."""
    names = [mark.partition(":") for mark in sorted(recipients_in(marks))]
    return Submitted(
        {
            KEEP_SERVICES: [code for kind, _, code in names if kind == "agency"],
            KEEP_PEOPLE: [code for kind, _, code in names if kind == "practitioner"],
            KEEP_CATEGORIES: [category.value for category in categories_in(marks)],
        }
    )


def checked_story(told: ToldStory, child: PersonId, profile: Profile | None) -> CheckedStory:
    """Write what is about to be written down."""
    names = names_in(profile) if profile else None
    persons = (child, *told.about)
    return CheckedStory(
        paragraphs=tuple(line for line in told.text.splitlines() if line.strip()),
        told_by=told.told_by,
        with_whom=told.with_whom or "Nobody else",
        about=tuple(names.of(p) if names else "The child of this page" for p in persons),
    )


def _relatives(form: Submitted, profile: Profile | None) -> list[Item]:
    if profile is None:
        return []
    names, ticked = names_in(profile), frozenset(form.chosen("about"))
    return [
        {
            "value": person.id,
            "text": names.of(person.id),
            "hint": {"text": kind_in_words(person.relation)},
            "checked": person.id in ticked,
        }
        for person in profile.people
        if person.id != profile.child
    ]
