"""Whose hand something is: who acts, and as whom."""

from dataclasses import dataclass

from services.people.practitioners.people import SignedInPractitioner


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does something: `actor` as the ledger names them, and as whom.

    By a command `actor` is the system account, so that one account is not two hands.
    """

    who: SignedInPractitioner
    actor: str

    @classmethod
    def of(cls, who: SignedInPractitioner) -> "Hand":
        """Somebody who signed in themselves."""
        return cls(who, who.actor)
