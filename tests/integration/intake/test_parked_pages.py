"""Data stewards' pages of messages that could not be read, on a real database."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from consent.ledger.events import LedgerEvent
from schemas.records.payloads import Occurrence
from schemas.vocabulary import Category, Source
from services.intake.parked.model import ParkedState
from services.people.governance.queue import ItemKind
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import InProcess
from tests.support.messages.nems import AHeader
from tests.support.messages.nems_messages import vaccination
from tests.support.messages.nems_pds import death_notification
from tests.support.people.parked_world import CHILD, DOUBTFUL, PATH, ROUTED, ParkedWorld

pytestmark = pytest.mark.postgres

DEATH = death_notification(
    replace(CHILD, died="2026-08-30", death_status="1"),
    AHeader("pds-death-notification-1", routing_birth=ROUTED),
)
_NAMES = ("Quillfeather", "Ottoline", "9990000018")


@pytest.fixture
def world(outside: Outside, tmp_path: Path) -> Iterator[ParkedWorld]:
    """Give two data stewards, and a child on record under another date of birth."""
    with InProcess.running(outside) as running:
        yield ParkedWorld.made(running, tmp_path)


def test_the_list_tells_where_each_is_from_and_what_to_do_urgent_first(world: ParkedWorld):
    """Event, sender, file, when, field, reason and remedy; nobody's name or number."""
    world.park(DOUBTFUL, "a.xml")
    world.park(DEATH, "b.xml")

    page = world.browser(world.first).get(PATH)

    assert page.text.index("Urgent: it may tell a death") < page.text.index("a.xml")
    for told in (
        *("vaccination", "death-notification", "a.xml", "b.xml", "Patient.birthDate"),
        *("contradicts:MessageHeader.birthDateTime", "Ask the source which is right"),
    ):
        assert told in page.text, told
    assert not [name for name in _NAMES if name in page.whole_text]
    (listed,) = world.running.ledger(LedgerEvent.PARKED_LISTED)
    assert listed.actor == world.first.actor


def test_two_stewards_accept_and_then_it_is_published_marked(world: ParkedWorld):
    """Neither date is learnt; one steward alone changes nothing, and is not the second."""
    parked = world.park()

    said = world.say(world.first, parked.id, "accept", accept="source-confirms")
    again = world.say(world.first, parked.id, "accept", accept="source-confirms")
    world.look_after()
    assert "Another data steward has to say so too" in said
    assert "You said so first" in again
    assert world.running.stored(world.child) == []

    world.say(world.second, parked.id, "accept", accept="register-checked")
    world.look_after()

    (stored,) = [r for r in world.running.stored(world.child) if isinstance(r.payload, Occurrence)]
    assert "dates-contradict" in stored.labels
    assert world.listed() == []
    (settled,) = world.running.ledger(LedgerEvent.CONTRADICTION_SETTLED)
    assert settled.fields["because"] == "accepted"
    assert len(world.running.ledger(LedgerEvent.PARKED_ACCEPTED)) == 1


def test_what_was_accepted_stays_so_when_it_comes_again(outside: Outside, tmp_path: Path):
    """Withheld meanwhile, and decided on anew: nobody has to accept it twice."""
    with InProcess.running(outside) as running:
        _accept_what_is_withheld(ParkedWorld.made(running, tmp_path, [Category.STORY]))


def _accept_what_is_withheld(world: ParkedWorld) -> None:
    parked = world.park()
    for who in (world.first, world.second):
        world.say(who, parked.id, "accept", accept="source-confirms")
    world.look_after()
    assert world.running.stored(world.child) == []

    world.running.decide(world.child)
    world.running.settle()

    assert any(isinstance(r.payload, Occurrence) for r in world.running.stored(world.child))


def test_a_steward_is_shown_the_dates_and_what_agrees(world: ParkedWorld):
    """And is entered, with whose they are; no name, no number."""
    parked = world.park()

    page = world.browser(world.first).get(f"{PATH}/{parked.id}")

    assert "3 May 2014" in page.text
    assert "4 May 2014" in page.text
    assert "Neither of them" in page.text
    assert not [name for name in _NAMES if name in page.whole_text]
    assert "2024" not in page.text
    (read,) = world.running.ledger(LedgerEvent.PARKED_READ)
    assert list(read.fields["subjects"]) == [world.child]


def test_whoever_a_restriction_leaves_out_is_not_told_it_from_nothing(world: ParkedWorld):
    """Not the dates, nor that they are of anybody."""
    parked = world.park()
    world.running.restrict(world.child, VISITOR)

    world.browser(world.first).get(f"{PATH}/{parked.id}", 404)
    world.browser(world.first).get(f"{PATH}/made-up", 404)

    refused = world.running.ledger(LedgerEvent.PARKED_READ_REFUSED)
    assert {entry.fields["because"] for entry in refused} == {"not-known"}


def test_an_urgent_one_is_discarded_by_two_and_governance_knows(world: ParkedWorld):
    """Any other by one; both are kept, and neither is in the way any more."""
    death, other = world.park(DEATH, "b.xml"), world.park(DOUBTFUL, "a.xml")
    world.look_after()
    with unit_of_work(world.running.outside) as work:
        waiting = work.queue.waiting(most=10)
    assert [(i.kind, i.about) for i in waiting if i.kind is ItemKind.PARKED_URGENT] == [
        (ItemKind.PARKED_URGENT, death.id)
    ]

    world.say(world.first, death.id, "discard", discard="sent-by-mistake")
    world.say(world.first, other.id, "discard", discard="sent-again")
    assert [one.id for one in world.listed(ParkedState.WAITING)] == [death.id]

    world.say(world.second, death.id, "discard", discard="sent-by-mistake")
    assert {one.id for one in world.listed(ParkedState.DISCARDED)} == {death.id, other.id}


def test_asking_gives_a_text_that_names_nobody(world: ParkedWorld):
    """Which message, where and why; and it stays asked when it is read again."""
    parked = world.park()

    page = world.say(world.first, parked.id, "ask-source")

    assert "Nothing is sent" in page
    assert f"Message id: {parked.message_id}" in page
    assert not [name for name in (*_NAMES, "2024") if name in page]
    assert [one.id for one in world.listed(ParkedState.ASKED)] == [parked.id]


def test_a_reason_has_to_be_given_and_fit(world: ParkedWorld):
    """A reason for discarding is none for accepting."""
    parked = world.park()
    address = f"{PATH}/{parked.id}"

    page = world.browser(world.first).send(address, f"{address}/accept", {})
    assert page.errors == ["Select why"]
    said = world.say(world.first, parked.id, "accept", accept="sent-again")
    assert "Nothing was changed" in said


def test_only_a_doubt_about_birth_can_be_accepted(world: ParkedWorld):
    """What cannot be read at all says nothing that anybody could accept."""
    header = AHeader("vaccinations-1", routing_number="9990000026", routing_family="Other")
    parked = world.park(vaccination(CHILD, header))

    page = world.browser(world.first).get(f"{PATH}/{parked.id}")

    assert "Accept it" not in page.text
    assert "nobody here can say whose it is" in page.text
    assert parked.source is Source.HEALTH_VISITING
