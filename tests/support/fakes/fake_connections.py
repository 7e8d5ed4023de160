"""ConnectionServices in memory for pages about other things: nothing is listed, nobody is asked.

What it promises is proven on the database (tests/integration/connections).
"""

from collections.abc import Collection

from schemas.identifiers import PersonId
from services.interfaces.connections.model import Ask, NotAsked, NotChanged
from services.interfaces.directory.search.asked import ServicesAsked
from services.people.practitioners.people import SignedInPractitioner


class FakeConnections:
    """No service, and no request."""

    def find(self, sought: ServicesAsked) -> tuple[()]:
        del sought
        return ()

    def service(self, service: str) -> None:
        del service

    def may_agree(
        self, who: SignedInPractitioner, persons: Collection[PersonId]
    ) -> frozenset[PersonId]:
        del who, persons
        return frozenset()

    def ask(self, who: SignedInPractitioner, command: Ask) -> NotAsked:
        del who, command
        return NotAsked.NOT_LISTED

    def mine(self, who: SignedInPractitioner) -> tuple[()]:
        del who
        return ()

    def about(
        self, who: SignedInPractitioner, person: PersonId, others: Collection[PersonId] = ()
    ) -> tuple[()]:
        del who, person, others
        return ()

    def one(self, who: SignedInPractitioner, connection: str) -> None:
        del who, connection

    def send_again(self, who: SignedInPractitioner, connection: str) -> NotChanged:
        del who, connection
        return NotChanged.NOT_THERE

    def stop(self, who: SignedInPractitioner, connection: str) -> NotChanged:
        del who, connection
        return NotChanged.NOT_THERE
