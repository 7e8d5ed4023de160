"""What linking works with in one transaction."""

from services.adapters.joins import PostgresJoins
from services.adapters.link_joiner import PostgresJoiner
from services.adapters.link_queue import PostgresLinkQueue
from services.adapters.unit_of_work import Outside, UnitOfWork
from services.linking.ports import Considering


def considering(work: UnitOfWork, outside: Outside) -> Considering:
    """The ports that persons are compared through."""
    joins = PostgresJoins(work.connection, work.keys, work.clusters)
    return Considering(
        facts=work.likenesses,
        reviews=PostgresLinkQueue(work.connection),
        clusters=work.clusters,
        joiner=PostgresJoiner(joins, work.joining()),
        decisions=work.decisions,
        ledger=work.ledger,
        clock=outside.clock,
        weights=outside.weights,
    )
