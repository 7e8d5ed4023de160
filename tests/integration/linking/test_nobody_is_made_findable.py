"""What is written about somebody unknown makes nobody whom a search finds."""

from collections.abc import Iterator

import pytest

from consent.circumstances import Circumstances
from consent.lawfulness import Basis
from consent.model import RecordDecision, Response
from schemas.vocabulary import Category, Purpose
from services.decisions import at_the_desk
from services.profile.families import find_family
from services.work import Outside, unit_of_work
from tests.support.builders import MOTHER, VISITOR
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.people.joined import two_children

pytestmark = pytest.mark.postgres

WRITTEN, UNKNOWN = by_number("9990000034"), by_number("9990000042")


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job, with two children of whom the visitor works with one."""
    with InProcess.running(outside) as found:
        two_children(found)
        yield found


def _found(running: InProcess) -> list[object]:
    with unit_of_work(running.portal) as work:
        who = work.directory.practitioner(VISITOR)
        assert who is not None
        return [find_family(one, who, searching=work.searching()) for one in (WRITTEN, UNKNOWN)]


@pytest.mark.parametrize("response", [Response.REFUSED, Response.GIVEN])
def test_a_decision_at_the_desk_makes_nobody(running: InProcess, response: Response):
    """A no is taken down and a yes is refused; nobody is there after either."""
    before = running.count("person")
    with unit_of_work(running.portal) as work:
        who = work.directory.practitioner(VISITOR)
        assert who is not None
        order = RecordDecision(
            subjects=(WRITTEN,),
            response=response,
            categories=frozenset(Category),
            purposes=frozenset({Purpose.DIRECT_CARE}),
            basis=Basis.CONSENT,
            decided_by=MOTHER,
            actor=who.actor,
            circumstances=Circumstances(recorded_by=who.actor),
        )
        at_the_desk.record(order, who, desk=work.desk())

    assert running.count("person") == before
    assert len(set(map(repr, _found(running)))) == 1


def test_a_decision_by_command_makes_somebody_whom_nobody_finds(running: InProcess):
    """It has to be kept about somebody; a search answers as it does about nobody."""
    running.decide(WRITTEN, response=Response.REFUSED)

    written, unknown = _found(running)

    assert written == unknown
