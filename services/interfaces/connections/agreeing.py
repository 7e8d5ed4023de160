"""Asking a service, as a family agrees: what is told, one permission each, and the request.

(1) Whoever asks may decide about everybody whom it is about; else they learn nothing.
(2) The service is listed here and has a partner, who was confirmed within the year.
(3) Whoever agrees is free to say so: not before a partner, nor through a relative. No refusal is
    in force, and nothing else stands above what would be agreed. What the family
    said no to it has to say otherwise first, where it says such things: not in passing.
(4) Entries of the story are those shown to whoever asks, kept to nobody, about nobody else.
(5) One permission for each of them, by the gate's own rules (`services.decisions.at_the_desk`).
(6) Agreed where all of it is in force; else it waits as a draft until it is confirmed.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from consent.decisions.confirming import make_wait
from consent.decisions.keeping import Recorded
from consent.decisions.states import state_of
from consent.lawfulness import Basis
from consent.ledger import FieldValue, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import RecordDecision, Response, SharingDecision
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Purpose
from services.decisions.at_the_desk import record, refusal_about
from services.interfaces.connections.connecting import (
    Connecting,
    become,
    enter_change,
    is_in_force,
)
from services.interfaces.connections.days.times import LONGEST
from services.interfaces.connections.life import ASK, ConnectionChange, ConnectionStatus
from services.interfaces.connections.model import (
    Ask,
    AskedService,
    NotAsked,
    NotChanged,
    ServiceConnection,
    WhatIsTold,
    YesSaid,
)
from services.interfaces.connections.reference import new_reference
from services.interfaces.connections.showing import (
    WRITTEN_HERE,
)
from services.interfaces.connections.standing import (
    recipient_of,
    story_chosen,
    why_not_asked,
    why_not_told,
)
from services.people.practitioners.people import SignedInPractitioner
from services.platform.errors import ServiceUnavailableError
from services.profile.model import ProfileRefused

_TRIES = 5


@dataclass(frozen=True, slots=True)
class ServiceAsked:
    """Answer: the request as it stands. `waiting` is what has to be confirmed first."""

    connection: ServiceConnection
    service: AskedService
    waiting: tuple[SharingDecision, ...] = ()


def ask_service(
    command: Ask, who: SignedInPractitioner, *, connecting: Connecting
) -> ServiceAsked | NotAsked | ProfileRefused:
    """Make the request and record what was agreed; nothing is sent. Raises DecisionInvalidError."""
    persons = [one.person for one in command.agreed]
    refused = refusal_about(persons, who, desk=connecting.desk)  # (1)
    if refused is not None:
        return refused
    service = connecting.rows.service(command.service)  # (2)
    if service is None:
        return _not_asked(NotAsked.NOT_LISTED, who, connecting)
    if not connecting.is_offered(service.partner):
        return _not_asked(NotAsked.NO_PARTNER, who, connecting)
    why_not = why_not_told(command) or why_not_asked(  # (3)
        service, persons, command.told.categories, connecting
    )
    if why_not is not None:
        return _not_asked(why_not, who, connecting)
    chosen = story_chosen(command, who, connecting)  # (4)
    if chosen is None:
        return _not_asked(NotAsked.STORY_CLOSED, who, connecting)
    return _make(replace(command, told=chosen), service, who, connecting)


def _make(
    command: Ask, service: AskedService, who: SignedInPractitioner, connecting: Connecting
) -> ServiceAsked | NotAsked | ProfileRefused:
    at = connecting.at
    until = at + min(timedelta(days=command.period_days), LONGEST)
    permits: dict[PersonId, DecisionId] = {}
    waiting: list[SharingDecision] = []
    for agreement in command.agreed:  # (5)
        order = _order(agreement, command, service, until, who)
        recorded = record(order, who, desk=connecting.desk, is_chosen=agreement.is_chosen)
        if isinstance(recorded, ProfileRefused):
            return recorded
        if not isinstance(recorded, Recorded):
            return _not_asked(NotAsked.NOT_WRITTEN, who, connecting)
        decision = _waits_where_own(recorded, service, who, connecting)
        permits[agreement.person] = decision.id
        # Later than this transaction began: before it was made, what waits would not yet wait.
        if not state_of(decision, connecting.desk.deciding.clock.now()).is_in_force:
            waiting.append(decision)
    made = ServiceConnection(
        id=str(new_entry_id(at)),
        reference=new_reference(),
        service=service.id,
        partner=service.partner,
        person=command.agreed[0].person,
        asked_by=who.id,
        agency=who.agency_code,
        status=ConnectionStatus.DRAFT if waiting else ConnectionStatus.AGREED,  # (6)
        categories=command.told.categories,
        agreed_until=until,
        changed_at=at,
        permits=permits,
    )
    made = _written(made, command.told, who, connecting)
    change = ASK if waiting else ConnectionChange.AGREE.value
    enter_change(made, change, actor=who.actor, connecting=connecting)
    connecting.announce(made)
    return ServiceAsked(made, service, tuple(waiting))


def _order(
    agreement: YesSaid,
    command: Ask,
    service: AskedService,
    until: datetime,
    who: SignedInPractitioner,
) -> RecordDecision:
    return RecordDecision(
        subjects=(agreement.person,),
        response=Response.GIVEN,
        categories=command.told.categories,
        purposes=frozenset({Purpose.EARLY_HELP}),
        basis=Basis.CONSENT,
        decided_by=agreement.decided_by,
        actor=who.actor,
        recipients=frozenset({recipient_of(service)}),
        sources=frozenset({WRITTEN_HERE}),
        until=until,
        circumstances=agreement.circumstances,
        decider_name=agreement.decider_name,
    )


def _waits_where_own(
    recorded: Recorded, service: AskedService, who: SignedInPractitioner, connecting: Connecting
) -> SharingDecision:
    """The decision; one from which the recorder's own agency gains waits, unless confirmed."""
    decision = recorded.decision
    is_own = service.agency is not None and service.agency == who.agency_code
    is_one_hand = recorded.waiting is None and decision.confirmed_at is None
    asker = connecting.desk.deciding.asker
    if is_own and is_one_hand and not asker.is_both_hands:
        deciding = connecting.desk.deciding
        return make_wait(decision, actor=who.actor, deciding=deciding).decision
    return decision if recorded.waiting is None else recorded.waiting


def _written(
    made: ServiceConnection, told: WhatIsTold, who: SignedInPractitioner, connecting: Connecting
) -> ServiceConnection:
    """Write it under a reference that nobody has."""
    for _ in range(_TRIES):
        if connecting.rows.add(made, told, actor=who.actor):
            return made
        made = replace(made, reference=new_reference())
    raise ServiceUnavailableError("no reference was free; try again")


def take_up_confirmed(
    connection: ServiceConnection, *, actor: str, connecting: Connecting
) -> ServiceConnection | NotChanged:
    """Let a draft be agreed whose every permission is in force by now."""
    if not is_in_force(connection, connecting):
        return NotChanged.NOT_AGREED
    return become(connection, ConnectionChange.AGREE, actor=actor, connecting=connecting)


def _not_asked(because: NotAsked, who: SignedInPractitioner, connecting: Connecting) -> NotAsked:
    fields: dict[str, FieldValue] = {"connection": [], "act": "ask", "because": because.value}
    event = LedgerEvent.CONNECTION_REFUSED
    connecting.ledger.append([ledger_entry(event, fields, at=connecting.at, actor=who.actor)])
    return because
