"""Identifiers check themselves and never show themselves."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InvalidIdentifierError
from schemas.identifiers import (
    Identifier,
    NhsNumber,
    Upn,
    nhs_number_identifier,
    upn_identifier,
)
from schemas.vocabulary import IdentifierScheme, IdentifierStatus
from tests.support.checkout import ROOT

VECTORS = ROOT.parent / "shared" / "vectors" / "identifiers.json"
NUMBER, UPN = "9990000018", "T999200119011"


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    """Give the vectors that lie beside the checkout."""
    if not VECTORS.exists():
        pytest.skip("no identifiers.json beside the checkout")
    found: dict[str, Any] = json.loads(VECTORS.read_text())
    return found


def test_numbers_of_the_vectors_are_read_as_they_say(vectors: dict[str, Any]):
    """Valid ones, cleaned ones, bogus ones and invalid ones."""
    numbers = vectors["nhs_number"]

    assert [NhsNumber(n).value for n in numbers["valid"]] == numbers["valid"]
    for written in numbers["valid_when_cleaned"]:
        assert NhsNumber.parse(written).value in numbers["valid"]
    for wrong in numbers["invalid"] + numbers["passes_check_but_bogus"]:
        with pytest.raises(InvalidIdentifierError):
            NhsNumber(wrong)


def test_pupil_numbers_of_the_vectors_are_read_as_they_say(vectors: dict[str, Any]):
    """Permanent, temporary and invalid ones."""
    upns = vectors["upn"]

    assert not any(Upn(u).is_temporary for u in upns["valid"])
    assert all(Upn(u).is_temporary for u in upns["valid_temporary"])
    for wrong in upns["invalid"]:
        with pytest.raises(InvalidIdentifierError):
            Upn(wrong)


@given(st.integers(0, 999_999_999))
def test_one_digit_or_none_completes_an_nhs_number(start: int):
    """The check digit is modulus 11; where it would be ten there is no such number."""
    valid = [n for n in (f"{start:09d}{digit}" for digit in range(10)) if _is_nhs_number(n)]

    assert len(valid) <= 1


@given(st.text(max_size=14))
def test_any_text_is_an_identifier_or_kept_unverified(text: str):
    """Nothing but our own error is ever raised, and nothing that was written is lost."""
    for read, make in ((NhsNumber.parse, nhs_number_identifier), (Upn.parse, upn_identifier)):
        try:
            expected = read(text).value
        except InvalidIdentifierError:
            assert make(text).value == text.strip()
            assert not make(text).is_verified
        else:
            assert make(text).value == expected


def test_a_refused_identifier_does_not_stand_in_the_error():
    """Nor in what pytest or a log would print of it."""
    for wrong, read in (("9990000019", NhsNumber.parse), ("Z999200119011", Upn.parse)):
        with pytest.raises(InvalidIdentifierError) as raised:
            read(wrong)
        assert wrong not in str(raised.value)


def test_a_changed_digit_is_found():
    """Every single wrong digit of a number fails its check."""
    for position in range(10):
        for digit in "0123456789":
            changed = NUMBER[:position] + digit + NUMBER[position + 1 :]
            assert _is_nhs_number(changed) == (changed == NUMBER)


def test_only_verified_identifiers_may_link():
    """A number that fails its check, a temporary UPN and an unverified one may not."""
    assert nhs_number_identifier(NUMBER).is_verified
    assert upn_identifier(UPN).is_verified
    assert not nhs_number_identifier(NUMBER, verified=False).is_verified
    assert not nhs_number_identifier("9990000019").is_verified
    assert not upn_identifier("X88820011701A").is_verified


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        pytest.param(NhsNumber(NUMBER), NUMBER, id="NHS number"),
        pytest.param(Upn(UPN), UPN, id="UPN"),
        pytest.param(nhs_number_identifier(NUMBER), NUMBER, id="identifier"),
        pytest.param(
            Identifier(IdentifierScheme.LOCAL, "Wren", IdentifierStatus.VERIFIED),
            "Wren",
            id="local",
        ),
    ],
)
def test_an_identifier_hides_itself_however_it_is_printed(value: object, hidden: str):
    """In repr, str, f-strings, %-formatting, containers and tracebacks."""
    shown = [
        repr(value),
        str(value),
        f"{value}",
        f"{value!r}",
        str([value]),
        str({value: value}),
    ]

    for text in shown:
        assert hidden not in text
        assert hidden[:4] not in text
        assert hidden[-4:] not in text


def _is_nhs_number(text: str) -> bool:
    try:
        NhsNumber(text)
    except InvalidIdentifierError:
        return False
    return True
