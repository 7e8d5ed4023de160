"""When two ways of writing are the same thing: names, addresses and telephone numbers.

Only what is shown side by side is compared here; who is who is for `services.linking`.
"""

import unicodedata

from schemas.records.payloads import Address, PersonDetails, Telecom

_COUNTRY = "44"
_NOT_READ_OUT = "PZC"
_DROP_IN_ASCII = {n: None for n in range(128) if unicodedata.category(chr(n))[0] in _NOT_READ_OUT}


def letters_of(text: str | None) -> str:
    """The text so that capitals, commas and spaces do not matter, in any script."""
    whole = (text or "").casefold()
    if whole.isascii():
        return whole.translate(_DROP_IN_ASCII)
    whole = unicodedata.normalize("NFC", whole)
    return "".join(c for c in whole if unicodedata.category(c)[0] not in _NOT_READ_OUT)


def same_place(address: Address) -> str:
    """What two ways of writing one place share, whoever lives there and when."""
    return letters_of("".join((*address.lines, address.postcode or "")))


def same_address(address: Address) -> tuple[str, str, str | None, str | None]:
    """What two statements share that somebody lives in one place for one time."""
    return same_place(address), address.use, address.period.start, address.period.end


def same_telecom(telecom: Telecom) -> tuple[str, str]:
    """What two ways of writing one number or e-mail address share."""
    if telecom.system == "email":
        return telecom.system, telecom.value.strip().casefold()
    digits = "".join(c for c in telecom.value if c.isdigit()).removeprefix("00")
    is_abroad = telecom.value.strip().startswith(("+", "00"))
    if is_abroad and digits.startswith(_COUNTRY):
        digits = f"0{digits.removeprefix(_COUNTRY)}"
    return telecom.system, digits or telecom.value


def same_name(details: PersonDetails) -> tuple[object, ...]:
    """What two statements of one name share."""
    return (
        letters_of(details.family_name),
        tuple(letters_of(name) for name in details.given_names),
        letters_of(details.known_as),
        letters_of(details.known_as_family),
        tuple(letters_of(name) for name in details.former_names),
        details.placeholder_name,
    )
