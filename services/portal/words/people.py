"""What to call each person of a family, by which reference, and how to ring them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from schemas.identifiers import PersonId, reference_of
from schemas.records.payloads import RelationshipKind, Telecom
from services.portal.words.cards import NOT_GIVEN
from services.portal.words.dates import age_in_words, day_in_words
from services.profile.merging.claims import NameClaim
from services.profile.model import (
    DeathSaid,
    DeathStanding,
    DeathView,
    PersonView,
    PractitionerView,
    Profile,
)

_WHOLE_DAY = len("YYYY-MM-DD")
NO_NAME = "Name not given in anything that is shared with you"

_KINDS: Mapping[RelationshipKind, str] = {
    RelationshipKind.MOTHER: "Mother",
    RelationshipKind.FATHER: "Father",
    RelationshipKind.PARENT: "Parent",
    RelationshipKind.STEP_PARENT: "Step-parent",
    RelationshipKind.FOSTER_CARER: "Foster carer",
    RelationshipKind.GRANDPARENT: "Grandparent",
    RelationshipKind.SIBLING: "Brother or sister",
    RelationshipKind.CARER: "Carer",
    RelationshipKind.OTHER_RELATIVE: "Other relative",
    RelationshipKind.OTHER: "Somebody else who matters",
}


@dataclass(frozen=True, slots=True, repr=False)
class Names:
    """A short name for each person, with a death where one is told or reported.

    Somebody nobody named is called by what they are. A page that names anybody names them by this,
    so that none can forget what has to be known before contact.
    """

    by_person: Mapping[PersonId, str]

    def of(self, person: PersonId) -> str:
        """Give the name to write in a sentence or list."""
        return self.by_person.get(person, "A person not shown to you")


def names_in(profile: Profile) -> Names:
    """Read the names of everyone in the profile."""
    return Names(
        {person.id: with_death(short_name(person), person.death) for person in profile.people}
    )


# That somebody has died: said wherever they are named, and first where there is room for a line.

_SHORTLY: Mapping[DeathStanding, str] = {
    DeathStanding.DIED: "has died",
    DeathStanding.REPORTED: "a death is reported, dates contradict: check before contact",
    DeathStanding.UNREADABLE: "a death is reported, not readable: check before contact",
}


def with_death(name: str, death: DeathView | None) -> str:
    """Write a name with what has to be known before contact."""
    if death is None:
        return name
    day = death.on and day_in_words(death.on)
    return f"{name} (died {day})" if day else f"{name} ({_SHORTLY[death.standing]})"


def death_in_words(death: DeathView) -> str:
    """Say in a line of its own that somebody has died, or that it is reported."""
    if death.standing is not DeathStanding.DIED:
        return death.standing.label
    if death.on is None:
        return "Has died; the date is not recorded"
    on = "on" if len(death.on) >= _WHOLE_DAY else "in"
    return f"Died {on} {day_in_words(death.on)}"


def birth_in_words(born: str, today: date, *, death: DeathView | None = None) -> str:
    """Write a date of birth with the age; of somebody who died, the date alone."""
    age = None if death else age_in_words(born, today)
    return f"{day_in_words(born)}, {age} old" if age else day_in_words(born)


def expected_in_words(day: str, today: date) -> str:
    """Say of a child of whom no birth is told when it is, or was, to be: that is not a secret."""
    if day >= today.isoformat()[: len(day)]:
        return f"Not born yet, expected {day_in_words(day)}"
    return f"Was expected {day_in_words(day)}, birth not recorded {NOT_GIVEN}"


def death_said_in_words(said: DeathSaid) -> str:
    """Say what one source says of a death."""
    if not said.has_died:
        return "Said not to have died"
    died = f"Died {day_in_words(said.on)}" if said.on else "Has died, date not given"
    return f"{died}; what was sent contradicts itself" if said.is_contradicted else died


def kind_in_words(kind: RelationshipKind | None) -> str:
    """Say who somebody is to the child; the child is the child."""
    return "Child" if kind is None else _KINDS[kind]


def full_name(claim: NameClaim, *, is_placeholder: bool) -> str | None:
    """Write the name one source gives, what else the person is or was called; None for no name."""
    name = " ".join(part for part in (*claim.given_names, claim.family_name) if part)
    if not name:
        former = ", ".join(f"formerly {name}" for name in claim.former_names)
        return claim.known_as or (f"Present name not given, {former}" if former else None)
    if is_placeholder:
        return f"{name} (not yet named)"
    known_as = _known_as(claim)
    also = f", known as {known_as}" if known_as and known_as not in name else ""
    return "".join((name, also, *(f", formerly {former}" for former in claim.former_names)))


def _known_as(claim: NameClaim) -> str | None:
    if claim.known_as_family is None:
        return claim.known_as
    first = claim.known_as or next(iter(claim.given_names), None)
    return " ".join(part for part in (first, claim.known_as_family) if part)


def short_name(person: PersonView) -> str:
    """Give the name alone; who nobody named is called by what they are to the child."""
    for claim in person.names:
        given = claim.known_as or next(iter(claim.given_names), None)
        family = claim.known_as_family or claim.family_name
        name = " ".join(part for part in (given, family) if part)
        if name:
            return name
    return f"{kind_in_words(person.relation)}, name not given"


# Short references that people can read to each other over the telephone.


record_reference = reference_of
"""A reference from the opaque id of a person, or of anything else; it says nothing about them."""


# Telephone numbers that can be rung by touching them.

NO_TELEPHONE = "No telephone number given in anything that is shared with you"

_NUMBER = re.compile(r"(?P<number>\+?[0-9]{3,15})(?:(?:ext|x)\.?(?P<extension>[0-9]{1,6}))?")
_TELEPHONE_KINDS = {"phone": "", "sms": " (text message)", "email": " (e-mail)"}


def telephone_link(text: str) -> str | None:
    """Make a tel: address (RFC 3966); None for what is not a telephone number."""
    found = _NUMBER.fullmatch(re.sub(r"[\s().-]", "", text).lower())
    if found is None:
        return None
    extension = found["extension"]
    return f"tel:{found['number']}" + (f";ext={extension}" if extension else "")


def telecom_in_words(telecom: Telecom) -> str:
    """Write a number or address with what it is for."""
    return telecom.value + _TELEPHONE_KINDS.get(telecom.system, f" ({telecom.system})")


def telecom_link(telecom: Telecom) -> str | None:
    """Make the address that rings or writes; None where there is none."""
    if telecom.system == "email":
        return (
            f"mailto:{telecom.value}"
            if re.fullmatch(r"[^\s@?&]+@[^\s@?&]+", telecom.value)
            else None
        )
    return telephone_link(telecom.value)


# What sources call the worker who holds the plan together; nothing else in records says it.
_LEADS = frozenset(
    {"lead professional", "lead practitioner", "lead worker", "lead family worker", "key worker"}
)


def leads(view: PractitionerView) -> bool:
    """Whether a source says that they lead; nobody does by their own word."""
    role = " ".join((view.role or "").lower().replace("-", " ").split())
    return not view.is_first_hand and role in _LEADS
