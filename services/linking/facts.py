"""What two records are compared by, in one spelling."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from connectors.demographics import is_placeholder_name
from schemas.records.payloads import ContactDetails, PersonDetails
from schemas.records.subject import Demographics, Subject
from schemas.vocabulary import IdentifierScheme, IdentifierStatus

Numbers = tuple[tuple[IdentifierScheme, str], ...]
"""Numbers with their schemes."""

# Letters that are no letter with an accent, as they are written where there is no key for them.
_LETTERS = str.maketrans(
    {"Æ": "AE", "Ð": "D", "Ø": "O", "Þ": "TH", "Đ": "D", "Ħ": "H", "Ł": "L", "Œ": "OE", "Ŧ": "T"}
)
_NATIONAL = frozenset({IdentifierScheme.NHS_NUMBER, IdentifierScheme.UPN})


@dataclass(frozen=True, slots=True, repr=False)
class LinkFacts:
    """One record's say about who somebody is; what is empty or None is not known.

    Names are sets: several first names, legal and known-as, in any order. A placeholder ("Baby")
    is no name. `numbers` are verified ones by scheme; `former_numbers` those that their source
    says were replaced; `stated_number` is one nobody verified. `birth_order` is that of a
    multiple birth. `is_protected` marks a restricted person, and `is_former` one whose identity
    was left behind by an adoption.
    """

    given_names: frozenset[str] = frozenset()
    family_names: frozenset[str] = frozenset()
    date_of_birth: str | None = None
    postcode: str | None = None
    address: str | None = None
    numbers: Numbers = ()
    former_numbers: Numbers = ()
    stated_number: str | None = None
    birth_order: int | None = None
    is_protected: bool = False
    is_former: bool = False


def facts_from_subject(
    subject: Subject, details: PersonDetails | None = None, contact: ContactDetails | None = None
) -> LinkFacts:
    """What a message says of its subject, with what its records say of them where it has any.

    Whom people know by another name has both. Names that were left behind are no evidence: an
    adopted child must not be found by them.
    """
    person = subject.demographics
    family, given = _names(person)
    of_status: dict[IdentifierStatus, Numbers] = {}
    for i in subject.identifiers:
        of_status[i.status] = (*of_status.get(i.status, ()), (i.scheme, i.value))
    unverified = of_status.get(IdentifierStatus.UNVERIFIED, ())
    return LinkFacts(
        given_names=given | names_in((details.known_as if details else None,)),
        family_names=family | names_in((details.known_as_family if details else None,)),
        date_of_birth=person.date_of_birth,
        postcode=compact(person.postcode),
        address=_home(contact),
        numbers=of_status.get(IdentifierStatus.VERIFIED, ()),
        former_numbers=of_status.get(IdentifierStatus.SUPERSEDED, ()),
        stated_number=compact(next((v for scheme, v in unverified if scheme in _NATIONAL), None)),
        birth_order=details.multiple_birth_order if details else None,
    )


def names_in(texts: Iterable[str | None]) -> frozenset[str]:
    """Single names: capitals without accents, hyphens and spaces parting them."""
    parts = (part for text in texts for part in (text or "").replace("-", " ").split())
    return frozenset(name for part in parts if (name := compact(part)))


def compact(text: str | None) -> str | None:
    """Capital letters and digits without accents; None when nothing is left."""
    if not text:
        return None
    if text.isascii():
        return "".join(filter(str.isalnum, text.upper())) or None
    plain = unicodedata.normalize("NFKD", text.upper().translate(_LETTERS))
    kept = "".join(c for c in plain if c.isalnum() and not unicodedata.combining(c))
    return kept or None


def _names(person: Demographics) -> tuple[frozenset[str], frozenset[str]]:
    given, family = person.given_names, person.family_name
    if person.placeholder_name or is_placeholder_name(family=family, given=given):
        is_family_too = is_placeholder_name(family=family, given=())
        return names_in(() if is_family_too else (family,)), frozenset()
    return names_in((family,)), names_in(given)


def _home(contact: ContactDetails | None) -> str | None:
    """The first line of the present home; what comes after it is written in many ways."""
    homes = (a for a in contact.addresses if a.use == "home") if contact else ()
    return next((compact(address.lines[0]) for address in homes if address.lines), None)
