"""A young person of sixteen lets a parent see their page, and stops it: theirs alone to say."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from consent.circumstances import Circumstances
from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.records.message import Record
from schemas.records.payloads import ContactDetails, Telecom
from schemas.vocabulary import Category
from services.interfaces.subject_access.postgres_own_page import own_page
from services.people.family_access.ages import NextChange
from services.people.family_access.model import FamilyAccess
from services.people.family_access.reaching import changes_to_come
from services.work import unit_of_work
from tests.integration.family_door.test_own_pages import birthday, row_of, seen
from tests.support.builders import YOUNG_PERSON
from tests.support.people.door_world import DoorWorld
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres
AT = re.compile(r"/grown-ups/([0-9a-f]{32})")
SCHOOL_ALONE = frozenset({"agency:schools"})
LETTING = (LedgerEvent.FAMILY_LET_SEE_GIVEN, LedgerEvent.FAMILY_LET_SEE_STOPPED)


def at_sixteen(door: DoorWorld) -> PageClient:
    """The young person, signed in, who said no twice, once so that parents are not told."""
    mobile = Telecom("phone", "07913 3" + door.world.mobile.value.removeprefix("07700 9"))
    own = ContactDetails(telecoms=(mobile,))
    door.world.tell(Record("contacts of child", Category.IDENTITY_AND_CONTACT, ("child",), own))
    door.world.clock.pass_by(timedelta(days=29))
    door.born(birthday(door, 16).isoformat())
    for category, told in (
        (Category.CHILD_HEALTH, Circumstances()),
        (Category.STORY, Circumstances(parents_are_not_told=True)),
    ):
        door.world.running.decide(
            door.world.child,
            decided_by=YOUNG_PERSON,
            circumstances=told,
            response=Response.REFUSED,
            recipients=SCHOOL_ALONE,
            categories={category},
        )
    assert isinstance(door.give(door.confirmed(door.world.child)), FamilyAccess)
    client = door.client()
    door.sign_in_at(client, mobile.value, birthday(door, 16))
    return client


def key_of(client: PageClient, name: str) -> str:
    """By what a page names a parent."""
    for key in dict.fromkeys(AT.findall(client.get("/grown-ups").response.text)):
        if name in client.get(f"/grown-ups/{key}").text:
            return key
    raise AssertionError(name)


def let_see(door: DoorWorld, client: PageClient, key: str, code: str | None = None) -> PageClient:
    """Ask for a code and type it, or another."""
    door.code()
    door.world.clock.pass_by(timedelta(minutes=1))
    at = f"/grown-ups/{key}"
    token = client.get(at).token_of(at)
    client.http.post(at, data={"csrf": token, "say": "let"})
    right = door.code()
    client.http.post(f"{at}/code", data={"csrf": token, "code": code or right or ""})
    return client


def test_parent_sees_from_then_on_and_nothing_when_it_is_stopped(door: DoorWorld):
    """At once both ways; the other parent's pages stay as they were, byte for byte."""
    client = at_sixteen(door)
    mother, father = door.client_of("mother"), door.client_of("father")
    before, his = seen(mother), seen(father)
    key = key_of(client, "Eva Novak")

    let_see(door, client, key, code="000000")
    assert seen(mother) == before
    let_see(door, client, key)

    row = row_of(mother, "Your child", "School")
    assert "health checks" in row.partition("Cannot see")[2]
    assert "your story" in row.partition("Cannot see")[0], "parents are not to be told of that no"
    assert seen(father) == his
    assert "Can see your page." in client.get("/grown-ups").text
    token = client.get(f"/grown-ups/{key}").token_of(f"/grown-ups/{key}")
    client.http.post(f"/grown-ups/{key}", data={"csrf": token, "say": "stop"})
    assert seen(mother) == before
    with unit_of_work(door.world.running.outside) as work:
        held = list(own_page(work.connection, [door.world.child]))
        of_mother = list(own_page(work.connection, [door.world.mother]))
    said = [dict(one.lines).get("Said", "") for one in held]
    assert said == ["", "Let a parent see the page", "Stopped letting a parent see the page"]
    assert dict(held[0].lines)["Signed in with"] == "A code"
    assert [dict(one.lines).get("Said") for one in of_mother] == [None]
    entered = door.entries(*LETTING)
    assert [e.event for e in entered] == list(LETTING)
    assert all(list(e.fields["seen_by"]) == [door.world.mother] for e in entered)


def test_nobody_lets_in_whom_they_may_not(door: DoorWorld):
    """Not a parent for themselves, not a protected parent, and no row that was changed."""
    client = at_sixteen(door)
    key = key_of(client, "Eva Novak")
    his = key_of(client, "Sam Ibori")
    mother = door.client_of("mother")
    for address in ("/grown-ups", f"/grown-ups/{key}", f"/grown-ups/{'0' * 32}"):
        assert mother.http.get(address).status_code == 404
    token = mother.get("/off").token_of("/off")
    told = {"csrf": token, "say": "stop"}
    assert mother.http.post(f"/grown-ups/{key}", data=told).status_code == 404
    let_see(door, client, his)
    door.world.running.restrict(door.world.father)
    assert "Sam Ibori" not in client.get("/grown-ups").text
    assert client.http.get(f"/grown-ups/{his}").status_code == 404
    let_see(door, client, key)
    assert "Your child" in mother.get("/home").text

    with door.world.running.outside.engine.begin() as connection:
        connection.execute(text("ALTER TABLE family_let_see DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE family_let_see SET known_at = now()"))
        connection.execute(text("ALTER TABLE family_let_see ENABLE TRIGGER USER"))

    assert "Your child" not in mother.get("/home").text


def test_what_comes_next_is_said_a_year_before(door: DoorWorld):
    """On the parent's page, and to whoever meets them; never of a protected child."""
    door.born(birthday(door, 15).isoformat())
    client = door.client_of("mother")

    assert "When a young person is 16, this page is theirs." in client.get("/home").text
    assert "Choose if your parents" not in client.get("/home").text
    with unit_of_work(door.world.running.portal) as work:
        told = changes_to_come(door.world.mother, door=work.family_door())
    assert told == [NextChange(16, hides_all=True)]
    door.world.running.restrict(door.world.child)
    with unit_of_work(door.world.running.portal) as work:
        assert changes_to_come(door.world.mother, door=work.family_door()) == []
