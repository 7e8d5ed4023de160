"""Verifying a ledger: nothing can be changed, left out or added unseen."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.ledger import LedgerEntry
from consent.ledger.log import LogItem, StoredCheckpoint, StoredEntry, StoredNode
from consent.ledger.merkle import Frontier, leaf_hash, node_hash
from consent.transparency.checkpoint import Checkpoint, LedgerSigner
from services.ledger.verification import VerificationReport, verify_ledger
from tests.support.ledger.ledger_builders import ORIGIN, SIGNER, a_log, an_entry, entries

KEYS = [SIGNER.verifier_key]
STRANGER = LedgerSigner("stranger.example", bytes(32))


def _verify(items: Sequence[LogItem]) -> VerificationReport:
    return verify_ledger(items, keys=KEYS)


def _what(items: Sequence[LogItem]) -> list[tuple[int | None, str]]:
    return [(error.index, error.what) for error in _verify(items).errors]


def _some(count: int) -> list[LedgerEntry]:
    return [an_entry(number=number) for number in range(count)]


def _with_entry(items: list[LogItem], index: int, **changes: object) -> list[LogItem]:
    return [
        replace(item, **changes)  # type: ignore[arg-type]
        if isinstance(item, StoredEntry) and item.index == index
        else item
        for item in items
    ]


@given(st.lists(entries(), max_size=9), st.sets(st.integers(0, 9)))
def test_an_untouched_ledger_is_valid(made: list[LedgerEntry], signed_at: set[int]):
    """Whatever happened, and however often it was signed."""
    items = a_log(made, signed_at=sorted(signed_at))

    report = _verify(items)

    assert report.valid
    assert report.entries == len(made)
    assert report.checkpoints == len([each for each in items if isinstance(each, StoredCheckpoint)])


def test_a_changed_entry_is_found_where_it_is():
    """Its leaf hash and every later checkpoint contradict it."""
    changed = an_entry(number=99).body

    found = _what(_with_entry(a_log(_some(5)), 2, body=changed, entry_id=None))

    assert (2, "the leaf hash is not that of the entry") in found
    assert (None, "the root of the checkpoint of size 5 is not that of its entries") in found


def test_an_entry_rewritten_with_its_hash_is_found():
    """Whoever recomputes the leaf still cannot sign."""
    changed = an_entry(number=99)

    found = _what(
        _with_entry(
            a_log(_some(5)),
            2,
            body=changed.body,
            leaf_hash=leaf_hash(changed.body),
            entry_id=str(changed.entry_id),
        )
    )

    assert found == [(None, "the root of the checkpoint of size 5 is not that of its entries")]


def test_a_lost_entry_is_found():
    """A leaf without its entry proves that there was one."""
    found = _what(_with_entry(a_log(_some(3)), 1, body=None))

    assert found == [(1, "the entry is missing")]


def test_an_entry_under_another_id_is_found():
    """The storage's id is that of the body."""
    found = _what(_with_entry(a_log(_some(3)), 1, entry_id=str(an_entry().entry_id)))

    assert found == [(1, "the entry is stored under another id than its own")]


def test_an_entry_that_is_not_canonical_is_found():
    """Also when it was hashed and signed like that."""
    frontier, body = Frontier(), an_entry().body + b" "
    frontier.append(leaf_hash(body))
    note = SIGNER.sign_checkpoint(size=1, root=frontier.root())

    found = _what([StoredEntry(0, leaf_hash(body), body), StoredCheckpoint(1, note)])

    assert [index for index, _ in found] == [0]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_removed_entry_is_found(place: int):
    """Indexes have no gap."""
    items = a_log(_some(3))

    assert not _verify([*items[:place], *items[place + 1 :]]).valid


def test_entries_beyond_the_last_checkpoint_are_found():
    """What nobody signed proves nothing."""
    items = [item for item in a_log(_some(5), signed_at=[3]) if item != a_log(_some(5))[-1]]

    found = _what(items[:-1])

    assert found == [(3, "2 entries are not signed")]


def test_a_ledger_without_a_checkpoint_is_not_valid():
    """Nor one without anything."""
    assert _what([]) == [(None, "there is no checkpoint")]
    assert not _verify(a_log(_some(2))[:-1]).valid


def test_a_checkpoint_by_a_stranger_is_found():
    """Only trusted keys count, and only for the log of their name."""
    by_stranger = a_log(_some(2), signer=STRANGER)
    report = verify_ledger(by_stranger, keys=[*KEYS, STRANGER.verifier_key])

    assert not _verify(by_stranger).valid
    assert report.valid


def test_a_checkpoint_of_another_log_is_found():
    """A key that signs several logs does not mix them."""
    frontier = Frontier()
    note = SIGNER.sign(str(Checkpoint("other.example/log", 0, frontier.root())))

    found = _what([StoredCheckpoint(0, str(note))])

    assert found[0] == (None, "the checkpoint of size 0 is of another log")


def test_a_checkpoint_in_another_place_is_found():
    """Its size is the number of entries before it."""
    items = a_log(_some(3), signed_at=[2])
    moved = [items[2], items[0], items[1], *items[3:]]

    assert not _verify(moved).valid


def test_a_rolled_back_ledger_is_found_by_a_checkpoint_kept_elsewhere():
    """A shorter ledger is in order in itself; only who kept a checkpoint can tell."""
    whole, shorter = a_log(_some(5)), a_log(_some(3))
    kept = whole[-1]
    assert isinstance(kept, StoredCheckpoint)
    held = Checkpoint.parse(kept.note.partition("\n\n")[0] + "\n")

    assert verify_ledger(whole, keys=KEYS, held=held).valid
    assert _verify(shorter).valid
    assert not verify_ledger(shorter, keys=KEYS, held=held).valid


def test_a_rewritten_ledger_is_found_by_a_checkpoint_kept_elsewhere():
    """Even if we sign it all anew with the right key."""
    held = Checkpoint(ORIGIN, 3, bytes(32))

    found = verify_ledger(a_log(_some(5)), keys=KEYS, held=held).errors

    assert [error.what for error in found] == ["its first 3 entries are not the held checkpoint's"]


def test_stored_nodes_are_verified():
    """Proofs are made of them."""
    items = a_log(_some(2))
    leaves = [item.leaf_hash for item in items if isinstance(item, StoredEntry)]
    good, bad = node_hash(*leaves), bytes(32)
    before_end = items[:2]

    def found(*nodes: StoredNode) -> list[str]:
        log = [*before_end, *nodes, items[2]]
        return [each.what for each in verify_ledger(log, keys=KEYS, node_stride=1).errors]

    assert found(StoredNode(1, 0, good)) == []
    assert found(StoredNode(1, 0, bad)) == ["the stored node 1/0 is not that of its entries"]
    assert found() == ["the stored node 1/0 is missing"]
    assert found(StoredNode(1, 0, good), StoredNode(1, 1, good)) == [
        "the stored node 1/1 is of no such subtree"
    ]


def test_a_long_list_of_errors_ends():
    """Ten thousand wrong entries are told as a thousand."""
    items = [StoredEntry(0, bytes(32), b"x") for _ in range(2_000)]

    assert len(_verify(items).errors) == 1_000
