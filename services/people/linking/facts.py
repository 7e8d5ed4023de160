"""What two records are compared by, in one spelling, and by what they are found to be compared."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations

from connectors.parsing.demographics import is_placeholder_name
from schemas.records.message import Demographics, Subject
from schemas.records.payloads import ContactDetails, PersonDetails
from schemas.vocabulary import IdentifierScheme, IdentifierStatus, LabelledCode
from services.platform.keys.hashing import KeyedHasher

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
    adopted child must not be found by them. Nor is a name in one piece with no other beside it:
    a family name in it would be taken for a first name that brothers and sisters share.
    """
    person = subject.demographics
    family, given = _names(person)
    called = details.known_as if details and (person.given_names or person.family_name) else None
    of_status: dict[IdentifierStatus, Numbers] = {}
    for i in subject.identifiers:
        of_status[i.status] = (*of_status.get(i.status, ()), (i.scheme, i.value))
    unverified = of_status.get(IdentifierStatus.UNVERIFIED, ())
    return LinkFacts(
        given_names=given | names_in((called,)),
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
    stated = contact.addresses if contact else ()
    homes = (a for a in stated if a.use == "home" and a.period.end is None)
    return next((compact(address.lines[0]) for address in homes if address.lines), None)


# Search keys: combinations of facts that records of one person mostly share.
#
# Nobody is compared with everybody. A key is a few facts together, so that it is shared by few
# people; there are several, so that a slip in one fact leaves another whole. Family and first names
# are not told apart, since forms mix them up, and a date of birth whose day and month changed
# places gives the same key. Each key is hashed under the installation's key before it is stored.

Key = tuple[str, ...]

_MOST_NAMES = 6
_TOKEN_BYTES = 16
_SOUNDS = {
    letter: digit
    for digit, letters in enumerate(("BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"), start=1)
    for letter in letters
}
_SOUND_LENGTH = 4


class KeyKind(LabelledCode):
    """Which facts a key is made of; stored beside its hash, so that it tells no more than that."""

    NUMBER = "number", "A number"
    BORN_AND_NAME = "born-and-name", "Date of birth and a name"
    BORN_AND_POSTCODE = "born-and-postcode", "Date of birth and postcode"
    YEAR_AND_SOUNDS = "year-and-sounds", "Year of birth and how the names sound"
    POSTCODE_AND_NAME = "postcode-and-name", "Postcode and how a name sounds"
    ADDRESS = "address", "Address"
    NAMES = "names", "Both names"
    # Two that nobody is found by: staff are compared with them (services.audit.unusual).
    SURNAME = "surname", "A family name"
    POSTCODE = "postcode", "Postcode"


def hashed_key(kind: KeyKind, key: Key, hasher: KeyedHasher) -> bytes:
    """A key as it is stored: a keyed hash of 16 bytes, of no use beside a key of another kind."""
    return hasher.digest(f"search:{kind}", *key)[:_TOKEN_BYTES]


def keys_alone(facts: LinkFacts) -> frozenset[tuple[KeyKind, Key]]:
    """Family names and postcode by themselves. Too many share one to find anybody by it."""
    names = frozenset((KeyKind.SURNAME, (name,)) for name in facts.family_names)
    return names | ({(KeyKind.POSTCODE, (facts.postcode,))} if facts.postcode else frozenset())


def search_keys(facts: LinkFacts) -> frozenset[tuple[KeyKind, Key]]:
    """Every key of these facts; the same whichever name is whose."""
    return frozenset(_keys(facts))


def _keys(facts: LinkFacts) -> Iterator[tuple[KeyKind, Key]]:
    names = sorted(facts.given_names | facts.family_names)[:_MOST_NAMES]
    verified = (value for _, value in (*facts.numbers, *facts.former_numbers))
    yield from ((KeyKind.NUMBER, (n,)) for n in (facts.stated_number, *verified) if n)
    if facts.date_of_birth:
        yield from _by_birth(facts, names, facts.date_of_birth)
    if facts.postcode:
        yield from ((KeyKind.POSTCODE_AND_NAME, (sound_of(n), facts.postcode)) for n in names)
    if facts.address:
        yield KeyKind.ADDRESS, (facts.address,)
    # Any two of somebody's names: a second first name or half of a double name may be left out.
    yield from ((KeyKind.NAMES, pair) for pair in permutations(names, 2) if pair[0] < pair[1])


def _by_birth(facts: LinkFacts, names: list[str], born: str) -> Iterator[tuple[KeyKind, Key]]:
    year, day_and_month = born[:4], sorted((born[5:7], born[8:10]))
    day = "-".join((year, *day_and_month))
    yield from ((KeyKind.BORN_AND_NAME, (day, name)) for name in names)
    if facts.postcode:
        yield KeyKind.BORN_AND_POSTCODE, (day, facts.postcode)
    sounds = [(sound_of(family), sound_of(given)[:1]) for family, given in permutations(names, 2)]
    yield from ((KeyKind.YEAR_AND_SOUNDS, (*pair, year)) for pair in sounds)


def sound_of(name: str) -> str:
    """The first letter and three digits for how the rest sounds (Soundex; US patent 1261167)."""
    if not name:
        return ""
    digits, last = "", _SOUNDS.get(name[0])
    for letter in name[1:]:
        digit = _SOUNDS.get(letter)
        if digit and digit != last:
            digits += str(digit)
        if letter not in "HW":
            last = digit
    return (name[0] + digits + "000")[:_SOUND_LENGTH]
