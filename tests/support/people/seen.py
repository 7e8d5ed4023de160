"""All that somebody can see of a family, as a set: whoever sees more has a larger one."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import Purpose
from services.cli.profile.profiles import profile_document
from services.decisions import telling
from services.people.own_cases.opening import own_labels
from services.people.practitioners.people import SignedInPractitioner
from services.profile.families import my_families
from services.profile.model import Profile, ProfileRefused
from services.profile.reading import looks_told, read_profile
from services.profile.viewing import reading_order
from services.work import Outside, UnitOfWork, unit_of_work

Seen = frozenset[tuple[str, ...]]
OWN_WORDS = "Eve wrote this"
"""By which what whoever acts has written is known, wherever it is shown."""
_PURPOSES = (Purpose.DIRECT_CARE, Purpose.SAFEGUARDING)
# What says when and by which rules something is shown, what of it one's own act has changed, and
# what is told instead of something that is not shown.
_NOT_HELD = frozenset(
    {
        *("as_of", "policy_version", "decided_from", "sources", "parents_are_not_told"),
        *("not_shared", "shared_under_duty", "corrections", "confirmations", "kept_to", "purpose"),
        "parents_not_named",
    }
)


@dataclass(frozen=True, slots=True)
class Looking:
    """The family looked at, and what of it was there before: ids of decisions, and when."""

    persons: Collection[PersonId]
    decisions: Collection[DecisionId]
    began_at: datetime


def seen_by(practitioner: PractitionerId, looking: Looking, outside: Outside) -> Seen:
    """What they can read, list and find of the family; looking leaves nothing but entries."""
    with unit_of_work(outside) as work:
        who = work.directory.practitioner(practitioner)
        assert who is not None
        return frozenset(_all_of_it(who, looking, work))


def words_in(seen: Seen) -> frozenset[str]:
    """Every word shown, wherever."""
    return frozenset(found[-1] for found in seen)


def _all_of_it(
    who: SignedInPractitioner, looking: Looking, work: UnitOfWork
) -> Iterator[tuple[str, ...]]:
    labels = own_labels(who, looking.persons, opening=work.own_opening())
    for person, label in labels.items():
        told = label.label
        said = (told.family_name, *told.given_names, told.date_of_birth, told.reference)
        yield from leaves(list(said), ("label", person))
    for line in my_families(who, opening=work.opening(), own=work.own_opening()):
        if line.name is not None and not line.is_own_label:
            yield "listed", line.person, line.name
    for person in looking.persons:
        for purpose in _PURPOSES:
            yield from _profile(person, purpose, who, work)
        yield from _listed(person, who, looking, work)


def _profile(
    person: PersonId, purpose: Purpose, who: SignedInPractitioner, work: UnitOfWork
) -> Iterator[tuple[str, ...]]:
    found = read_profile(reading_order(who, person, purpose), reading=work.reading())
    if isinstance(found, Profile):
        place = ("profile", person, purpose.value)
        yield from leaves(profile_document(found), place)
        # That there is something is known of whatever is read, and of what is named as kept back.
        for kept in found.not_shared:
            yield (*place, "exists", kept.source.value)
        for status in found.sources:
            if status.state == "has-records":
                yield (*place, "exists", status.source.value)


def _listed(
    person: PersonId, who: SignedInPractitioner, looking: Looking, work: UnitOfWork
) -> Iterator[tuple[str, ...]]:
    decisions = telling.decisions_about(person, who, desk=work.desk())
    if not isinstance(decisions, ProfileRefused):
        for decision in decisions:
            if decision.id in looking.decisions:
                yield "decision", person, decision.id
    looks = looks_told(who, person, opening=work.opening(), looks=work.looks)
    if not isinstance(looks, ProfileRefused):
        for look in looks:
            if look.at < looking.began_at:
                yield "look", person, look.practitioner_name, look.at.isoformat()


def leaves(found: Any, place: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Each value with the names that lead to it. What whoever acts has written is none."""
    match found:
        case dict():
            for name, value in found.items():
                if name not in _NOT_HELD:
                    yield from leaves(value, (*place, name))
        case list():
            for value in found:
                if OWN_WORDS not in str(value):
                    yield from leaves(value, place)
        case None | False | True:
            return
        case _ if OWN_WORDS not in str(found):
            yield (*place, str(found))
