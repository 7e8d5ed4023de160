"""Each change of a request is announced in its own transaction, by whichever door it came.

(1) That it changed goes to the bus: ids and status, nothing of whom it is about.
(2) What the service said with it is kept, sealed.
(3) How it stands becomes records, as far as the family's decisions permit (`connectors.community`).
"""

from collections.abc import Callable, Collection

import orjson

from connectors.community.telling import tell_if_permitted
from schemas.envelope import PLAIN, Event, EventType
from schemas.identifiers import PersonId
from schemas.topics import CONNECTIONS_CHANGED
from schemas.vocabulary import Source
from services.interfaces.connections.model import ServiceConnection
from services.interfaces.connections.postgres import PostgresConnections
from services.interfaces.connections.telling.postgres import PostgresSaid, ToldOthers
from services.interfaces.connections.telling.said import (
    SaidBeside,
    goes_with,
    is_told,
    reported,
)
from services.platform.keys.sealing import JweSealer
from services.work import UnitOfWork

_NOTHING = SaidBeside()
_FROM = "urn:tell-once:connections"

Announce = Callable[[ServiceConnection], None]
"""Given a connection as it stands after a change; what it writes is of that transaction."""


def announced_in(work: UnitOfWork) -> Announce:
    """What announces changes with which nothing more is said."""
    return announced_with(_NOTHING)(work)


def announced_with(said: SaidBeside) -> Callable[[UnitOfWork], Announce]:
    """What announces changes, made for one transaction; `said` goes with the service's own."""

    def announcing(work: UnitOfWork) -> Announce:
        def announce(connection: ServiceConnection) -> None:
            work.outbox.add([_event(connection)])  # (1)
            sealer = JweSealer(work.keys.data_key)
            kept = PostgresSaid(work.connection, sealer)
            if said.says_something and goes_with(connection):  # (2)
                at, person = connection.changed_at, connection.person
                kept.add(connection.id, connection.version, said, person, at=at)
            _tell(connection, PostgresConnections(work.connection, sealer), kept, work)  # (3)

        return announce

    return announcing


def tell_again(persons: Collection[PersonId], work: UnitOfWork) -> int:
    """Tell of these people's requests what may be told by now and was not; gives of how many."""
    sealer = JweSealer(work.keys.data_key)
    rows, kept = PostgresConnections(work.connection, sealer), PostgresSaid(work.connection, sealer)
    found = kept.about(persons)
    if not found:
        return 0
    purged = max(work.dispositions.purged(persons).values(), default=None)
    again = 0
    for connection_id in found:
        told = kept.told(connection_id)
        connection = rows.find(connection_id)
        if connection is None or (
            told is not None
            and told.is_all
            and told.version == connection.version
            and (purged is None or told.at > purged)
        ):
            continue
        again += _tell(connection, rows, kept, work)
    return again


def _tell(
    connection: ServiceConnection, rows: PostgresConnections, kept: PostgresSaid, work: UnitOfWork
) -> bool:
    history = rows.history(connection.id)
    if not is_told(connection, history):
        return False
    report = reported(
        connection,
        history,
        kept.of(connection.id, connection.person),
        kept.named(connection.service),
        work.directory.agency_name(connection.agency) or connection.agency,
    )
    became = tell_if_permitted(report, publishing=work.publishing(Source.COMMUNITY, None))
    told = ToldOthers(connection.version, work.now, became.is_all_published)
    kept.save_told(connection.id, told)
    return True


def _event(connection: ServiceConnection) -> Event:
    told = {
        "connection": connection.id,
        "service": connection.service,
        "version": connection.version,
        "status": connection.status.value,
    }
    return Event(
        topic=CONNECTIONS_CHANGED,
        key=connection.id,
        id=f"{connection.id.replace('-', '')}{connection.version:08d}",
        type=EventType.CONNECTION_CHANGED,
        source=_FROM,
        subject=connection.id,
        time=connection.changed_at.isoformat(),
        content_type=PLAIN,
        data=orjson.dumps(told),
    )
