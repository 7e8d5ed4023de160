"""Whoever was erased and comes again has refused what they had refused, and is kept apart."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.identifiers import PersonId
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import Category, IdentifierScheme
from services.ledger.postgres_bound_verifying import compare_bound_rows
from services.people.linking.joins import JoinPersons, KeepApart, join_persons, keep_apart
from services.people.linking.ports import JoinRefusal
from services.people.persons.subjects import identifier_of
from services.people.protecting.postgres import RecordedExclusion
from services.platform.keys.vault import SecretName
from services.profile.model import ProfileRefused
from services.work import Outside, unit_of_work
from services.workers.keys import verify_keys
from tests.support.builders import VISITOR
from tests.support.clock import StandingClock
from tests.support.erasing import back_up, erased, restored
from tests.support.fakes.in_process import InProcess, by_number, ids_of
from tests.support.messages.source_messages import (
    CHILD_NUMBER,
    FATHER_NUMBER,
    a_message,
    a_record,
    the_child,
)
from tests.support.traces.traces import Traces

pytestmark = pytest.mark.postgres

WHO = Demographics("Quillfeather", ("Rowan",), "2024-05-03", postcode="ZZ99 3VZ")
REFUSED = {"response": Response.REFUSED, "categories": [Category.CHILD_HEALTH]}


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _erase(running: InProcess, subject: Subject) -> PersonId:
    person = running.person(subject)
    assert person is not None
    erased(person, running.outside)
    running.settle()
    return person


def _push(running: InProcess, number: str = "again") -> list[str]:
    answers = running.receive(a_message(number, a_record("r1")))
    running.settle()
    return ids_of(answers)


def test_a_child_who_was_erased_with_a_refusal_stays_refused_and_unpublished(running: InProcess):
    """The next push makes them anew with it, and a yes of anybody else does not take it back."""
    running.decide(the_child(), **REFUSED)
    before = _erase(running, the_child())

    first = _push(running, "m1")
    again = running.person(the_child())
    running.decide(the_child())
    second = _push(running, "m2")

    assert again not in {None, before}
    assert first == second == ["withheld"]
    assert running.count("record") == 0
    (told,) = running.ledger(LedgerEvent.PERSON_CAME_AGAIN)
    assert (told.fields["person"], told.fields["refusals"]) == (again, 1)


def test_what_was_not_refused_is_shared_again_once_somebody_agrees(running: InProcess):
    """The no is as wide as it was, and no wider."""
    running.decide(the_child(), **REFUSED)
    _erase(running, the_child())

    running.decide(the_child())
    answers = running.receive(a_message("m1", a_record("r1", category=Category.EDUCATION)))

    assert ids_of(answers) == ["published"]


def test_whoever_said_nothing_leaves_nothing(running: InProcess):
    """A tombstone is only for what says no."""
    running.decide(the_child())

    _erase(running, the_child())

    assert running.count("tombstone") == 0
    running.decide(the_child())
    assert _push(running) == ["published"]


def test_a_yes_that_was_withdrawn_does_not_come_back_as_nothing(running: InProcess):
    """The other parent alone cannot open what this one had closed."""
    decided = running.decide(the_child())
    running.withdraw(decided.decision.id)
    _erase(running, the_child())

    running.decide(the_child())

    assert _push(running) == ["withheld"]


def test_it_is_in_force_whoever_makes_them_again(running: InProcess):
    """Before the decision that makes them is recorded, in the same transaction."""
    running.decide(the_child(), **REFUSED)
    _erase(running, the_child())

    (again,) = running.decide(the_child()).decision.subjects

    with unit_of_work(running.portal) as work:
        recorded = work.decisions.on_record([again])[again].decisions
    assert {d.response for d in recorded} == {Response.REFUSED, Response.GIVEN}


def test_who_turns_out_to_be_them_has_refused_too(running: InProcess):
    """Somebody known by another name until a source tells the number."""
    known = Subject("child", (identifier_of(IdentifierScheme.NHS_NUMBER, CHILD_NUMBER),), WHO)
    running.decide(known, **REFUSED)
    _erase(running, known)
    other = Subject("child", (), Demographics("Other", ("Name",), "2024-05-03", postcode="ZZ1 1ZZ"))
    (person,) = running.decide(other).decision.subjects
    numbered = Subject("child", known.identifiers, other.demographics)

    running.receive(a_message("m1", a_record("r1"), subjects=(numbered,)))
    running.settle()

    assert running.person(numbered) == person
    assert running.stored(person) == []
    assert len(running.ledger(LedgerEvent.PERSON_CAME_AGAIN)) == 1


def test_of_several_who_come_at_once_only_they_have_refused(running: InProcess):
    """A batch asks once for everybody in it, and brings back to nobody what is another's."""
    known = Subject("child", by_number(CHILD_NUMBER).identifiers, WHO)
    running.decide(known, **REFUSED)
    _erase(running, known)
    names = ("Once", "Twice", "Thrice")
    others = [Demographics(name, ("Other",), "2024-05-03", postcode="ZZ1 1ZZ") for name in names]
    persons = [min(running.decide(Subject("child", (), who)).decision.subjects) for who in others]
    numbers = [by_number(FATHER_NUMBER).identifiers, known.identifiers, ()]
    learned = [Subject("child", *both) for both in zip(numbers, others, strict=True)]

    with unit_of_work(running.outside) as work:
        work.persons.resolve([Subject("child", (), who) for who in others])
        work.persons.learn(list(zip(learned, persons, strict=True)), at=work.now)
        found = work.decisions.on_record(persons)

    refused = [Response.REFUSED in {d.response for d in found[p].decisions} for p in persons]
    assert refused == [False, True, False]
    (told,) = running.ledger(LedgerEvent.PERSON_CAME_AGAIN)
    assert told.fields["person"] == persons[1]


def test_whoever_is_called_the_same_has_refused_too(running: InProcess):
    """Without a number they may be the same; with another one they are not."""
    running.decide(Subject("child", by_number(CHILD_NUMBER).identifiers, WHO), **REFUSED)
    _erase(running, the_child())

    (nameless,) = running.decide(Subject("child", (), WHO)).decision.subjects
    twin = Subject("child", by_number(FATHER_NUMBER).identifiers, WHO)
    with unit_of_work(running.outside) as work:
        other = work.persons.create(twin, at=work.now)
        found = work.decisions.on_record([nameless, other])

    assert Response.REFUSED in {d.response for d in found[nameless].decisions}
    assert found[other].decisions == ()


def test_a_claim_that_somebody_typed_stands_in_nobodys_way(running: InProcess):
    """Whoever has the number is found by it all the same, with what they had refused."""
    running.decide(the_child(), **REFUSED)
    _erase(running, the_child())

    with unit_of_work(running.connectors) as work:
        claim = work.persons.create(by_number(CHILD_NUMBER), at=work.now, is_own_case=True)
    with unit_of_work(running.connectors) as work:
        assert claim in work.persons.claims_of(the_child())
        assert len(work.decisions.on_record([claim])[claim].decisions) == 1


def test_two_who_were_kept_apart_stay_apart(running: InProcess):
    """Whichever of them comes again first, also where both were erased."""
    other = by_number(FATHER_NUMBER)
    pair = [next(iter(running.decide(s).decision.subjects)) for s in (the_child(), other)]
    with unit_of_work(running.portal) as work:
        keep_apart(KeepApart(*pair, by="job:test"), joining=work.joining())
    _erase(running, the_child())
    _erase(running, other)

    again = [next(iter(running.decide(s).decision.subjects)) for s in (other, the_child())]
    with unit_of_work(running.portal) as work:
        answer = join_persons(JoinPersons(*again, by="job:test"), joining=work.joining())

    assert set(again).isdisjoint(pair)
    assert answer in {JoinRefusal.KEPT_APART, JoinRefusal.OTHER_NUMBER}
    assert running.count("person_apart") == 1


def test_a_worker_whom_the_family_had_named_sees_them_no_more_than_before(running: InProcess):
    """Silently, from the moment on that they are made anew; and governance is told again."""
    (before,) = running.decide(the_child()).decision.subjects
    with unit_of_work(running.portal) as work:
        named = RecordedExclusion(
            "f1" * 16, before, VISITOR, work.now, b"", "f2" * 16, asked_by="job:test"
        )
        work.protection.write_exclusions([named], actor="job:test")
    _erase(running, the_child())

    for number in ("m1", "m2"):
        running.receive(a_message(number, a_record("r1")))
    running.decide(the_child())
    person = running.person(the_child())

    assert person not in {None, before}
    with unit_of_work(running.portal) as work:
        (again,) = work.protection.exclusions([person])
        waiting = [item.person for item in work.queue.waiting(most=9)]
    assert (again.practitioner, again.is_in_force(again.since)) == (VISITOR, True)
    assert waiting.count(person) == 1
    assert isinstance(running.read(person), ProfileRefused)
    assert running.count("exclusion") == 1


def test_a_refusal_that_was_ended_since_does_not_come_back(
    running: InProcess, clock: StandingClock
):
    """Erased again, the later tombstone stands in the place of the earlier."""
    running.decide(the_child(), **REFUSED)
    _erase(running, the_child())
    (person,) = running.decide(the_child()).decision.subjects
    with unit_of_work(running.portal) as work:
        (no,) = [
            d
            for d in work.decisions.on_record([person])[person].decisions
            if d.response is Response.REFUSED
        ]
    clock.pass_by(timedelta(days=1))
    running.withdraw(no.id)
    clock.pass_by(timedelta(days=1))
    _erase(running, the_child())

    running.decide(the_child())

    assert _push(running) == ["published"]


def test_erased_again_and_again_it_holds(running: InProcess):
    """Each time once."""
    running.decide(the_child(), **REFUSED)
    for _ in range(3):
        _erase(running, the_child())
        running.decide(the_child())

    person = running.person(the_child())
    assert person is not None
    with unit_of_work(running.portal) as work:
        found = work.decisions.on_record([person])[person].decisions
    assert sorted(d.response for d in found) == [Response.GIVEN, Response.REFUSED]


def test_a_tombstone_that_was_changed_refuses_everything(running: InProcess):
    """Whoever opens it by hand, as the owner, closes it; and it is found."""
    running.decide(the_child(), **REFUSED)
    _erase(running, the_child())
    with running.outside.engine.begin() as connection:
        with pytest.raises(DBAPIError, match="never changed"), connection.begin_nested():
            connection.execute(text("UPDATE tombstone SET refusals = '[]'"))
        connection.execute(text("ALTER TABLE tombstone DISABLE TRIGGER tombstone_stays"))
        connection.execute(text("UPDATE tombstone SET refusals = '[]'"))

    running.decide(the_child())
    answers = running.receive(a_message("m1", a_record("r1", category=Category.EDUCATION)))

    assert ids_of(answers) == ["withheld"]
    assert {fault.table for fault in _faults(running)} == {"tombstone"}


def test_the_ledger_accounts_for_what_erasing_deleted(running: InProcess):
    """Verifying finds nothing; and what it says of gone rows tells nothing without their salts."""
    running.decide(the_child(), **REFUSED)
    salts = _salts(running)
    _erase(running, the_child())
    running.decide(the_child())

    bound = running.ledger(LedgerEvent.ROW_BOUND)
    released = {
        entry
        for one in running.ledger(LedgerEvent.ROWS_RELEASED)
        for entry in one.fields["entries"]  # type: ignore[union-attr] # a list of ids
    }

    assert _faults(running) == []
    assert released <= {str(entry.entry_id) for entry in bound}
    assert released
    left = Traces(running.outside)
    assert not left.rows_naming(*(salt.hex() for salt in salts))
    gone = [entry for entry in bound if str(entry.entry_id) in released]
    assert {len(str(entry.fields["held"])) for entry in gone} == {64}


def test_a_backup_that_brings_them_back_waits_for_nothing_and_leaves_a_tombstone(
    running: InProcess, tmp_path: Path
):
    """Two hands were there before; what they had refused holds in the restored database too."""
    running.decide(the_child(), **REFUSED)
    dump = back_up(running.outside, tmp_path / "backup.dump")
    before = _erase(running, the_child())

    with restored(dump, running.outside) as after:
        report = verify_keys(after)
        with unit_of_work(after) as work:
            again = work.persons.resolve_or_create(the_child(), at=work.now)
            (no,) = work.decisions.on_record([again])[again].decisions

    assert report.erased_again == [before]
    assert (no.response, no.categories) == (Response.REFUSED, {Category.CHILD_HEALTH})


def _faults(running: InProcess) -> list[object]:
    key = running.outside.vault.secret(SecretName.BOUND_ROWS)
    with running.outside.engine.connect() as connection:
        return list(compare_bound_rows(connection, key=key))


def _salts(running: InProcess) -> list[bytes]:
    with running.outside.engine.connect() as connection:
        rows = connection.execute(text("SELECT salt FROM sharing_decision"))
        return [bytes(row.salt) for row in rows]
