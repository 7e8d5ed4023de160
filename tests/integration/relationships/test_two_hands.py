"""Orders of two hands, and the queue of what somebody has to look at."""

from collections.abc import Iterator

import pytest

from consent.ledger.events import LedgerEvent
from services.people.governance.orders import (
    LAPSES_AFTER,
    NotTheirs,
    Order,
    OrderStatus,
    answer,
    ask,
)
from services.people.governance.queue import ItemKind, close_item, raise_item
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess

pytestmark = pytest.mark.postgres
ONE, OTHER = "operator:ada", "operator:bert"


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _ask(running: InProcess, *, is_demonstration: bool = False) -> Order:
    with unit_of_work(running.portal) as work:
        return ask(
            "feed",
            {"feed": "a0"},
            by=ONE,
            orders=work.orders,
            ledger=work.ledger,
            at=work.now,
            is_demonstration=is_demonstration,
        )


def _answer(running: InProcess, order: str, by: str, *, confirms: bool = True) -> Order | NotTheirs:
    with unit_of_work(running.portal) as work:
        return answer(
            order, by=by, confirms=confirms, orders=work.orders, ledger=work.ledger, at=work.now
        )


def test_whoever_asked_is_not_the_second_hand(running: InProcess) -> None:
    """The attempt is entered and the order waits on."""
    order = _ask(running)

    own, others = _answer(running, order.id, ONE), _answer(running, order.id, OTHER)

    assert own is NotTheirs.ASKED_IT
    assert isinstance(others, Order)
    assert (others.status, others.document) == (OrderStatus.CONFIRMED, {"feed": "a0"})
    (refused,) = running.ledger(LedgerEvent.ORDER_ANSWER_REFUSED)
    assert refused.fields["because"] == "asked-for-it"


def test_an_order_is_answered_once(running: InProcess) -> None:
    """Also where it was taken back by who asked."""
    order = _ask(running)

    taken_back = _answer(running, order.id, ONE, confirms=False)
    late = _answer(running, order.id, OTHER)

    assert isinstance(taken_back, Order)
    assert late is NotTheirs.ANSWERED


def test_an_order_lapses(running: InProcess, clock: StandingClock) -> None:
    """What nobody confirmed in time is asked for again."""
    order = _ask(running)

    clock.pass_by(LAPSES_AFTER)

    assert _answer(running, order.id, OTHER) is NotTheirs.LAPSED


def test_an_order_that_there_is_not_is_refused_and_entered(running: InProcess) -> None:
    """Without the id that was typed."""
    assert _answer(running, "no-such-order", OTHER) is NotTheirs.NOT_THERE

    (refused,) = running.ledger(LedgerEvent.ORDER_ANSWER_REFUSED)
    assert refused.fields["order"] == ()


def test_where_families_are_invented_one_command_is_both_hands(running: InProcess) -> None:
    """It comes back confirmed, by a name of its own."""
    order = _ask(running, is_demonstration=True)

    assert (order.status, order.answered_by) == (OrderStatus.CONFIRMED, "job:demonstration")


def _waiting(work: UnitOfWork) -> list[str]:
    return [item.about for item in work.queue.waiting(most=9)]


def test_nobody_closes_what_they_raised_themselves(running: InProcess) -> None:
    """Nor what is about them; somebody else does, once."""
    with unit_of_work(running.portal) as work:
        ports = {"queue": work.queue, "ledger": work.ledger, "at": work.now}
        item = raise_item(ItemKind.EMERGENCY, OTHER, by=ONE, **ports)  # type: ignore[arg-type] # by name
        raise_item(ItemKind.EMERGENCY, OTHER, by=ONE, **ports)  # type: ignore[arg-type] # as above
        waiting = _waiting(work)
        refused = [close_item(item.id, "justified", by=by, **ports) for by in (ONE, OTHER)]  # type: ignore[arg-type] # as above
        closed = close_item(item.id, "justified", by="operator:cleo", **ports)  # type: ignore[arg-type] # as above
        left = _waiting(work)

    assert (waiting, refused, left) == ([OTHER], [None, None], [])
    assert closed is not None
    assert closed.outcome == "justified"
