"""Nobody erases anybody alone, nor before seven days have passed, nor somebody protected."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.vocabulary import Role
from services.bootstrap import DatabaseRole
from services.lifecycle.erasure.erasing import Erasure, ErasureRefusal
from services.lifecycle.erasure.ordering import Officer, StillWaiting
from services.people.governance.orders import LAPSES_AFTER, NotTheirs, Order, OrderStatus
from services.platform.clock import BootTime
from services.work import Outside
from services.workers.erasure import carry_out_what_is_due
from services.workers.processes import erasing_what_is_due
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess, acting_for
from tests.support.messages.source_messages import a_message, a_record, the_child
from tests.support.ordering import ONE, OTHER, THIRD, Orders
from tests.support.waiting import eventually

pytestmark = pytest.mark.postgres

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def orders(running: InProcess, clock: StandingClock) -> Orders:
    """Give what officers do."""
    return Orders(running.outside, clock)


@pytest.fixture
def child(running: InProcess) -> PersonId:
    """Give a child of whom something is stored."""
    (person,) = running.decide(the_child()).decision.subjects
    running.receive(a_message("m1", a_record("r1")))
    running.settle()
    return person


def _entered(running: InProcess, *events: LedgerEvent) -> list[tuple[str, object]]:
    return [(entry.actor, entry.fields.get("because")) for entry in running.ledger(*events)]


def test_whoever_asked_cannot_confirm_and_nothing_is_erased(
    running: InProcess, orders: Orders, child: PersonId
):
    """One person alone erases no decision, however long they wait; each attempt is entered."""
    order = orders.asked(child)

    own = orders.confirm(order, ONE)
    orders.wait()
    answer = orders.carry_out(order, ONE)

    assert own is NotTheirs.ASKED_IT
    assert answer is NotTheirs.ANSWERED
    assert carry_out_what_is_due(orders.outside) == 0
    assert running.count("sharing_decision") == 1
    assert _entered(running, LedgerEvent.ORDER_ANSWER_REFUSED) == [
        (ONE, "asked-for-it"),
        (ONE, "is-answered"),
    ]


def test_confirmed_by_another_it_waits_seven_days_and_is_carried_out(
    running: InProcess, orders: Orders, child: PersonId
):
    """By a job of the owner's; the entry names who asked, and the order who confirmed."""
    orders.confirmed(child)

    orders.wait(WEEK - HOUR)
    early = carry_out_what_is_due(orders.outside)
    orders.wait(HOUR)
    due = carry_out_what_is_due(orders.outside)

    assert (early, due, running.count("record")) == (0, 1, 0)
    assert _entered(running, LedgerEvent.PERSON_ERASED) == [(ONE, "unlawful")]
    assert _entered(running, LedgerEvent.ORDER_CONFIRMED) == [(OTHER, None)]
    assert _entered(running, LedgerEvent.ORDER_CARRIED_OUT) == [("job:erasure", None)]
    assert len(running.ledger(LedgerEvent.KEY_DESTROYED)) == 1


def test_carried_out_too_early_it_says_how_long_still(
    running: InProcess, orders: Orders, child: PersonId
):
    """And the attempt is entered."""
    order = orders.confirmed(child)
    orders.wait(timedelta(days=2))

    assert orders.carry_out(order) == StillWaiting(timedelta(days=5))
    assert _entered(running, LedgerEvent.ORDER_ANSWER_REFUSED) == [(THIRD, "still-has-to-wait")]
    assert running.count("record") == 1


@pytest.mark.parametrize("days", [400, -400])
def test_a_clock_that_is_set_shortens_nothing(
    running: InProcess, orders: Orders, child: PersonId, clock: StandingClock, days: int
):
    """Forward it would be due at once; back it waits for longer."""
    order = orders.confirmed(child)
    orders.wait(timedelta(days=1))
    clock.pass_by(timedelta(days=days))

    answer = orders.carry_out(order)

    assert isinstance(answer, StillWaiting)
    assert answer.left >= timedelta(days=6)
    assert running.count("record") == 1


def test_another_machine_counts_for_nothing_until_it_has_measured_itself(
    orders: Orders, child: PersonId
):
    """However long that one has run."""
    order = orders.confirmed(child)
    orders.machine.boot = "another-boot"
    orders.machine.boot_time = lambda: BootTime("another-boot", 10**12)  # type: ignore[method-assign] # another machine
    orders.wait(timedelta(days=30))

    assert orders.carry_out(order) == StillWaiting(WEEK)


@pytest.mark.parametrize("by", [ONE, OTHER])
def test_either_of_both_stops_it_until_it_is_done(
    running: InProcess, orders: Orders, child: PersonId, by: str
):
    """Once stopped it is asked for anew."""
    order = orders.confirmed(child)
    orders.wait()

    strangers, stopped = orders.stop(order, THIRD), orders.stop(order, by)

    assert strangers is NotTheirs.NEITHER
    assert isinstance(stopped, Order)
    assert stopped.status is OrderStatus.STOPPED
    assert orders.carry_out(order) is NotTheirs.ANSWERED
    assert running.count("record") == 1
    assert _entered(running, LedgerEvent.ORDER_STOPPED) == [(by, None)]


def test_what_waits_to_be_confirmed_any_officer_declines(orders: Orders, child: PersonId):
    """And whoever asked takes it back."""
    for by in (ONE, THIRD):
        order = orders.asked(child)
        answered = orders.stop(order, by)
        assert isinstance(answered, Order)
        assert answered.status is OrderStatus.DECLINED
        assert orders.confirm(order) is NotTheirs.ANSWERED


def test_what_nobody_confirms_lapses(orders: Orders, child: PersonId):
    """It is asked for anew."""
    order = orders.asked(child)
    orders.wait(LAPSES_AFTER)

    assert orders.confirm(order) is NotTheirs.LAPSED
    assert orders.waiting(Officer(ONE)) == []


def test_somebody_protected_is_not_erased_when_asked_nor_when_due(
    running: InProcess, orders: Orders, child: PersonId
):
    """A restriction that came meanwhile stops the order; it is asked for anew once it is lifted."""
    order = orders.confirmed(child)
    orders.wait()
    running.restrict(child)

    asked, due = orders.ask(child), orders.carry_out(order)

    assert asked is due is ErasureRefusal.RESTRICTED
    assert orders.carry_out(order) is NotTheirs.ANSWERED
    assert running.count("restriction") == 1
    refused = _entered(running, LedgerEvent.PERSON_ERASURE_REFUSED)
    assert refused == [(ONE, "restricted"), (ONE, "restricted")]
    assert _entered(running, LedgerEvent.ORDER_STOPPED) == [("job:erasure", None)]


def test_whom_an_inquiry_wants_kept_is_refused_both_times(
    running: InProcess, orders: Orders, child: PersonId
):
    """Also where the hold came meanwhile."""
    order = orders.confirmed(child)
    with running.outside.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO retention_hold VALUES (:p, 'inquiry', 'job:test', now())"),
            {"p": child},
        )
    orders.wait()

    assert orders.ask(child) is ErasureRefusal.HELD
    assert orders.carry_out(order) is ErasureRefusal.HELD


@pytest.mark.parametrize("role", [None, *Role])
def test_only_officers_hear_of_orders(orders: Orders, child: PersonId, role: Role | None):
    """To everybody else there is none, whether there is one or not."""
    who = Officer("practitioner:" + "b0" * 16, role)
    allowed = role in {Role.INFORMATION_GOVERNANCE, Role.ADMINISTRATOR}

    waiting = orders.waiting(who)

    assert (waiting == []) is allowed
    order = orders.asked(child)
    if not allowed:
        assert orders.waiting(who) is ErasureRefusal.NOT_ALLOWED
        with_order = orders.confirm(order, who.actor), orders.stop(order, who.actor)
        assert set(with_order) == {NotTheirs.NOT_THERE}


def test_an_order_that_the_portal_wrote_itself_is_none(
    running: InProcess, orders: Orders, child: PersonId
):
    """Whoever can write to the database alone confirms nothing."""
    order = orders.asked(child)
    with acting_for(running.outside, DatabaseRole.PORTAL) as portal, portal.engine.begin() as c:
        c.execute(
            text("""
                INSERT INTO two_hands_order (order_id, state, kind, document, status, asked_by,
                    answered_by, lapses_at, known_at, salt, bound_by, seal)
                SELECT order_id, 2, kind, document, 'confirmed', asked_by, :other, lapses_at,
                    known_at, salt, gen_random_uuid(), seal
                FROM two_hands_order WHERE order_id = :order
            """),
            {"order": order.id, "other": OTHER},
        )
    orders.wait()

    assert orders.carry_out(order) is NotTheirs.NOT_THERE
    assert carry_out_what_is_due(orders.outside) == 0
    assert running.count("record") == 1


@pytest.mark.parametrize("is_embedded", [True, False])
def test_the_relay_carries_out_what_is_due_where_the_database_is_ours(
    running: InProcess, orders: Orders, child: PersonId, *, is_embedded: bool
):
    """On a database of somebody's own no process is its owner: there a command does it."""
    orders.confirmed(child)
    orders.wait()
    application = _Application(object() if is_embedded else None, orders.outside)

    stopping = _Stopping()
    with erasing_what_is_due(application, stopping, structlog.get_logger()):  # type: ignore[arg-type] # as much of them as it uses
        if is_embedded:
            assert eventually(lambda: running.count("record") == 0)
        is_beside = "erasures" in {thread.name for thread in threading.enumerate()}
        stopping.ask()

    assert is_beside is is_embedded
    assert running.count("record") == (0 if is_embedded else 1)


@dataclass(frozen=True)
class _Application:
    embedded: object | None
    owners: Outside

    def outside(self, role: DatabaseRole) -> Outside:
        assert role is DatabaseRole.OWNER
        return self.owners


class _Stopping:
    """As services.platform.loops.Stopping, without the signals of a process."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ask(self) -> None:
        self._event.set()

    def is_asked(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        self._event.wait(seconds)


def test_carried_out_again_it_gives_that_erasure(orders: Orders, child: PersonId):
    """Whoever's answer was lost asks again."""
    order = orders.confirmed(child)
    orders.wait()

    first, again = orders.carry_out(order), orders.carry_out(order)

    assert isinstance(first, Erasure)
    assert isinstance(again, Erasure)
    assert first.id == again.id
