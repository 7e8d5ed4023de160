"""What goes for one child takes nothing from another child's worker."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from schemas.vocabulary import Category
from services.profile.model import Profile, ProfileRefused
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import A_VISITOR, a_message, a_record, the_family

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def test_a_case_that_was_first_told_of_another_child_stays_on_the_case_load(running: InProcess):
    """Its source had the wrong child; that one's family takes its permission back."""
    wrong, right = (replace(subject, ref="child") for subject in the_family()[1:])
    first, second = running.decide(wrong).decision, running.decide(right).decision
    case = a_record("w", A_VISITOR, Category.PRACTITIONERS)
    running.receive(a_message("m1", case, subjects=(wrong,)))
    running.receive(a_message("m2", case, subjects=(right,), at="2026-01-02T00:00:00Z"))
    running.settle()
    (child,) = second.subjects
    assert isinstance(running.read(child), Profile)

    running.withdraw(first.id)
    running.settle()

    assert isinstance(running.read(child), Profile)
    assert isinstance(running.read(*first.subjects), ProfileRefused)
