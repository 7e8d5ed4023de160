"""Taking access away from somebody else: a worker asks, an officer of another agency confirms."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Role
from services.decisions.protection.hands import Hand
from services.decisions.protection.taking_off import (
    AskTaking,
    TakingAct,
    TakingBecause,
    TakingRefusal,
    Why,
    answer_taking,
    ask_taking,
    pages_to_ask_about,
)
from services.people.family_access.model import WhyNoAccess
from services.people.governance.orders import NotTheirs, Order
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.portal.words.people import record_reference
from services.work import unit_of_work
from tests.integration.family_door.test_nothing_shows import OWN_TOKEN
from tests.support.builders import TEACHER, VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.people.door_world import FATHERS_DAY, NAMES, DoorWorld
from tests.support.people.presence_world import (
    COLLEAGUE,
    COUNCIL,
    OFFICER,
    OFFICER_OF_THE_TRUST,
    own_contacts,
)
from tests.support.people.protecting import enter
from tests.support.people.relating import relate
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres
_NAMESAKE = PractitionerId("c9" * 16)
_PAGES = ("/home", "/looked", "/others")


def works_with(door: DoorWorld, person: PersonId | None = None) -> None:
    """The visitor has the child, or somebody, on her case-load."""
    with unit_of_work(door.world.running.portal) as work:
        relate(work, VISITOR, person or door.world.child)


def ask(
    door: DoorWorld,
    act: TakingAct,
    whose: str = "father",
    *,
    by: PractitionerId = VISITOR,
    about: PersonId | None = None,
) -> Order | TakingRefusal:
    """Ask, from the list that the asker is shown; what is not on it by no key."""
    person = about or door.world.child
    with unit_of_work(door.world.running.portal) as work:
        hand, taking = Hand.of(door.world.who(by)), work.taking()
        listed = pages_to_ask_about(person, hand, taking=taking) or ()
        keys = {one.name: one.key for one in listed}
        key = keys.get(NAMES.get(whose), "")
        command = AskTaking(person, key, act, TakingBecause.COURT)
        return ask_taking(command, hand, taking=taking)


def confirm(
    door: DoorWorld, order: Order | TakingRefusal, *, by: PractitionerId = OFFICER
) -> Order | Why:
    """Be the second hand."""
    assert isinstance(order, Order), order
    with unit_of_work(door.world.running.portal) as work:
        hand = Hand.of(door.world.who(by))
        return answer_taking(order.id, hand, confirms=True, taking=work.taking())


def a_namesake(door: DoorWorld) -> PractitionerId:
    """An officer of the council who is called as the father is: it may be he."""
    with unit_of_work(door.world.running.outside) as work:
        enter(work, _NAMESAKE, "Sam IBORI", Role.CONFIRMING_OFFICER, COUNCIL)
    return _NAMESAKE


def browser(
    door: DoorWorld, who: PractitionerId = VISITOR, at: str = "https://families.exbury.example"
) -> PageClient:
    """Somebody signed in to the portal."""
    services = PortalOnDatabase(door.world.running.portal, demonstration=True, receipts=AN_ISSUER)
    settings = PortalSettings("Exbury", "demonstration", family_page_at=at)
    client = PageClient(create_app(services, settings), "https://testserver")
    client.sign_in(who)
    return client


def of(door: DoorWorld) -> str:
    """How a heading names the child's record."""
    return f": record {record_reference(door.world.child)}"


def shown(client: PageClient) -> dict[str, str]:
    """What is new with each answer apart, the pages on which a child and a grown-up stand."""
    return {page: OWN_TOKEN.sub("", client.get(page).response.text) for page in _PAGES}


def test_child_that_two_hands_took_off_is_as_if_no_source_named_the_parent(door: DoorWorld):
    """To the byte, and nothing changes on the other parent's page; it is given back likewise."""
    works_with(door)
    mother, father = door.client_of("mother"), door.client_of("father")
    hers, before = shown(mother), shown(father)
    door.world.tell(door.tie("father", until="2026-01-02"), at="2026-02-02T00:00:00Z")
    never_named, hers_then = shown(father), shown(mother)
    door.world.tell(door.tie("father"), at="2026-03-02T00:00:00Z")
    assert shown(father) == before != never_named

    order = ask(door, TakingAct.CHILD)
    assert shown(father) == before, "one hand takes nothing"
    assert isinstance(confirm(door, order), Order)

    assert shown(father) == never_named
    assert shown(mother) == hers != hers_then, "who else may act is told by sources alone"
    (off,) = door.entries(LedgerEvent.FAMILY_CHILD_TAKEN_OFF)
    assert off.fields["seen_by"] == (door.world.father,)
    assert isinstance(confirm(door, ask(door, TakingAct.BACK)), Order)
    assert shown(father) == before


def test_nobody_is_both_hands_or_gains_by_it_and_what_waits_lapses(door: DoorWorld):
    """Each refusal is entered with why; whoever does not work with the child is a stranger."""
    assert ask(door, TakingAct.CHILD) is TakingRefusal.NOT_THERE
    works_with(door)
    order = ask(door, TakingAct.CHILD)
    refused = [
        confirm(door, order, by=VISITOR),
        confirm(door, order, by=TEACHER),
        confirm(door, order, by=OFFICER_OF_THE_TRUST),
        ask(door, TakingAct.CHILD),
        ask(door, TakingAct.BACK),
        ask(door, TakingAct.CHILD, "somebody whom nobody named", about=door.world.mother),
    ]
    refused.append(confirm(door, order, by=a_namesake(door)))
    door.world.clock.pass_by(timedelta(days=14))
    refused.append(confirm(door, order))

    assert refused == [
        *[TakingRefusal.NOT_THERE] * 2,
        *(TakingRefusal.SAME_AGENCY, TakingRefusal.ASKED_ALREADY, TakingRefusal.SO_ALREADY),
        *(TakingRefusal.NOT_THERE, TakingRefusal.GAINS, NotTheirs.LAPSED),
    ]
    why = [one.fields["because"] for one in door.entries(LedgerEvent.FAMILY_TAKING_REFUSED)]
    assert why.count("gains-by-it") == 1
    assert not door.entries(LedgerEvent.FAMILY_CHILD_TAKEN_OFF)


def shared(door: DoorWorld) -> None:
    """A source tells the father's number as the mother's too."""
    door.world.tell(own_contacts("mother", door.world.mobile, door.fathers))


def given_away(door: DoorWorld) -> None:
    """A source tells it as the child's own, who has the father's old telephone."""
    door.world.tell(own_contacts("child", door.fathers), at="2026-02-03T00:00:00Z")


def lost(door: DoorWorld) -> None:
    """He meets a worker, who turns it off."""
    assert door.end(door.world.father) == 1


def taken(door: DoorWorld) -> None:
    """Two hands turn all of it off."""
    works_with(door)
    assert isinstance(confirm(door, ask(door, TakingAct.PAGE)), Order)


WAYS: Mapping[str, tuple[str, Callable[[DoorWorld], None]]] = {
    "an address that two parents share": ("DESIGN.md section 16, a code", shared),
    "a number that was given to somebody else": ("DESIGN.md section 16, a code", given_away),
    "a lost telephone": ("FAMILIES-AND-SERVICES.md b.1: a new number needs meeting again", lost),
    "taking access away from the other parent": ("DESIGN.md section 16, two hands", taken),
}


@pytest.mark.parametrize("case", WAYS)
def test_each_way_of_losing_a_page_is_as_if_it_never_was(door: DoorWorld, case: str):
    """He is out at the next page, no code is sent again, and the mother stays in."""
    mother, father = door.mother_signed_in(), door.father_signed_in()

    WAYS[case][1](door)

    assert door.session(father.secret) is None
    door.code()
    browser = door.ask(door.fathers.value)
    assert door.code() is None
    assert isinstance(door.type_in(browser, "123456", FATHERS_DAY), WhyNoAccess)
    assert door.session(mother.secret) is not None


def test_worker_asks_and_officer_confirms_on_pages(door: DoorWorld):
    """Whether he has a page is told to neither; the officer is told whose, and why."""
    works_with(door)
    worker, officer = browser(door), browser(door, OFFICER)
    at = f"/families/{door.world.child}/own-pages"
    links = worker.get(f"/families/{door.world.child}/consent").links
    assert links["Somebody’s own page must not show this person"] == at

    page = worker.get(at)
    key = re.findall(r'value="([0-9a-f]{32})"', page.response.text)[-1]
    wrong = worker.send(at, at, {"whose": "0" * 32})
    asked = worker.send(at, at, {"whose": key, "act": "page", "because": "court"}, status=200)
    order = officer.get("/orders").links[f"Turn all of their own page off{of(door)}"]
    shows = officer.get(order)
    done = officer.send_and_follow(order, order, {"answer": "confirm"})

    assert len(wrong.errors) == 3
    assert asked.heading == "Asked for"
    names = {NAMES["mother"], NAMES["father"]}
    assert all(one in page.text for one in names)
    assert any(one in shows.text for one in names)
    assert "A court has ordered it" in shows.text
    assert "Confirmed" in done.text
    for one in (door.world.mother, door.world.father):
        door.world.running.restrict(one)
    hidden = [worker.get(at), officer.get(order)]
    assert not [page for page in hidden if any(one in page.response.text for one in names)]
    assert browser(door, COLLEAGUE).http.get(at).status_code == 403
    refused = door.entries(LedgerEvent.FAMILY_TAKING_REFUSED)[-1]
    assert (refused.fields["act"], refused.fields["subjects"]) == ("list", (door.world.child,))
    assert browser(door, at="").http.get(at).status_code == 403
