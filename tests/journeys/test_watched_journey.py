"""A separated father on his telephone; then the same walk by somebody who looks on."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from schemas.vocabulary import Category
from services.interfaces.family_door.app import create_family_app
from services.interfaces.family_door.frame import FamilyDoorSettings
from services.interfaces.family_door.services import FamilyDoorOnDatabase
from services.people.family_access.model import FamilyAccess
from services.portal.decisions.receipts.languages import Language
from services.work import Outside
from tests.support.clock import StandingClock
from tests.support.people.door_world import FATHERS_DAY, DoorWorld
from tests.support.people.presence_world import PresenceWorld, presences_running
from tests.support.portal.browser import (
    a_page,
    accessibility_faults,
    follow,
    keep_a_picture,
    served,
    width,
)
from tests.unit.services.interfaces.family_door.test_door_words import released

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]
_PHONE, _NARROW = 390, 320
_PAGES = (
    ("/looked", "Who has looked"),
    ("/reach", "How may we reach you?"),
    ("/reach/messages", "May we send you a message?"),
    ("/copy", "A copy of what we hold"),
)


@pytest.fixture
def door(outside: Outside, clock: StandingClock) -> Iterator[DoorWorld]:
    """Give a family whose parents a school names."""
    with presences_running(outside) as running:
        yield DoorWorld.of(PresenceWorld.among(running, clock))


def sign_in(page: Page, door: DoorWorld) -> None:
    """When he types his number, the code that comes, and his birthday."""
    page.get_by_label("Mobile number or email").fill(door.fathers.value)
    door.code()
    follow(page.get_by_role("button", name="Send me a code"))
    page.get_by_label("6 numbers").fill(door.code() or "")
    days = (FATHERS_DAY.day, FATHERS_DAY.month, FATHERS_DAY.year)
    for part, number in zip(("Day", "Month", "Year"), days, strict=True):
        page.get_by_label(part, exact=True).fill(str(number))
    follow(page.get_by_role("button", name="Sign in"))


def faults_of(page: Page, what: str) -> list[str]:
    """What axe finds, and whether it is wider than a small telephone (WCAG 1.4.10)."""
    found = [f"{what}: {fault}" for fault in accessibility_faults(page)]
    page.set_viewport_size({"width": _NARROW, "height": 640})
    if width(page) != _NARROW:
        found.append(f"{what}: wider than the screen")
    page.set_viewport_size({"width": _PHONE, "height": 844})
    keep_a_picture(page)
    return found


def test_father_then_somebody_who_looks_on(
    browser: Browser, door: DoorWorld, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """His own and no more, in his language from right to left; left fast, nothing comes back."""
    data = tmp_path_factory.mktemp("words")
    released(data, Language.URDU)
    hers = door.said("mother", recipients=frozenset({"agency:schools"}))
    his = door.said("father", categories={Category.CHILD_HEALTH})
    door.look(door.world.child, Category.STORY, rested_on=[his])
    door.said_of_oneself(door.world.mother)
    assert isinstance(door.give(door.confirmed(door.world.father)), FamilyAccess)
    settings = FamilyDoorSettings(
        "Exbury Family Hub", cookie_secure=False, exit_to="/safety", data=data
    )
    app = create_family_app(FamilyDoorOnDatabase(door.world.running.portal), settings)
    faults: list[str] = []
    told = ""
    with served(app) as url, a_page(browser, wide=_PHONE) as page:
        page.goto(f"{url}/sign-in")
        sign_in(page, door)
        for path, heading in _PAGES:
            page.goto(f"{url}{path}")
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
            faults += faults_of(page, heading)
            told += page.content()
        page.goto(f"{url}/looked")
        follow(page.get_by_role("button", name="اردو"))
        expect(page.locator("html[dir=rtl]")).to_have_count(1)
        faults += faults_of(page, "from right to left")
        page.goto(f"{url}/reach/messages")
        faults += faults_of(page, "a form from right to left")
        for _ in range(3):
            page.keyboard.press("Shift")
        page.wait_for_url(f"{url}/safety")
        page.go_back()
        page.wait_for_load_state()
        after = page.content()
        page.goto(f"{url}/reach")
        expect(page.get_by_role("heading", level=1)).to_have_text("Before you start")
        assert page.context.cookies() == []

    assert not faults, "\n".join(faults)
    assert "Who has looked" in told
    mothers = (hers, door.world.mobile.value[-6:], "Eva Novak", str(door.world.mother))
    assert [one for one in mothers if one in told] == []
    assert "/reach/messages" not in after
    assert FATHERS_DAY.isoformat() not in after
