"""The sweep on real rows: what it finds, keeps once, and leaves out; whoever dies when."""

from datetime import timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from services.audit.unusual.hits import HitStanding
from services.audit.unusual.model import UnusualRule
from services.audit.unusual.sweeping import sweep_step
from services.work import unit_of_work
from tests.support.audit.unusual_world import UnusualWorld
from tests.support.clock import StandingClock
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres
A_MINUTE = timedelta(minutes=1)


def test_a_rare_name_and_a_home_are_found_without_opening_anything(world: UnusualWorld) -> None:
    """By hashes that the connectors left; a case-load of before explains the same away."""
    worker, colleague = world.worker(), world.worker()
    child = world.known("Quillby", "NF1 1AA")
    world.take_in(
        f"{worker},Quillby,t1,NF1 1AA,,,",
        f"{colleague},Quillby,t2,NF9 9ZZ,,,",
    )
    with unit_of_work(world.running.portal) as work:
        relate(work, colleague, child, since=world.now - timedelta(days=30))
    world.enter(
        world.look(worker, child, world.noon()),
        world.look(colleague, child, world.now + A_MINUTE),
    )

    world.sweep()

    found = {(hit.rule, hit.practitioner) for hit in world.hits()}
    assert found == {
        (UnusualRule.OWN_RECORD, worker),
        (UnusualRule.SAME_SURNAME, worker),
        (UnusualRule.SAME_PLACE, worker),
    }


def test_a_case_load_that_is_dated_back_explains_nothing(world: UnusualWorld) -> None:
    """It was not known when they looked."""
    worker = world.worker()
    child = world.known("Thornwick", "NF1 1AA")
    world.take_in(f"{worker},Thornwick,t1,NF2 2BB,,,")
    with unit_of_work(world.running.portal) as work:
        relate(work, worker, child, since=world.now - timedelta(days=30))
    world.enter(world.look(worker, child, world.noon()))

    world.sweep()

    assert [hit.rule for hit in world.hits()] == [UnusualRule.SAME_SURNAME]


def test_days_are_judged_once_they_are_over_and_running_again_makes_nothing_twice(
    world: UnusualWorld, clock: StandingClock
) -> None:
    """Five refusals within an hour of today are told tomorrow; each hit is entered once."""
    worker, child = world.worker(), world.person()
    first = world.now.replace(hour=9)
    world.enter(*(world.refused(worker, child, first + n * A_MINUTE) for n in range(5)))

    world.sweep()
    before = world.hits()
    clock.pass_by(timedelta(days=2))
    world.sweep()
    after = world.hits()
    _from_the_beginning(world)
    world.sweep()

    assert before == []
    assert [hit.rule for hit in after] == [UnusualRule.REFUSED_OFTEN]
    assert world.hits() == after
    assert len(world.running.ledger(LedgerEvent.UNUSUAL_ACCESS_RAISED)) == 1


def test_what_comes_late_is_judged_with_its_day(world: UnusualWorld) -> None:
    """A fifth refusal whose transaction ended after the day was judged."""
    worker, child = world.worker(), world.person()
    first = world.noon()
    world.enter(*(world.refused(worker, child, first + n * A_MINUTE) for n in range(4)))
    world.sweep()
    assert world.hits() == []

    world.enter(world.refused(worker, child, first + 4 * A_MINUTE))
    world.sweep()

    assert [hit.rule for hit in world.hits()] == [UnusualRule.REFUSED_OFTEN]


def test_emergencies_are_always_raised_and_at_once(world: UnusualWorld) -> None:
    """With a day by which somebody looks, and an entry."""
    worker, child = world.worker(), world.person()
    world.enter(world.emergency(worker, child, world.now))

    step = sweep_step(world.relay, world.rules)

    (hit,) = world.hits(UnusualRule.EMERGENCY)
    assert (step.hits, hit.standing, hit.person) == (1, HitStanding.NEW, child)
    assert hit.due_at > world.now


def test_a_claimed_relationship_without_work_is_asked_about_after_a_fortnight(
    world: UnusualWorld, clock: StandingClock
) -> None:
    """And one with work is kept as explained."""
    idle, busy, child = world.worker(), world.worker(), world.person()
    with unit_of_work(world.running.portal) as work:
        for who in (idle, busy):
            relate(work, who, child, RelationshipGround.REFERRAL)
    at = world.now + A_MINUTE
    world.enter(world.look(idle, child, at), world.look(busy, child, at))
    world.enter(world.story(busy, child, at + timedelta(days=3)))

    clock.pass_by(timedelta(days=10))
    world.sweep()
    early = world.hits()
    clock.pass_by(timedelta(days=10))
    world.sweep()

    assert early == []
    assert [(h.rule, h.practitioner) for h in world.hits()] == [(UnusualRule.NO_LATER_WORK, idle)]
    assert world.running.count("unusual_hit WHERE explained_by = 'later-work'") == 1


def test_killed_at_any_statement_nothing_is_lost_and_nothing_doubled(
    world: UnusualWorld,
) -> None:
    """Each time it dies one statement later, until it comes through."""
    worker, child = world.worker(), world.person()
    first = world.noon()
    world.enter(
        *(world.refused(worker, child, first + n * A_MINUTE) for n in range(5)),
        world.emergency(worker, child, first),
    )
    died = 0
    while _dies_at(world, died):
        died += 1

    world.sweep()

    found = sorted(hit.rule for hit in world.hits())
    assert died > 5
    assert found == [UnusualRule.EMERGENCY, UnusualRule.REFUSED_OFTEN]
    assert len(world.running.ledger(LedgerEvent.UNUSUAL_ACCESS_RAISED)) == 2


def test_hits_and_their_states_are_never_changed(world: UnusualWorld) -> None:
    """Not by the database's owner either."""
    worker, child = world.worker(), world.person()
    world.enter(world.emergency(worker, child, world.noon()))
    world.sweep()

    for statement in ("UPDATE unusual_hit SET rule = 'volume'", "DELETE FROM unusual_state"):
        with (
            pytest.raises(DBAPIError, match="never changed"),
            world.running.outside.engine.begin() as connection,
        ):
            connection.execute(text(statement))


def _from_the_beginning(world: UnusualWorld) -> None:
    with world.running.outside.engine.begin() as connection:
        connection.execute(text("UPDATE unusual_sweep SET next_place = 0, judged_until = NULL"))


class _KilledHere(BaseException):
    """As if the process had been killed before this statement."""


def _dies_at(world: UnusualWorld, number: int) -> bool:
    """Sweep, and die before the statement of this number; false when it came through."""
    count = 0

    def before(*_: object) -> None:
        nonlocal count
        if count == number:
            raise _KilledHere
        count += 1

    engine = world.relay.engine
    event.listen(engine, "before_cursor_execute", before)
    try:
        world.sweep()
    except _KilledHere:
        return True
    finally:
        event.remove(engine, "before_cursor_execute", before)
    return False
