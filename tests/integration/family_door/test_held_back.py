"""Looks that a family is not told of yet: each month's come to governance, and wait for nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Row, text

from schemas.vocabulary import Category, Purpose
from services.audit.reviews.postgres_held_back import alarm_of_too_long, raise_held_back
from services.audit.unusual.settings import HeldBackRules, unusual_rules
from services.people.governance.queue import ItemKind, close_item
from services.work import unit_of_work
from tests.integration.family_door.test_looks_told import HELD, REASON, found_unusual
from tests.support.builders import TEACHER, VISITOR
from tests.support.people.door_world import DoorWorld
from tests.support.people.presence_world import OFFICER

pytestmark = pytest.mark.postgres
RULES = unusual_rules(None).held_back


def swept(door: DoorWorld) -> Sequence[Row[tuple[object, ...]]]:
    """Every month that is over brought to governance; the items about the child, as they stand."""
    outside = door.world.running.folding
    done: int | None = 0
    while done is not None:
        with unit_of_work(outside) as work:
            done = raise_held_back(RULES, work=work)
    with unit_of_work(outside) as work:
        alarm_of_too_long(RULES, work=work)
    with unit_of_work(door.world.running.portal) as work:
        asked = text("""
            SELECT kind, raised_by, due_at, item_id FROM governance_item
            WHERE person_id = :child AND state = 1 AND kind LIKE 'held-back-%' ORDER BY known_at
        """)
        return list(work.connection.execute(asked, {"child": door.world.child}).all())


def next_month(door: DoorWorld) -> None:
    """Let the month be over."""
    now = door.world.clock.now()
    first = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
    door.world.clock.pass_by(first + timedelta(hours=2) - now)


def test_what_no_review_has_comes_to_governance_and_is_told_when_that_ends(door: DoorWorld):
    """One item a worker and a month, with a day by which; time alone tells the family nothing."""
    child, client = door.world.child, door.client_of("mother")
    for _ in range(2):
        door.look(child, Category.EDUCATION, purpose=Purpose.SAFEGUARDING)
    door.look(child, Category.STORY, by=VISITOR)
    decided = door.said("mother")
    door.look(child, Category.STORY, by=VISITOR, rested_on=[decided])
    assert swept(door) == [], "the month goes on"
    next_month(door)
    at_once = swept(door)
    door.world.clock.pass_by(timedelta(days=RULES.longest_days))
    late = swept(door)
    door.sign_in_at(client, door.world.mobile.value, datetime(1996, 2, 11, tzinfo=UTC).date())
    before = client.get("/looked").text
    with unit_of_work(door.world.running.portal) as work:
        for one in at_once:
            ports = {"queue": work.queue, "ledger": work.ledger, "at": work.now}
            assert close_item(one.item_id, "justified", by=f"practitioner:{OFFICER}", **ports)
    after = client.get("/looked").text

    held, too_long = ItemKind.HELD_BACK.value, ItemKind.HELD_TOO_LONG.value
    assert {one.raised_by for one in at_once} == {f"practitioner:{w}" for w in (TEACHER, VISITOR)}
    assert [one.kind for one in late] == [held, held, too_long, too_long]
    assert all(one.due_at < door.world.clock.now() for one in at_once), "red in the queue"
    assert REASON not in before
    assert HELD in before
    assert REASON in after
    assert swept(door) == late


def test_what_a_review_has_already_needs_no_other(door: DoorWorld):
    """What rules found of that worker and day is reviewed there; nobody is asked twice."""
    door.look(door.world.child, Category.EDUCATION, purpose=Purpose.SAFEGUARDING)
    found_unusual(door, 1)
    next_month(door)

    assert swept(door) == []


@pytest.mark.parametrize(
    "told", [{"longest_days": 181}, {"review_within_days": 60, "longest_days": 30}]
)
def test_no_file_lets_it_wait_longer_than_half_a_year(told: dict[str, int]):
    """Nor lets the usual time be longer than the longest."""
    with pytest.raises(ValueError, match=r"longest|180"):
        HeldBackRules(**told)
