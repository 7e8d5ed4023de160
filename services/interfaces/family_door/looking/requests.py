"""What services that somebody asked have done with the request, for their own page alone.

(1) It is theirs: they are who would be rung. A request about a child is on nobody's page: whoever
    else answers for the child would learn who asked for help.
(2) A service whose address is kept from everybody has no name here: whoever looks on reads it.
(3) What is told is what the service itself did, or did not do.
(4) Each later look is told, those of a day in one line; the look with which it opened the request
    is told by that.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.identifiers import PersonId
from services.interfaces.connections.connecting import Connecting
from services.interfaces.connections.life import ConnectionChange
from services.interfaces.connections.model import ServiceConnection
from services.interfaces.connections.working import connecting_in
from services.interfaces.directory.entries.postgres_own import own_entry
from services.work import UnitOfWork

MOST_TOLD: Final = 100
_BY_SERVICE: Final = {
    ConnectionChange.OPEN: "opened your request",
    ConnectionChange.RING: "asked us to ring them first",
    ConnectionChange.ACCEPT: "said yes. They will get in touch",
    ConnectionChange.DECLINE: "cannot help. Ask us who else can",
    ConnectionChange.CONTACT: "says you have spoken",
    ConnectionChange.START: "says it has started",
    ConnectionChange.FINISH: "says it has finished",
    ConnectionChange.LAPSE: "did not answer. Ask us who else can",
}


@dataclass(frozen=True, slots=True)
class RequestTold:
    """One thing that a service did: which, what, and when."""

    who: str
    did: str
    at: datetime


def own_requests(ones: Collection[PersonId], work: UnitOfWork) -> Sequence[RequestTold]:
    """What services did with requests of one person, by every id of theirs; the newest first."""
    connecting = connecting_in(work)
    told = [
        one
        for connection in connecting.rows.about(ones)
        if connection.person in ones and connection.permits.keys() <= set(ones)  # (1)
        for one in _of(connection, connecting, work)
    ]
    return sorted(told, key=lambda one: one.at, reverse=True)[:MOST_TOLD]


def _of(
    connection: ServiceConnection, connecting: Connecting, work: UnitOfWork
) -> Sequence[RequestTold]:
    service = connecting.rows.service(connection.service)
    entry = own_entry(work.connection, connection.service)
    is_named = entry is not None and not entry.is_withheld  # (2)
    who = service.partner_name if service is not None and is_named else "A group that you asked"
    changes = {one.value: words for one, words in _BY_SERVICE.items()}
    history = connecting.rows.history(connection.id)
    did = [
        RequestTold(who, changes[one.change], one.at)  # (3)
        for one in history
        if one.change in changes
    ]
    opened = [one.at for one in history if one.change == ConnectionChange.OPEN]
    looks = [
        RequestTold(who, _looked(times), day.last_at)  # (4)
        for day in connecting.rows.days_looked(connection.id)
        if (times := day.beside(opened))
    ]
    return [*did, *looks]


def _looked(times: int) -> str:
    return "looked at your request" if times == 1 else f"looked at your request {times} times"
