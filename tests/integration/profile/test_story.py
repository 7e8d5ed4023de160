"""The family's story on its whole way: written down, decided upon, stored, read and taken back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations

import pytest
from sqlalchemy import text

from connectors.family_hub.story import Told, confirmation_of, correction_of, record_of
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround, Response
from schemas.identifiers import PersonId
from schemas.records.payloads import StoryEntry
from schemas.records.published import PublishedRecord, kept_to_category
from schemas.vocabulary import Category, Purpose, Source
from services.people.practitioners.people import SignedInPractitioner
from services.portal.services import PortalOnDatabase
from services.profile.model import Profile, SourceState, StoryView
from services.profile.storing import store_opened
from services.profile.story.writing import StoryOutcome, ToldStory
from services.work import Outside, unit_of_work
from services.workers.rebuild import Origin
from tests.support.builders import DAY, TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import the_child, the_family
from tests.support.people.relating import relate
from tests.support.rebuilding import rebuilt

pytestmark = pytest.mark.postgres

CARE = Purpose.DIRECT_CARE
TOLD = ToldStory("Mornings are hard.", "Mum")
TO_HEALTH = frozenset({"agency:health-visiting"})


@dataclass(frozen=True, slots=True)
class _World:
    """A family that shares everything, with a health visitor and a teacher who work with it."""

    running: InProcess
    services: PortalOnDatabase
    child: PersonId
    clock: StandingClock

    def who(self, practitioner: str) -> SignedInPractitioner:
        people = self.services.demonstration_people()
        return next(one for one in people if one.id == practitioner)

    def story(self, practitioner: str = VISITOR) -> dict[str, StoryView]:
        self.running.settle()
        return self.read(practitioner)

    def read(self, practitioner: str) -> dict[str, StoryView]:
        profile = self.services.read_profile(self.who(practitioner), self.child, CARE)
        assert isinstance(profile, Profile)
        return {view.entry.text: view for view in profile.story}

    def write(self, told: ToldStory) -> StoryView:
        assert self.services.add_story(self.who(VISITOR), self.child, told) is None
        found = self.story()[told.text]
        self.clock.pass_by(DAY)
        return found


@pytest.fixture
def world(outside: Outside, clock: StandingClock) -> Iterator[_World]:
    with InProcess.running(outside) as running:
        (child,) = running.decide(the_child()).decision.subjects
        with unit_of_work(running.portal) as work:
            for practitioner in (VISITOR, TEACHER):
                ground = RelationshipGround.REFERRAL
                relate(work, practitioner, child, ground)
        services = PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)
        yield _World(running, services, child, clock)


def test_what_is_kept_to_some_is_not_hinted_at_to_others(world: _World):
    """Neither in the story, nor by what is said of its source, nor as something not shared."""
    world.write(replace(TOLD, kept_to=TO_HEALTH))

    profile = world.services.read_profile(world.who(TEACHER), world.child, CARE)

    assert isinstance(profile, Profile)
    assert profile.story == ()
    assert profile.not_shared == ()
    states = {status.source: status.state for status in profile.sources}
    assert states[Source.FAMILY_HUB] is SourceState.NOTHING_TO_SHOW


def test_what_is_kept_to_fewer_is_kept_from_the_others_at_once(world: _World):
    """Not only once it has come round: the next page is as the family asked."""
    first = world.write(TOLD)
    assert TOLD.text in world.read(TEACHER)

    services, who = world.services, world.who(VISITOR)
    kept = services.keep_story(who, world.child, CARE, first.key, TO_HEALTH)

    assert kept is StoryOutcome.WRITTEN
    assert world.read(TEACHER) == {}
    again = services.keep_story(who, world.child, CARE, first.key, frozenset({"agency:schools"}))
    assert again is StoryOutcome.WIDER_THAN_BEFORE
    assert world.story(TEACHER) == {}
    assert TOLD.text in world.story(VISITOR)


def test_what_is_kept_to_fewer_stays_so_though_the_clock_was_put_back(world: _World):
    """Also in a profile that is built anew from the bus."""
    first = world.write(TOLD)
    world.clock.pass_by(-DAY)
    world.services.keep_story(world.who(VISITOR), world.child, CARE, first.key, TO_HEALTH)
    world.clock.pass_by(DAY)
    assert world.story(TEACHER) == {}

    assert rebuilt(world.running, Origin.BUS).compared.is_identical

    assert world.read(TEACHER) == {}
    assert TOLD.text in world.read(VISITOR)


def test_a_name_opens_what_the_service_alone_would_not(world: _World):
    """A service and one person of another: both read it."""
    marks = TO_HEALTH | {f"practitioner:{TEACHER}"}
    world.write(replace(TOLD, kept_to=marks))

    assert TOLD.text in world.story(TEACHER)


def test_a_withdrawal_takes_the_whole_story_away(world: _World):
    """Entries, corrections and confirmations are records like any other."""
    services, who = world.services, world.who(VISITOR)
    first = world.write(TOLD)
    services.correct_story(who, world.child, CARE, first.key, ToldStory("Evenings are.", "Mum"))
    second = world.story()["Evenings are."]
    services.confirm_story(who, world.child, CARE, [second.key], told_by="Mum")
    assert len(world.story()["Evenings are."].confirmations) == 1
    assert world.running.count("record") == 3

    world.running.decide(world.child, categories=[Category.STORY], response=Response.REFUSED)
    world.running.settle()

    assert world.running.count("record") == 0


def test_what_is_kept_to_who_may_see_health_goes_with_health(world: _World):
    """When nobody may see that any more, nobody may read this; the rest of the story stays."""
    marks = frozenset({kept_to_category(Category.CHILD_HEALTH)})
    world.write(TOLD)
    world.write(replace(TOLD, text="He has seizures.", kept_to=marks))

    refused = [Category.CHILD_HEALTH]
    world.running.decide(world.child, categories=refused, response=Response.REFUSED)

    assert set(world.story()) == {TOLD.text}
    assert world.running.count("record") == 1


def test_the_ledger_says_what_was_done_and_no_word_of_it(world: _World):
    """Keys, persons, whom it is kept to, and who did it."""
    services, who = world.services, world.who(VISITOR)
    first = world.write(replace(TOLD, kept_to=TO_HEALTH))
    corrected = services.correct_story(who, world.child, CARE, first.key, ToldStory("No.", "Mum"))
    second = world.story()["No."]
    confirmed = services.confirm_story(who, world.child, CARE, [second.key], told_by="Mum")

    assert corrected is confirmed is StoryOutcome.WRITTEN
    by_event = {
        event: world.running.ledger(event)
        for event in (
            LedgerEvent.STORY_ADDED,
            LedgerEvent.STORY_CORRECTED,
            LedgerEvent.STORY_CONFIRMED,
            LedgerEvent.STORY_KEPT,
        )
    }
    assert [len(entries) for entries in by_event.values()] == [1, 1, 1, 3]
    (correction,) = by_event[LedgerEvent.STORY_CORRECTED]
    assert correction.fields["record"] == second.key
    assert correction.fields["corrects"] == first.key
    assert correction.actor == f"practitioner:{VISITOR}"
    assert list(by_event[LedgerEvent.STORY_KEPT][0].fields["recipients"]) == sorted(TO_HEALTH)


def test_an_entry_about_several_is_read_while_each_of_them_agrees(world: _World):
    """The mother's refusal takes away what was said about her too."""
    child, mother, father = the_family()
    persons = world.running.decide(child, mother, father).decision.subjects
    others = tuple(sorted(persons - {world.child}))
    entry = StoryEntry("They bake.", "Nan", "Visitor", "2026-01-01T09:00:00Z")
    _store(
        world, record_of((world.child, *others), entry, frozenset(), world.running.outside.hasher)
    )
    about_all = world.story()["They bake."].about

    world.running.decide(others[-1], categories=[Category.STORY], response=Response.REFUSED)

    assert set(about_all) == persons
    assert world.story() == {}


def test_whatever_order_they_come_in_the_same_is_stored_and_read(world: _World):
    """An older version that comes again never opens what was kept to fewer people since."""
    hasher = world.running.outside.hasher
    entry = StoryEntry("Mornings.", "Mum", "Visitor", "2026-01-01T09:00:00.000000Z")
    first = record_of((world.child,), entry, frozenset(), hasher)
    second = correction_of(
        first, replace(entry, text="Evenings.", written_at="2026-01-02T09:00:00.000000Z"), hasher
    )
    kept = replace(first, kept_to=TO_HEALTH, version="2026-01-03T09:00:00.000000Z/000000000")
    told = Told("Mum", "Visitor", "2026-01-04T09:00:00.000000Z")
    read = []

    for order in permutations([first, second, kept, confirmation_of([second], told, hasher)]):
        _forget_everything(world)
        for record in (*order, first):
            _store(world, record)
        read.append((world.read(VISITOR), world.read(TEACHER)))

    assert all(one == read[0] for one in read)
    by_visitor, by_teacher = read[0]
    assert set(by_visitor) == {"Mornings.", "Evenings."}
    assert set(by_teacher) == {"Evenings."}


def _store(world: _World, *records: PublishedRecord) -> None:
    with unit_of_work(world.running.outside) as work:
        store_opened({"event": records}, aggregation=work.aggregation("test"))


def _forget_everything(world: _World) -> None:
    with world.running.outside.engine.begin() as connection:
        connection.execute(text("DELETE FROM record"))
