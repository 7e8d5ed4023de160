"""Nobody can tell what is hidden from them: on real PostgreSQL, also where two are one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, assume, given, settings

from schemas.identifiers import PersonId
from services.interfaces.families.bundle import represented
from services.interfaces.families.negotiation import MediaType
from services.profile.model import Profile, ProfileRefused
from services.profile.reading import read_profile
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import DAY, NOW, VISITOR
from tests.support.fakes.in_process import InProcess
from tests.support.people.joined import by_la_id, joined
from tests.support.people.relating import relate
from tests.support.traces.hidden_world_strategies import worlds
from tests.support.traces.hidden_worlds import PERSONS, World, order_about

pytestmark = pytest.mark.postgres
_FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


class _EnoughError(Exception):
    """Everything is to be as before."""


@contextmanager
def _for_a_moment(outside: Outside) -> Iterator[UnitOfWork]:
    try:
        with unit_of_work(outside) as work:
            yield work
            raise _EnoughError  # noqa: TRY301 so that it is rolled back
    except _EnoughError:
        pass


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database, a day after everything was decided."""
    with InProcess.running(outside) as found:
        found.outside.clock.pass_by(DAY)  # type: ignore[attr-defined] # the standing clock
        yield found


def _five_persons(running: InProcess) -> Mapping[PersonId, PersonId]:
    with unit_of_work(running.outside) as work:
        made = [
            work.persons.resolve_or_create(by_la_id(str(n)), at=work.now)
            for n in range(len(PERSONS))
        ]
    return dict(zip(PERSONS, made, strict=True))


def _shown(work: UnitOfWork, child: PersonId) -> tuple[Profile | ProfileRefused, list[bytes]]:
    profile = read_profile(order_about(child), reading=work.reading())
    if isinstance(profile, ProfileRefused):
        return profile, []
    return profile, [represented(profile, form) for form in MediaType]


def _look_the_same(world: World, child: PersonId, running: InProcess) -> None:
    with _for_a_moment(running.outside) as work:
        relate(work, VISITOR, child, since=NOW - DAY)
        for decision in world.decisions:
            work.decisions.save(decision, at=work.now, actor="job:test")
        for restriction in world.restrictions:
            work.decisions.place(restriction, actor="job:test")
        known = work.records.known_as
        hidden = world.hidden(work.decisions, child=known(child), known=known)
        assume(hidden)
        work.records.upsert(world.records)
        seen = _shown(work, child)
        work.records.upsert(hidden)

        assert _shown(work, child) == seen


def test_two_worlds_that_differ_in_what_is_hidden_look_the_same(running: InProcess):
    """Field for field, and byte for byte in both forms of the interface."""
    who = _five_persons(running)

    @_FEW
    @given(world=worlds)
    def look(world: World) -> None:
        _look_the_same(world.about(who), who[PERSONS[0]], running)

    look()


@pytest.mark.parametrize("which", [1, 4])
def test_they_look_the_same_where_the_child_is_one_with_somebody(running: InProcess, which: int):
    """Whoever that is: what came for either is decided on as about both."""
    who = _five_persons(running)
    child = who[PERSONS[0]]
    joined(running, child, who[PERSONS[which]])

    @_FEW
    @given(world=worlds)
    def look(world: World) -> None:
        _look_the_same(world.about(who), child, running)

    look()
