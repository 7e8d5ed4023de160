"""Erasing a person: nothing that is held about them can be read, and nobody can be them again."""

from collections.abc import Iterator
from dataclasses import fields

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.records.payloads import Occurrence, OccurrenceKind, Period
from schemas.vocabulary import Category
from services.lifecycle.erasure.erasing import ErasureRefusal
from services.lifecycle.erasure.postgres import GONE, STAYS
from services.lifecycle.retention.ends import ENDS, LASTS, RECORDS
from services.lifecycle.retention.rules import Housekeeping
from services.profile.model import ProfileRefused
from services.work import Outside, unit_of_work
from services.workers.erasure import erase
from tests.support.erasing import GOVERNANCE, an_order, erased
from tests.support.fakes.in_process import InProcess, ids_of
from tests.support.messages.source_messages import a_message, a_record, the_child, the_family
from tests.support.people.joined import make_one
from tests.support.traces.traces import Traces

pytestmark = pytest.mark.postgres

CANARY = "Quillfeather said so"
SAID = Occurrence(OccurrenceKind.REVIEW, CANARY, Period("2026-01-01"))
_REFERRING = text("""
    SELECT c.conrelid::regclass::text AS table, a.attname AS column
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)
    WHERE c.confrelid = 'person'::regclass AND c.contype = 'f'
    UNION SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name IN ('person_id', 'other_person_id')
""")


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def child(running: InProcess) -> PersonId:
    """Give a child of whom something was permitted, stored and held on its way."""
    decided = running.decide(the_child())
    running.receive(a_message("m1", a_record("r1", SAID)))
    running.settle()
    running.receive(a_message("m2", a_record("r2", SAID)))
    (person,) = decided.decision.subjects
    return person


def test_everything_that_was_said_of_them_is_gone_or_unreadable(
    running: InProcess, child: PersonId
):
    """In every table and topic, by whoever has every key that is left."""
    traces = Traces(running.outside)
    assert traces.of([CANARY])

    erased(child, running.outside)
    running.settle()

    assert traces.of([CANARY]) == {}
    assert running.count("record") == running.count("sharing_decision") == 0


def test_what_was_held_back_of_them_goes_too(running: InProcess):
    """The agency's own store and by what it would be found."""
    mother = the_family()[1]
    decided = running.decide(the_child(), categories=[Category.EDUCATION])
    running.receive(
        a_message("m1", a_record("r1", SAID)),
        a_message("m2", a_record("r2", SAID, Category.CHILD_HEALTH, "mother"), subjects=(mother,)),
        raw=CANARY.encode(),
    )
    assert running.count("holding_health_visiting.held_message") == 2
    (person,) = decided.decision.subjects

    erased(person, running.outside)

    assert running.count("holding_health_visiting.held_message") == 1
    assert running.count("(SELECT DISTINCT ref FROM withheld_token) AS waiting") == 1


def test_the_ledger_says_who_ordered_it_and_that_the_key_is_destroyed(
    running: InProcess, child: PersonId
):
    """By opaque ids; that the key is gone is only said when it is."""
    erasure = erased(child, running.outside)

    ordered, destroyed = running.ledger(LedgerEvent.PERSON_ERASED, LedgerEvent.KEY_DESTROYED)

    assert ordered.actor == destroyed.actor == GOVERNANCE
    assert ordered.fields == {
        "erasure": erasure.id,
        "persons": (child,),
        "because": "consent-withdrawn",
        "records": 1,
        "held": 0,
        "parked": 0,
    }
    assert destroyed.fields == {"person": child}


def test_nobody_can_read_them_or_find_them(running: InProcess, child: PersonId):
    """The same page says the same as of somebody who never was."""
    erased(child, running.outside)

    assert isinstance(running.read(child), ProfileRefused)
    assert running.person(the_child()) is None
    with unit_of_work(running.portal) as work:
        assert not work.persons.exists(child)


def test_who_comes_again_is_somebody_new(running: InProcess, child: PersonId):
    """Under another id and another key; and can be erased as well, and come again."""
    known = [child]
    for number in range(2):
        erased(known[-1], running.outside)
        (again,) = running.decide(the_child()).decision.subjects
        answers = running.receive(a_message(f"again-{number}", a_record("r1", SAID)))
        running.settle()

        assert ids_of(answers) == ["published"]
        assert running.count("record") == 1
        known.append(again)

    assert len(set(known)) == 3


def test_others_keep_what_is_theirs(running: InProcess, child: PersonId):
    """But for what was about both of them: that names the one who was erased."""
    mother = the_family()[1]
    (other,) = running.decide(mother).decision.subjects
    running.receive(
        a_message(
            "m3",
            a_record("r3", SAID, Category.CHILD_HEALTH, "mother", "child"),
            a_record("r4", SAID, Category.CHILD_HEALTH, "mother"),
            subjects=(mother, the_child()),
        )
    )
    running.settle()
    assert len(running.stored(other)) == 2

    erased(child, running.outside)
    running.settle()

    assert [record.persons for record in running.stored(other)] == [(other,)]


def test_whoever_is_one_with_them_is_erased_too(running: InProcess, child: PersonId):
    """By whichever id it is ordered; every key is destroyed, and each is said to be."""
    (other,) = running.decide(the_family()[1]).decision.subjects
    with unit_of_work(running.outside) as work:
        make_one(work, child, other)

    alone = erase(an_order(other), outside=running.outside)
    erasure = erased(other, running.outside, also=frozenset({child}))

    assert alone is ErasureRefusal.NOT_ALONE
    assert set(erasure.persons) == {child, other}
    assert running.outside.vault.counts()[1] >= len(erasure.handles) == 2
    assert len(running.ledger(LedgerEvent.KEY_DESTROYED)) == 2
    assert erased(child, running.outside).id == erasure.id
    assert running.count("person_join") == 0


def test_somebody_who_is_protected_is_not_erased(running: InProcess, child: PersonId):
    """Whoever comes again would not be; first somebody lifts it."""
    running.restrict(child)

    answer = erase(an_order(child), outside=running.outside)

    assert answer is ErasureRefusal.RESTRICTED


def test_whom_an_inquiry_wants_kept_is_not_erased(running: InProcess, child: PersonId):
    """The law has exceptions from erasure (Article 17(3)(e))."""
    with running.outside.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO retention_hold VALUES (:p, 'inquiry', 'job:test', now())"),
            {"p": child},
        )

    assert erase(an_order(child), outside=running.outside) is ErasureRefusal.HELD


def test_nobody_is_nobody(running: InProcess):
    """An id that was never given is refused."""
    answer = erase(an_order(PersonId("0" * 32)), outside=running.outside)

    assert answer is ErasureRefusal.UNKNOWN_PERSON


def test_erasing_again_gives_the_same_erasure(running: InProcess, child: PersonId):
    """And enters nothing again."""
    first, again = erased(child, running.outside), erased(child, running.outside)

    assert again.id == first.id
    assert again.is_finished
    assert len(running.ledger(LedgerEvent.KEY_DESTROYED)) == 1


def test_it_is_announced_to_whoever_shows_them(running: InProcess, child: PersonId):
    """A cache hears that something changed, and nothing else."""
    running.settle()
    before = _announced(running, child)

    erased(child, running.outside)
    running.settle()

    assert _announced(running, child) > before


def test_every_table_that_knows_of_persons_is_thought_of(outside: Outside):
    """A new one is listed with what goes or with what stays."""
    with outside.engine.connect() as connection:
        found = {(row.table, row.column) for row in connection.execute(_REFERRING)}

    known = {(t, c) for lists in (GONE, STAYS) for t, columns in lists.items() for c in columns}

    assert {(table, column) for table, column in found if table != "record"} == known


def test_every_table_that_knows_of_persons_ends_or_has_a_reason_to_last(outside: Outside):
    """By a rule that there is; once, in services/lifecycle/retention/ends.py."""
    with outside.engine.connect() as connection:
        found = {row.table for row in connection.execute(_REFERRING)}

    assert found <= ENDS.keys() ^ LASTS.keys()
    assert LASTS.keys() <= found
    housekeeping = {field.name for field in fields(Housekeeping)}
    assert set(ENDS.values()) - {RECORDS} <= housekeeping


def _announced(running: InProcess, person: PersonId) -> int:
    with running.outside.engine.connect() as connection:
        return connection.execute(
            text(
                "SELECT count(*) FROM bus_messages JOIN bus_topics t ON t.id = topic_id "
                "WHERE t.name = 'profiles.changed' AND key = :p"
            ),
            {"p": person},
        ).scalar_one()
