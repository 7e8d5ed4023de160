"""What can be chosen when a family's words are written down, what was, and who may read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.identifiers import PersonId
from schemas.records.published import KeptTo, categories_in, recipients_in
from schemas.vocabulary import SERVICES_HERE, Purpose, Source
from services.portal.frame.forms import Submitted
from services.portal.story.form import (
    KEEP_CATEGORIES,
    KEEP_PEOPLE,
    KEEP_SERVICES,
    keepable_categories,
)
from services.portal.words.cards import Item, choices_of
from services.portal.words.codes import recipient_in_words
from services.portal.words.people import kind_in_words, names_in
from services.profile.model import Profile
from services.profile.story.entries import AgencyReaders
from services.profile.story.reading import Colleague, NamedReader, StoryReaders
from services.profile.story.writing import ToldStory


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
        services=choices_of(SERVICES_HERE, form.chosen(KEEP_SERVICES)),
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


# Who may read an entry of the story, in words.


@dataclass(frozen=True, slots=True, repr=False)
class ReadersInWords:
    """Who may read it, a line each; `kept_to` is whom the family keeps it to, empty if to all.

    Nobody may where there are no lines.
    """

    lines: tuple[str, ...]
    kept_to: tuple[str, ...]
    may_you: bool


def readers_in_words(readers: StoryReaders, kept_to: frozenset[KeptTo]) -> ReadersInWords:
    """Write who may read an entry that is kept to these."""
    by_agency = {found.agency: found.purposes for found in readers.agencies}
    by_name = [
        f"{_named(found)}, for {in_a_row(p.label for p in found.purposes)}"
        for found in readers.named
        if found.purposes
    ]
    return ReadersInWords(
        lines=(*_services(readers.agencies), *by_name) if by_agency or by_name else (),
        kept_to=_kept_to(kept_to, readers.named),
        may_you=readers.may_you,
    )


def in_a_row(words: Iterable[str]) -> str:
    """Write a list as it is spoken: "early help, direct care and safeguarding"."""
    each = [word[:1].lower() + word[1:] for word in words]
    return " and ".join([", ".join(each[:-1]), each[-1]] if len(each) > 1 else each)


def _services(agencies: Sequence[AgencyReaders]) -> tuple[str, ...]:
    """One line for those who may read for the same purposes."""
    alike: dict[tuple[tuple[Purpose, ...], bool], list[Source]] = {}
    for found in agencies:
        alike.setdefault((found.purposes, found.leads_only), []).append(found.agency)
    return tuple(
        f"{_who(sources, leads_only=leads)}, for {in_a_row(p.label for p in purposes)}"
        for (purposes, leads), sources in alike.items()
    )


def _who(sources: Sequence[Source], *, leads_only: bool) -> str:
    if len(sources) == len(SERVICES_HERE):
        who = "every service that works with the family"
    else:
        who = in_a_row(source.label for source in sources)
    return f"Lead practitioners of {who}" if leads_only else who[:1].upper() + who[1:]


def _kept_to(marks: frozenset[KeptTo], named: Iterable[NamedReader]) -> tuple[str, ...]:
    people = {f"practitioner:{found.colleague.id}": _named(found) for found in named}
    to = sorted(recipients_in(marks))
    whom = [people.get(mark) or recipient_in_words(mark) for mark in to]
    also = [f"only those who may see {_small(c.label)} too" for c in categories_in(marks)]
    return (*whom, *also)


def _named(found: NamedReader) -> str:
    return f"{found.colleague.name}, {found.colleague.job_title}"


def _small(label: str) -> str:
    return f"“{label}”"
