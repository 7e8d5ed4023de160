"""Whatever happens to a request, its partner sees it only while a decision in force covers it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from consent.decisions.states import state_of
from consent.model import Response
from schemas.vocabulary import Category, Purpose
from services.interfaces.connections import changing
from services.interfaces.connections.agreeing import ServiceAsked
from services.interfaces.connections.life import ConnectionChange, DeclineReason, EndReason
from services.work import unit_of_work
from tests.support.builders import DAY
from tests.support.people.connecting_world import HERSELF, ConnectingWorld

pytestmark = pytest.mark.postgres
C = ConnectionChange
Act = Callable[[ConnectingWorld, str], Any]


def _refuse(world: ConnectingWorld, connection: str) -> None:
    del connection
    world.world.running.decide(
        world.world.mother,
        response=Response.REFUSED,
        categories=frozenset({Category.IDENTITY_AND_CONTACT}),
        purposes=frozenset(Purpose),
        decided_by=HERSELF,
        until=world.world.clock.now() + DAY,
    )


ACTS: Mapping[str, Act] = {
    "send": lambda w, c: w.do(changing.send, w.find(c)),
    "arrives": lambda w, c: w.do(changing.mark_delivered, c),
    "comes back": lambda w, c: w.do(changing.mark_undelivered, c, "mailbox-unknown"),
    "yes": lambda w, c: w.answer(c, C.ACCEPT),
    "no": lambda w, c: w.answer(c, C.DECLINE, declined=DeclineReason.FULL),
    "ring me": lambda w, c: w.answer(c, C.RING),
    "in touch": lambda w, c: w.report(c, C.CONTACT),
    "begun": lambda w, c: w.report(c, C.START),
    "finished": lambda w, c: w.report(c, C.FINISH, ended=EndReason.GOALS_MET),
    "decision taken back": lambda w, c: w.withdraw_decisions(w.find(c)),
    "family says no": _refuse,
    "a day": lambda w, _: w.world.clock.pass_by(DAY),
    "three weeks": lambda w, _: w.world.clock.pass_by(21 * DAY),
    "seven months": lambda w, _: w.world.clock.pass_by(215 * DAY),
    "the worker's pass": lambda w, _: w.follow_up(),
}


def _covered(world: ConnectingWorld, connection: str) -> bool:
    """By the decision on record alone, and what the family said since."""
    with unit_of_work(world.world.running.portal) as work:
        found = world.connecting(work).rows.find(connection)
        assert found is not None
        decision = work.decisions.find(found.permits[world.world.mother])
        assert decision is not None
        known = work.decisions.on_record([world.world.mother])[world.world.mother]
        said_no = any(
            d.response is Response.REFUSED and state_of(d, work.now).is_in_force
            for d in known.decisions
        )
        names_it = decision.recipients == {f"service:{found.service}"}
        return names_it and state_of(decision, work.now).is_in_force and not said_no


def test_a_partner_sees_a_request_only_while_a_decision_covers_it(connecting: ConnectingWorld):
    """Fourteen things that may happen, in any order and number, after each of which it is asked."""
    world = connecting
    seen: set[bool] = set()

    @settings(
        max_examples=6,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.sampled_from(sorted(ACTS)), min_size=3, max_size=8), st.booleans())
    def walk(acts: list[str], is_sent: bool) -> None:  # noqa: FBT001 drawn
        world.world.clock.pass_by(2 * DAY)  # what she said no to before is over
        world.mother_is_here()  # a yes that was taken back is given again by nobody else
        asked = world.ask()
        if not isinstance(asked, ServiceAsked):
            return  # by then no agreement of the council's is in force any more
        connection = asked.connection.id
        for act in ["send", *acts] if is_sent else acts:
            ACTS[act](world, connection)
            shown = world.shown(connection)
            seen.add(shown is not None)
            assert shown is None or _covered(world, connection), act
            assert shown is None or not world.find(connection).status.is_over

    walk()
    assert seen == {True, False}
