"""Whom the register marks is hidden as its answer comes, until two hands say who may see them."""

from datetime import UTC
from io import BytesIO
from typing import Any

import pytest

from connectors.health_visiting.reader import read_nems
from connectors.publishing.publish import PublishIfPermitted, publish_if_permitted
from consent.decisions.restrictions import Change
from consent.ledger.events import LedgerEvent
from consent.model import Restriction
from schemas.vocabulary import Source
from services.decisions.protection.marked import BY
from services.people.governance.orders import Order, OrderStatus
from services.people.governance.queue import ItemKind
from services.work import unit_of_work
from tests.support.builders import VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import FEEDS
from tests.support.messages.register import a_patient, restricted, sent
from tests.support.people.protecting import (
    GOVERNANCE,
    HOLDERS,
    PERSON,
    STRANGER,
    Protecting,
)
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres


def answer(
    protecting: Protecting, clock: StandingClock, document: dict[str, Any], *, fed: bool = True
) -> None:
    """Take in what the register answers, by the agency's kept feed or by none."""
    (received,) = read_nems(BytesIO(sent(document)), received_at=clock.now().astimezone(UTC))
    source = Source.HEALTH_VISITING
    with unit_of_work(protecting.running.connectors) as work:
        publishing = work.publishing(source, None, FEEDS[source] if fed else None)
        publish_if_permitted(PublishIfPermitted(source, [received]), publishing=publishing)


@pytest.mark.parametrize("fed", [True, False])
def test_marked_they_are_hidden_from_all_but_who_works_with_them(
    protecting: Protecting,
    clock: StandingClock,
    fed: bool,  # noqa: FBT001 - pytest gives it by name
):
    """At once, whatever is shared of them; governance is told, once."""
    answer(protecting, clock, restricted(), fed=fed)
    answer(protecting, clock, restricted(gender="male"), fed=fed)
    with protecting.work() as work:
        relate(work, STRANGER, protecting.child)

    placed = protecting.stands()
    assert placed is not None
    assert placed.is_provisional
    assert placed.scope is PERSON
    assert placed.allowed >= HOLDERS
    assert all(protecting.sees(one) for one in HOLDERS)
    assert not protecting.sees(STRANGER)
    assert protecting.items(ItemKind.RESTRICTION_PROVISIONAL) == 1
    (entry,) = protecting.running.ledger(LedgerEvent.RESTRICTION_PLACED)
    assert entry.actor == BY


def test_it_lasts_as_its_source_says(protecting: Protecting, clock: StandingClock):
    """Marked no longer they are as before, and hidden again when they are marked again."""
    answer(protecting, clock, restricted())
    answer(protecting, clock, a_patient("U"))
    freed = protecting.stands()
    answer(protecting, clock, restricted())

    assert freed is None
    assert protecting.stands() is not None


def test_a_file_that_one_person_can_write_takes_no_mark_away(
    protecting: Protecting, clock: StandingClock
):
    """It widens."""
    answer(protecting, clock, restricted())
    answer(protecting, clock, a_patient("U"), fed=False)

    assert protecting.stands() is not None


def test_what_two_hands_have_said_stands(protecting: Protecting, clock: StandingClock):
    """An allow-list that was set is not lifted by the source, nor is one set beside it."""
    answer(protecting, clock, restricted())
    placed = protecting.stands()
    assert placed is not None
    list_set = confirmed(protecting, placed, Change(HOLDERS, PERSON, was_asked_safely=True))
    answer(protecting, clock, a_patient("U"))
    answer(protecting, clock, restricted())

    stands = protecting.stands()
    assert list_set.status is OrderStatus.CONFIRMED
    assert stands is not None
    assert stands.allowed == HOLDERS
    assert not stands.is_provisional


def test_what_two_hands_have_lifted_is_not_placed_again(
    protecting: Protecting, clock: StandingClock
):
    """Until its source has said meanwhile that they are not marked."""
    answer(protecting, clock, restricted())
    placed = protecting.stands()
    assert placed is not None
    confirmed(protecting, placed, Change(None, PERSON, was_asked_safely=True))
    answer(protecting, clock, restricted())

    assert protecting.stands() is None


def test_who_is_protected_already_is_not_protected_twice(
    protecting: Protecting, clock: StandingClock
):
    """Nobody would be on both lists."""
    placed = protecting.placed()
    answer(protecting, clock, restricted())

    assert protecting.stands() == placed


def confirmed(protecting: Protecting, placed: Restriction, change: Change) -> Order:
    """What two hands have made of it: governance, and somebody of another agency."""
    order = protecting.confirm(protecting.ask(placed, GOVERNANCE, change), VISITOR)
    assert isinstance(order, Order), order
    return order
