"""Who has looked: by month and page, as data, on paper; what was held back, after its review."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from consent.ledger.events import LedgerEvent
from schemas.records.message import Record
from schemas.records.payloads import Address, ContactDetails, PersonDetails
from schemas.uk_time import uk_day
from schemas.vocabulary import Category, Purpose
from services.audit.unusual.hits import Hit, HitStanding, HitState
from services.audit.unusual.model import UnusualRule
from services.audit.unusual.postgres_hits import PostgresHits
from services.interfaces.family_door.looking.printed import FamilyPrinting
from services.portal.app import create_app
from services.portal.decisions.receipts.languages import Language
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import unit_of_work
from tests.architecture.test_family_door_guarded import contexts
from tests.support.builders import TEACHER, VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.people.door_world import DoorWorld
from tests.support.portal.pages import PageClient
from tests.support.statements import statements_of
from tests.unit.services.interfaces.family_door.test_door_words import FIRST_OPEN, released

pytestmark = pytest.mark.postgres
HELD = "Sometimes we look to keep a child safe."
REASON = "Why: to keep a child safe. We have checked it since."
CANARIES = ("Quincey Refuge", "ZZ98 7XY", "Tom Bartlett", "Eva Novak")


def found_unusual(door: DoorWorld, number: int, *standings: HitStanding) -> None:
    """What the rules found of a worker, the child and today, as reviews say of it."""
    with unit_of_work(door.world.running.portal) as work:
        hits = PostgresHits(work.connection)
        hit = Hit(
            f"hit-{door.world.child}-{number}",
            UnusualRule.WIDELY_LOOKED,
            "test",
            TEACHER,
            door.world.child,
            uk_day(work.now),
            work.now,
            1,
            1,
            work.now,
            work.now,
        )
        hits.add([hit])
        for state, standing in enumerate(standings, 2):
            said = HitState(state, standing, "practitioner:auditor", work.now)
            hits.state(hit, said, words=None)


def test_look_for_safeguarding_is_told_once_every_review_of_it_has_ended(door: DoorWorld):
    """Until then as if it had not been; what was never reviewed never is."""
    look = door.look(door.world.child, Category.EDUCATION, purpose=Purpose.SAFEGUARDING)
    client = door.client_of("mother")
    pages = [client.get("/looked").text]

    found_unusual(door, 1, HitStanding.LOOKING)
    pages.append(client.get("/looked").text)
    found_unusual(door, 2, HitStanding.LOOKING, HitStanding.JUSTIFIED)
    pages.append(client.get("/looked").text)
    with unit_of_work(door.world.running.portal) as work:
        hits = PostgresHits(work.connection)
        first = hits.find(f"hit-{door.world.child}-1")
        assert first is not None
        said = HitState(3, HitStanding.JUSTIFIED, "practitioner:auditor", work.now)
        hits.state(first, said, words=None)
    told = client.get("/looked")

    assert [page for page in pages if REASON in page or "0 looks." not in page] == []
    assert HELD in told.text
    assert REASON in told.text
    assert "Saw: school days." in told.text
    assert f"/looked/{look}" in told.response.text
    assert "1 look." in told.text


def test_two_families_cost_the_same_whether_or_not_a_look_is_held_back(door: DoorWorld):
    """As many statements, and as many bytes: nothing to time, nothing to count."""
    other = DoorWorld.of(type(door.world).among(door.world.running, door.world.clock))
    other.look(other.world.child, Category.EDUCATION, purpose=Purpose.SAFEGUARDING)
    asked = []
    for one in (door, other):
        client = one.client_of("mother")
        client.get("/looked")
        with statements_of(one.world.running.portal) as statements:
            size = len(client.get("/looked?month=&page=1").response.content)
        asked.append((size, len(statements)))

    assert asked[0] == asked[1]


def test_looks_come_by_month_and_page_and_as_data(door: DoorWorld):
    """Counted after what is held back was left out; as data the same, and no more."""
    decision = door.said("mother")
    clock = door.world.clock
    for _ in range(22):
        door.look(door.world.child, Category.STORY, rested_on=[decision])
        clock.pass_by(timedelta(hours=1))
    door.look(door.world.child, Category.STORY, purpose=Purpose.SAFEGUARDING)
    client = door.client_of("mother")

    first, second = client.get("/looked"), client.get("/looked?page=2")
    months = first.tree.xpath("//select[@id='month']/option/@value")
    one = client.get(f"/looked?month={months[1]}")
    none = client.get("/looked?month=2001-01")
    data = client.http.get("/families/me/looks?offset=20&limit=5").json()
    since = client.http.get("/families/me/looks/period").json()
    before = client.http.get("/families/me/looks?periodEnd=2001-01-01").json()

    assert "22 looks. Page 1 of 2." in first.text
    assert len(second.tree.xpath("//ul[@class='app-who']/li")) == 2
    assert "Newer looks" in second.links
    assert " looks." in one.text
    assert "0 looks." in none.text
    assert (data["total"], len(data["looks"]), before["total"]) == (22, 2, 0)
    shown = data["looks"][0]
    assert shown["parts"] == ["story"]
    assert shown["action"].startswith("Saw: your story. Why: you said yes on")
    assert (shown["receiverName"], shown["aboutMe"]) == ("School", False)
    assert "Bartlett" not in str(data)
    assert HELD in since["heldBack"]
    pages = [e.fields["page"] for e in door.entries(LedgerEvent.FAMILY_PAGE_SEEN)]
    assert {"looks", "looks-data"} <= set(pages)


def test_worker_hands_over_on_paper_what_she_would_see(door: DoorWorld, tmp_path: Path):
    """To whom a code has confirmed; to nobody else, and not of somebody protected."""
    services = PortalOnDatabase(door.world.running.portal, demonstration=True, receipts=AN_ISSUER)
    settings = PortalSettings(
        "Exbury",
        "demonstration",
        family_page_at="https://families.example",
        print_own_page=FamilyPrinting(door.world.running.portal, "Exbury Family Hub", tmp_path),
    )
    released(tmp_path, Language.URDU)
    client = PageClient(create_app(services, settings), "https://testserver")
    client.sign_in(VISITOR)
    decision = door.said("mother")
    door.look(door.world.child, Category.STORY, rested_on=[decision])
    visit, unconfirmed = door.confirmed(), door.world.begin().id

    link = client.get(f"/here/{visit}").links[
        "Print who can see what, and who has looked, to give to them"
    ]
    paper = client.get(link)
    urdu = client.get(paper.links["اردو"])
    nothing = client.http.get(f"/here/{unconfirmed}/on-paper")
    door.world.running.restrict(door.world.mother)
    protected = client.http.get(link)

    assert "Can see: " in paper.text
    assert "School" in paper.text
    assert "Saw: your story. Why: you said yes on" in paper.text
    assert HELD in paper.text
    assert "Keep this paper in a safe place." in paper.text
    assert "Bartlett" not in paper.response.text
    assert not [page for page in (nothing, protected) if "Can see" in page.text]
    said = urdu.response.text.split('<div lang="ur" dir="rtl">')[1].split("</div>")[0]
    assert f"{FIRST_OPEN}Who can see what" in said
    assert f"{FIRST_OPEN}{HELD}" in said
    assert 'lang="en' not in said
    entry, _ = door.entries(LedgerEvent.FAMILY_PAGE_PRINTED)
    assert entry.actor == f"practitioner:{VISITOR}"


def test_no_page_message_or_header_of_the_door_has_what_is_not_the_readers(door: DoorWorld):
    """Every route that the application has, whoever adds one, for the father of a protected mother.

    Her place, her number, her name, workers' names: nor in a form, a refusal or what is sent.
    """
    details = PersonDetails(given_names=("Wilhelmina",))
    place = ContactDetails((Address((CANARIES[0],), CANARIES[1]),))
    door.world.tell(
        Record("name", Category.IDENTITY_AND_CONTACT, ("mother",), details),
        Record("place", Category.IDENTITY_AND_CONTACT, ("mother",), place),
    )
    look = door.look(door.world.child, Category.STORY, Category.SOCIAL_CARE)
    client = door.client_of("father")
    door.world.running.restrict(door.world.mother)
    token = client.get("/off").token_of("/off")
    told, walked = [], 0
    leaving = {"/leave", "/sign-out", "/off", "/assets/{digest}/{name}"}
    for context in sorted(contexts(client.http.app), key=lambda one: one.path or ""):
        path = re.sub(r"\{[^}]+\}", look, context.path or "")
        if context.path in leaving:
            continue
        for method in sorted((context.methods or set()) & {"GET", "POST"}):
            walked += 1
            data = {"csrf": token, "say": "no", "about": door.world.mother, "way": "none"}
            answer = client.http.request(
                method, path, **({} if method == "GET" else {"data": data | {"code": "000000"}})
            )
            assert answer.status_code < 500, f"{method} {context.path}"
            assert answer.headers["cache-control"] == "no-store", context.path
            assert answer.headers["referrer-policy"] == "no-referrer", context.path
            told.append(f"{answer.headers} {answer.text}")
    with unit_of_work(door.world.running.relay) as work:
        while found := work.messages_out().claim(now=work.now, lease=timedelta(minutes=1)):
            work.messages_out().forget(found.id)
            told.append("" if found.message is None else found.message.text)

    assert walked > 25
    mothers = door.world.mobile.value.replace(" ", "")[-6:]
    words = (*CANARIES, "Wilhelmina", mothers, door.world.mother)
    assert [word for word in words if word in "".join(told)] == []
