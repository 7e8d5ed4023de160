"""What linking works with in one transaction."""

from collections.abc import Collection

from consent.model import Restriction
from services.adapters.hashed_places import places_compared
from services.adapters.joins import PostgresJoins
from services.adapters.link_joiner import PostgresJoiner
from services.adapters.link_queue import PostgresLinkQueue
from services.adapters.unit_of_work import Outside, UnitOfWork
from services.linking.facts import LinkFacts
from services.linking.ports import Considering


class _PlacesOfFacts:
    """services.linking.ports.PlacesOfFacts in one transaction."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def restrictions_at(self, facts: LinkFacts) -> Collection[Restriction]:
        """Every restriction, in force or not, of who may live where these facts tell."""
        places = places_compared(facts.postcode, facts.address, self._work.hasher)
        protecting = self._work.decisions.protecting(places)
        return [restriction for there in protecting.values() for restriction in there]


def considering(work: UnitOfWork, outside: Outside) -> Considering:
    """The ports that persons are compared through."""
    joins = PostgresJoins(work.connection, work.keys, work.clusters)
    return Considering(
        facts=work.likenesses,
        reviews=PostgresLinkQueue(work.connection),
        clusters=work.clusters,
        joiner=PostgresJoiner(joins, work.joining()),
        places=_PlacesOfFacts(work),
        decisions=work.decisions,
        ledger=work.ledger,
        clock=outside.clock,
        weights=outside.weights,
    )
