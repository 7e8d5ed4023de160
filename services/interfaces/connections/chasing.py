"""What time brings: a service is reminded, a request lapses, what was taken back is shut.

One connection is one transaction, so that one which cannot be followed up holds up no other.
Doing it again changes nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from consent.decisions.states import DecisionState, state_of
from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from services.interfaces.connections.agreeing import take_up_confirmed
from services.interfaces.connections.changing import send, withdraw
from services.interfaces.connections.connecting import (
    Connecting,
    become,
    is_in_force,
    is_waiting,
    of_connection,
    permits_of,
)
from services.interfaces.connections.life import (
    HELPING,
    WAITS_FOR_ANSWER,
    ConnectionChange,
    ConnectionStatus,
    EndReason,
)
from services.interfaces.connections.model import NotChanged, ServiceConnection

FOLLOWS_UP: Final = "job:connections"
TAKEN_BACK: Final = "agreement-taken-back"
"""Why a connection is stopped whose sharing decision was taken back, by whichever door."""
TIME_OVER: Final = "agreed-time-over"


def to_follow_up(connecting: Connecting) -> Sequence[str]:
    """The ids of all of which something can still become."""
    return connecting.rows.open_ones()


def follow_up(connection_id: str, *, connecting: Connecting) -> ServiceConnection | None:
    """See what is due about one, and do it; gives it as it stands, None where it is gone."""
    found = connecting.rows.find(connection_id)
    if found is None or found.status.is_over:
        return found
    # (1) What does not hold any more is shut, whoever took it back and where.
    if not is_in_force(found, connecting) and not is_waiting(found, connecting):
        return _shut(found, connecting)
    # (2) What waited and was confirmed is agreed, and goes out as it was asked for.
    if found.status is ConnectionStatus.DRAFT:
        return _as_confirmed(found, connecting)
    if found.status in WAITS_FOR_ANSWER and found.respond_by is not None:
        # (3) Nobody answered: it lapses, and the page of whoever asked, and the family's, say so.
        if found.respond_by < connecting.at:
            return _changed(found, ConnectionChange.LAPSE, connecting)
        # (4) Nobody has answered yet: they are reminded.
        return _reminded(found, connecting)
    return found


def _shut(found: ServiceConnection, connecting: Connecting) -> ServiceConnection:
    at = connecting.at
    states = [None if d is None else state_of(d, at) for d in permits_of(found, connecting)]
    if DecisionState.LAPSED in states:
        return _changed(found, ConnectionChange.LAPSE, connecting)
    is_run_out = found.agreed_until <= at and set(states) <= {DecisionState.EXPIRED}
    if not is_run_out:
        stopped = withdraw(found, actor=FOLLOWS_UP, connecting=connecting, because=TAKEN_BACK)
        return found if isinstance(stopped, NotChanged) else stopped
    if found.status not in HELPING:
        return _changed(found, ConnectionChange.LAPSE, connecting)
    ended = become(
        found,
        ConnectionChange.FINISH,
        actor=FOLLOWS_UP,
        connecting=connecting,
        because=TIME_OVER,
        ended=EndReason.OTHER,
    )
    return found if isinstance(ended, NotChanged) else ended


def _as_confirmed(found: ServiceConnection, connecting: Connecting) -> ServiceConnection:
    if is_waiting(found, connecting):
        return found
    agreed = take_up_confirmed(found, actor=FOLLOWS_UP, connecting=connecting)
    if isinstance(agreed, NotChanged):
        return found
    sent = send(agreed, actor=FOLLOWS_UP, connecting=connecting)
    return agreed if isinstance(sent, NotChanged) else sent


def _changed(
    found: ServiceConnection, change: ConnectionChange, connecting: Connecting
) -> ServiceConnection:
    became = become(found, change, actor=FOLLOWS_UP, connecting=connecting)
    return found if isinstance(became, NotChanged) else became


def _reminded(found: ServiceConnection, connecting: Connecting) -> ServiceConnection:
    """It, as often reminded of as it should have been by now; each time is in the ledger."""
    if found.sent_at is None:
        return found
    times = connecting.times.chased_by(found.sent_at, connecting.at)
    if times <= found.chased:
        return found
    reminded = replace(found, chased=times, version=found.version + 1)
    connecting.rows.change(reminded, "chase", actor=FOLLOWS_UP, because=None)
    fields = of_connection(reminded) | {"times": times}
    entry = ledger_entry(LedgerEvent.CONNECTION_CHASED, fields, at=connecting.at, actor=FOLLOWS_UP)
    connecting.ledger.append([entry])
    connecting.post(reminded)
    return reminded
