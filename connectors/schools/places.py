"""Addresses, telephone numbers and e-mail addresses of a pupil or a contact."""

from collections.abc import Iterator

from connectors.schools.fields import Fields
from schemas.records.payloads import Address, Telecom

_FAX = "F"


def addresses_in(holder: Fields, *, use: str = "home") -> tuple[Address, ...]:
    """The addresses inside a Pupil or Contact, written in lines or by BS 7666."""
    found = (_address(address, use) for address in holder.each("Address"))
    return tuple(address for address in found if address is not None)


def telecoms_in(holder: Fields) -> tuple[Telecom, ...]:
    """The telephone numbers and e-mail addresses inside a Pupil or Contact, each once."""
    telecoms = [
        Telecom("phone", number)
        for phone in holder.inside("Phones").each("Phone")
        if (number := phone.text("PhoneNo")) and phone.text("TelephoneType") != _FAX
    ]
    telecoms += [Telecom("email", email) for e in holder.each("Email") for email in e.texts()]
    return tuple(dict.fromkeys(telecoms))


def as_compared(address: Address) -> tuple[str, ...]:
    """An address so that two ways of writing the same one are equal."""
    parts = (*address.lines, address.postcode or "")
    return tuple("".join(part.split()).casefold().replace(",", "") for part in parts)


def _address(address: Fields, use: str) -> Address | None:
    by_parts = address.inside("BS7666Address")
    lines = [*address.inside("AddressLines").texts(), *_lines_by_bs7666(by_parts)]
    postcode = address.text("PostCode") or by_parts.text("PostCode")
    return Address(tuple(lines), postcode, use=use) if lines or postcode else None


def _lines_by_bs7666(parts: Fields) -> Iterator[str]:
    """Source: BS 7666: SAON is the flat, PAON the house; a number stands before its street."""
    if parts.element is None:
        return
    yield from _given(parts, "SAON")
    house, street = parts.text("PAON"), parts.text("Street")
    if house and street and house[0].isdigit():
        yield f"{house} {street}"
    else:
        yield from _given(parts, "PAON", "Street")
    places = _given(parts, "Locality", "Town", "PostTown", "AdministrativeArea")
    yield from {place.casefold(): place for place in places}.values()


def _given(parts: Fields, *names: str) -> Iterator[str]:
    yield from (text for name in names if (text := parts.text(name)))
