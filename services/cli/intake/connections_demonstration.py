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
from services.cli.intake.services_demonstration import service_id
from services.interfaces.connections import changing
from services.interfaces.connections.agreeing import Asked, ask_service, take_up_confirmed
from services.interfaces.connections.connecting import Connecting, become, permits_of
from services.interfaces.connections.life import Change, ConnectionStatus, DeclineReason, EndReason
from services.interfaces.connections.model import Agreement, Ask, Connection, Told
from services.interfaces.connections.telling.announcing import announced_with
from services.interfaces.connections.telling.said import SaidBeside, StepAhead
from services.interfaces.connections.working import connecting_in
from services.work import UnitOfWork

_ACTOR: Final = "job:demonstration"
_MOTHER: Final = Decider(DeciderKind.PARENT, "mother")
_DAYS: Final = 183
_Told = Mapping[str, Any]
_ANSWERS: Final = frozenset({Change.ACCEPT, Change.DECLINE, Change.RING})


def load_connections(
    folder: Path,
    work: UnitOfWork,
    person_of: Callable[[_Told], PersonId | None],
    worker_of: Callable[[str], PractitionerId],
) -> int:
    """Ask services for the families that are there, and let them answer; gives how many."""
    told = json.loads((folder / "connections.json").read_text())
    made = 0
    for one in told["connections"]:
        person = person_of(one["subject"])
        who = work.directory.practitioner(worker_of(one["by"]))
        if person is None or who is None:
            continue
        connecting = _connecting(one, work)
        asks = Told(one["name"], one["number"], reach=one["reach"], why=one["why"])
        command = Ask(service_id(one["service"]), asks, (Agreement(person, _MOTHER),), _DAYS)
        asked = ask_service(command, who, connecting=connecting)
        if not isinstance(asked, Asked):
            continue
        made += 1
        if not one.get("one_hand"):
            _confirm(asked.connection, connecting, work)
        for step in one["steps"]:
            _go_on(asked.connection.id, step, connecting)
    return made


def _confirm(made: Connection, connecting: Connecting, work: UnitOfWork) -> None:
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
    match Change(word):
        case Change.SEND:
            changing.send(found, actor=_ACTOR, connecting=connecting)
        case Change.DELIVER:
            changing.mark_delivered(found.id, actor=_ACTOR, connecting=connecting)
        case Change.FAIL:
            changing.mark_undelivered(found.id, because, actor=_ACTOR, connecting=connecting)
        case Change.WITHDRAW:
            changing.withdraw(found, actor=_ACTOR, connecting=connecting)
        case Change.LAPSE | Change.OPEN as change:
            become(found, change, actor=_ACTOR, connecting=connecting)
        case change:
            _said_by_partner(found, change, because, connecting)


def _said_by_partner(
    found: Connection, change: Change, because: str, connecting: Connecting
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
