"""What connections are made and changed with, and the one way in which a change is written."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from consent.decisions.changing import end_when_served, withdraw_decision
from consent.decisions.states import DecisionState, state_of
from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.model import SharingDecision
from consent.ports import Ledger
from services.decisions.at_the_desk import Desk
from services.interfaces.connections.days.times import ConnectionTimes
from services.interfaces.connections.life import ConnectionChange, after
from services.interfaces.connections.model import NotChanged, ServiceConnection
from services.interfaces.connections.postgres import PostgresConnections
from services.people.persons.postgres_clusters import PostgresClusters

Post = Callable[[ServiceConnection], None]
"""Given a connection as it stands from now on; what it writes is of this transaction."""


def nobody(connection: ServiceConnection) -> None:
    """Bring it nowhere."""
    del connection


def anybody(partner: str) -> bool:
    """Let every partner be asked."""
    del partner
    return True


@dataclass(frozen=True, slots=True)
class Connecting:
    """What connections are made and changed with; every port joins one transaction.

    `post` brings a request to its partner, or reminds it; `announce` tells other systems that one
    changed; both are given it as it stands from then on, and write in this transaction. Whoever
    brings it says what became of that (`mark_delivered`, `mark_undelivered`). `is_offered` says
    whether a family may be offered what a partner does.
    """

    rows: PostgresConnections
    desk: Desk
    clusters: PostgresClusters
    times: ConnectionTimes = field(default_factory=ConnectionTimes)
    post: Post = nobody
    announce: Post = nobody
    is_offered: Callable[[str], bool] = anybody

    @property
    def at(self) -> datetime:
        """The one moment of this transaction."""
        return self.desk.opening.at

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        return self.desk.deciding.ledger


def become(
    connection: ServiceConnection,
    change: ConnectionChange,
    *,
    actor: str,
    connecting: Connecting,
    because: str | None = None,
    **more: Any,
) -> ServiceConnection | NotChanged:
    """Write a change with its entry, and end what it ends, in this transaction.

    `more` is what else is different from then on. What the life does not allow is refused, which
    is entered.
    """
    status = after(connection.status, change)
    if status is None:
        return refuse(connection, change, NotChanged.NOT_NOW, actor=actor, connecting=connecting)
    became = replace(
        connection,
        status=status,
        version=connection.version + 1,
        changed_at=connecting.at,
        **more,
    )
    connecting.rows.change(became, change.value, actor=actor, because=because)
    enter_change(became, change.value, actor=actor, connecting=connecting, because=because)
    if status.is_over:
        _end_permits(became, change, actor, connecting)
    connecting.announce(became)
    return became


def refuse(
    connection: ServiceConnection | None,
    act: str,
    because: NotChanged,
    *,
    actor: str,
    connecting: Connecting,
) -> NotChanged:
    """Enter that somebody asked for what is not done; gives why."""
    fields: dict[str, FieldValue] = {
        "connection": [] if connection is None else [connection.id],
        "act": str(act),
        "because": because.value,
    }
    entry = ledger_entry(LedgerEvent.CONNECTION_REFUSED, fields, at=connecting.at, actor=actor)
    connecting.ledger.append([entry])
    return because


def enter_change(
    became: ServiceConnection,
    change: str,
    *,
    actor: str,
    connecting: Connecting,
    because: str | None = None,
) -> None:
    """The entry of a change, by ids and codes."""
    fields = of_connection(became) | {
        "version": became.version,
        "change": change,
        "status": became.status.value,
        "because": [] if because is None else [because],
        "decisions": sorted(became.permits.values()),
    }
    entry = ledger_entry(LedgerEvent.CONNECTION_CHANGED, fields, at=connecting.at, actor=actor)
    connecting.ledger.append([entry])


def of_connection(connection: ServiceConnection) -> dict[str, FieldValue]:
    """What every entry about a connection names."""
    return {
        "connection": connection.id,
        "subjects": sorted(connection.permits),
        "service": connection.service,
    }


def permits_of(
    connection: ServiceConnection, connecting: Connecting
) -> list[SharingDecision | None]:
    """The sharing decisions that it rests on, each locked; None for one that is not there."""
    decisions = connecting.desk.decisions
    return [decisions.find(decision) for _, decision in sorted(connection.permits.items())]


def is_in_force(connection: ServiceConnection, connecting: Connecting) -> bool:
    """Whether every permission that it rests on holds now."""
    at = connecting.at
    return all(
        d is not None and state_of(d, at).is_in_force for d in permits_of(connection, connecting)
    )


def is_waiting(connection: ServiceConnection, connecting: Connecting) -> bool:
    """Whether a permission that it rests on waits to be confirmed."""
    at = connecting.at
    found = permits_of(connection, connecting)
    return any(d is not None and state_of(d, at) is DecisionState.PROPOSED for d in found)


def _end_permits(
    connection: ServiceConnection, change: ConnectionChange, actor: str, connecting: Connecting
) -> None:
    """What it rests on ends with it: taken back where the family stopped it, else run out."""
    deciding = connecting.desk.deciding
    for decision in permits_of(connection, connecting):
        if decision is None:
            continue
        state = state_of(decision, connecting.at)
        is_held = state.is_in_force or state is DecisionState.PROPOSED
        if change is ConnectionChange.WITHDRAW and is_held:
            withdraw_decision(decision.id, actor=actor, deciding=deciding)
        elif state.is_in_force:
            end_when_served(decision.id, actor=actor, deciding=deciding)
