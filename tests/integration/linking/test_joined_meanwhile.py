"""Two persons are joined while one of them is read: the reading goes on with who they were."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose, Role, Source
from services.people.relationships.model import MayOpen
from services.profile.model import Profile
from services.profile.reading import read_profile
from services.profile.viewing import ReadProfile
from services.work import Outside, unit_of_work
from services.work.postgres_reading import ReadingPool
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.people.families import a_known_family
from tests.support.people.joined import make_one

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


class _JoinedAfter:
    """Tells what lets somebody ask, and then joins two."""

    def __init__(self, relationships: Any, running: InProcess, *two: PersonId) -> None:
        self._relationships = relationships
        self._running = running
        self._two = two

    def may_open(
        self, practitioner: PractitionerId, persons: Collection[PersonId]
    ) -> Mapping[PersonId, MayOpen]:
        found: Mapping[PersonId, MayOpen] = self._relationships.may_open(practitioner, persons)
        with unit_of_work(self._running.portal) as work:
            make_one(work, *self._two)
        return found


@pytest.mark.parametrize("is_kept", [True, False])
def test_who_is_joined_while_they_are_read_is_read_as_who_they_were(
    running: InProcess,
    is_kept: bool,  # noqa: FBT001
):
    """Never as somebody of whom nothing is known."""
    child, _ = a_known_family(running)
    (other,) = running.decide(by_number("9990000050", "2021-04-04")).decision.subjects
    order = ReadProfile(
        child, VISITOR, Role.PRACTITIONER, Source.HEALTH_VISITING, Purpose.DIRECT_CARE
    )
    before = running.read(child)

    with ReadingPool(running.portal).reading_work() as work:
        reading, two = work.reading(), (child, other) if is_kept else (other, child)
        relationships: Any = _JoinedAfter(reading.relationships, running, *two)
        found = read_profile(order, reading=replace(reading, relationships=relationships))

    assert isinstance(found, Profile)
    assert isinstance(before, Profile)
    assert replace(found, as_of=before.as_of) == before
