"""What sources say about how somebody is related to the child."""

from collections.abc import Iterable

from services.aggregation.profile import KinView
from services.portal.presenters.cards import (
    NOT_GIVEN,
    Card,
    Row,
    Said,
    SaidBySources,
    Tag,
    claims_row,
    said_in,
)
from services.portal.presenters.communication import languages_in_words
from services.portal.presenters.contact import address_row, telephone_row
from services.portal.presenters.names import NO_NAME, kind_in_words

_NOT_STATED = f"Not stated {NOT_GIVEN}"


def kin_card(kin: KinView) -> Card:
    """Make a card for somebody whom sources mention without saying more."""
    rows = [
        claims_row("Name", _said((name.value, name) for name in kin.names), NO_NAME),
        *kin_rows(kin),
        telephone_row(kin.telecoms),
    ]
    if kin.addresses:
        rows.append(address_row(kin.addresses))
    if kin.languages:
        spoken = _said((languages_in_words(c.value), c) for c in kin.languages)
        rows.append(claims_row("Communication", spoken, _NOT_STATED))
    return Card(_heading(kin), tuple(rows), _tags(kin))


def kin_rows(kin: KinView) -> tuple[Row, ...]:
    """Write who they are to the child, responsibility and household, each with who says so."""
    who = _said((kind_in_words(claim.value), claim) for claim in kin.kinds)
    responsibility = _said((claim.value.label, claim) for claim in kin.responsibility)
    household = _said((_household(same=c.value), c) for c in kin.same_household)
    return (
        claims_row("Who they are", who, kind_in_words(kin.kinds[0].value)),
        claims_row("Parental responsibility", responsibility, _NOT_STATED),
        claims_row("Household", household, _NOT_STATED),
    )


def _said(claims: Iterable[tuple[str, SaidBySources]]) -> list[Said]:
    return [said for text, claim in claims for said in said_in(text, claim)]


def _household(*, same: bool) -> str:
    return "Same household as the child" if same else "Another household"


def _heading(kin: KinView) -> str:
    if kin.names:
        return kin.names[0].value
    return f"{kind_in_words(kin.kinds[0].value)}, name not given"


def _tags(kin: KinView) -> tuple[Tag, ...]:
    return () if kin.is_current else (Tag("In the past", "grey"),)
