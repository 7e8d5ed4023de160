import pytest

from schemas.records.payloads import Telecom
from services.portal.words.people import telecom_link, telephone_link


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("01632 960 123", "tel:01632960123"),
        ("(01632) 960-123", "tel:01632960123"),
        ("+44 1632 960123", "tel:+441632960123"),
        ("01632 960123 ext. 12", "tel:01632960123;ext=12"),
        ("via reception", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_only_a_telephone_number_can_be_rung(text: str, link: str | None) -> None:
    """Anything else is shown as text, without a link."""
    assert telephone_link(text) == link


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("leanne@example.com", "mailto:leanne@example.com"),
        ("a@example.com?bcc=b@example.com", None),
        ("not an address", None),
    ],
)
def test_an_e_mail_address_can_only_be_written_to(address: str, link: str | None) -> None:
    """Nothing rides along in the link."""
    assert telecom_link(Telecom("email", address)) == link
