"""What the page about somebody's own page asks, each call one transaction."""

from collections.abc import Sequence
from typing import Protocol

from schemas.identifiers import PersonId
from services.decisions.protection.hands import Hand
from services.decisions.protection.taking_off import (
    AskTaking,
    OwnPageOf,
    ask_taking,
    pages_to_ask_about,
)
from services.people.practitioners.people import SignedInPractitioner
from services.work import Outside, unit_of_work

AskedOfPage = AskTaking


class OwnPagesServices(Protocol):
    """Asking that somebody's own page shows less; a part of services.portal.ports.PortalServices.

    Whether anybody has such a page is told to nobody. What is refused is entered.
    """

    def told(self, who: SignedInPractitioner, person: PersonId) -> Sequence[OwnPageOf] | None:
        """Whose page may be asked about; None for who does not work with the person."""

    def ask(self, who: SignedInPractitioner, asked: AskedOfPage) -> None:
        """Ask it: what comes of it is not told."""


class OwnPagesOnDatabase:
    """OwnPagesServices on PostgreSQL."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def told(self, who: SignedInPractitioner, person: PersonId) -> Sequence[OwnPageOf] | None:
        """List them."""
        with unit_of_work(self._outside) as work:
            return pages_to_ask_about(person, Hand.of(who), taking=work.taking())

    def ask(self, who: SignedInPractitioner, asked: AskedOfPage) -> None:
        """Ask it."""
        with unit_of_work(self._outside) as work:
            ask_taking(asked, Hand.of(who), taking=work.taking())
