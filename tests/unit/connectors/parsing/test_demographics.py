"""Names, dates and postcodes as sources write them."""

import pytest

from connectors.parsing.demographics import is_iso_date, is_placeholder_name, postcode_as_compared


@pytest.mark.parametrize(
    "given",
    [
        ("Baby",),
        ("BABY", "Boy"),
        ("Infant",),
        ("Twin One",),
        ("Twin 2",),
        ("Baby Of",),
        ("Unnamed",),
    ],
)
def test_placeholder_given_names(given: tuple[str, ...]):
    """They stand in for a name not yet given."""
    assert is_placeholder_name(family="Marlow", given=given)


@pytest.mark.parametrize(
    ("family", "given"),
    [
        ("Marlow", ("Ben",)),
        ("Boyd", ("Boyce",)),
        ("Unknowne", ("Ada",)),
        (None, ()),
        ("Marlow", ()),
    ],
)
def test_names_are_no_placeholders(family: str | None, given: tuple[str, ...]):
    """Nor is a missing one."""
    assert not is_placeholder_name(family=family, given=given)


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("nf11aa", "NF1 1AA"),
        (" NF1  1AA ", "NF1 1AA"),
        ("nf1\u00a01aa", "NF1 1AA"),
        ("SW1A1AA", "SW1A 1AA"),
        ("gir0aa", "GIR 0AA"),
        ("no fixed abode", "no fixed abode"),
        (None, None),
    ],
)
def test_postcodes_are_compared_in_one_form(written: str | None, compared: str | None):
    """What is no postcode stays as it is."""
    assert postcode_as_compared(written) == compared


def test_only_days_that_exist_are_dates():
    """Written one way."""
    assert is_iso_date("2024-02-29")
    for text in ("2023-02-29", "29/02/2024", "2024-2-9", "20240229", "2024-02-29T00:00:00", ""):
        assert not is_iso_date(text)
