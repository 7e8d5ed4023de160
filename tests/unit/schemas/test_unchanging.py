"""What is unchanging is a frozen dataclass in all but what it costs to make one."""

from dataclasses import dataclass, replace

import pytest

from schemas.unchanging import unchanging


@unchanging(frozen=True, slots=True, repr=False)
class Said:
    """Something that was said."""

    what: str
    whom: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class SaidFrozen:
    """The same, frozen at run time as well."""

    what: str
    whom: tuple[str, ...] = ()


def test_it_is_equal_and_hashed_by_what_it_says():
    """So it may stand in a set, and be a key, as a frozen one may."""
    said, again = Said("a visit", ("Ada",)), replace(Said("a call"), what="a visit", whom=("Ada",))

    assert {said} == {again}
    assert hash(said) == hash(SaidFrozen("a visit", ("Ada",)))
    assert "visit" not in repr(said)


def test_it_has_no_place_for_anything_else():
    """A field that nobody declared cannot be set, whoever tries."""
    with pytest.raises(AttributeError):
        object.__setattr__(Said("a visit"), "when", "today")


def test_what_may_be_changed_is_refused():
    """Nobody gets a hashed object that may be changed by leaving a word out."""
    with pytest.raises(TypeError):
        unchanging(frozen=False, slots=True)
