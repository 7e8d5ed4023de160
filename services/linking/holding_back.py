"""What speaks against joining two records without asking anybody (DESIGN.md section 6)."""

from collections.abc import Iterator, Mapping

from schemas.vocabulary import IdentifierScheme, LabelledCode
from services.linking.comparing import Field, Level
from services.linking.facts import LinkFacts

_AGREES = frozenset({Level.SAME, Level.CLOSE})
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
    OTHER_FAMILY_NAME = "other-family-name", "They may be neighbours: the family names differ"
    NAME_NOT_GIVEN = "name-not-given", "One has no first name of their own yet"

    @property
    def is_final(self) -> bool:
        """Whether not even a person is asked: it cannot be one person."""
        return self in {Objection.OTHER_NUMBER, Objection.BIRTH_ORDER, Objection.FORMER_IDENTITY}


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
    if _shares_number(one, other) or levels[Field.NUMBER] is Level.SAME:
        return
    if levels[Field.GIVEN] is Level.NOT_KNOWN:
        yield Objection.NAME_NOT_GIVEN
    elif not _has_same_first_name(levels) and _is_of_one_house(levels):
        yield Objection.TWIN_OR_SIBLING
    if levels[Field.FAMILY] is Level.DIFFERENT and not _is_placed_otherwise(levels):
        yield Objection.OTHER_FAMILY_NAME
    if levels[Field.BORN] in {Level.DIFFERENT, Level.ALIKE}:
        yield Objection.NAMESAKE


def _has_same_first_name(levels: Mapping[Field, Level]) -> bool:
    """Also where both names changed places: that is a form filled in wrongly, not a twin."""
    both = (levels[Field.GIVEN], levels[Field.FAMILY])
    return levels[Field.GIVEN] is Level.SAME or both == (Level.SWAPPED, Level.SWAPPED)


def _is_of_one_house(levels: Mapping[Field, Level]) -> bool:
    """Born the same day, or of one family name, or at one address."""
    shared = (Field.BORN, Field.FAMILY, Field.ADDRESS, Field.POSTCODE)
    return any(levels[field] in _AGREES for field in shared)


def _is_placed_otherwise(levels: Mapping[Field, Level]) -> bool:
    """The very same home, or a number with one slip: another surname rather than a neighbour."""
    home = (levels[Field.ADDRESS], levels[Field.POSTCODE])
    return Level.SAME in home or levels[Field.NUMBER] is Level.CLOSE


def _has_other_number(one: LinkFacts, other: LinkFacts) -> bool:
    """A number that one of them says was replaced speaks against nothing."""
    held, replaced = dict(one.numbers), {*one.former_numbers, *other.former_numbers}
    return any(
        held.get(scheme, value) != value
        and replaced.isdisjoint({(scheme, value), (scheme, held[scheme])})
        for scheme, value in other.numbers
        if scheme in _ONE_EACH
    )


def _shares_number(one: LinkFacts, other: LinkFacts) -> bool:
    return not set(one.numbers).isdisjoint(other.numbers)
