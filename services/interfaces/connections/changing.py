"""What becomes of a connection: sent, received, opened, answered, reported on, stopped.

A partner's every act asks first what it may see: what it may not see any more it cannot answer,
and is told what it would be told of a request that never was. Refusals are returned and entered.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from consent.errors import DecisionInvalidError
from schemas.uk_time import uk_day
from services.decisions.at_the_desk import refusal_about
from services.interfaces.connections.connecting import Connecting, become, is_in_force, refuse
from services.interfaces.connections.life import (
    ConnectionChange,
    ConnectionStatus,
    DeclineReason,
    EndReason,
)
from services.interfaces.connections.model import NotChanged, RequestAsAgreed, ServiceConnection
from services.interfaces.connections.showing import may_act, request_as_agreed
from services.people.practitioners.people import SignedInPractitioner
from services.profile.model import ProfileRefused

NO_ADDRESS: Final = "no-address"
"""Why a request is undelivered of whose service nobody knows where to write to."""

# By whoever asked, and by what carries it.


def send(
    connection: ServiceConnection, *, actor: str, connecting: Connecting
) -> ServiceConnection | NotChanged:
    """Send it, or send it once more after it came back; nothing goes out that is not agreed."""
    if not is_in_force(connection, connecting):
        return refuse(
            connection,
            ConnectionChange.SEND,
            NotChanged.NOT_AGREED,
            actor=actor,
            connecting=connecting,
        )
    times, at = connecting.times, connecting.at
    first = connection.sent_at or at
    sent = become(
        connection,
        ConnectionChange.SEND,
        actor=actor,
        connecting=connecting,
        sent_at=first,
        open_by=connection.open_by or times.open_by(first),
        respond_by=connection.respond_by or times.respond_by(first),
        undelivered=None,
    )
    if isinstance(sent, NotChanged):
        return sent
    connecting.post(sent)
    # Who brings it may know at once that it cannot be brought.
    return connecting.rows.find(sent.id) or sent


def mark_delivered(connection_id: str, *, actor: str, connecting: Connecting) -> None:
    """Somebody's receipt says that it arrived; what was opened already stays opened."""
    found = connecting.rows.find(connection_id)
    if found is not None and found.status is ConnectionStatus.SENT:
        become(
            found, ConnectionChange.DELIVER, actor=actor, connecting=connecting, undelivered=None
        )


def mark_undelivered(
    connection_id: str, because: str, *, actor: str, connecting: Connecting
) -> None:
    """It came back, or cannot be brought; `because` is a code. What was opened had arrived."""
    found = connecting.rows.find(connection_id)
    if found is None or found.status not in {ConnectionStatus.SENT, ConnectionStatus.DELIVERED}:
        return
    become(
        found,
        ConnectionChange.FAIL,
        actor=actor,
        connecting=connecting,
        because=because,
        undelivered=because,
    )


def stop_for_family(
    connection_id: str, who: SignedInPractitioner, *, connecting: Connecting
) -> ServiceConnection | NotChanged | ProfileRefused:
    """The family wants no more of it, and tells a worker: at once."""
    found = connecting.rows.find(connection_id)
    if found is None:
        return refuse(
            None,
            ConnectionChange.WITHDRAW,
            NotChanged.NOT_THERE,
            actor=who.actor,
            connecting=connecting,
        )
    refused = refusal_about([found.person], who, desk=connecting.desk)
    if refused is not None:
        return refused
    return withdraw(found, actor=who.actor, connecting=connecting)


def withdraw(
    connection: ServiceConnection, *, actor: str, connecting: Connecting, because: str | None = None
) -> ServiceConnection | NotChanged:
    """Stop it, and what it rests on: whoever calls knows that the family says so."""
    return become(
        connection, ConnectionChange.WITHDRAW, actor=actor, connecting=connecting, because=because
    )


# By the partner.


@dataclass(frozen=True, slots=True)
class PartnerAnswer:
    """What a partner says: yes, no with a reason, or that it wants to be rung first.

    `suggested` is another entry of the directory that may help.
    """

    change: ConnectionChange
    declined: DeclineReason | None = None
    suggested: str | None = None


@dataclass(frozen=True, slots=True)
class PartnerReport:
    """What a partner reports that said yes; `ended` why, where it is finished.

    `days` are those on which it says that something happened.
    """

    change: ConnectionChange
    ended: EndReason | None = None
    days: Collection[date] = ()


_ANSWERS: Final = frozenset(
    {ConnectionChange.ACCEPT, ConnectionChange.DECLINE, ConnectionChange.RING}
)
_REPORTS: Final = frozenset(
    {ConnectionChange.CONTACT, ConnectionChange.START, ConnectionChange.FINISH}
)
_NOT_OPENED: Final = frozenset({ConnectionStatus.SENT, ConnectionStatus.DELIVERED})


def open_request(
    connection_id: str, partner: str, *, actor: str, connecting: Connecting
) -> RequestAsAgreed | NotChanged:
    """Show it to its partner, who has opened it from now on. Never on a GET or HEAD."""
    shown = request_as_agreed(connection_id, partner, actor=actor, connecting=connecting)
    if shown is None:
        return NotChanged.NOT_THERE
    _opened(shown.connection, actor, connecting)
    return shown


def answer(
    connection_id: str,
    partner: str,
    said: PartnerAnswer,
    *,
    actor: str,
    connecting: Connecting,
) -> ServiceConnection | NotChanged:
    """Write down the partner's answer; after a no it sees nothing more."""
    found = _theirs(connection_id, partner, said.change, actor, connecting)
    if isinstance(found, NotChanged):
        return found
    unfit = _unfit(said.change, _ANSWERS, ConnectionChange.DECLINE, said.declined)
    if unfit is not None:
        return refuse(found, said.change, unfit, actor=actor, connecting=connecting)
    return become(
        _opened(found, actor, connecting),
        said.change,
        actor=actor,
        connecting=connecting,
        because=None if said.declined is None else said.declined.value,
        declined=said.declined,
        suggested=_listed(said.suggested, connecting),
        is_to_ring=said.change is ConnectionChange.RING,
    )


def report(
    connection_id: str,
    partner: str,
    said: PartnerReport,
    *,
    actor: str,
    connecting: Connecting,
) -> ServiceConnection | NotChanged:
    """Write down how far it is; with `finish` a reason has to be told.

    Nothing happened on a day to come, or before the service was asked.
    """
    found = _theirs(connection_id, partner, said.change, actor, connecting)
    if isinstance(found, NotChanged):
        return found
    unfit = _unfit(said.change, _REPORTS, ConnectionChange.FINISH, said.ended)
    asked_on, today = uk_day(found.sent_at or connecting.at), uk_day(connecting.at)
    if unfit is None and not all(asked_on <= day <= today for day in said.days):
        unfit = NotChanged.NO_SUCH_DAY
    if unfit is not None:
        return refuse(found, said.change, unfit, actor=actor, connecting=connecting)
    return become(
        found,
        said.change,
        actor=actor,
        connecting=connecting,
        because=None if said.ended is None else said.ended.value,
        ended=said.ended,
    )


def _unfit(
    change: ConnectionChange,
    taken: Collection[ConnectionChange],
    with_reason: ConnectionChange,
    reason: DeclineReason | EndReason | None,
) -> NotChanged | None:
    """Why it is not taken: it is said elsewhere, or a reason lacks, or goes with nothing."""
    if change not in taken:
        return NotChanged.NOT_NOW
    return NotChanged.NO_REASON if (change is with_reason) != (reason is not None) else None


def _theirs(
    connection_id: str, partner: str, act: ConnectionChange, actor: str, connecting: Connecting
) -> ServiceConnection | NotChanged:
    found = connecting.rows.find(connection_id)
    if found is None or not may_act(found, partner, connecting):
        return refuse(found, act, NotChanged.NOT_THERE, actor=actor, connecting=connecting)
    return found


def _opened(connection: ServiceConnection, actor: str, connecting: Connecting) -> ServiceConnection:
    """It, opened: whoever answers has opened it, whichever way they read it."""
    if connection.status not in _NOT_OPENED:
        return connection
    opened = become(
        connection, ConnectionChange.OPEN, actor=actor, connecting=connecting, undelivered=None
    )
    if isinstance(opened, NotChanged):
        raise DecisionInvalidError("connection", "cannot-be-opened")
    return opened


def _listed(suggested: str | None, connecting: Connecting) -> str | None:
    """An entry of the directory; nothing for what is none."""
    if suggested is None:
        return None
    try:
        known = connecting.rows.service(str(UUID(suggested)))
    except ValueError:
        return None
    return None if known is None else known.id
