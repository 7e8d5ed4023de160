"""The journey of a young person: at 14 they decide for themselves, at 16 they say who sees it."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from consent.circumstances import Circumstances, CompetenceJudgement, CompetenceQuestion
from schemas.records.message import Record
from schemas.records.payloads import ContactDetails, Telecom
from schemas.vocabulary import Category
from services.interfaces.family_door.app import create_family_app
from services.interfaces.family_door.frame import FamilyDoorSettings
from services.interfaces.family_door.services import FamilyDoorOnDatabase
from services.work import Outside
from tests.support.builders import VISITOR, YOUNG_PERSON
from tests.support.clock import StandingClock
from tests.support.people.door_world import DoorWorld
from tests.support.people.presence_world import PresenceWorld, presences_running
from tests.support.portal.browser import a_page, accessibility_faults, follow, served, width

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]
_PHONE = 390
MOBILE = Telecom("phone", "07914 400123")


@pytest.fixture
def door(outside: Outside, clock: StandingClock) -> Iterator[DoorWorld]:
    """Give a family whose parents a school names."""
    with presences_running(outside) as running:
        yield DoorWorld.of(PresenceWorld.among(running, clock))


def a_competent_young_person(door: DoorWorld) -> date:
    """Of 14, with a telephone of their own, judged to understand, who said yes to the school."""
    own = ContactDetails(telecoms=(MOBILE,))
    door.world.tell(Record("contacts of child", Category.IDENTITY_AND_CONTACT, ("child",), own))
    door.world.clock.pass_by(timedelta(days=29))
    born = date(door.world.clock.now().year - 14, 1, 1)
    door.born(born.isoformat())
    judged = CompetenceJudgement.of(
        frozenset(CompetenceQuestion), judged_by=VISITOR, judged_at=door.world.clock.now()
    )
    door.world.running.decide(
        door.world.child,
        decided_by=YOUNG_PERSON,
        circumstances=Circumstances(competence=judged, parents_are_not_told=True),
        recipients=frozenset({"agency:schools"}),
        categories=frozenset({Category.CHILD_HEALTH}),
    )
    door.give(door.confirmed(door.world.child))
    return born


def sign_in(page: Page, url: str, door: DoorWorld, born: date) -> None:
    """When they type their number, the code that comes, and their birthday."""
    page.goto(f"{url}/sign-in")
    page.get_by_label("Mobile number or email").fill(MOBILE.value)
    door.code()
    follow(page.get_by_role("button", name="Send me a code"))
    type_code(page, door)
    for part, number in (("Day", born.day), ("Month", born.month), ("Year", born.year)):
        page.get_by_label(part, exact=True).fill(str(number))
    follow(page.get_by_role("button", name="Sign in"))


def type_code(page: Page, door: DoorWorld) -> None:
    """When the code comes."""
    code = door.code()
    assert code is not None
    page.get_by_label("6 numbers").fill(code)


def test_young_person_on_their_telephone(browser: Browser, door: DoorWorld) -> None:
    """At 14 it is theirs to take back; at 16 they let their mother see, and stop it at once."""
    faults: list[str] = []

    def ask(page: Page, heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        faults.extend(f"{heading}: {fault}" for fault in accessibility_faults(page))
        if width(page) != _PHONE:
            faults.append(f"{heading}: wider than the screen")

    born = a_competent_young_person(door)
    settings = FamilyDoorSettings("Exbury Family Hub", cookie_secure=False, exit_to="/safety")
    app = create_family_app(FamilyDoorOnDatabase(door.world.running.portal), settings)
    with served(app) as url, a_page(browser, wide=_PHONE) as page:
        sign_in(page, url, door, born)
        ask(page, "Who can see what")
        expect(page.get_by_role("link", name="Choose if your parents")).to_have_count(0)
        follow(page.get_by_role("link", name="Your choices"))
        follow(page.get_by_role("link", name="Change what they can see"))
        page.get_by_label("No, not any more").check()
        door.code()
        follow(page.get_by_role("button", name="Carry on"))
        type_code(page, door)
        follow(page.get_by_role("button", name="Say no"))
        expect(page.get_by_role("heading", level=1)).to_have_text("You said no")

        door.world.clock.pass_by(timedelta(days=2 * 366))
        sign_in(page, url, door, born)
        follow(page.get_by_role("link", name="Choose if your parents see your page"))
        ask(page, "Who else can see your page")
        follow(page.get_by_role("link", name="for Eva Novak"))
        ask(page, "Let them see your page?")
        door.code()
        follow(page.get_by_role("button", name="Let them see"))
        ask(page, "Type your new code")
        type_code(page, door)
        follow(page.get_by_role("button", name="Let them see"))
        expect(page.get_by_text("They can see your page now.")).to_be_visible()
        follow(page.get_by_role("link", name="for Eva Novak"))
        ask(page, "Stop letting them see?")
        follow(page.get_by_role("button", name="Stop it now"))
        ask(page, "Who else can see your page")
        expect(page.get_by_text("We do not tell them.")).to_be_visible()

    assert not faults, "\n".join(faults)
