"""The lines of "My families", and of what a lead is told of reviews that have ended."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from schemas.identifiers import PersonId
from services.portal.frame.addresses import FamilyAddresses
from services.portal.front.governance import EndedReview
from services.portal.words.dates import moment_in_words
from services.portal.words.people import (
    birth_in_words,
    expected_in_words,
    record_reference,
    with_death,
)
from services.profile.families import FamilySummary


@dataclass(frozen=True, slots=True, repr=False)
class FamilyLine:
    """One family: the link, and what is known beside it; `due` says how much is due for review."""

    name: str
    href: str
    reference: str
    born: str
    because: str
    due: str = ""


_AS_OWN = "; name and date of birth as your own service sent them"


def family_lines(families: Iterable[FamilySummary], today: date) -> tuple[FamilyLine, ...]:
    """Write a line for each family in the order given."""
    return tuple(_line(family, today) for family in families)


# By family: brothers and sisters under one heading, one's own before the agency's.


@dataclass(frozen=True, slots=True, repr=False)
class FamilyGroup:
    """Children who are brothers and sisters as far as may be known here, the youngest first.

    `heading` is empty where no name of the family is shared.
    """

    heading: str
    lines: tuple[FamilyLine, ...]


@dataclass(frozen=True, slots=True, repr=False)
class FamiliesView:
    """The families that are one's own, and those that are the agency's alone."""

    own: tuple[FamilyGroup, ...]
    agencys: tuple[FamilyGroup, ...]


def families_view(
    families: Sequence[FamilySummary], today: date, due: Iterable[PersonId] = ()
) -> FamiliesView:
    """Put the children listed into families, in the order given of the first of each.

    `due` is whom a decision is about that is due for review, once for each decision.
    """
    times = Counter(due)
    groups = _by_family(families)
    own = [group for group in groups if not all(one.is_agencys for one in group)]
    agencys = [group for group in groups if all(one.is_agencys for one in group)]
    return FamiliesView(
        tuple(_group(group, today, times) for group in own),
        tuple(_group(group, today, times) for group in agencys),
    )


def _by_family(families: Sequence[FamilySummary]) -> list[list[FamilySummary]]:
    """Whoever is somebody's brother or sister is one family with them, whichever record says it."""
    groups: list[list[FamilySummary]] = []
    for family in families:
        joined = [group for group in groups if any(_are_siblings(family, one) for one in group)]
        if not joined:
            groups.append([family])
            continue
        first, *others = joined
        for other in others:
            first.extend(other)
            groups.remove(other)
        first.append(family)
    return groups


def _are_siblings(one: FamilySummary, other: FamilySummary) -> bool:
    return one.person in other.siblings or other.person in one.siblings


def _group(group: Sequence[FamilySummary], today: date, due: Mapping[PersonId, int]) -> FamilyGroup:
    names = dict.fromkeys(one.family_name for one in group if one.family_name)
    heading = f"{' and '.join(names)} family" if names else ""
    lines = [replace(_line(one, today), due=_due(due.get(one.person, 0))) for one in group]
    return FamilyGroup(heading, tuple(lines))


def _due(many: int) -> str:
    if not many:
        return ""
    return "A decision is due for review" if many == 1 else f"{many} decisions are due for review"


def _line(family: FamilySummary, today: date) -> FamilyLine:
    reference = record_reference(family.person)
    return FamilyLine(
        name=with_death(
            family.name or f"Name not shared with you (record {reference})", family.death
        ),
        href=FamilyAddresses(family.person).overview,
        reference=reference,
        born=_born(family, today),
        because=f"{family.because}{_AS_OWN if family.is_own_label else ''}",
    )


def _born(family: FamilySummary, today: date) -> str:
    born = family.date_of_birth
    if born is not None:
        return f"Born {birth_in_words(born, today, death=family.death)}"
    if family.expected is not None:
        return expected_in_words(family.expected, today)
    return "Date of birth not shared with you"


# Reviews that have ended in a lead's service: no family is in them.


@dataclass(frozen=True, slots=True)
class EndedLine:
    """One review that has ended."""

    worker: str
    outcome: str
    when: str
    reference: str


def how_many_ended(told: Sequence[EndedReview]) -> str | None:
    """Write how many reviews in a lead's service have ended lately, if any."""
    match len(told):
        case 0:
            return None
        case 1:
            return "A review of an access in your service has ended."
        case many:
            return f"{many} reviews of accesses in your service have ended."


def ended_lines(told: Iterable[EndedReview]) -> list[EndedLine]:
    """Write each review that has ended, the newest first."""
    return [
        EndedLine(one.worker, one.outcome.label, moment_in_words(one.at), one.reference)
        for one in told
    ]
