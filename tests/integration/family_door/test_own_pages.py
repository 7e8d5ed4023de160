"""The pages: what each of a family is shown and may change, and what nobody of them is."""

import itertools
import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from consent.circumstances import Circumstances, CompetenceJudgement, CompetenceQuestion
from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.identifiers import DecisionId
from schemas.records.message import Record
from schemas.records.payloads import (
    PersonDetails,
    Relationship,
    RelationshipKind,
    Telecom,
)
from schemas.vocabulary import Category, Purpose, Source
from services.audit.reviews.postgres import PostgresFamilyQuestions
from services.people.family_access.model import FamilyAccess, WhyNoAccess
from services.work import unit_of_work
from tests.support.builders import TEACHER, VISITOR, YOUNG_PERSON
from tests.support.people.door_acts import a_young_person, birthday
from tests.support.people.door_world import FATHERS_DAY, MOTHERS_DAY, PAGES, DoorWorld
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres
A_RELATIVE = Relationship(RelationshipKind.OTHER_RELATIVE, "Somebody Else")
SCHOOL_ALONE = frozenset({"agency:schools"})
HEALTH = frozenset({Category.CHILD_HEALTH})
TOKEN = re.compile(r'(name="csrf" value="|nonce="|nonce-)[^"\']*')


def seen(client: PageClient) -> list[str]:
    """Every page's bytes, but for what is new with each session and answer."""
    return [TOKEN.sub("", client.get(page).response.text) for page in PAGES]


def row_of(client: PageClient, person: str, service: str) -> str:
    """What the first page says of one service for somebody."""
    tree = client.get("/home").tree
    found = tree.xpath(
        f"//h2[normalize-space()='{person}']/following-sibling::ul[1]"
        f"/li[h3[normalize-space()='{service}']]"
    )
    return " ".join(found[0].text_content().split())


def take_back(door: DoorWorld, client: PageClient, decision: str) -> PageClient:
    """Say no on the page, with the code that comes."""
    at = f"/choices/{decision}"
    door.code()
    client.send_and_follow(at, at, {"say": "no"})
    code = door.code()
    assert code is not None
    done = client.send(f"{at}/code", f"{at}/code", {"code": code}, status=200)
    assert done.heading == "You said no"
    return client


def test_mother_sees_who_can_see_what_and_changes_her_mind(door: DoorWorld):
    """At once, by a new code, with her number for it; each page is entered and nobody's look."""
    decision = door.said("mother", recipients=SCHOOL_ALONE)
    client = door.client_of("mother")
    before = row_of(client, "Your child", "School")

    page = client.get("/choices")
    shown = client.get(page.links["Change what they can see: School, since " + _day(door)])
    assert "It will not stop you getting help." in shown.text
    assert client.send(f"/choices/{decision}", f"/choices/{decision}", {}).errors
    wrong = client.send(f"/choices/{decision}/code", f"/choices/{decision}/code", {"code": "123"})
    assert wrong.errors
    take_back(door, client, decision)

    assert "Yes" in before
    assert f"You said yes on {_day(door)}" in before
    after = row_of(client, "Your child", "School")
    assert "No Can see nothing." in after
    assert f"You said no on {_day(door)}" in after
    assert "nothing here that you said yes to" in client.get("/choices").text
    withdrawn = door.entries(LedgerEvent.SHARING_DECISION_WITHDRAWN)[-1]
    assert withdrawn.actor.startswith("family:")
    pages = [e.fields["page"] for e in door.entries(LedgerEvent.FAMILY_PAGE_SEEN)]
    assert {"home", "choices"} == set(pages)


def test_separated_father_sees_his_own_and_the_effect_alone(door: DoorWorld):
    """Of her no: that it is not shared. Never who said so, or when; and hers is not his to open."""
    hers = door.said("mother", recipients=SCHOOL_ALONE)
    his = door.said("father", recipients=SCHOOL_ALONE, categories=HEALTH)
    door.said_of_oneself(door.world.mother)
    client = door.client_of("father")
    before = row_of(client, "Your child", "School")
    door.world.clock.pass_by(timedelta(minutes=5))

    door.said("mother", response=Response.REFUSED, categories=HEALTH)
    after = row_of(client, "Your child", "School")

    assert "health checks" in before.partition("Cannot see")[0]
    assert "health checks" in after.partition("Cannot see")[2]
    assert "said no" not in after
    choices = client.get("/choices").response.text
    assert his in choices
    assert hers not in choices
    assert client.get(f"/choices/{hers}", 404).heading == "We cannot find that page"
    both = [client.get(f"/choices/{one}", 404).text for one in (hers, "f" * 32)]
    assert both[0] == both[1]
    token = client.get("/off").token_of("/off")
    client.http.post(f"/choices/{hers}", data={"csrf": token, "say": "no"})
    code = door.code()
    done = client.http.post(f"/choices/{hers}/code", data={"csrf": token, "code": code})
    assert done.status_code == 422
    assert door.entries(LedgerEvent.FAMILY_ACT_REFUSED)[-1].fields["because"] == "is-not-theirs"
    assert door.entries(LedgerEvent.SHARING_DECISION_WITHDRAWN) == []


def test_father_who_is_named_no_more_reaches_nothing_from_then_on(door: DoorWorld):
    """At the next page, with his session open; his own page stays."""
    client = door.client_of("father")
    assert "Your child" in client.get("/home").text

    door.world.tell(door.tie("father", until="2026-01-31"), at="2026-02-02T00:00:00Z")

    assert "Your child" not in client.get("/home").text


def test_whom_only_the_giver_names_is_nobodys_parent(door: DoorWorld):
    """A worker's own agency does not make somebody a parent and give them a page for it."""
    given = door.give(door.confirmed())
    assert isinstance(given, FamilyAccess)
    door.world.tell(
        replace(door.tie("mother"), payload=A_RELATIVE),
        at="2026-02-02T00:00:00Z",
    )
    door.world.tell(door.tie("mother"), source=Source.HEALTH_VISITING)

    client = door.client()
    door.sign_in_at(client, door.world.mobile.value, MOTHERS_DAY)

    assert "Your child" not in client.get("/home").text


def test_grandmother_with_care_whom_a_school_names(door: DoorWorld):
    """She acts for the child as a parent does: sources name her with responsibility."""
    tie = Relationship(RelationshipKind.GRANDPARENT, "Ada Ibori", has_responsibility=True)
    door.world.tell(replace(door.tie("father"), payload=tie), at="2026-02-02T00:00:00Z")
    client = door.client_of("father")

    assert "Your child" in client.get("/home").text


def decides(door: DoorWorld, **more: object) -> str:
    """The young person, judged to understand it, says yes to the school alone."""
    judged = CompetenceJudgement.of(
        frozenset(CompetenceQuestion), judged_by=VISITOR, judged_at=door.world.clock.now()
    )
    told = Circumstances(competence=judged, parents_are_not_told=True)
    recorded = door.world.running.decide(
        door.world.child,
        decided_by=YOUNG_PERSON,
        circumstances=told,
        recipients=SCHOOL_ALONE,
        **{"categories": HEALTH, **more},  # type: ignore[arg-type] # fields of the order
    )
    return str(recorded.decision.id)


def test_competent_fourteen_year_old_has_a_page_of_their_own(door: DoorWorld):
    """Their parents reach what they decided themselves; the young person all that is theirs."""
    mobile = a_young_person(door)
    door.said("mother", recipients=SCHOOL_ALONE, categories={Category.EDUCATION})
    decision = decides(door)
    assert isinstance(door.give(door.confirmed(door.world.child)), FamilyAccess)
    client = door.client()
    door.sign_in_at(client, mobile.value, birthday(door, 14))
    mother = door.client_of("mother")

    assert "health checks" in row_of(client, "You", "School").partition("Cannot see")[0]
    hers = row_of(mother, "Your child", "School")
    assert "Yes, some Can see: school days. You said yes on" in hers
    assert "Not by you" in row_of(mother, "Your child", "Family hub")
    assert "Young people choose for themselves." in mother.get("/looked").text
    assert decision not in "".join(seen(mother))
    take_back(door, client, decision)
    assert "health checks" in row_of(client, "You", "School").partition("Cannot see")[2]


def test_at_sixteen_the_parents_reach_nothing(door: DoorWorld):
    """The day before they did."""
    client = door.client_of("mother")
    door.born(birthday(door, 16).isoformat())

    assert "Your child" not in client.get("/home").text


def test_nobody_of_a_family_learns_of_a_protected_person(door: DoorWorld):
    """She has no page online; her child, protected too, is on nobody's; nor by what is missing."""
    canaries = ("Quincey Refuge", "SW1A 2AA")
    details = PersonDetails(given_names=("Quincey",))
    door.world.tell(Record("name", Category.IDENTITY_AND_CONTACT, ("child",), details))
    door.world.running.settle()
    client = door.client_of("father")
    assert "Quincey" in client.get("/home").text
    alone = DoorWorld.of(type(door.world).among(door.world.running, door.world.clock))

    door.world.running.restrict(door.world.mother)
    door.world.running.restrict(door.world.child)

    assert door.give(door.confirmed(door.world.father)) is not WhyNoAccess.PROTECTED
    client = door.client()
    door.sign_in_at(client, door.fathers.value, FATHERS_DAY)
    told = "".join(seen(client))
    assert not [word for word in (*canaries, "Quincey", "Your child") if word in told]
    # As a father of whom no source names a child.
    alone.world.tell(
        replace(alone.tie("father"), payload=A_RELATIVE),
        at="2026-02-02T00:00:00Z",
    )
    own_ids = re.compile(r"[0-9a-f]{32}")
    strangers = seen(alone.client_of("father"))
    assert [own_ids.sub("", page) for page in seen(client)] == [
        own_ids.sub("", page) for page in strangers
    ]


def test_looks_are_told_by_service_and_why_and_a_question_is_answered_here(door: DoorWorld):
    """Never by a name; whoever looked is named to governance alone."""
    decision = door.said("mother")
    look = door.look(door.world.child, Category.STORY, Category.CHILD_HEALTH, rested_on=[decision])
    client = door.client_of("mother")

    page = client.get("/looked")
    asked = client.send_and_follow(f"/looked/{look}", f"/looked/{look}", {})
    other = client.get(f"/looked/{'f' * 32}")

    assert "School" in page.text
    assert "Saw: your story, health checks. Why: you said yes on" in page.text
    assert "Tom Bartlett" not in page.response.text
    assert "We started on" in page.text
    assert "We have your question." in asked.text
    assert "We will answer here by" in asked.text
    entry = door.entries(LedgerEvent.FAMILY_QUESTION_ASKED)[-1]
    assert entry.fields["by"] == "family"
    with unit_of_work(door.world.running.portal) as work:
        questions = PostgresFamilyQuestions(work.connection)
        question = questions.find(str(entry.fields["question"]))
        assert question is not None
        assert question.worker == f"practitioner:{TEACHER}"
        questions.add(replace(question, answer="was-right", state=2), at=work.now)
    assert "We looked into it. It was right." in client.get("/looked").text
    token = other.token_of(f"/looked/{'f' * 32}")
    refused = client.http.post(f"/looked/{'f' * 32}", data={"csrf": token})
    assert refused.status_code == 404


def test_held_back_look_leaves_two_families_pages_alike_to_the_byte(door: DoorWorld):
    """Counts and pages are made after what is held back was left out."""
    other = DoorWorld.of(type(door.world).among(door.world.running, door.world.clock))
    for one in (door, other):
        decision = one.said("mother")
        one.look(one.world.child, Category.STORY, rested_on=[decision])
    other.look(other.world.child, Category.SAFEGUARDING, purpose=Purpose.SAFEGUARDING)
    other.look(other.world.child, Category.STORY, purpose=Purpose.SAFEGUARDING, permitted=False)
    other.look(other.world.child, Category.STORY, Category.SOCIAL_CARE)  # an emergency: no decision

    ids = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}")
    pages = [[ids.sub("", page) for page in seen(one.client_of("mother"))] for one in (door, other)]

    assert pages[0] == pages[1]
    rows = [
        [e.fields["rows"] for e in one.entries(LedgerEvent.FAMILY_PAGE_SEEN)]
        for one in (door, other)
    ]
    assert rows[0][-3:] == rows[1][-3:]


def acts_of_others(
    door: DoorWorld, mobile: Telecom, known: list[str]
) -> list[Callable[[], object]]:
    """What the mother, the young person and workers do that is none of the father's to know.

    The ids that come of it go into `known`, as if somebody had guessed them.
    """
    child, mother = door.world.child, door.world.mother

    def school_looks_by_what_they_decided() -> None:
        decision = DecisionId(decides(door))
        known.append(door.look(child, Category.CHILD_HEALTH, rested_on=[decision]))

    def she_has_a_page() -> None:
        door.may_give(mother)
        known.append(door.said_of_oneself(mother))

    def they_have_a_page() -> None:
        door.may_give(child)
        door.ask(mobile.value)

    return [
        lambda: known.append(decides(door)),
        lambda: known.append(decides(door, response=Response.REFUSED)),
        lambda: known.append(door.said_of_oneself(mother)),
        lambda: known.append(door.look(mother, Category.STORY, by=TEACHER)),
        lambda: door.look(child, Category.STORY, purpose=Purpose.SAFEGUARDING),
        lambda: door.world.running.restrict(mother),
        school_looks_by_what_they_decided,
        she_has_a_page,
        they_have_a_page,
    ]


@pytest.mark.parametrize("seed", [7, 11])
def test_nothing_that_is_anothers_alone_shows_on_a_parents_pages(door: DoorWorld, seed: int):
    """Whatever the father does, in whatever order the others act, his pages do not change by it."""
    mobile = a_young_person(door)
    hers = door.said("mother", recipients=SCHOOL_ALONE)
    door.said("father", recipients=SCHOOL_ALONE, categories=HEALTH)
    father = door.client_of("father")
    before = seen(father)
    known: list[str] = [hers]
    choosing = random.Random(seed)
    others = acts_of_others(door, mobile, known)
    for act in choosing.sample(others, len(others)):
        act()
        tries = [(way, one) for way, one in itertools.product(("choices", "looked"), known[-2:])]
        for way, one in choosing.sample(tries, 2):
            answer = father.http.get(f"/{way}/{one}")
            assert way == "looked" or answer.status_code == 404
            token = father.get("/off").token_of("/off")
            told = {"csrf": token, "say": "no", "code": "000000"}
            asked = father.http.post(f"/{way}/{one}", data=told)
            assert asked.status_code in {303, 404}
            assert "location" not in asked.headers or "asked" not in asked.headers["location"]
        assert seen(father) == before


def _day(door: DoorWorld) -> str:
    day = door.world.clock.now()
    return f"{day.day} {day:%B} {day.year}"
