"""Telephone numbers that can be rung by touching them."""

import re

from schemas.records.payloads import Telecom

NO_TELEPHONE = "No telephone number given in anything that is shared with you"

_NUMBER = re.compile(r"(?P<number>\+?[0-9]{3,15})(?:(?:ext|x)\.?(?P<extension>[0-9]{1,6}))?")
_KINDS = {"phone": "", "sms": " (text message)", "email": " (e-mail)"}


def telephone_link(text: str) -> str | None:
    """Make a tel: address (RFC 3966); None for what is not a telephone number."""
    found = _NUMBER.fullmatch(re.sub(r"[\s().-]", "", text).lower())
    if found is None:
        return None
    extension = found["extension"]
    return f"tel:{found['number']}" + (f";ext={extension}" if extension else "")


def telecom_in_words(telecom: Telecom) -> str:
    """Write a number or address with what it is for."""
    return telecom.value + _KINDS.get(telecom.system, f" ({telecom.system})")


def telecom_link(telecom: Telecom) -> str | None:
    """Make the address that rings or writes; None where there is none."""
    if telecom.system == "email":
        return (
            f"mailto:{telecom.value}"
            if re.fullmatch(r"[^\s@?&]+@[^\s@?&]+", telecom.value)
            else None
        )
    return telephone_link(telecom.value)
