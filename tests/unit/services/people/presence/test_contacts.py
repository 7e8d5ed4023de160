"""Contacts in one spelling, by whichever habit they are written."""

import pytest

from schemas.records.payloads import Telecom
from services.people.presence.contacts import Contact, ContactKind, contact_from


@pytest.mark.parametrize(
    "written",
    [
        "07700 900123",
        "07700-900123",
        "+44 7700 900123",
        "+44 (0)7700 900123",
        "0044 7700 900123",
        "447700900123",
    ],
)
def test_one_number_has_one_spelling(written: str):
    """Else a number that was marked unsafe would be another one in another source."""
    assert contact_from(Telecom("phone", written)) == Contact(ContactKind.MOBILE, "+447700900123")


def test_landlines_and_numbers_abroad_get_no_code_by_text():
    """Somebody can ring them."""
    found = [contact_from(Telecom("phone", n)) for n in ("01632 960123", "+48 22 555 01 23")]

    assert found == [
        Contact(ContactKind.LANDLINE, "+441632960123"),
        Contact(ContactKind.LANDLINE, "+48225550123"),
    ]


def test_address_of_e_mail_has_one_spelling():
    """Capitals do not tell two apart."""
    assert contact_from(Telecom("email", " Eva@Family.EXAMPLE ")) == Contact(
        ContactKind.EMAIL, "eva@family.example"
    )


@pytest.mark.parametrize("telecom", [Telecom("email", "none"), Telecom("phone", "ask gran")])
def test_what_is_no_contact_is_none(telecom: Telecom):
    """People write all sorts of things into such a field."""
    assert contact_from(telecom) is None
