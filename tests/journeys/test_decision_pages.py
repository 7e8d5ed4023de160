"""Every page about a decision, in a browser: no accessibility fault, no wide page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page

from consent.circumstances import Channel, CompetenceQuestion, InvalidationReason
from consent.lawfulness import Article9, Basis
from consent.model import DeciderKind, Proposal, SharingAct
from schemas.identifiers import DecisionId
from services.people.deciders.naming import NamedChoice
from services.portal.app import create_app
from services.portal.decisions.orders import DecisionForm, HowDecided
from services.portal.frame.settings import PortalSettings
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.portal.browser import a_page, accessibility_faults, follow, served, width
from tests.support.portal.portal_forms import a_duty_for, a_permit_for
from tests.support.portal.portal_world import PortalWorld, a_fake_world

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

World = PortalWorld[FakePortalServices]


@dataclass(frozen=True, slots=True)
class Place:
    """The portal's address, who signs in, and the pages to see."""

    url: str
    practitioner: str
    pages: list[str]


@pytest.fixture
def place() -> Iterator[Place]:
    """A family about which every kind of decision was made."""
    world = a_fake_world()
    pages = _pages(world)
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
    with served(create_app(world.services, settings)) as url:
        yield Place(url, world.practitioner.id, pages)


NAMED = (
    NamedChoice("ab" * 16, "Isolde Konstantynopolitańczykowianeczka-Featherstonehaugh"),
    NamedChoice("91" * 16, "Una Thwaite", is_manager=True),
)


def _pages(world: World) -> list[str]:
    world.services.named[world.child] = NAMED
    permit = a_permit_for(world.child)
    by_practitioner = {
        "decider_kind": DeciderKind.PRACTITIONER,
        "decider_reference": world.practitioner.id,
    }
    task = replace(
        permit,
        basis=Basis.PUBLIC_TASK,
        article_9=Article9.SUBSTANTIAL_PUBLIC_INTEREST,
        **by_practitioner,
    )
    duty = a_duty_for(world.child, by=world.practitioner.id)
    young_person = replace(
        permit,
        decider_kind=DeciderKind.YOUNG_PERSON,
        decider_reference="young-person",
        how=HowDecided(
            Channel.IN_PERSON,
            "pl",
            "2026-03",
            competence=frozenset(CompetenceQuestion),
            parents_are_not_told=True,
        ),
    )
    due = replace(permit, review=world.services.now().date() + timedelta(days=1))
    first, second, third = (_address(world, form) for form in (task, duty, young_person))
    waiting = _waiting(world, young_person)
    wrong = _recorded(world, replace(permit, supersedes=_recorded(world, due)))
    why = InvalidationReason.WRONG_PERSON
    world.services.invalidate_decision(world.practitioner, wrong, why)
    _recorded(world, replace(due, until=date(2040, 1, 1)))
    later = world.services.now() + timedelta(days=2)
    world.services.clock = lambda: later
    family = f"/families/{world.child}"
    return [
        *(f"{family}/consent{page}" for page in ("", "/new")),
        *(first, f"{first}/object", f"{first}/end", f"{first}/invalidate", f"{first}/replace"),
        *(second, third, f"{third}/withdraw", f"{family}/consent/{wrong}"),
        *(waiting, f"{waiting}/confirm"),
        *(f"{family}/who-has-looked", f"{family}/who-has-looked/for-parents", "/due-for-review"),
    ]


def _waiting(world: World, form: DecisionForm) -> str:
    """Record what a child decides and a second professional has not judged yet."""
    recorded, now = _recorded(world, form), world.services.now()
    until = now + timedelta(days=14)
    proposal = Proposal(SharingAct.RECORD, world.practitioner.actor, now, until)
    decision = replace(world.services.on_record[recorded], proposed=proposal, confirmed_at=None)
    world.services.on_record[recorded] = decision
    return f"/families/{world.child}/consent/{recorded}"


def _address(world: World, form: DecisionForm) -> str:
    return f"/families/{world.child}/consent/{_recorded(world, form)}"


def _recorded(world: World, form: DecisionForm) -> DecisionId:
    return world.record(form).decision_id


def _sign_in(page: Page, place: Place) -> None:
    page.goto(f"{place.url}/sign-in")
    page.check(f"input[name=person][value='{place.practitioner}']")
    follow(page.get_by_role("button", name="Sign in"))


def test_axe_finds_a_fault_where_there_is_one(browser: Browser):
    """At each width anew, on one page as on the next."""
    with a_page(browser) as page:
        for _ in range(2):
            page.goto("about:blank")
            page.set_content("<html lang=en><title>A</title><main><h1>A</h1><img src=a></main>")
            found = [accessibility_faults(page)]
            page.set_viewport_size({"width": 320, "height": 640})
            page.locator("main").evaluate("main => main.append('a'.repeat(9))")
            found.append(accessibility_faults(page))
            page.locator("img").evaluate("image => image.alt = 'a picture'")
            found.append(accessibility_faults(page))

            assert found == [["image-alt: [['img']]"], ["image-alt: [['img']]"], []]


def test_axe_finds_no_fault_on_any_of_them(browser: Browser, place: Place):
    """Nor when their form is sent empty (WCAG 2.2 AA and best practice)."""
    faults: list[str] = []
    with a_page(browser) as page:
        _sign_in(page, place)

        for address in place.pages:
            page.goto(f"{place.url}{address}")
            faults.extend(f"{address}: {fault}" for fault in accessibility_faults(page))
            if address.endswith(
                ("/new", "/object", "/invalidate", "/confirm", "/record-a-decision")
            ):
                follow(page.locator("main form button[type=submit]").first)
                assert page.title().startswith("Error: ")
                faults.extend(f"{address}, sent: {fault}" for fault in accessibility_faults(page))

    assert not faults, "\n".join(faults)


def test_they_need_no_script_and_no_wide_screen(browser: Browser, place: Place):
    """On 320 pixels (WCAG 1.4.10), with script switched off."""
    widths: dict[str, int] = {}
    with a_page(browser, scripted=False, wide=320) as page:
        _sign_in(page, place)

        for address in place.pages:
            answer = page.goto(f"{place.url}{address}")
            assert answer is not None
            assert answer.status == 200, address
            widths[address] = width(page)

    assert set(widths.values()) == {320}, f"pages wider than the screen: {widths}"
