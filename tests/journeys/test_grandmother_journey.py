"""A grandmother who is special guardian, while the child's mother has fled and is protected."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from schemas.records.message import Record
from schemas.records.payloads import Relationship, RelationshipKind, Telecom
from schemas.vocabulary import Category
from services.interfaces.family_door.app import create_family_app
from services.interfaces.family_door.frame import FamilyDoorSettings
from services.interfaces.family_door.services import FamilyDoorOnDatabase
from services.people.family_access.model import FamilyAccess
from services.work import Outside, unit_of_work
from tests.journeys.test_watched_journey import faults_of, sign_in
from tests.support.clock import StandingClock
from tests.support.people.door_world import DoorWorld
from tests.support.people.presence_world import PresenceWorld, own_contacts, presences_running
from tests.support.portal.browser import a_page, follow, served

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]
_PHONE = 390
_SHE, _NAME = "father", "Rose Novak"
"""In whose place in the family she stands here."""
_PAGES = (
    ("/home", "Who can see what"),
    ("/looked", "Who has looked"),
    ("/others", "Who else can act for your child"),
)


@pytest.fixture
def door(outside: Outside, clock: StandingClock) -> Iterator[DoorWorld]:
    """Give a family whose school names the mother, and a grandmother by an order of court."""
    with presences_running(outside) as running:
        world = PresenceWorld.among(running, clock)
        door = DoorWorld(world, Telecom("phone", "07911 123456"))
        world.tell(own_contacts(_SHE, door.fathers))
        world.tell(door.tie("mother"), cared_for(RelationshipKind.GRANDPARENT))
        clock.pass_by(timedelta(days=29))
        yield door


def cared_for(kind: RelationshipKind) -> Record:
    """The school says that she has responsibility, as who she is to the child."""
    tie = Relationship(kind, _NAME, has_responsibility=True)
    about = ("child", _SHE)
    return Record("grandmother of the child", Category.FAMILY_AND_HOUSEHOLD, about, tie)


def test_grandmother_with_care_while_the_mother_has_fled(browser: Browser, door: DoorWorld) -> None:
    """The child's is hers to see, and nothing of the mother; as a carer alone she sees herself.

    Whoever types the mother's number meets what anybody meets who never had a page.
    """
    with unit_of_work(door.world.running.portal) as work:
        named = work.decider_facts.decider_named(_NAME, [door.world.child])
    his = door.world.running.decide(door.world.child, decided_by=named, recipients=frozenset())
    door.look(door.world.child, Category.STORY, rested_on=[his.decision.id])
    hers = door.said_of_oneself(door.world.mother)
    door.look(door.world.mother, Category.STORY, rested_on=[hers])
    assert isinstance(door.give(door.confirmed(door.world.father)), FamilyAccess)
    door.world.running.restrict(door.world.mother)
    settings = FamilyDoorSettings("Exbury Family Hub", cookie_secure=False)
    app = create_family_app(FamilyDoorOnDatabase(door.world.running.portal), settings)
    faults: list[str] = []
    told = ""
    with served(app) as url, a_page(browser, wide=_PHONE) as page:
        page.goto(f"{url}/sign-in")
        page.get_by_label("Mobile number or email").fill(door.world.mobile.value)
        door.code()
        follow(page.get_by_role("button", name="Send me a code"))
        expect(page.get_by_label("6 numbers")).to_be_visible()
        assert door.code() is None, "nobody protected is sent a code"
        page.goto(f"{url}/sign-in")
        sign_in(page, door)
        for path, heading in _PAGES:
            page.goto(f"{url}{path}")
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
            faults += faults_of(page, heading)
            told += page.content()
        door.world.tell(cared_for(RelationshipKind.CARER), at="2026-02-02T00:00:00Z")
        page.goto(f"{url}/home")
        expect(page.get_by_role("heading", level=2, name="Your child")).to_have_count(0)
        after = page.content()

    assert not faults, "\n".join(faults)
    assert "You said yes on" in told
    assert "1 look." in told
    of_mother = ("Eva", door.world.mobile.value[-6:], str(door.world.mother), hers)
    assert [one for one in of_mother if one in told + after] == []
