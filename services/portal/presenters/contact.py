"""Where somebody lives and how to ring them, as rows of a card: now, and folded, before."""

from collections.abc import Iterable

from schemas.records.payloads import Address
from services.aggregation.profile import AddressClaim, TelecomClaim
from services.aggregation.whereabouts import are_told_apart
from services.portal.presenters.cards import (
    NOT_GIVEN,
    Fact,
    Row,
    absent,
    said_in,
    side_by_side,
)
from services.portal.presenters.dates import period_in_words
from services.portal.presenters.telephones import NO_TELEPHONE, telecom_in_words, telecom_link

_PLAIN_USES = frozenset({"home", "old"})


def address_row(claims: Iterable[AddressClaim], otherwise: str | None = None) -> Row:
    """Make the row of addresses: those of now side by side, those of before folded."""
    found = list(claims)
    now = _facts(claim for claim in found if claim.is_current)
    before = _facts(claim for claim in found if not claim.is_current)
    absence = absent(otherwise or f"No address given {NOT_GIVEN}")
    return Row("Address", now or (absence,), sources_differ=are_told_apart(found), past=before)


def telephone_row(claims: Iterable[TelecomClaim]) -> Row:
    """Make the row of telephone numbers and e-mail addresses; each can be touched to ring it."""
    found = [(telecom_in_words(claim.telecom), claim) for claim in claims]
    links = {text: telecom_link(claim.telecom) for text, claim in found}
    said = (s for text, claim in found for s in said_in(text, claim))
    numbers = (Fact(fact.text, fact.note, links[fact.text]) for fact in side_by_side(said))
    return Row("Telephone", tuple(numbers) or (absent(NO_TELEPHONE),))


def address_in_words(address: Address) -> str:
    """Write an address in one line."""
    return ", ".join((*address.lines, address.postcode) if address.postcode else address.lines)


def _facts(claims: Iterable[AddressClaim]) -> tuple[Fact, ...]:
    return side_by_side(s for claim in claims for s in said_in(_dated(claim.address), claim))


def _dated(address: Address) -> str:
    what = "" if address.use in _PLAIN_USES else address.use
    about = "; ".join(part for part in (what, period_in_words(address.period)) if part)
    return address_in_words(address) + (f" ({about})" if about else "")
