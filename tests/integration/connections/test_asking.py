"""Asking a service with a family's word: what is recorded, who sees what, and what shuts it."""

from dataclasses import replace

import pytest

from consent.decisions.confirming import confirm_decision
from consent.decisions.states import DecisionState, state_of
from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.vocabulary import Category, Purpose
from services.interfaces.connections import changing
from services.interfaces.connections.agreeing import ServiceAsked
from services.interfaces.connections.life import (
    ConnectionChange,
    ConnectionStatus,
    DeclineReason,
    EndReason,
)
from services.interfaces.connections.model import NotAsked, NotChanged, ServiceConnection
from services.profile.model import ProfileRefused
from services.work import unit_of_work
from tests.support.builders import BOTH_HANDS
from tests.support.people.connecting_world import HERSELF, TOLD, ConnectingWorld
from tests.support.people.presence_world import COLLEAGUE, PresenceWorld

pytestmark = pytest.mark.postgres


def state(connecting: ConnectingWorld, connection: ServiceConnection) -> DecisionState:
    with unit_of_work(connecting.world.running.portal) as work:
        decision = work.decisions.find(connection.permits[connecting.world.mother])
        assert decision is not None
        return state_of(decision, work.now)


def test_what_the_mother_agrees_to_is_one_decision_that_names_the_service(
    connecting: ConnectingWorld,
):
    """Consent, for early help, to this service alone, of what is told, until the agreed day."""
    made = connecting.asked()

    with unit_of_work(connecting.world.running.portal) as work:
        decision = work.decisions.find(made.permits[connecting.world.mother])
    assert decision is not None
    assert decision.recipients == {f"service:{connecting.service}"}
    assert decision.categories == TOLD.categories
    assert decision.purposes == {Purpose.EARLY_HELP}
    assert decision.until == made.agreed_until
    changed = connecting.world.entries(LedgerEvent.CONNECTION_CHANGED)
    assert [one.fields["status"] for one in changed] == ["agreed"]


def test_a_partner_sees_just_what_was_agreed_and_that_is_entered(connecting: ConnectingWorld):
    """From when it is sent; another partner, and whoever comes before, sees nothing at all."""
    asked = connecting.asked()
    early = connecting.shown(asked.id)
    connecting.do(changing.send, asked)

    shown = connecting.shown(asked.id)
    foreign = connecting.shown(asked.id, "st-aldhelms")
    unknown = connecting.shown("00000000-0000-7000-8000-000000000000")

    assert shown is not None
    assert shown.told == TOLD
    assert (early, foreign, unknown) == (None, None, None)
    assert len(connecting.world.entries(LedgerEvent.CONNECTION_SHOWN)) == 1
    refused = connecting.world.entries(LedgerEvent.CONNECTION_REFUSED)
    assert [one.fields["because"] for one in refused] == ["is-not-there"] * 3


def test_a_yes_goes_through_to_the_end_and_then_nothing_is_seen(connecting: ConnectingWorld):
    """Received, opened, accepted, in touch, begun, finished: the decision ends with it."""
    sent = connecting.sent()
    connecting.do(changing.mark_delivered, sent.id)
    connecting.answer(sent.id, ConnectionChange.ACCEPT)
    connecting.report(sent.id, ConnectionChange.CONTACT)
    connecting.report(sent.id, ConnectionChange.START)
    before = connecting.shown(sent.id)

    ended = connecting.report(sent.id, ConnectionChange.FINISH, ended=EndReason.GOALS_MET)

    assert before is not None
    assert isinstance(ended, ServiceConnection)
    assert ended.status is ConnectionStatus.FINISHED
    assert connecting.shown(sent.id) is None
    assert state(connecting, sent) is DecisionState.EXPIRED
    with unit_of_work(connecting.world.running.portal) as work:
        told = connecting.connecting(work).rows.history(sent.id)
    assert [one.change for one in told] == [
        *("agree", "send", "deliver", "open", "accept", "contact", "start", "finish"),
    ]


def test_a_no_has_a_reason_and_ends_what_was_agreed(connecting: ConnectingWorld):
    """Without one it is none; with one the partner can do and see nothing more."""
    sent = connecting.sent()

    without = connecting.answer(sent.id, ConnectionChange.DECLINE)
    said = connecting.answer(sent.id, ConnectionChange.DECLINE, declined=DeclineReason.FULL)
    again = connecting.answer(sent.id, ConnectionChange.ACCEPT)

    assert without is NotChanged.NO_REASON
    assert isinstance(said, ServiceConnection)
    assert (said.status, said.declined) == (ConnectionStatus.DECLINED, DeclineReason.FULL)
    assert again is NotChanged.NOT_THERE
    assert connecting.shown(sent.id) is None
    assert state(connecting, sent) is DecisionState.EXPIRED


def test_whichever_door_it_is_taken_back_by_the_partner_is_shut_out(connecting: ConnectingWorld):
    """By the sharing decision: at once for the partner, and on the page at the next pass."""
    accepted = connecting.accepted()

    connecting.withdraw_decisions(accepted)

    assert connecting.shown(accepted.id) is None
    assert connecting.report(accepted.id, ConnectionChange.CONTACT) is NotChanged.NOT_THERE
    connecting.follow_up()
    assert connecting.find(accepted.id).status is ConnectionStatus.WITHDRAWN


def test_a_family_stops_it_through_a_worker(connecting: ConnectingWorld):
    """The request and its decision are withdrawn together."""
    sent = connecting.sent()
    who = connecting.world.who()

    with unit_of_work(connecting.world.running.portal) as work:
        ports = connecting.connecting(work)
        stopped = changing.stop_for_family(sent.id, who, connecting=ports)

    assert isinstance(stopped, ServiceConnection)
    assert state(connecting, sent) is DecisionState.WITHDRAWN
    assert connecting.shown(sent.id) is None


def test_nobody_answers_and_it_lapses_after_two_reminders(connecting: ConnectingWorld):
    """Five working days: reminded of at two and at four, then shut, and red for who asked."""
    sent = connecting.sent()

    for _ in range(9):
        connecting.time_passes(1)

    lapsed = connecting.find(sent.id)
    assert (lapsed.status, lapsed.chased) == (ConnectionStatus.LAPSED, 2)
    assert lapsed.is_red
    assert connecting.shown(sent.id) is None
    assert [one.chased for one in connecting.posted] == [0, 1, 2]
    assert state(connecting, sent) is DecisionState.EXPIRED


def test_what_came_back_is_red_and_can_be_sent_again(connecting: ConnectingWorld):
    """A bounce after a receipt counts too; the day for an answer stays."""
    sent = connecting.sent()
    connecting.do(changing.mark_delivered, sent.id)

    connecting.do(changing.mark_undelivered, sent.id, "mailbox-unknown")

    red = connecting.find(sent.id)
    assert (red.is_red, red.undelivered) == (True, "mailbox-unknown")
    again = connecting.do(changing.send, red)
    assert (again.is_red, again.respond_by) == (False, sent.respond_by)


def test_what_waits_for_a_second_hand_is_sent_only_when_it_is_confirmed(
    world: PresenceWorld,
):
    """Only one agency tells her age: the yes waits, and goes out by itself once confirmed."""
    connecting = ConnectingWorld.of(world, is_age_known=False)
    connecting.mother_is_here()

    asked = connecting.ask()
    assert isinstance(asked, ServiceAsked)
    early = connecting.do(changing.send, asked.connection)
    connecting.follow_up()
    waiting = connecting.find(asked.connection.id)
    with unit_of_work(connecting.world.running.portal) as work:
        deciding = work.deciding(BOTH_HANDS)
        confirm_decision(asked.waiting[0].id, actor="job:test", deciding=deciding)
    connecting.follow_up()

    assert (early, waiting.status) == (NotChanged.NOT_AGREED, ConnectionStatus.DRAFT)
    assert connecting.find(asked.connection.id).status is ConnectionStatus.SENT
    assert connecting.shown(asked.connection.id) is not None


def test_a_no_in_force_makes_asking_impossible(connecting: ConnectingWorld):
    """Whoever said it: it is first to be talked about where such things are."""
    connecting.mother_is_here()
    running = connecting.world.running
    running.decide(
        connecting.world.mother,
        response=Response.REFUSED,
        categories=frozenset({Category.STORY}),
        purposes=frozenset(Purpose),
        decided_by=HERSELF,
    )

    with_words = connecting.ask()
    without = connecting.ask(replace(TOLD, why=""))

    assert with_words is NotAsked.REFUSED
    assert isinstance(without, ServiceAsked)


def test_a_stranger_asks_for_nobody(connecting: ConnectingWorld):
    """Who has nothing to do with the mother gets the stranger's answer."""
    assert isinstance(connecting.ask(by=COLLEAGUE), ProfileRefused)
