"""Where somebody lives and how to reach them, as sources say it side by side. Pure."""

import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from schemas.records.payloads import Address, Period, PersonDetails, Telecom
from services.profile.merging.claims import (
    AddressClaim,
    Statement,
    TelecomClaim,
    claims_of,
    is_current,
)

# When two ways of writing are the same thing: names, addresses and telephone numbers.
#
# Only what is shown side by side is compared here; who is who is for `services.people.linking`.

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


_PAST_USE = "old"
_NO_DATES = Period()
NOBODYS_HOME = frozenset({"billing", "postal", "work"})
"""Uses of a place where somebody is reached and does not live."""
_Where = tuple[str, str]


def addresses_of(stated: Iterable[Statement[Address]], today: str) -> tuple[AddressClaim, ...]:
    """Addresses side by side, the most recent statement first, what has ended after what has not.

    Somebody who moves away and back has lived there twice. Sources that agree on a home agree
    although only one of them says since when.
    """
    statements = _all_dated(list(stated), today)
    claims = [
        AddressClaim(
            claim.value,
            claim.provenance,
            claim.also,
            is_lived_in(claim.value, today),
            claim.value.use != _PAST_USE and claim.value.period.is_to_come(today),
        )
        for claim in claims_of(statements, alike=same_address)
    ]
    return tuple(sorted(claims, key=lambda claim: not claim.is_current))


def telecoms_of(stated: Iterable[Statement[Telecom]], today: str) -> tuple[TelecomClaim, ...]:
    """Numbers and addresses that are in use, side by side, the most recent statement first.

    As they are stated, latest first: what a later statement calls former is in use no longer.
    """
    in_use: list[Statement[Telecom]] = []
    former: set[tuple[str, str]] = set()
    for said in stated:
        if said.value.has_ended(today):
            former.add(same_telecom(said.value))
        elif said.value.is_in_use(today) and same_telecom(said.value) not in former:
            in_use.append(said)
    return tuple(
        TelecomClaim(claim.value, claim.provenance, claim.also)
        for claim in claims_of(in_use, alike=same_telecom)
    )


def present_homes(claims: Iterable[AddressClaim]) -> list[AddressClaim]:
    """Where somebody lives now; a postcode alone is no other home than one that lies in it."""
    current = [claim for claim in claims if claim.is_current]
    whole = {_postcode(claim.address) for claim in current if claim.address.lines}
    return [c for c in current if c.address.lines or _postcode(c.address) not in whole]


def are_told_apart(claims: Iterable[AddressClaim]) -> bool:
    """Whether sources name more than one place where somebody lives now."""
    homes = (c.address for c in present_homes(claims) if c.address.use not in NOBODYS_HOME)
    return len({same_place(home) for home in homes}) > 1


def is_lived_in(address: Address, today: str) -> bool:
    """Whether, as far as its source says, it is somebody's home now."""
    return address.use != _PAST_USE and is_current(address.period, today)


def _all_dated(statements: list[Statement[Address]], today: str) -> list[Statement[Address]]:
    """Each with the dates of the others; of one alone there are no others."""
    if len(statements) == 1:
        return statements
    since = _said_of_present_homes(statements, today)
    return [_dated(statement, since, today) for statement in statements]


def _said_of_present_homes(
    statements: Iterable[Statement[Address]], today: str
) -> dict[_Where, set[Period]]:
    found: dict[_Where, set[Period]] = {}
    for address in (statement.value for statement in statements):
        if is_lived_in(address, today) and address.period != _NO_DATES:
            found.setdefault(_where(address), set()).add(address.period)
    return found


def _dated(
    statement: Statement[Address], since: dict[_Where, set[Period]], today: str
) -> Statement[Address]:
    """The statement with the dates of the others, if it has none and they agree."""
    address = statement.value
    if address.period != _NO_DATES or not is_lived_in(address, today):
        return statement
    dates = since.get(_where(address), set())
    if len(dates) != 1:
        return statement
    return replace(statement, value=replace(address, period=next(iter(dates))))


def _postcode(address: Address) -> str:
    return letters_of(address.postcode)


def _where(address: Address) -> _Where:
    place, use, *_ = same_address(address)
    return place, use
