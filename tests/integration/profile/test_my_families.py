"""My families: who is somebody's brother or sister, as far as may be read of each."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from consent.model import RelationshipGround, Response
from schemas.identifiers import PersonId
from schemas.records.payloads import PersonDetails, Relationship, RelationshipKind
from schemas.vocabulary import Category
from services.profile.families import FamilySummary, my_families
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.source_messages import a_message, a_record, the_family
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres

_NAME, _FAMILY = Category.IDENTITY_AND_CONTACT, Category.FAMILY_AND_HOUSEHOLD


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Two children of one mother, all of whom share everything, both with the health visitor."""
    child, mother, _ = the_family()
    brother = replace(by_number("9990000042"), ref="child")
    with InProcess.running(outside) as found:
        for subject in (child, mother, brother):
            found.decide(subject)
        for number, one in enumerate((child, brother)):
            found.receive(
                a_message(
                    f"m{number}",
                    a_record(f"n{number}", PersonDetails("Wren", (f"Child {number}",)), _NAME),
                    a_record(f"r{number}", Relationship(_MOTHER), _FAMILY, "child", "mother"),
                    subjects=(one, mother),
                )
            )
        found.settle()
        with unit_of_work(found.portal) as work:
            for person in _both(found):
                relate(work, VISITOR, person, RelationshipGround.CASE_LOAD)
        yield found


_MOTHER = RelationshipKind.MOTHER


def _both(running: InProcess) -> list[PersonId]:
    found = [running.person(the_family()[0]), running.person(by_number("9990000042"))]
    return [person for person in found if person is not None]


def _listed(running: InProcess) -> dict[PersonId, FamilySummary]:
    with unit_of_work(running.portal) as work:
        who = work.directory.practitioner(VISITOR)
        assert who is not None
        found = my_families(who, opening=work.opening(), own=work.own_opening())
    return {line.person: line for line in found}


def test_children_of_one_mother_are_of_one_family(running: InProcess):
    """By the records of both, with the name that they are listed by."""
    one, other = _both(running)

    listed = _listed(running)

    assert (listed[one].siblings, listed[other].siblings) == ({other}, {one})
    assert {line.family_name for line in listed.values()} == {"Wren"}


def test_who_may_not_read_who_is_in_the_family_is_not_told_so(running: InProcess):
    """Then each stands by themselves, as on the pages of each."""
    for person in _both(running):
        running.decide(person, response=Response.REFUSED, categories=[_FAMILY])

    assert all(not line.siblings for line in _listed(running).values())
