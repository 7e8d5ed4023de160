"""The index by which auditors find entries: what the ledger says, no more, and never less."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import text

from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from services.audit.index.entries import GROUPS, Group, index_row
from services.audit.index.postgres_catching_up import catch_up, check_index, empty_index, take_in
from services.audit.index.postgres_entries import LATEST, AuditedEntries, EntryPlace, Wanted
from services.audit.index.postgres_index import AuditBehindError, not_yet_indexed
from services.ledger.postgres_tree import integrate
from services.work import Outside, unit_of_work
from tests.support.builders import NOW
from tests.support.fakes.in_process import InProcess
from tests.support.ledger.ledger_builders import SIGNER

pytestmark = pytest.mark.postgres

_PERSONS = ["c0" * 16, "c1" * 16, "c2" * 16]
_WORKERS = [f"practitioner:{'b0' * 16}", f"practitioner:{'b1' * 16}"]
_REFUSED = {
    "purpose": "direct-care",
    "reasons": ["no-relationship"],
    "policy_version": "rules+agreed",
}


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _look(random: Random, seconds: int) -> LedgerEntry:
    """An attempt by somebody about some of three people, or a message that nobody looked at."""
    subjects = sorted(random.sample(_PERSONS, random.randint(1, 2)))
    at, actor = NOW + timedelta(seconds=seconds), random.choice(_WORKERS)
    match random.randrange(4):
        case 0:
            fields = {"source": "schools", "subject": subjects[0]}
            return ledger_entry(LedgerEvent.RESEND_REQUESTED, fields, at=at, actor=actor)
        case 1:
            fields = {"search": "d0" * 16, "results": 1}
            return ledger_entry(LedgerEvent.SEARCH_MADE, fields, at=at, actor=actor)
        case _:
            event = LedgerEvent.PROFILE_READ_REFUSED
            return ledger_entry(event, {"subjects": subjects, **_REFUSED}, at=at, actor=actor)


def _looks(seed: int, number: int) -> list[LedgerEntry]:
    random = Random(seed)
    return [_look(random, n) for n in range(number)]


def _append(running: InProcess, entries: Sequence[LedgerEntry]) -> None:
    for entry in entries:
        with unit_of_work(running.portal) as work:
            work.ledger.append([entry])


def _place(running: InProcess) -> None:
    with unit_of_work(running.relay) as work:
        integrate(work.connection, signer=SIGNER)


def _asked() -> list[Wanted]:
    both = GROUPS[Group.REFUSALS] | GROUPS[Group.SEARCHES]
    return [
        Wanted(both),
        Wanted(both, named=frozenset({_PERSONS[0]})),
        Wanted(both, named=frozenset(_PERSONS[1:])),
        Wanted(both, actors=frozenset({_WORKERS[1]})),
        Wanted(both, frozenset({_PERSONS[2]}), frozenset({_WORKERS[0]})),
        Wanted(both, since=NOW + timedelta(seconds=10), until=NOW + timedelta(seconds=40)),
        Wanted(both, refused_only=True),
    ]


def _read_in_pages(running: InProcess, wanted: Wanted, most: int) -> list[LedgerEntry]:
    """All there are, a page at a time, each from where the one before ended."""
    found: list[LedgerEntry] = []
    before: EntryPlace | None = LATEST
    while before is not None:
        with unit_of_work(running.portal) as work:
            page = AuditedEntries(work.connection).newest(replace(wanted, before=before), most=most)
        assert len(page.found) <= most
        found += [one.entry for one in page.found]
        before = page.next
    return found


@pytest.mark.parametrize("most", [1, 3, 50])
def test_pages_hold_every_entry_once_whether_indexed_or_not(running: InProcess, most: int) -> None:
    """A third is indexed, a third has its place alone, and a third was just committed."""
    random = Random(most)
    entries = [_look(random, random.randrange(60)) for _ in range(60)]
    _append(running, entries[:20])
    _place(running)
    catch_up(running.relay.engine)
    _append(running, entries[20:40])
    _place(running)
    _append(running, entries[40:])

    for wanted in _asked():
        rows = [
            (entry.at, seq, entry)
            for seq, entry in _numbered(running)
            if (row := index_row(seq, entry)) is not None and wanted.takes(row)
        ]
        expected = [entry for *_, entry in sorted(rows, key=lambda r: r[:2], reverse=True)]
        assert _read_in_pages(running, wanted, most) == expected


def _numbered(running: InProcess) -> list[tuple[int, LedgerEntry]]:
    with unit_of_work(running.outside) as work:
        seqs = list(
            work.connection.execute(text("SELECT seq FROM ledger_entry ORDER BY seq")).scalars()
        )
        found = AuditedEntries(work.connection).read(seqs)
    return [(one.place.seq, one.entry) for one in found]


def test_it_is_what_the_ledger_says_and_is_found_out_where_it_is_not(running: InProcess) -> None:
    """A row that lacks, one that says otherwise, and one too many; made anew, all is well."""
    _append(running, _looks(7, 30))
    _place(running)
    catch_up(running.relay.engine)
    before = check_index(running.relay.engine)
    with running.outside.engine.begin() as connection:
        connection.execute(
            text("""
            DELETE FROM audit_entry WHERE seq = (SELECT min(seq) FROM audit_entry)
        """)
        )
        connection.execute(
            text("""
            UPDATE audit_entry SET actor = 'job:nobody'
            WHERE seq = (SELECT max(seq) FROM audit_entry)
        """)
        )
        connection.execute(
            text("""
            INSERT INTO audit_named VALUES ('c9', now(), 1, 'profile:read')
        """)
        )

    after = check_index(running.relay.engine)
    empty_index(running.relay.engine)
    catch_up(running.relay.engine)

    assert (before.lacking, before.differing, before.too_many) == (0, 0, 0)
    assert (after.lacking, after.differing, after.too_many) == (1, 1, 1)
    assert check_index(running.relay.engine).is_none


def test_a_row_that_was_put_into_the_index_tells_nothing(running: InProcess) -> None:
    """What is told is read from the entry, and that says whom it is about."""
    _append(running, _looks(7, 5))
    _place(running)
    catch_up(running.relay.engine)
    with running.outside.engine.begin() as connection:
        connection.execute(
            text("""
            INSERT INTO audit_named SELECT 'c9', at, seq, event FROM audit_entry
        """)
        )

    wanted = Wanted(GROUPS[Group.REFUSALS], named=frozenset({"c9"}))

    assert _read_in_pages(running, wanted, 50) == []


def test_it_is_taken_in_by_batches_and_again_changes_nothing(running: InProcess) -> None:
    """Each batch goes on where the one before ended."""
    _append(running, _looks(3, 12))
    _place(running)

    taken = [take_in(running.relay.engine, most=9) for _ in range(4)]

    assert taken[0] == 9
    assert sum(taken) == running.count("ledger_leaf")
    assert taken[-1] == 0


def test_far_behind_it_says_so_and_answers_nothing(running: InProcess) -> None:
    """Reading so much one by one would take long, and leaving it out would be wrong."""
    _append(running, _looks(3, 5))

    with unit_of_work(running.portal) as work, pytest.raises(AuditBehindError):
        not_yet_indexed(work.connection, most=3)


def test_the_portal_cannot_write_it_and_the_relay_cannot_change_it(running: InProcess) -> None:
    """Whoever shows pages reads it; who makes it adds and empties, and changes no row."""
    with unit_of_work(running.outside) as work:
        granted = work.connection.execute(
            text("""
                SELECT grantee, string_agg(privilege_type, ',' ORDER BY privilege_type) AS may
                FROM information_schema.role_table_grants
                WHERE table_name = 'audit_entry' AND grantee LIKE 'tell_once_%'
                GROUP BY grantee ORDER BY grantee
            """)
        )
        found = {row.grantee: row.may for row in granted}

    assert found == {"tell_once_app": "SELECT", "tell_once_relay": "DELETE,INSERT,SELECT"}
