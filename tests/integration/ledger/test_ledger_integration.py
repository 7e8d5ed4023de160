"""Integrating on PostgreSQL: every committed entry gets one place, and what is signed stands."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import Engine, text

from consent.ledger import LedgerEntry, read_entry
from consent.ledger.merkle import verify_consistency, verify_inclusion
from consent.transparency.checkpoint import open_checkpoint
from services.ledger.postgres import PostgresLedger
from services.ledger.postgres_access import LedgerAccess
from services.ledger.postgres_tree import STRIDE, is_behind
from services.ledger.verification import VerificationReport, verify_ledger
from tests.support.ledger.ledger_builders import SIGNER, an_entry

pytestmark = pytest.mark.postgres


@pytest.fixture
def access(ledger_engine: Engine) -> LedgerAccess:
    """Give an empty ledger."""
    return LedgerAccess(ledger_engine, signer=SIGNER)


def _append(access: LedgerAccess, *numbers: int) -> None:
    access.append([an_entry(number=number) for number in numbers])


def _stored(access: LedgerAccess) -> list[LedgerEntry]:
    with access.snapshot() as reader:
        return [read_entry(each.body or b"") for each in reader.entries(0, reader.size())]


def _numbers(access: LedgerAccess) -> list[int]:
    return [int(str(entry.fields["search"]), 16) for entry in _stored(access)]


def _verify(access: LedgerAccess) -> VerificationReport:
    with access.snapshot() as reader:
        return verify_ledger(reader.log(with_nodes=True), keys=access.keys, node_stride=STRIDE)


def _tamper(engine: Engine, statement: str) -> None:
    """Change what nobody may change, as the owner of the database could."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))


def test_an_empty_ledger_is_signed(access: LedgerAccess):
    """So that there is a checkpoint before anything happens."""
    done = access.integrate()

    assert (done.added, done.size) == (0, 0)
    assert _verify(access).valid


def test_entries_get_their_place_in_the_order_they_came(access: LedgerAccess):
    """And the grown tree is signed."""
    _append(access, 0, 1, 2)
    _append(access, 3)

    done = access.integrate()

    assert (done.added, done.size) == (4, 4)
    assert _numbers(access) == [0, 1, 2, 3]
    assert open_checkpoint(done.note, access.keys).checkpoint.size == 4


def test_nothing_new_is_not_signed_again(access: LedgerAccess):
    """The last checkpoint stands."""
    _append(access, 0)
    first = access.integrate()

    assert access.integrate().note == first.note
    assert _verify(access).checkpoints == 1


def test_one_look_tells_whether_there_is_anything_to_integrate(
    ledger_engine: Engine, access: LedgerAccess
):
    """What is committed and has no place, whenever its transaction began."""
    assert not is_behind(ledger_engine)
    with ledger_engine.connect() as slow:
        PostgresLedger(slow).append([an_entry(number=0)])
        assert not is_behind(ledger_engine)
        _append(access, 1)
        assert is_behind(ledger_engine)
        access.integrate()
        assert not is_behind(ledger_engine)
        slow.commit()

    assert is_behind(ledger_engine)
    access.integrate()
    assert not is_behind(ledger_engine)


def test_a_late_commit_is_not_lost(ledger_engine: Engine, access: LedgerAccess):
    """An entry whose transaction is still open gets the place after those that were faster."""
    with ledger_engine.connect() as slow:
        PostgresLedger(slow).append([an_entry(number=0)])
        _append(access, 1)
        assert access.integrate().size == 1
        _append(access, 2)
        slow.commit()

    assert access.integrate().size == 3
    assert _numbers(access) == [1, 0, 2]
    assert access.integrate().added == 0
    assert _verify(access).valid


def test_an_aborted_transaction_leaves_no_gap(ledger_engine: Engine, access: LedgerAccess):
    """Indexes are given to what was committed only."""
    _append(access, 0)
    with ledger_engine.connect() as aborted:
        PostgresLedger(aborted).append([an_entry(number=1)])
        aborted.rollback()
    _append(access, 2)

    access.integrate()

    assert _numbers(access) == [0, 2]
    assert _verify(access).valid


def test_a_database_restored_into_another_cluster_goes_on(
    ledger_engine: Engine, access: LedgerAccess
):
    """There, transaction ids begin anew, and the horizon of before means nothing."""
    _append(access, 0, 1)
    access.integrate()
    _append(access, 2)
    _tamper(ledger_engine, "UPDATE ledger_entry SET xid = '18446744073709551000'")
    _tamper(ledger_engine, "UPDATE ledger_integration SET horizon = '18446744073709551000'")

    _append(access, 3)

    assert access.integrate().added == 2
    _append(access, 4)
    assert access.integrate().added == 1
    assert _numbers(access) == [0, 1, 2, 3, 4]
    assert _verify(access).valid


def test_many_writers_and_integrators_at_once(access: LedgerAccess):
    """Every entry has one place, each writer's in its order, and the tree verifies."""
    writers, each = 6, 40

    def write(writer: int) -> None:
        for number in range(each):
            _append(access, writer * 1000 + number)

    def keep_integrating(_: int) -> None:
        for _ in range(15):
            access.integrate()

    with ThreadPoolExecutor(max_workers=writers + 2) as pool:
        jobs = [pool.submit(write, writer) for writer in range(writers)]
        jobs += [pool.submit(keep_integrating, number) for number in range(2)]
        for job in jobs:
            job.result()
    done = access.integrate()

    numbers = _numbers(access)
    assert done.size == writers * each
    for writer in range(writers):
        own = [number for number in numbers if number // 1000 == writer]
        assert own == [writer * 1000 + number for number in range(each)]
    assert _verify(access).valid


def _roots(access: LedgerAccess) -> dict[int, bytes]:
    with access.snapshot() as reader:
        found = (reader.checkpoint_at(size) for size in range(reader.size() + 1))
        notes = [each for each in found if each is not None]
    opened = (open_checkpoint(each.note, access.keys).checkpoint for each in notes)
    return {checkpoint.size: checkpoint.root for checkpoint in opened}


def _grow(access: LedgerAccess, steps: Sequence[int]) -> None:
    number = 0
    for step in steps:
        _append(access, *range(number, number + step))
        number += step
        access.integrate()


def test_proofs_come_from_stored_hashes(access: LedgerAccess):
    """Every entry is proved in every signed tree, and every tree extends the ones before."""
    random = Random(7)
    _grow(access, [1, 1, 2, 5, 16, 40, 200, 3, 300, 15])
    roots = _roots(access)

    with access.snapshot() as reader:
        leaves = [entry.leaf_hash for entry in reader.entries(0, reader.size())]
        for size, root in roots.items():
            for index in {0, size - 1, random.randrange(size)}:
                proof = reader.inclusion_proof(index, size)
                verify_inclusion(leaves[index], index=index, size=size, proof=proof, root=root)
        for first, second in pairwise(sorted(roots)):
            verify_consistency(
                first=first,
                second=second,
                proof=reader.consistency_proof(first, second),
                first_root=roots[first],
                second_root=roots[second],
            )
    assert _verify(access).valid


def test_what_is_not_there_cannot_be_proved(access: LedgerAccess):
    """Neither an entry of the future nor a tree of the future."""
    _append(access, 0, 1, 2)
    access.integrate()

    with access.snapshot() as reader:
        with pytest.raises(ValueError, match="no leaf"):
            reader.inclusion_proof(3, 3)
        with pytest.raises(ValueError, match="not 9 entries"):
            reader.inclusion_proof(8, 9)
        assert reader.index_of(an_entry().entry_id) is None
        assert reader.checkpoint_at(2) is None


def test_an_entry_is_found_by_its_id(access: LedgerAccess):
    """Once it has its place."""
    entries = [an_entry(number=number) for number in range(3)]
    access.append(entries)

    with access.snapshot() as reader:
        assert (reader.index_of(entries[1].entry_id), reader.pending()) == (None, 3)
    access.integrate()
    with access.snapshot() as reader:
        assert (reader.index_of(entries[1].entry_id), reader.pending()) == (1, 0)
        latest = reader.latest_checkpoint()
        assert latest is not None
        assert latest.size == 3
