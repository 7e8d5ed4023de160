"""Whose hand something is: who acts, and as whom; and what makes it another one."""

from dataclasses import dataclass

from consent.question import OPENS_WHAT_IS_PERMITTED
from schemas.identifiers import PersonId, PractitionerId
from services.people.practitioners.people import SignedInPractitioner, is_another_human
from services.people.practitioners.postgres_directory import PostgresDirectory
from services.people.relationships.postgres import PostgresRelationships

_PRACTITIONER = "practitioner:"


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


def works_with(
    who: SignedInPractitioner, person: PersonId, relationships: PostgresRelationships
) -> bool:
    """Whether they have the person on their case-load, or were referred them, and may see them."""
    opened = relationships.may_open(who.id, [person])[person]
    grounds = {r.ground for r in opened.relationships}
    return not grounds.isdisjoint(OPENS_WHAT_IS_PERMITTED) and not opened.is_restricted


def is_another_hand(recorded_by: str, hand: Hand, directory: PostgresDirectory) -> bool:
    """Whether somebody else wrote that down, by whatever account: a human being is one hand."""
    if hand.actor == recorded_by:
        return False
    if not recorded_by.startswith(_PRACTITIONER):
        return True
    recorder = directory.practitioner(PractitionerId(recorded_by.removeprefix(_PRACTITIONER)))
    return recorder is not None and is_another_human(recorder, hand.who)
