"""What somebody does at the family's own door, page by page, and what workers ask of them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from consent.circumstances import Circumstances
from consent.decisions.recording import record_decision
from consent.lawfulness import Basis
from consent.model import RecordDecision, Response
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.records.message import Record
from schemas.records.payloads import ContactDetails, Telecom
from schemas.vocabulary import Category, Purpose
from services.decisions.at_the_desk import deciding_for
from services.work import unit_of_work
from tests.support.builders import VISITOR
from tests.support.people.door_world import NAMES, DoorWorld
from tests.support.portal.pages import Page, PageClient

SCHOOL_ALONE = frozenset({"agency:schools"})


def propose(
    door: DoorWorld,
    who: str,
    *subjects: PersonId,
    by: PractitionerId = VISITOR,
    categories: frozenset[Category] = frozenset({Category.EDUCATION}),
    **more: Any,
) -> DecisionId:
    """A worker without a case-load writes down a parent's yes: it waits for somebody else."""
    about = subjects or (door.world.child,)
    told: dict[str, Any] = {"recipients": SCHOOL_ALONE, "circumstances": Circumstances(), **more}
    with unit_of_work(door.world.running.portal) as work:
        worker = door.world.who(by)
        named = work.decider_facts.decider_named(NAMES[who], [door.world.child])
        order = RecordDecision(
            subjects=about,
            response=Response.GIVEN,
            categories=categories,
            purposes=frozenset({Purpose.DIRECT_CARE}),
            basis=Basis.CONSENT,
            actor=worker.actor,
            **{"decided_by": named, **told},
        )
        known = deciding_for(worker, about, desk=work.desk()).asker
        asker = replace(known, case_load_since=None, is_confirmed=False)
        done = record_decision(order, deciding=work.deciding(asker))
    assert done.waiting is not None, "it did not wait"
    return done.decision.id


def answer(door: DoorWorld, client: PageClient, decision: DecisionId, say: str) -> Page:
    """Say yes or no to what is asked, with the code that comes."""
    at = f"/asked/{decision}"
    door.code()
    typing = client.send(at, at, {"say": say}, status=200)
    code = door.code()
    assert code is not None
    form = {"csrf": typing.token_of(f"{at}/code"), "say": say, "code": code}
    return Page(client.http.post(f"{at}/code", data=form))


def say_new(door: DoorWorld, client: PageClient, **answers: Any) -> Page:
    """Answer the questions one after the other, go on, and type the code that comes."""
    page, known = client.get("/new"), dict[str, Any]()
    for step in ("about", "say", "who", "what", "lasts"):
        if step in answers:
            known[step] = answers[step]
            page = post(client, page, "/new", {**known, "asked": step})
    door.code()
    typing = post(client, page, "/new", {**known, "asked": "check"})
    form = {**known, "code": door.code() or ""}
    return post(client, typing, "/new/code", form)


def post(client: PageClient, page: Page, action: str, form: dict[str, Any]) -> Page:
    """Send a form of a page that was just shown."""
    return Page(client.http.post(action, data={"csrf": page.token_of(action), **form}))


def tell(client: PageClient, about: PersonId, words: str) -> None:
    """Add to their story."""
    client.send_and_follow("/story/add", "/story/add", {"about": about, "words": words})


def ask_right(client: PageClient, what: str, words: str) -> Page:
    """Ask that what the page says be put right."""
    links = client.get("/right").links
    at = next(to for text, to in links.items() if what in text)
    return client.send_and_follow(at, at, {"words": words})


def birthday(door: DoorWorld, age: int) -> date:
    """The first of January of whoever is so old this year."""
    return date(door.world.clock.now().year - age, 1, 1)


def a_young_person(door: DoorWorld) -> Telecom:
    """The child at fourteen, with a telephone of their own that a school has held."""
    mobile = Telecom("phone", "07912 2" + door.world.mobile.value.removeprefix("07700 9"))
    own = ContactDetails(telecoms=(mobile,))
    door.world.tell(Record("contacts of child", Category.IDENTITY_AND_CONTACT, ("child",), own))
    door.world.clock.pass_by(timedelta(days=29))
    door.born(birthday(door, 14).isoformat())
    return mobile
