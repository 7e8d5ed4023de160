"""When two addresses may be one place: what is protected meets whatever would tell it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records.payloads import Address
from services.profile.protection.places import forms_protected, forms_written

POSTCODE = "NF4 7QQ"
REFUGE = Address(("Flat 2, 10 Mill Street", "Northfield"), POSTCODE)
HOUSE = Address(("10 Mill Street",), POSTCODE)
NAMED = Address(("Rose Cottage", "Mill Street", "Northfield"), POSTCODE)

THE_SAME = {
    "capitals and spaces": (REFUGE, Address(("FLAT 2 10  mill street",), "nf47qq")),
    "other lines": (REFUGE, Address(("Flat 2", "10 Mill St.", "", "Northfield"), POSTCODE)),
    "another order": (REFUGE, Address(("10 Mill Street, Flat 2",), POSTCODE)),
    "no word for flat": (REFUGE, Address(("2/10 Mill Street",), POSTCODE)),
    "without the flat": (REFUGE, HOUSE),
    "with the flat": (HOUSE, REFUGE),
    "a letter beside the number": (
        Address(("Flat A", "10 Mill Street"), POSTCODE),
        Address(("10a Mill Street",), POSTCODE),
    ),
    "the postcode among the lines": (REFUGE, Address(("Flat 2, 10 Mill Street NF4 7QQ",))),
    "without a postcode": (REFUGE, Address(("Flat 2", "10 Mill Street"))),
    "protected without a postcode": (Address(("10 Mill Street",)), HOUSE),
    "the street alone": (HOUSE, Address(("Mill Street",), POSTCODE)),
    "the town alone": (REFUGE, Address(("Northfield",), POSTCODE)),
    "the postcode alone": (REFUGE, Address((), "NF47QQ")),
    "nonsense": (Address(("9" * 5000, "0", "\u0660 \u00bd"), POSTCODE),) * 2,
    "both the postcode alone": (Address((), POSTCODE), Address((), POSTCODE)),
    "a name": (NAMED, Address(("ROSE COTTAGE, Mill Street",), POSTCODE)),
    "a name alone": (NAMED, Address(("Rose Cottage",), POSTCODE)),
    "a name beside a number": (NAMED, Address(("Rose Cottage, 10 Mill Street",), POSTCODE)),
    "only one says the name": (
        Address(("The Willows", "10 Mill Street"), POSTCODE),
        Address(("The Willows",), POSTCODE),
    ),
    "an apostrophe": (
        Address(("St. Mary's House",), POSTCODE),
        Address(("St Marys House",), POSTCODE),
    ),
}
ANOTHER = {
    "next door": (HOUSE, Address(("12 Mill Street",), POSTCODE)),
    "the flat beside it": (REFUGE, Address(("Flat 3, 10 Mill Street",), POSTCODE)),
    "the same flat next door": (REFUGE, Address(("Flat 2, 12 Mill Street",), POSTCODE)),
    "the house of another name": (NAMED, Address(("Ivy Cottage", "Mill Street"), POSTCODE)),
    "a number beside a name": (NAMED, HOUSE),
    "of a postcode only a neighbour": (Address((), POSTCODE), HOUSE),
    "the same number elsewhere": (HOUSE, Address(("10 Mill Street",), "NF4 7QR")),
    "another street": (HOUSE, Address(("10 Quay Street",))),
    "flats of one name": (
        Address(("Garden Flat, 10 Mill Street",), POSTCODE),
        Address(("Garden Flat, 12 Mill Street",), POSTCODE),
    ),
    "of no fixed abode": (Address((), "ZZ99 3VZ"), Address((), "ZZ99 3VZ")),
    "nothing at all": (Address(()), Address(())),
}


def tells(written: Address, protected: Address) -> bool:
    return not forms_written(written).isdisjoint(forms_protected(protected))


@pytest.mark.parametrize(("protected", "written"), THE_SAME.values(), ids=THE_SAME)
def test_another_way_of_saying_it_tells_it(protected: Address, written: Address):
    """Or says less, and may be it."""
    assert tells(written, protected)


@pytest.mark.parametrize(("protected", "written"), ANOTHER.values(), ids=ANOTHER)
def test_another_place_does_not_tell_it(protected: Address, written: Address):
    """A neighbour is shown."""
    assert not tells(written, protected)


_WORDS = st.sampled_from(["Mill", "Quay", "Rose", "Cottage", "Street", "Hill", "Élan", "Łódź"])
_NUMBERS = st.integers(1, 400).map(str)
_POSTCODES = st.sampled_from([None, "NF4 7QQ", "NF1 1AA"])


@st.composite
def places(draw: st.DrawFn) -> tuple[list[str], str | None]:
    """Draw what an address is made of: numbers or a name, and a street."""
    numbers = draw(st.lists(_NUMBERS, min_size=1, max_size=2, unique=True))
    name = draw(st.lists(_WORDS, max_size=2))
    flat = [f"Flat {numbers[1]}"] if len(numbers) > 1 else []
    street = f"{numbers[0]} {draw(_WORDS)} {draw(_WORDS)}"
    return [*flat, *([" ".join(name)] if name else []), street], draw(_POSTCODES)


@st.composite
def spelled(draw: st.DrawFn, parts: list[str], postcode: str | None) -> Address:
    """Draw a way of writing it: in capitals or not, on one line or several, with gaps."""
    joint = draw(st.sampled_from([", ", "\n", " ", " - "]))
    lines = joint.join(parts).split("\n")
    change: Any = draw(st.sampled_from([str, str.upper, str.lower, str.title]))
    gap = draw(st.sampled_from([" ", "  "]))
    return Address(
        tuple(change(line).replace(" ", gap) for line in lines),
        None
        if postcode is None
        else change(postcode).replace(" ", draw(st.sampled_from(["", " "]))),
    )


@given(st.data())
def test_however_it_is_spelled_it_is_the_same_place(data: st.DataObject):
    """One place written twice, each time in its own way."""
    place = data.draw(places())

    one, other = (data.draw(spelled(*place)) for _ in range(2))

    assert tells(one, other)
    assert forms_written(one) == forms_written(other)


@given(st.data(), _NUMBERS)
def test_another_number_in_the_street_is_another_place(data: st.DataObject, other: str):
    """Unless it is among the numbers of the first."""
    (parts, postcode) = data.draw(places())
    numbers = {word for part in parts for word in part.split() if word.isdecimal()}

    neighbour = Address((f"{other} Mill Street",), postcode)

    if other not in numbers:
        assert not tells(neighbour, data.draw(spelled(parts, postcode)))


@given(places(), st.integers(0, 2))
def test_who_leaves_out_what_comes_first_tells_it_all_the_same(
    place: tuple[list[str], str | None], left_out: int
):
    """The flat, the name of the house; down to the postcode alone."""
    parts, postcode = place
    said = Address(tuple(parts[left_out:]), postcode)

    assert postcode is None or tells(said, Address(tuple(parts), postcode))
