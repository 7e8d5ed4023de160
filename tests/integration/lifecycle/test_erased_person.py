"""A person whose key was destroyed is nobody any more, and stops nobody."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from schemas.vocabulary import Category
from services.profile.model import Profile
from services.work import Outside
from tests.support.fakes.in_process import InProcess, ids_of
from tests.support.messages.source_messages import (
    A_REVIEW,
    A_VISITOR,
    a_message,
    a_record,
    the_child,
    the_family,
)

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _destroy_key_of_the_child(running: InProcess) -> None:
    with running.outside.engine.begin() as connection:
        connection.execute(
            text("UPDATE person SET wrapped_key = NULL WHERE person_id = :p"),
            {"p": running.person(the_child())},
        )


def test_a_message_about_them_is_withheld_and_the_next_one_is_published(running: InProcess):
    """One message never stops the others."""
    mother = the_family()[1]
    running.decide(the_child())
    running.decide(mother)
    _destroy_key_of_the_child(running)
    about_mother = a_record("r2", A_REVIEW, Category.CHILD_HEALTH, "mother")

    dispositions = running.receive(
        a_message("m1", a_record("r1")), a_message("m2", about_mother, subjects=(mother,))
    )
    running.settle()

    assert ids_of(dispositions) == ["withheld", "published"]


def test_what_was_on_its_way_is_not_stored(running: InProcess):
    """The event is opened by nobody, and stops nobody."""
    running.decide(the_child())
    running.receive(a_message("m1", a_record("r1")))
    _destroy_key_of_the_child(running)

    running.settle()

    assert running.count("record") == 0


def test_their_family_can_still_be_read_without_them(running: InProcess):
    """What is left sealed of them is skipped."""
    decided = running.decide(the_child())
    running.receive(a_message("m1", a_record("w1", A_VISITOR, Category.PRACTITIONERS)))
    running.settle()
    (person,) = decided.decision.subjects
    _destroy_key_of_the_child(running)

    profile = running.read(person)

    assert isinstance(profile, Profile)
    assert profile.practitioners == ()
