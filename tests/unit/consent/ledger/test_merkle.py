"""The Merkle tree of RFC 9162."""

import json
from base64 import b64decode
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import ProofInvalidError
from consent.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    complete_subtrees,
    consistency_proof,
    consistency_spans,
    inclusion_proof,
    inclusion_spans,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.support.checkout import ROOT
from tests.support.each_case import each_case

VECTORS = ROOT.parent / "shared" / "vectors" / "merkle"


def _vectors(name: str) -> Sequence[Any]:
    path = VECTORS / name
    if not path.exists():
        pytest.skip(f"{path.name} is not beside this checkout")
    found: Sequence[Any] = json.loads(path.read_bytes())
    return found


def _hash(text: str | None) -> bytes:
    return b64decode(text or "")


def _naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162 section 2.1.1, word by word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return node_hash(_naive_root(leaves[:middle]), _naive_root(leaves[middle:]))


def _leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(count)]


class _Tree:
    def __init__(self, count: int) -> None:
        self.leaves = _leaves(count)
        self.asked = 0

    def node_at(self, level: int, index: int) -> bytes:
        self.asked += 1
        return _naive_root(self.leaves[index << level : (index + 1) << level])


def _verify_inclusion(case: Any) -> None:
    verify_inclusion(
        _hash(case["leafHash"]),
        index=case["leafIdx"],
        size=case["treeSize"],
        proof=[_hash(each) for each in case["proof"] or []],
        root=_hash(case["root"]),
    )


def _verify_consistency(case: Any) -> None:
    verify_consistency(
        first=case["size1"],
        second=case["size2"],
        proof=[_hash(each) for each in case["proof"] or []],
        first_root=_hash(case["root1"]),
        second_root=_hash(case["root2"]),
    )


def _is_refused(verify: Callable[[Any], None], case: Any) -> bool:
    try:
        verify(case)
    except ProofInvalidError:
        return True
    return False


@pytest.mark.parametrize(
    ("name", "verify"),
    [("inclusion.json", _verify_inclusion), ("consistency.json", _verify_consistency)],
)
def test_proofs_of_third_parties_are_judged_as_they_judge_them(
    name: str, verify: Callable[[Any], None]
):
    """Every vector is accepted or refused as it says.

    The vectors of a tree of size zero are all to be refused: it has no leaf to include. So are
    those of consistency that begin at size zero: every tree extends the empty one, RFC 9162
    defines the check for a first size above zero, and "consistent with nothing" must not be taken
    for a statement about the log.
    """
    with each_case() as case:
        for vector in _vectors(name):
            with case(vector["case"]):
                assert _is_refused(verify, vector) == bool(vector["wantErr"])


@pytest.mark.parametrize("name", ["inclusion.json", "consistency.json"])
def test_vectors_that_begin_at_nothing_are_refused(name: str):
    """There are such vectors, and all of them want to be refused."""
    from_nothing = [
        each for each in _vectors(name) if 0 in {each.get("treeSize"), each.get("size1")}
    ]

    assert from_nothing
    assert all(each["wantErr"] for each in from_nothing)


def test_the_empty_tree_has_the_hash_of_nothing():
    """RFC 9162 section 2.1.1."""
    assert Frontier().root() == EMPTY_ROOT


@given(st.integers(0, 300))
def test_appending_gives_the_root_of_the_definition(count: int):
    """A frontier that grew leaf by leaf has the root that RFC 9162 defines."""
    frontier = Frontier()

    for leaf in _leaves(count):
        frontier.append(leaf)

    assert frontier.root() == _naive_root(_leaves(count))


@given(st.integers(1, 300))
def test_appending_names_the_subtrees_it_completes(count: int):
    """The hashes that append gives are those of the complete subtrees that end there."""
    leaves, frontier = _leaves(count), Frontier()

    for number, leaf in enumerate(leaves):
        for level, completed in enumerate(frontier.append(leaf), start=1):
            index = number >> level
            assert completed == _naive_root(leaves[index << level : (index + 1) << level])


@given(st.integers(0, 200), st.integers(0, 60))
def test_a_frontier_resumes_from_its_subtrees(size: int, more: int):
    """A frontier made from stored subtrees goes on as if it had never stopped."""
    tree = _Tree(size + more)
    roots = [tree.node_at(*each) for each in complete_subtrees((0, size))]
    frontier = Frontier(size, roots)

    for leaf in tree.leaves[size:]:
        frontier.append(leaf)

    assert frontier.root() == _naive_root(tree.leaves)


@given(st.data())
def test_every_leaf_can_be_proved(data: st.DataObject):
    """An inclusion proof convinces, with as many questions as the tree is high."""
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    tree = _Tree(size)

    proof = inclusion_proof(index, size, tree.node_at)

    assert tree.asked <= 2 * size.bit_length()
    root = _naive_root(tree.leaves)
    verify_inclusion(tree.leaves[index], index=index, size=size, proof=proof, root=root)


@given(st.data())
def test_an_inclusion_proof_fits_one_place_only(data: st.DataObject):
    """Another leaf, place or root, or a changed proof, is refused."""
    size = data.draw(st.integers(2, 100))
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
    tree = _Tree(size)
    root = _naive_root(tree.leaves)
    proof = inclusion_proof(index, size, tree.node_at)

    for leaf, place, path in (
        (tree.leaves[other], index, proof),
        (tree.leaves[index], other, proof),
        (tree.leaves[index], index, proof[1:]),
        (tree.leaves[index], index, [*proof, bytes(32)]),
        (tree.leaves[index], index, [bytes(32), *proof[1:]]),
    ):
        with pytest.raises(ProofInvalidError):
            verify_inclusion(leaf, index=place, size=size, proof=path, root=root)


@given(st.data())
def test_every_tree_can_be_shown_to_extend_its_beginning(data: st.DataObject):
    """A consistency proof convinces, and no other beginning is believed."""
    second = data.draw(st.integers(1, 300))
    first = data.draw(st.integers(1, second))
    tree = _Tree(second)
    old, new = _naive_root(tree.leaves[:first]), _naive_root(tree.leaves)

    proof = consistency_proof(first, second, tree.node_at)

    verify_consistency(first=first, second=second, proof=proof, first_root=old, second_root=new)
    with pytest.raises(ProofInvalidError):
        verify_consistency(
            first=first, second=second, proof=proof, first_root=bytes(32), second_root=new
        )


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 3), (5, 5)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int):
    """Asking for it is a mistake of the caller."""
    with pytest.raises(ValueError, match="has no leaf"):
        inclusion_spans(index, size)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 5), (6, 5), (-1, 2)])
def test_nothing_and_the_future_have_no_consistency_proof(first: int, second: int):
    """Asking for it is a mistake of the caller."""
    with pytest.raises(ValueError, match="no consistency proof"):
        consistency_spans(first, second)


def test_a_frontier_needs_one_hash_for_each_subtree():
    """A size and its hashes that do not fit are refused."""
    with pytest.raises(ValueError, match="complete subtrees"):
        Frontier(3, [bytes(32)])
