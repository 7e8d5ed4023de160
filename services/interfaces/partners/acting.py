"""For which practitioner a partner asks, and to what end: whose own token it brought (RFC 8693).

Never by its own word: what an assertion says of somebody is refused. Rule: `account_of`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from schemas.identifiers import PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS, LabelledCode, Purpose, Role
from services.people.signing_in.profiles import Admission

OLD_CLAIMS: Final = frozenset({"urn:tell-once:practitioner", "urn:tell-once:purpose"})
"""By which a partner's own key answered for who looks, until 30 November 2026."""


def names_somebody(claims: Mapping[str, Any]) -> bool:
    """Whether an assertion says who looks, which its partner's key cannot answer for."""
    return not OLD_CLAIMS.isdisjoint(claims)


@dataclass(frozen=True, slots=True)
class ActingFor:
    """For whom a token was given, and to what end it may be used: both hold for all it asks.

    `use` is the id by which the practitioner is told of it.
    """

    practitioner: PractitionerId
    purpose: Purpose
    use: str


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """A place of work that a sign-in opens, as its membership has it now."""

    practitioner: PractitionerId
    agency: str
    role: Role


class Practitioners(Protocol):
    """Who works where, and by which sign-in."""

    def opened_by(self, issuer: str, subject: str) -> Sequence[OpenedAccount]:
        """The accounts that a sign-in opens and whose membership is in force; of nobody none."""


class WhyNoAccount(LabelledCode):
    """Why a sign-in opens nothing here for a partner: for the ledger, and for what is told."""

    NOBODY = "is-not-theirs", "opens no account of an agency that you speak for"
    SEVERAL = "is-several", "opens several accounts: name one in the parameter agency"


def account_of(
    opened: Sequence[OpenedAccount],
    admitted: Collection[Admission],
    agencies: Collection[str],
    agency: str | None,
) -> OpenedAccount | WhyNoAccount:
    """The one account for which a partner speaks.

    (1) Of an agency that it speaks for, and of that which it names; (2) admitted by the provider
    as what the membership says; (3) that opens families' records. Where there is none, nobody
    learns whether somebody works here.
    """
    theirs = [
        one
        for one in opened
        if one.agency in agencies  # (1)
        and agency in {None, one.agency}
        and Admission(one.role, one.agency) in admitted  # (2)
        and one.role in OPENS_FAMILY_RECORDS  # (3)
    ]
    if not theirs:
        return WhyNoAccount.NOBODY
    return theirs[0] if len(theirs) == 1 else WhyNoAccount.SEVERAL
