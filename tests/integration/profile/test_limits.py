"""How often somebody may search, or try a number: by who asks, and whatever that finds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from consent.ledger.events import LedgerEvent
from services.people.governance.queue import ItemKind
from services.people.practitioners.people import SignedInPractitioner, SubjectEntry
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.profile.families import (
    MOST_SEARCHES,
    SEARCHES_TOLD,
    TooManySearches,
)
from services.profile.model import ProfileRefused
from services.work import Outside, unit_of_work
from tests.support.fakes.in_process import InProcess
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_forms import A_CHILD, a_permit_for
from tests.support.portal.portal_world import PortalWorld
from tests.support.portal.portal_world_on_database import a_world_on_database

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def world(running: InProcess) -> PortalWorld:
    """Give what stands behind the pages."""
    return a_world_on_database(running)


def test_many_searches_are_told_to_governance_and_more_are_not_made(
    running: InProcess, world: PortalWorld
):
    """Each is entered; of one person and day there is one thing to look at."""
    who = world.practitioner
    other = next(p for p in world.services.demonstration_people() if p.id != who.id)

    found = [world.services.find_family(who, world.unknown_entry) for _ in range(MOST_SEARCHES + 2)]

    assert found == [None] * MOST_SEARCHES + [TooManySearches()] * 2
    assert world.services.find_family(other, world.unknown_entry) is None
    reached = running.ledger(LedgerEvent.LIMIT_REACHED)
    assert [(e.actor, e.fields["limit"]) for e in reached] == [(who.actor, "searches")] * 2
    assert len(running.ledger(LedgerEvent.SEARCH_MADE)) == MOST_SEARCHES + 1
    with unit_of_work(running.portal) as work:
        (item,) = work.queue.waiting(most=9)
    assert (item.kind, item.about) == (ItemKind.MANY_SEARCHES, who.actor)
    assert len(running.ledger(LedgerEvent.GOVERNANCE_ITEM_RAISED)) == 1
    assert SEARCHES_TOLD < MOST_SEARCHES


def test_the_page_says_that_it_was_too_often(running: InProcess, world: PortalWorld):
    """Plainly: it says nothing of whom they looked for."""
    with unit_of_work(running.portal) as work:
        for _ in range(MOST_SEARCHES):
            work.limits.take("searches", [world.practitioner.id], MOST_SEARCHES)
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
    browser = PageClient(create_app(world.services, settings))
    browser.sign_in(world.practitioner.id)

    page = browser.send("/find-a-family", "/find-a-family", A_CHILD)

    assert "You have searched too often" in page.text


def test_a_date_of_birth_is_not_found_by_trying(running: InProcess, world: PortalWorld):
    """After five tries the right one is answered as a stranger's is; others may still try."""
    right = world.child_entry
    wrong = [replace(right, date_of_birth=date(2000, 1, n)) for n in range(1, 6)]

    def recorded(who: SignedInPractitioner, entry: SubjectEntry) -> object:
        form = replace(a_permit_for(), subjects=(entry,))
        return world.services.record_decision(who, form)

    tried = [recorded(world.practitioner, entry) for entry in wrong]
    sixth = recorded(world.practitioner, right)

    assert all(isinstance(answer, ProfileRefused) for answer in tried)
    assert sixth == tried[0]
    (reached,) = running.ledger(LedgerEvent.LIMIT_REACHED)
    assert (reached.actor, reached.fields["limit"]) == (world.practitioner.actor, "typed-number")
    assert recorded(world.practitioner, world.unknown_entry) == sixth
    assert len(running.ledger(LedgerEvent.LIMIT_REACHED)) == 1
