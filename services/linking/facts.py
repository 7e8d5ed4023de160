"""What two records are compared by, in one spelling."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from connectors.demographics import is_placeholder_name
from schemas.records.subject import Demographics, Subject
from schemas.vocabulary import IdentifierScheme


@dataclass(frozen=True, slots=True, repr=False)
class LinkFacts:
    """One record's say about who somebody is; what is empty or None is not known.

    Names are sets: several first names, legal and known-as, in any order. A placeholder ("Baby")
    is no name. `numbers` are verified ones by scheme; `stated_number` is one nobody verified.
    `birth_order` is that of a multiple birth. `is_protected` marks a restricted person, and
    `former` one whose identifiers were left behind by an adoption.
    """

    given_names: frozenset[str] = frozenset()
    family_names: frozenset[str] = frozenset()
    date_of_birth: str | None = None
    postcode: str | None = None
    address: str | None = None
    numbers: tuple[tuple[IdentifierScheme, str], ...] = ()
    stated_number: str | None = None
    birth_order: int | None = None
    is_protected: bool = False
    is_former: bool = False


def facts_from_subject(subject: Subject) -> LinkFacts:
    """What a message says of its subject."""
    person = subject.demographics
    family, given = _names(person)
    return LinkFacts(
        given_names=given,
        family_names=family,
        date_of_birth=person.date_of_birth,
        postcode=compact(person.postcode),
        numbers=tuple((i.scheme, i.value) for i in subject.identifiers if i.is_verified),
        stated_number=next((i.value for i in subject.identifiers if not i.is_verified), None),
    )


def names_in(texts: Iterable[str | None]) -> frozenset[str]:
    """Single names: capitals without accents, hyphens and spaces parting them."""
    parts = (part for text in texts for part in (text or "").replace("-", " ").split())
    return frozenset(name for part in parts if (name := compact(part)))


def compact(text: str | None) -> str | None:
    """Capital letters and digits without accents; None when nothing is left."""
    plain = unicodedata.normalize("NFKD", text or "")
    kept = "".join(c for c in plain.upper() if c.isalnum() and not unicodedata.combining(c))
    return kept or None


def _names(person: Demographics) -> tuple[frozenset[str], frozenset[str]]:
    given, family = person.given_names, person.family_name
    if person.placeholder_name or is_placeholder_name(family=family, given=given):
        is_family_too = is_placeholder_name(family=family, given=())
        return names_in(() if is_family_too else (family,)), frozenset()
    return names_in((family,)), names_in(given)
