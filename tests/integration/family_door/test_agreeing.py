"""Saying yes or no on one's own page: to what a worker asks, and to what nobody asked."""

from datetime import timedelta

import pytest

from consent.ledger.events import LedgerEvent
from consent.model import DeciderKind, Response
from schemas.vocabulary import Category
from services.work import unit_of_work
from tests.support.builders import TEACHER
from tests.support.people.door_acts import answer, propose, say_new
from tests.support.people.door_world import MOTHERS_DAY as _MOTHER
from tests.support.people.door_world import DoorWorld
from tests.support.portal.readability import reading_year, sentences_of

pytestmark = pytest.mark.postgres
_YEAR = 4.0
"""As in test_safe_pages: the school year of those who are nine."""


def test_yes_to_what_a_worker_wrote_down_holds_at_once(door: DoorWorld):
    """On the first page until it is answered; by her own sign-in, with her number for it."""
    decision = propose(door, "mother")
    client = door.client_of("mother")
    home = client.get("/home")
    shown = client.get(home.links["Read it and answer: School, by " + _day(door, 14)])
    unsaid = client.send(f"/asked/{decision}", f"/asked/{decision}", {})
    later = client.send_and_follow(f"/asked/{decision}", f"/asked/{decision}", {"say": "later"})

    done = answer(door, client, decision, "yes")

    for page in (home, shown, done, client.get("/choices")):
        assert reading_year(sentences_of(page.tree)) <= _YEAR, page.heading
    assert "1 thing to answer" in home.text
    assert "1 thing to answer" in later.text
    assert "Your health visitor asks you." in shown.text
    assert "It does not count until you say yes." in shown.text
    assert unsaid.errors == ["Pick one."]
    assert done.heading == "You said yes"
    assert "to answer" not in client.get("/home").text
    assert "School" in client.get("/choices").text
    confirmed = door.entries(LedgerEvent.SHARING_DECISION_CONFIRMED)[-1]
    assert confirmed.actor.startswith("family:")
    assert confirmed.fields["warrant"] == "family"
    again = client.get(f"/asked/{decision}", 404)
    assert again.text == client.get(f"/asked/{'f' * 32}", 404).text


def test_no_to_it_is_a_refusal_in_its_place(door: DoorWorld):
    """In force at once, by her; nobody can confirm the yes any more."""
    decision = propose(door, "mother")
    client = door.client_of("mother")

    done = answer(door, client, decision, "no")

    assert done.heading == "You said no"
    assert "There is nothing to answer now." in client.get("/asked").text
    with unit_of_work(door.world.running.portal) as work:
        proposed = work.decisions.find(decision)
        assert proposed is not None
        refusal = work.decisions.find(proposed.superseded_by or decision)
    assert refusal is not None
    assert (refusal.response, refusal.confirmed_at is not None) == (Response.REFUSED, True)
    assert refusal.decided_by == proposed.decided_by


def test_only_what_waits_for_the_reader_alone_is_listed(door: DoorWorld):
    """Not his; not what only the proposer's agency vouches for; not what is about somebody else.

    Nor does anything tell that it is there, or that it has lapsed.
    """
    client = door.client_of("mother")
    empty = client.get("/asked").text
    propose(door, "father")
    propose(door, "mother", by=TEACHER)  # the school alone says who she is
    stranger = DoorWorld.of(type(door.world).among(door.world.running, door.world.clock))
    others = propose(door, "mother", door.world.child, stranger.world.child)
    propose(door, "mother", categories=frozenset({Category.SAFEGUARDING}))
    door.sign_in_at(client, door.world.mobile.value, _MOTHER)

    listed = client.get("/asked").text
    token = client.get("/off").token_of("/off")
    client.http.post(f"/asked/{others}", data={"csrf": token, "say": "yes"})
    form = {"csrf": token, "say": "yes", "code": door.code() or ""}
    refused = client.http.post(f"/asked/{others}/code", data=form)
    own = propose(door, "mother")
    waiting = client.get("/asked").text
    door.world.clock.pass_by(timedelta(days=15))
    door.sign_in_at(client, door.world.mobile.value, _MOTHER)

    assert listed == empty
    assert refused.status_code == 422
    assert door.entries(LedgerEvent.FAMILY_ACT_REFUSED)[-1].fields["because"] == "is-not-theirs"
    assert waiting != empty
    assert client.get("/asked").text == empty
    assert client.get(f"/asked/{own}", 404)


def test_yes_and_no_to_what_nobody_asked(door: DoorWorld):
    """The same choices as with a worker, one question a page; a yes of hers, then a no."""
    client = door.client_of("mother")
    first = client.get("/new")
    unanswered = client.send("/new", "/new", {"asked": "about"})
    told = {"about": door.world.child, "who": ["schools"], "what": ["child-health"]}

    yes = say_new(door, client, say="yes", lasts="12", **told)
    can = client.get("/choices").text
    no = say_new(door, client, say="no", **told)

    assert first.heading == "Who is this about?"
    assert unanswered.errors == ["Pick one person."]
    assert (yes.heading, no.heading) == ("You said yes", "You said no")
    assert "Can see: health checks." in can
    with unit_of_work(door.world.running.portal) as work:
        known = work.decisions.on_record([door.world.child])[door.world.child].decisions
    hers = [d for d in known if (d.circumstances.recorded_by or "").startswith("family:")]
    assert {d.response for d in hers} == {Response.GIVEN, Response.REFUSED}
    assert {d.decided_by.kind for d in hers} == {DeciderKind.PARENT}
    assert len({d.decided_by.reference for d in hers}) == 1


def test_nobody_confirms_what_they_said_themselves(door: DoorWorld):
    """Where her age rests on one agency a yes of hers about herself waits for somebody else."""
    client = door.client_of("mother")
    told = {"about": door.world.mother, "who": ["schools"], "what": ["story"]}

    done = say_new(door, client, say="yes", lasts="6", **told)

    assert "It does not count yet." in done.text
    assert "There is nothing to answer now." in client.get("/asked").text


def _day(door: DoorWorld, days: int) -> str:
    day = door.world.clock.now() + timedelta(days=days)
    return f"{day.day} {day:%B} {day.year}"
