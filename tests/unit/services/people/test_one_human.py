"""Who is one human being, as far as pages and rules are told; and codes that are read out."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.model import Exclusion
from schemas.identifiers import PersonId
from services.people.practitioners.people import SignedInPractitioner, is_another_human
from services.people.signing_in.codes import LETTERS, code_in_groups, new_code, read_code
from tests.support.builders import NOW, TEACHER, VISITOR
from tests.support.portal.portal_builders import a_practitioner

ONE, OTHER = a_practitioner("Priya Nair"), a_practitioner("Quite Another")


@pytest.mark.parametrize(
    ("one", "other", "are_two"),
    [
        (ONE, OTHER, True),
        (ONE, ONE, False),
        (ONE, replace(OTHER, name="PRIYA-NAIR"), False),
        (replace(ONE, also=frozenset({OTHER.id})), OTHER, False),
        (ONE, replace(OTHER, also=frozenset({ONE.id})), False),
        (replace(ONE, also=frozenset({VISITOR})), OTHER, True),
    ],
)
def test_two_accounts_of_one_sign_in_or_one_name_are_one(
    one: SignedInPractitioner, other: SignedInPractitioner, *, are_two: bool
) -> None:
    """Whichever of the two tells it."""
    assert is_another_human(one, other) is are_two
    assert is_another_human(other, one) is are_two


def test_an_exclusion_keeps_out_every_account_of_whom_it_names() -> None:
    """And nobody else."""
    named = Exclusion("e", PersonId("p"), VISITOR, NOW, also=frozenset({TEACHER}))

    assert [named.keeps_out(one) for one in (VISITOR, TEACHER, ONE.id, None)] == [
        True,
        True,
        False,
        False,
    ]


@given(st.integers(0, 10), st.sampled_from(LETTERS), st.integers(0, 10))
def test_one_wrong_letter_or_two_that_changed_places_are_told(
    place: int, letter: str, other: int
) -> None:
    """Wherever they stand, the check letter too; spaces, hyphens and small letters do not count."""
    code = new_code()
    wrong = code[:place] + letter + code[place + 1 :]
    letters = list(code)
    letters[place], letters[other] = letters[other], letters[place]
    swapped = "".join(letters)

    assert read_code(code_in_groups(code).lower().replace(" ", "-")) == code
    assert (read_code(wrong) is None) is (wrong != code)
    assert (read_code(swapped) is None) is (swapped != code)


def test_letters_that_look_like_others_are_read_as_those() -> None:
    """Nobody is asked to tell an O from a nought."""
    code = next(c for c in iter(new_code, "") if {"0", "1"} <= set(c))

    assert read_code(code.replace("0", "o").replace("1", "l")) == code
