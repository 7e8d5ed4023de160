"""Where somebody lives and how to reach them, as sources say it side by side. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from schemas.records.payloads import Address, Period, Telecom
from services.aggregation.claims import AddressClaim, Statement, TelecomClaim, claims_of
from services.aggregation.ordering import is_current
from services.aggregation.sameness import letters_of, same_address, same_place, same_telecom

_PAST_USE = "old"
_Where = tuple[str, str]


def addresses_of(stated: Iterable[Statement[Address]], today: str) -> tuple[AddressClaim, ...]:
    """Addresses side by side, the most recent statement first, what has ended after what has not.

    Somebody who moves away and back has lived there twice. Sources that agree on a home agree
    although only one of them says since when.
    """
    statements = list(stated)
    since = _said_of_present_homes(statements, today)
    claims = [
        AddressClaim(claim.value, claim.provenance, claim.also, is_lived_in(claim.value, today))
        for claim in claims_of((_dated(s, since, today) for s in statements), alike=same_address)
    ]
    return tuple(sorted(claims, key=lambda claim: not claim.is_current))


def telecoms_of(stated: Iterable[Statement[Telecom]]) -> tuple[TelecomClaim, ...]:
    """Numbers and addresses side by side, the most recent statement first."""
    return tuple(
        TelecomClaim(claim.value, claim.provenance, claim.also)
        for claim in claims_of(stated, alike=same_telecom)
    )


def present_homes(claims: Iterable[AddressClaim]) -> list[AddressClaim]:
    """Where somebody lives now; a postcode alone is no other home than one that lies in it."""
    current = [claim for claim in claims if claim.is_current]
    whole = {_postcode(claim.address) for claim in current if claim.address.lines}
    return [c for c in current if c.address.lines or _postcode(c.address) not in whole]


def are_told_apart(claims: Iterable[AddressClaim]) -> bool:
    """Whether sources name more than one place where somebody lives now."""
    return len({same_place(claim.address) for claim in present_homes(claims)}) > 1


def is_lived_in(address: Address, today: str) -> bool:
    """Whether, as far as its source says, it is somebody's home now."""
    return address.use != _PAST_USE and is_current(address.period, today)


def _said_of_present_homes(
    statements: Iterable[Statement[Address]], today: str
) -> dict[_Where, set[Period]]:
    found: dict[_Where, set[Period]] = {}
    for address in (statement.value for statement in statements):
        if is_lived_in(address, today) and address.period != Period():
            found.setdefault(_where(address), set()).add(address.period)
    return found


def _dated(
    statement: Statement[Address], since: dict[_Where, set[Period]], today: str
) -> Statement[Address]:
    """The statement with the dates of the others, if it has none and they agree."""
    address = statement.value
    dates = since.get(_where(address), set())
    if address.period != Period() or not is_lived_in(address, today) or len(dates) != 1:
        return statement
    return replace(statement, value=replace(address, period=next(iter(dates))))


def _postcode(address: Address) -> str:
    return letters_of(address.postcode)


def _where(address: Address) -> _Where:
    place, use, *_ = same_address(address)
    return place, use
