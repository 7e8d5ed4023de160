"""Numbers that were replaced still find their person; numbers that never were theirs do not."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from schemas.identifiers import Identifier, PersonId, Upn
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import IdentifierScheme, IdentifierStatus
from services.bootstrap import DatabaseRole
from services.people.linking.joins import JoinPersons, join_persons
from services.people.linking.ports import JoinRefusal
from services.people.persons.postgres import CONTRADICTS_NUMBER
from services.people.persons.subjects import identifier_of
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import NOW
from tests.support.fakes.in_process import acting_for

pytestmark = pytest.mark.postgres

OLD, NEW, THIRD = (
    identifier_of(IdentifierScheme.NHS_NUMBER, n)
    for n in ("9990000018", "9990000026", "9990000034")
)
OLD_UPN, NEW_UPN = (
    identifier_of(IdentifierScheme.UPN, Upn.with_check_letter(rest).value)
    for rest in ("999200119011", "999200119012")
)
AVA = Demographics("Wren", ("Ava",), "2024-05-03", "EX1 1AA")


@pytest.fixture
def work(outside: Outside) -> Iterator[UnitOfWork]:
    """Give a transaction with the rights of the connectors, in which nobody is known."""
    with acting_for(outside, DatabaseRole.CONNECTORS) as own, unit_of_work(own) as opened:
        yield opened


def _subject(*identifiers: Identifier, about: Demographics = AVA) -> Subject:
    return Subject("s", identifiers, about)


def _no_longer(number: Identifier, status: IdentifierStatus) -> Identifier:
    return replace(number, status=status)


def _told(work: UnitOfWork, person: PersonId, *identifiers: Identifier) -> None:
    """Let a source tell of a known person."""
    subject = _subject(*identifiers)
    work.persons.resolve([subject])
    work.persons.learn([(subject, person)], at=NOW)


def _found(work: UnitOfWork, *identifiers: Identifier, about: Demographics = AVA) -> object:
    """Look from anew, as the next transaction would."""
    ports = (work.connection, work.hasher, work.keys, work.clusters, work.tombstones)
    index = type(work.persons)(*ports)
    (found,) = index.resolve([_subject(*identifiers, about=about)])
    return found.conflict or found.person


def test_a_number_that_was_replaced_still_finds_the_person(work: UnitOfWork):
    """Late messages carry the old one; the new one is learned, and neither contradicts."""
    person = work.persons.create(_subject(OLD), at=NOW)
    superseded = _no_longer(OLD, IdentifierStatus.SUPERSEDED)
    assert _found(work, NEW, superseded, about=Demographics()) == person

    _told(work, person, NEW, superseded)

    assert _found(work, OLD, about=Demographics()) == person
    assert _found(work, NEW, about=Demographics()) == person
    assert _found(work, THIRD, NEW) == CONTRADICTS_NUMBER


def test_a_new_number_without_a_word_about_the_old_is_somebody_else(work: UnitOfWork):
    """An adopted child's new number must not lead back (DOMAIN.md section 4.3)."""
    work.persons.create(_subject(OLD), at=NOW)

    assert _found(work, NEW) is None


def test_a_former_pupil_number_is_no_evidence(work: UnitOfWork):
    """It only does not contradict who is known by something else."""
    person = work.persons.create(_subject(OLD_UPN, OLD), at=NOW)
    former = _no_longer(OLD_UPN, IdentifierStatus.SUPERSEDED)
    renamed = Demographics("Marsh", ("Ava",), "2024-05-03", "EX2 2BB")

    assert _found(work, NEW_UPN, former, about=renamed) is None
    assert _found(work, NEW_UPN, former) == person


def test_an_invalidated_number_finds_nobody_and_contradicts_nobody(work: UnitOfWork):
    """It was never theirs; who else has it is another person."""
    person = work.persons.create(_subject(OLD), at=NOW)

    _told(work, person, _no_longer(OLD, IdentifierStatus.INVALIDATED))

    assert _found(work, OLD, about=Demographics()) is None
    assert _found(work, NEW) == person


def test_a_number_that_was_replaced_stays_with_who_had_it(work: UnitOfWork):
    """Known by each number as two: the second does not take the first one's number."""
    first = work.persons.create(_subject(OLD), at=NOW)
    second = work.persons.create(_subject(NEW, about=Demographics()), at=NOW)

    _told(work, second, NEW, _no_longer(OLD, IdentifierStatus.SUPERSEDED))

    assert _found(work, OLD, about=Demographics()) == first
    assert _kinds(work, first) == ["demographics", "nhs-number"]
    assert _kinds(work, second) == ["demographics", "nhs-number", "superseded"]


def test_a_number_said_to_be_replaced_still_speaks_against_everybody_else(work: UnitOfWork):
    """What a source says of one person clears that person, not whoever is known by the number."""
    holder = work.persons.create(_subject(OLD), at=NOW)
    said_of, stranger = (
        work.persons.create(_subject(number, about=Demographics()), at=NOW)
        for number in (NEW, THIRD)
    )

    _told(work, said_of, NEW, _no_longer(OLD, IdentifierStatus.SUPERSEDED))
    answers = {
        other: join_persons(JoinPersons(holder, other, "job:test"), joining=work.joining())
        for other in (stranger, said_of)
    }

    assert answers[stranger] is JoinRefusal.OTHER_NUMBER
    assert not isinstance(answers[said_of], JoinRefusal)


def _kinds(work: UnitOfWork, person: PersonId) -> list[str]:
    kinds = text("SELECT kind FROM person_token WHERE person_id = :person ORDER BY kind")
    return list(work.connection.execute(kinds, {"person": person}).scalars())
