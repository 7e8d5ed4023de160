"""What speaks against joining two records without asking anybody (DESIGN.md section 6)."""

from collections.abc import Iterator, Mapping

from schemas.vocabulary import IdentifierScheme, LabelledCode
from services.people.linking.comparing import Field, Level
from services.people.linking.facts import LinkFacts

_AGREES = frozenset({Level.SAME, Level.CLOSE})
_LIKE = _AGREES | {Level.ALIKE}
_PLACES = (Field.POSTCODE, Field.ADDRESS, Field.NUMBER)
# A local authority may know one child by several ids.
_ONE_EACH = frozenset({IdentifierScheme.NHS_NUMBER, IdentifierScheme.UPN})


class Objection(LabelledCode):
    """Why two records are not joined by themselves."""

    OTHER_NUMBER = "other-number", "Each has a verified number, and the numbers differ"
    BIRTH_ORDER = "birth-order", "They are different children of one multiple birth"
    FORMER_IDENTITY = "former-identity", "One belongs to an identity that was left behind"
    PROTECTED = "protected", "One of them is protected"
    TWIN_OR_SIBLING = "twin-or-sibling", "They may be twins or siblings: the first names differ"
    NAMESAKE = "namesake", "They may be of one name: the dates of birth differ"
    OTHER_FAMILY_NAME = "other-family-name", "The family names differ"
    NAME_NOT_GIVEN = "name-not-given", "One has no first name of their own yet"
    BORN_OTHERWISE = "born-otherwise", "They have one number, and the dates of birth differ"
    BIRTH_NOT_KNOWN = "birth-not-known", "The date of birth of one is not known"
    NOT_PLACED = "not-placed", "Nothing but names and a date of birth can agree"

    @property
    def is_final(self) -> bool:
        """Whether not even a person is asked: it cannot be one person."""
        return self in {Objection.OTHER_NUMBER, Objection.BIRTH_ORDER, Objection.FORMER_IDENTITY}

    @property
    def is_of_the_pair(self) -> bool:
        """Whether only these two claims say too little: others of the same two may say more."""
        return self in {
            Objection.NAME_NOT_GIVEN,
            Objection.BIRTH_NOT_KNOWN,
            Objection.NOT_PLACED,
        }


def objections(
    one: LinkFacts, other: LinkFacts, levels: Mapping[Field, Level]
) -> tuple[Objection, ...]:
    """All that speaks against it, in a fixed order."""
    return tuple(_found(one, other, levels))


def _found(one: LinkFacts, other: LinkFacts, levels: Mapping[Field, Level]) -> Iterator[Objection]:
    if _has_other_number(one, other):
        yield Objection.OTHER_NUMBER
    if one.birth_order and other.birth_order and one.birth_order != other.birth_order:
        yield Objection.BIRTH_ORDER
    if one.is_former or other.is_former:
        yield Objection.FORMER_IDENTITY
    if one.is_protected or other.is_protected:
        yield Objection.PROTECTED
    # A number that agrees tells twins and namesakes apart from one person; names never do.
    if have_one_number(one, other, levels):
        if levels[Field.BORN] not in {Level.SAME, Level.NOT_KNOWN}:
            yield Objection.BORN_OTHERWISE
    elif levels[Field.NUMBER] is not Level.SAME:
        yield from _without_number(levels)


def have_one_number(one: LinkFacts, other: LinkFacts, levels: Mapping[Field, Level]) -> bool:
    """Whether both were verified by one number, or the number of one is what the other had before.

    A number that was replaced may be a twin's, so the first name has to agree as well.
    """
    is_shared = not set(one.numbers).isdisjoint(other.numbers)
    return is_shared or (was_renumbered(one, other) and levels[Field.GIVEN] is Level.SAME)


def was_renumbered(one: LinkFacts, other: LinkFacts) -> bool:
    """Whether the NHS number of one is said to have been replaced by that of the other.

    No adoption does that, while a former UPN may be a child's from before one (DOMAIN.md 4.3).
    """
    ways = ((one.numbers, other.former_numbers), (other.numbers, one.former_numbers))
    return any(
        scheme is IdentifierScheme.NHS_NUMBER and (scheme, value) in former
        for held, former in ways
        for scheme, value in held
    )


def _without_number(levels: Mapping[Field, Level]) -> Iterator[Objection]:
    if levels[Field.GIVEN] is Level.NOT_KNOWN:
        yield Objection.NAME_NOT_GIVEN
    elif not _has_same_first_name(levels) and _is_of_one_house(levels):
        yield Objection.TWIN_OR_SIBLING
    is_nearly_numbered = levels[Field.NUMBER] is Level.CLOSE
    if levels[Field.FAMILY] is Level.DIFFERENT and not is_nearly_numbered:
        yield Objection.OTHER_FAMILY_NAME
    if levels[Field.BORN] in {Level.DIFFERENT, Level.ALIKE}:
        yield Objection.NAMESAKE
    if levels[Field.BORN] is Level.NOT_KNOWN and not is_nearly_numbered:
        yield Objection.BIRTH_NOT_KNOWN
    if not any(levels[field] in _LIKE for field in _PLACES):
        yield Objection.NOT_PLACED


def _has_same_first_name(levels: Mapping[Field, Level]) -> bool:
    """Also where both names changed places: that is a form filled in wrongly, not a twin.

    So is one slip in the name and one in the number: twins have not nearly the same number too.
    """
    given, both = levels[Field.GIVEN], (levels[Field.GIVEN], levels[Field.FAMILY])
    is_slip = given in _LIKE and levels[Field.NUMBER] is Level.CLOSE
    return given is Level.SAME or both == (Level.SWAPPED, Level.SWAPPED) or is_slip


def _is_of_one_house(levels: Mapping[Field, Level]) -> bool:
    """Born the same day, or of one family name, or at one address."""
    shared = (Field.BORN, Field.FAMILY, Field.ADDRESS, Field.POSTCODE)
    return any(levels[field] in _AGREES for field in shared)


def _has_other_number(one: LinkFacts, other: LinkFacts) -> bool:
    """A number that one of them says was replaced speaks against nothing."""
    held, replaced = dict(one.numbers), {*one.former_numbers, *other.former_numbers}
    return any(
        held.get(scheme, value) != value
        and replaced.isdisjoint({(scheme, value), (scheme, held[scheme])})
        for scheme, value in other.numbers
        if scheme in _ONE_EACH
    )
