"""For which practitioner a partner asks, and to what end: it says so when it asks for a token.

Both stand in the signed assertion (RFC 7523 section 3 lets it hold further claims), so that the
partner's own key answers for them. Who has only a secret cannot say them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeGuard

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose

PRACTITIONER_CLAIM: Final = "urn:tell-once:practitioner"
PURPOSE_CLAIM: Final = "urn:tell-once:purpose"
_LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class ActingFor:
    """For whom a token was given, and to what end it may be used: both hold for all it asks."""

    practitioner: PractitionerId
    purpose: Purpose


@dataclass(frozen=True, slots=True, repr=False)
class StatedActing:
    """What an assertion states: how its partner knows the practitioner, and the purpose."""

    practitioner: str
    purpose: Purpose


class Practitioners(Protocol):
    """Who works where, as far as a partner may speak for them."""

    def find(self, name: str, agencies: Collection[str]) -> PractitionerId | None:
        """The one practitioner of these agencies with this opaque id, or their agency's own.

        None for nobody, for several, and for somebody who opens no families' records.
        """


def stated_in(claims: Mapping[str, Any]) -> StatedActing | str | None:
    """What the claims state; None when they name nobody, the name of a claim that is wrong."""
    if PRACTITIONER_CLAIM not in claims and PURPOSE_CLAIM not in claims:
        return None
    practitioner = claims.get(PRACTITIONER_CLAIM)
    if not _is_name(practitioner):
        return PRACTITIONER_CLAIM
    try:
        purpose = Purpose(claims.get(PURPOSE_CLAIM, ""))
    except ValueError:
        return PURPOSE_CLAIM
    return StatedActing(practitioner, purpose)


def _is_name(value: object) -> TypeGuard[str]:
    """Whether somebody can be called that; PostgreSQL takes no NUL and no half characters."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= _LONGEST_NAME
        and value.isascii()
        and value.isprintable()
    )
