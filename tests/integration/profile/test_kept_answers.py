"""What is kept of an answer never says anything else than the records, whatever happens to them."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from schemas.identifiers import DecisionId, PersonId
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Category, Purpose, Role, Source
from services.interfaces.families.text import AS_TEXT
from services.profile.model import Profile, ProfileRefused
from services.profile.parts.kept.sealed import SealedAnswers
from services.profile.postgres_looks import note_answering, note_not_answering
from services.profile.reading import read_as
from services.profile.viewing import ReadProfile
from services.work import Outside, ReadingPool, unit_of_work
from tests.support.builders import DAY, NOW, TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.erasing import erased
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import a_message, a_record, a_removal, the_family
from tests.support.people.relating import relate
from tests.support.read_both_ways import read_both_ways
from tests.support.statements import statements_of

pytestmark = pytest.mark.postgres

_STEPS, _A_MINUTE = 20, timedelta(minutes=1)
_DETAILS = PersonDetails("Wren", ("Ava",), "2024-05-03")


class _Counting(SealedAnswers):
    """Says how often something kept was found to be of just this."""

    found = 0

    def at(self, place: bytes, made_of: bytes) -> bytes | None:
        sealed = super().at(place, made_of)
        self.found += sealed is not None
        return sealed


@dataclass
class _World:
    """A family that two practitioners read, and everything that happens to it."""

    running: InProcess
    clock: StandingClock
    child: PersonId
    decisions: list[DecisionId] = field(default_factory=list)
    number: int = 0
    is_silent: bool = False

    def decide(self, **more: object) -> None:
        """Let everything be shared."""
        found = self.running.decide(*the_family(), **more)  # type: ignore[arg-type]
        self.decisions.append(found.decision.id)

    def decide_for_a_day(self) -> None:
        """The same for so long."""
        self.decide(until=self.clock.now() + DAY)

    def withdraw(self) -> None:
        """Take back what was decided last."""
        if self.decisions:
            self.running.withdraw(self.decisions.pop())

    def tell(self) -> None:
        """Say something more, or the same differently."""
        self.number += 1
        said = a_message(
            f"m{self.number}",
            a_record("d", _DETAILS, Category.IDENTITY_AND_CONTACT),
            a_record(f"r{self.number % 3}"),
            at=f"2026-01-01T00:00:{self.number:02}Z",
            subjects=the_family(),
        )
        self.running.receive(said)
        self.running.settle()

    def take_back(self) -> None:
        """Remove one of them."""
        self.number += 1
        removal = a_removal(f"r{self.number % 3}")
        at = f"2026-01-01T00:00:{self.number:02}Z"
        self.running.receive(a_message(f"m{self.number}", removal, at=at, subjects=the_family()))
        self.running.settle()

    def restrict(self) -> None:
        """Protect the child from all but the visitor."""
        self.running.restrict(self.child, VISITOR)

    def silence(self) -> None:
        """A source does not answer, or does again."""
        with self.running.outside.engine.begin() as connection:
            if self.is_silent:
                note_answering(connection, Source.HEALTH_VISITING)
            else:
                note_not_answering(connection, Source.HEALTH_VISITING, at=self.clock.now())
        self.is_silent = not self.is_silent

    def wait(self) -> None:
        """Let half a day go by."""
        self.clock.pass_by(DAY / 2)

    def nothing(self) -> None:
        """Let nothing happen."""

    def orders(self) -> list[ReadProfile]:
        """As whom it is read, and to what end."""
        care, help_ = Purpose.DIRECT_CARE, Purpose.EARLY_HELP
        visitor = (VISITOR, Role.PRACTITIONER, Source.HEALTH_VISITING)
        teacher = (TEACHER, Role.PRACTITIONER, Source.SCHOOLS)
        return [
            ReadProfile(self.child, *visitor, care),
            ReadProfile(self.child, *visitor, help_),
            ReadProfile(self.child, *teacher, care),
        ]

    def read(self) -> list[Profile | ProfileRefused]:
        """Each of them, both ways."""
        return [read_both_ways(order, self.running.portal) for order in self.orders()]


@pytest.fixture
def world(outside: Outside) -> Iterator[_World]:
    """Give it on an empty database."""
    clock = StandingClock(NOW)
    with InProcess.running(replace(outside, clock=clock)) as running:
        first = running.decide(*the_family())
        child = running.person(the_family()[0])
        assert child is not None
        with unit_of_work(running.portal) as work:
            for who in (VISITOR, TEACHER):
                relate(work, who, child)
        made = _World(running, clock, child, [first.decision.id])
        made.tell()
        yield made


def test_after_any_history_it_is_what_the_records_say(world: _World):
    """Decisions, ends of them, days, records, silence; then protection."""
    chosen = random.Random(20261201)
    acts: list[Callable[[], None]] = [
        world.decide,
        world.decide_for_a_day,
        world.withdraw,
        world.tell,
        world.take_back,
        world.silence,
        world.wait,
        world.nothing,
    ]

    for _ in range(_STEPS):
        chosen.choice(acts)()
        world.clock.pass_by(_A_MINUTE)
        world.read()  # which compares
    world.decide()
    world.restrict()
    seen, _, hidden = world.read()

    assert isinstance(seen, Profile)
    assert isinstance(hidden, ProfileRefused)


def test_whoever_is_erased_is_gone_from_what_is_kept(world: _World):
    """For every one who read them a moment before."""
    before = world.read()
    erased(world.child, world.running.outside)

    after = world.read()

    assert isinstance(before[0], Profile)
    assert all(isinstance(one, ProfileRefused) for one in after)


def test_the_second_reading_opens_nothing_and_tells_and_enters_the_same(world: _World):
    """Text for text, with what the source is doing now; and it asks the database as ever."""
    answers = _Counting()
    pool = ReadingPool(world.running.portal, answers)
    order = world.orders()[0]

    def read() -> bytes:
        with pool.reading_work() as work:
            told = read_as(AS_TEXT, order, reading=work.reading())
        assert not isinstance(told, ProfileRefused)
        return told.content

    first, looks = read(), world.running.count("look")
    again = read()
    found_before = answers.found
    world.silence()
    silent = read()
    with statements_of(world.running.portal) as executed:
        read()

    assert (first, answers.found, found_before) == (again, 3, 1)
    assert (b"not-answering" in again, b'"silent_since":"2026' in silent) == (False, True)
    assert world.running.count("look") == looks + 3
    assert len(executed) <= 4
    with ReadingPool(world.running.portal).reading_work() as work:
        assert read_as(AS_TEXT, order, reading=work.reading()).content == silent  # type: ignore[union-attr]
