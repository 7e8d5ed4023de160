"""Invented requests to invented services, one in each state, made and answered as on pages."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from consent.decisions.confirming import confirm_decision
from consent.decisions.states import DecisionState, state_of
from consent.model import Decider, DeciderKind
from schemas.identifiers import PersonId, PractitionerId
from services.cli.intake.directory.services_demonstration import service_id
from services.interfaces.connections import changing
from services.interfaces.connections.agreeing import ServiceAsked, ask_service, take_up_confirmed
from services.interfaces.connections.connecting import Connecting, become, permits_of
from services.interfaces.connections.life import (
    ConnectionChange,
    ConnectionStatus,
    DeclineReason,
    EndReason,
)
from services.interfaces.connections.model import Ask, ServiceConnection, WhatIsTold, YesSaid
from services.interfaces.connections.telling.announcing import announced_with
from services.interfaces.connections.telling.said import SaidBeside, StepAhead
from services.interfaces.connections.working import connecting_in
from services.work import Outside, UnitOfWork, unit_of_work

_ACTOR: Final = "job:demonstration"
_MOTHER: Final = Decider(DeciderKind.PARENT, "mother")
_DAYS: Final = 183
_Told = Mapping[str, Any]
_ANSWERS: Final = frozenset(
    {ConnectionChange.ACCEPT, ConnectionChange.DECLINE, ConnectionChange.RING}
)


def load_connections(
    folder: Path,
    portal: Outside,
    person_in: Callable[[UnitOfWork], Callable[[_Told], PersonId | None]],
    worker_in: Callable[[UnitOfWork], Callable[[str], PractitionerId]],
) -> int:
    """Ask services for the families that are there, and let them answer; gives how many.

    In a transaction later than the one that asks: what a family agreed to holds from then on.
    """
    told = json.loads((folder / "connections.json").read_text())
    made: list[tuple[_Told, str]] = []
    with unit_of_work(portal) as work:
        for one in told["connections"]:
            person, who = person_in(work)(one["subject"]), worker_in(work)(one["by"])
            asked = None if person is None else _ask(one, person, who, work)
            if asked is not None:
                made.append((one, asked.id))
    with unit_of_work(portal) as work:
        for one, connection in made:
            connecting = _connecting(one, work)
            for step in one["steps"]:
                _go_on(connection, step, connecting)
    return len(made)


def _ask(
    one: _Told, person: PersonId, worker: PractitionerId, work: UnitOfWork
) -> ServiceConnection | None:
    who = work.directory.practitioner(worker)
    connecting = _connecting(one, work)
    told = WhatIsTold(one["name"], one["number"], reach=one["reach"], why=one["why"])
    command = Ask(service_id(one["service"]), told, (YesSaid(person, _MOTHER),), _DAYS)
    asked = None if who is None else ask_service(command, who, connecting=connecting)
    if not isinstance(asked, ServiceAsked):
        return None
    if not one.get("one_hand"):
        _confirm(asked.connection, connecting, work)
    return asked.connection


def _confirm(made: ServiceConnection, connecting: Connecting, work: UnitOfWork) -> None:
    """Let the second hand say so too, where what was agreed waits for one."""
    for decision in permits_of(made, connecting):
        now = work.outside.clock.now()
        if decision is not None and state_of(decision, now) is DecisionState.PROPOSED:
            confirm_decision(decision.id, actor=_ACTOR, deciding=work.operating())
    found = connecting.rows.find(made.id)
    if found is not None and found.status is ConnectionStatus.DRAFT:
        take_up_confirmed(found, actor=_ACTOR, connecting=connecting)


def _connecting(one: _Told, work: UnitOfWork) -> Connecting:
    """With one command as both hands, except for the one that waits for a second."""
    step = one.get("next_step")
    beside = SaidBeside(
        next_step=None if step is None else StepAhead(step),
        words=one.get("words", ""),
        role=one.get("role", ""),
    )
    connecting = connecting_in(work, announce=announced_with(beside))
    if one.get("one_hand"):
        return connecting
    return replace(connecting, desk=replace(connecting.desk, deciding=work.operating()))


def _go_on(connection: str, step: str, connecting: Connecting) -> None:
    """One step of its life, by whoever makes it."""
    word, _, because = step.partition(":")
    found = connecting.rows.find(connection)
    assert found is not None  # noqa: S101 it was made above
    match ConnectionChange(word):
        case ConnectionChange.SEND:
            changing.send(found, actor=_ACTOR, connecting=connecting)
        case ConnectionChange.DELIVER:
            changing.mark_delivered(found.id, actor=_ACTOR, connecting=connecting)
        case ConnectionChange.FAIL:
            changing.mark_undelivered(found.id, because, actor=_ACTOR, connecting=connecting)
        case ConnectionChange.WITHDRAW:
            changing.withdraw(found, actor=_ACTOR, connecting=connecting)
        case ConnectionChange.LAPSE | ConnectionChange.OPEN as change:
            become(found, change, actor=_ACTOR, connecting=connecting)
        case change:
            _said_by_partner(found, change, because, connecting)


def _said_by_partner(
    found: ServiceConnection, change: ConnectionChange, because: str, connecting: Connecting
) -> None:
    actor = f"partner:{found.partner}"
    if change in _ANSWERS:
        declined = DeclineReason(because) if because else None
        said = changing.PartnerAnswer(change, declined)
        changing.answer(found.id, found.partner, said, actor=actor, connecting=connecting)
    else:
        ended = EndReason(because) if because else None
        reported = changing.PartnerReport(change, ended)
        changing.report(found.id, found.partner, reported, actor=actor, connecting=connecting)
