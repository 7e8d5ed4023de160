"""A death, an alert or a removal that could not be read is said before anybody makes contact."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.uk_time import uk_day
from schemas.vocabulary import Category
from services.portal.family.overview import deaths_in, warnings_in
from services.portal.words.cards import COULD_NOT_BE_READ
from services.portal.words.frame import FamilyAddresses, FamilyPage, known_of, record_header
from services.profile.model import Profile
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import InProcess
from tests.support.messages.nems import AHeader
from tests.support.messages.nems_messages import vaccination
from tests.support.messages.nems_pds import change_of_address, death_notification
from tests.support.people.parked_world import CHILD, ON_RECORD, ROUTED, ParkedWorld
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres

DEAD = replace(CHILD, died="2026-08-30", death_status="1")
DEATH = death_notification(DEAD, AHeader("pds-death-notification-1", routing_birth=ROUTED))
# Keyed by its person alone, so a removal that holds two numbers is nobody's.
TAKEN_BACK = change_of_address(
    replace(CHILD, born=ON_RECORD),
    AHeader("pds-change-of-address-1", "delete", routing_number="9990000026"),
)
ALERT = vaccination(replace(CHILD, born=ON_RECORD), AHeader("safety-alert-1"))
DEATH_BESIDE = vaccination(DEAD, AHeader("vaccinations-1", routing_birth=ROUTED))


@pytest.fixture
def world(outside: Outside, tmp_path: Path) -> Iterator[ParkedWorld]:
    """Give a health visitor who works with a child, of whom everything is shared."""
    with InProcess.running(outside) as running:
        world = ParkedWorld.made(running, tmp_path)
        with unit_of_work(running.portal) as work:
            relate(work, VISITOR, world.child)
        yield world


def warned(world: ParkedWorld) -> tuple[str, ...]:
    """What the health visitor is warned of; the header says it on every page that is read."""
    profile = world.running.read(world.child)
    assert isinstance(profile, Profile)
    addresses, today = FamilyAddresses(world.child), uk_day(profile.as_of)
    header = record_header(addresses, FamilyPage.TIMELINE, known_of(profile), today, profile)
    warnings = (*deaths_in(profile), *warnings_in(profile))
    assert (COULD_NOT_BE_READ in header.tags) == bool(warnings)
    return warnings


def test_each_that_cannot_wait_is_warned_of(world: ParkedWorld):
    """A death, also where a message about something else states it; an alert; a removal."""
    assert warned(world) == ()

    for number, (text, words) in enumerate(
        (
            (DEATH_BESIDE, "A death is reported that could not be read. Check before contact."),
            (ALERT, "A safety alert was sent that could not be read"),
            (TAKEN_BACK, "Something was taken back that could not be applied"),
        )
    ):
        world.park(text, f"{number}.xml")
        assert any(words in warning for warning in warned(world)), words


def test_it_is_over_once_two_have_said_so(world: ParkedWorld):
    """One steward alone does not take a warning away."""
    death = world.park(DEATH)
    said = []

    for who in (world.first, world.second):
        world.say(who, death.id, "discard", discard="sent-by-mistake")
        said.append(bool(warned(world)))

    assert said == [True, False]


def test_whoever_may_not_see_the_name_is_not_warned(outside: Outside, tmp_path: Path):
    """That there was such a message would tell them."""
    with InProcess.running(outside) as running:
        world = ParkedWorld.made(running, tmp_path, [Category.CHILD_HEALTH])
        with unit_of_work(running.portal) as work:
            relate(work, VISITOR, world.child)
        world.park(DEATH)

        assert warned(world) == ()
