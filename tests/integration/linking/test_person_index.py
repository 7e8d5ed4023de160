"""Who is who: numbers first, names only together with everything else, contradictions to nobody."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from schemas.identifiers import Identifier, PersonId, nhs_number_identifier, upn_identifier
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import IdentifierScheme, IdentifierStatus
from services.bootstrap import DatabaseRole
from services.people.persons.postgres import CONTRADICTS_BIRTH, CONTRADICTS_NUMBER
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import NOW
from tests.support.fakes.in_process import acting_for
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres

NHS, OTHER_NHS = (nhs_number_identifier(n) for n in ("9990000018", "9990000026"))
UPN = upn_identifier("T999200119011")
LA_ID, OTHER_LA_ID = (
    Identifier(IdentifierScheme.LA_CHILD_ID, number, IdentifierStatus.VERIFIED)
    for number in ("999/1", "999/2")
)
AVA = Demographics("Wren", ("Ava",), "2024-05-03", "EX1 1AA")


@pytest.fixture
def work(outside: Outside) -> Iterator[UnitOfWork]:
    """Give a transaction with the rights of the connectors, in which nobody is known."""
    role = DatabaseRole.CONNECTORS
    with acting_for(outside, role) as connectors, unit_of_work(connectors) as opened:
        yield opened


def _subject(*identifiers: Identifier, about: Demographics = AVA) -> Subject:
    return Subject("s", identifiers, about)


def _resolve(work: UnitOfWork, *identifiers: Identifier, about: Demographics = AVA) -> object:
    (found,) = work.persons.resolve([_subject(*identifiers, about=about)])
    return found.conflict or found.person


def test_nobody_known_is_nobody(work: UnitOfWork):
    """And no person is made by asking."""
    assert _resolve(work, NHS) is None
    assert work.persons.resolve([]) == []


def test_a_person_is_found_by_each_number_and_by_name(work: UnitOfWork):
    """Whatever was said when they were made."""
    person = work.persons.create(_subject(NHS, UPN), at=NOW)

    assert _resolve(work, NHS) == _resolve(work, UPN) == _resolve(work) == person


def test_a_twin_is_somebody_else(work: UnitOfWork):
    """Same family name, birth and home: another given name is another child."""
    work.persons.create(_subject(NHS), at=NOW)

    assert _resolve(work, about=replace(AVA, given_names=("Eva",))) is None
    assert _resolve(work, OTHER_NHS, about=replace(AVA, given_names=("Eva",))) is None


def test_a_newborn_without_a_name_is_not_linked_by_it(work: UnitOfWork):
    """Two of them may live in one house."""
    baby = replace(AVA, given_names=("Baby",), placeholder_name=True)
    person = work.persons.create(_subject(NHS, about=baby), at=NOW)

    assert _resolve(work, about=baby) is None
    assert _resolve(work, NHS, about=baby) == person


def test_another_date_of_birth_contradicts_a_number(work: UnitOfWork):
    """A digit that was mistyped is somebody else's number."""
    work.persons.create(_subject(NHS), at=NOW)

    assert _resolve(work, NHS, about=Demographics(date_of_birth="2024-05-04")) == CONTRADICTS_BIRTH
    assert _resolve(work, NHS, about=Demographics()) is not None


def test_numbers_of_two_people_contradict_each_other(work: UnitOfWork):
    """Such a message is nobody's until somebody has looked at it."""
    work.persons.create(_subject(NHS), at=NOW)
    work.persons.create(_subject(UPN, about=Demographics()), at=NOW)

    assert _resolve(work, NHS, UPN) == CONTRADICTS_NUMBER


def test_somebody_with_another_nhs_number_is_not_linked(work: UnitOfWork):
    """By name that is no contradiction but another person; by UPN it contradicts."""
    work.persons.create(_subject(NHS, UPN), at=NOW)

    assert _resolve(work, OTHER_NHS) is None
    assert _resolve(work, OTHER_NHS, UPN) == CONTRADICTS_NUMBER


def test_an_authority_may_know_one_child_by_two_ids(work: UnitOfWork):
    """Its ids are unlike NHS numbers and UPNs, of which there is one each."""
    person = work.persons.create(_subject(LA_ID), at=NOW)

    assert _resolve(work, OTHER_LA_ID) == person


def test_a_number_beats_a_name(work: UnitOfWork):
    """Who has the number is meant, whoever else has the name."""
    named = work.persons.create(_subject(about=AVA), at=NOW)
    numbered = work.persons.create(_subject(NHS, about=Demographics()), at=NOW)

    assert _resolve(work, NHS) == numbered != named


def test_two_people_with_one_name_are_linked_to_neither(work: UnitOfWork):
    """A guess would be wrong half of the time."""
    for number in (NHS, OTHER_NHS):
        work.persons.create(_subject(number), at=NOW)

    assert _resolve(work) is None


def test_what_is_learned_links_from_then_on_and_is_told_once(work: UnitOfWork):
    """A person gains a number; learning it again gains nothing."""
    person = work.persons.create(_subject(NHS), at=NOW)
    more = _subject(NHS, UPN)

    gained = [_learn(work, more, person) for _ in range(2)]

    assert [set(persons) for persons in gained] == [{person}, set()]
    assert _resolve(work, UPN, about=Demographics()) == person


def test_a_birth_that_was_not_known_is_learned(outside: Outside):
    """From the next transaction on another one contradicts."""
    with unit_of_work(outside) as work:
        person = work.persons.create(_subject(NHS, about=Demographics()), at=NOW)
        _learn(work, _subject(NHS), person)

    with unit_of_work(outside) as work:
        born_otherwise = Demographics(date_of_birth="2024-05-04")
        assert _resolve(work, NHS, about=born_otherwise) == CONTRADICTS_BIRTH


def test_the_same_person_made_twice_is_one(work: UnitOfWork):
    """The id follows from the strongest token, so that two who decide at once make one person."""
    first, second = (work.persons.create(_subject(NHS), at=NOW) for _ in range(2))

    assert first == second


def test_no_name_or_number_lies_in_the_clear(outside: Outside, engine: Engine):
    """What is stored are keyed hashes."""
    with unit_of_work(outside) as work:
        work.persons.create(_subject(NHS, UPN), at=NOW)

    values = ("Wren", "2024-05-03", "EX1 1AA", "EX11AA", NHS.value, UPN.value)
    assert found_in_the_clear(engine, values) == []


def _learn(work: UnitOfWork, subject: Subject, person: PersonId) -> object:
    work.persons.resolve([subject])
    return work.persons.learn([(subject, person)], at=NOW)
