"""The Merkle tree of RFC 9162 section 2.1: hashes, a growing edge, proofs and their checks.

Pure. A complete subtree is named by its level (0 for a leaf) and its index among the complete
subtrees of that level, from the left. Proofs ask for those hashes only, O(log n) of them.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from hmac import compare_digest

from consent.errors import ProofInvalidError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

NodeAt = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree at a level and index."""
Span = tuple[int, int]
"""The leaves from the first, inclusive, to the second, exclusive."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of a tree with this one entry (RFC 9162 section 2.1.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of a tree whose two parts have these hashes (RFC 9162 section 2.1.1)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: the roots of its complete subtrees, largest first.

    It is all that is needed to append and to know the root. `roots` must be one hash for each
    bit that is set in `size`; ValueError otherwise.
    """

    def __init__(self, size: int = 0, roots: Sequence[bytes] = ()) -> None:
        if len(roots) != size.bit_count():
            raise ValueError(f"a tree of {size} has {size.bit_count()} complete subtrees")
        self.size = size
        self._roots = list(roots)

    def append(self, leaf: bytes) -> list[bytes]:
        """Add a leaf hash; gives the hashes of the subtrees it completes, from level 1 up.

        The one at level n has index `(size - 1) >> n` of the grown tree.
        """
        completed: list[bytes] = []
        size, roots, current = self.size, self._roots, leaf
        while size & 1:
            current = node_hash(roots.pop(), current)
            completed.append(current)
            size >>= 1
        roots.append(current)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Root of the tree as it stands; the hash of nothing when it is empty."""
        if not self._roots:
            return EMPTY_ROOT
        return _fold(self._roots)


def complete_subtrees(span: Span) -> Iterator[tuple[int, int]]:
    """Give the complete subtrees that make up a span, from the left, as level and index.

    The span must begin where the splits of RFC 9162 make it begin: at a multiple of the
    smallest power of two that is not smaller than the span.
    """
    start, end = span
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def root_of(span: Span, node_at: NodeAt) -> bytes:
    """Hash of the leaves of a span (RFC 9162 section 2.1.1)."""
    roots = [node_at(level, index) for level, index in complete_subtrees(span)]
    return _fold(roots) if roots else EMPTY_ROOT


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Give the spans whose hashes prove a leaf's place, from the leaf's sibling up.

    PATH of RFC 9162 section 2.1.3.1. Raises ValueError when the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} has no leaf {index}")
    start, end, spans = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(first: int, second: int) -> list[Span]:
    """Give the spans whose hashes prove that a tree of `second` extends one of `first`.

    PROOF of RFC 9162 section 2.1.4.1. Raises ValueError unless 0 < first <= second: every tree
    extends the empty one, so there is nothing to prove from it.
    """
    if not 0 < first <= second:
        raise ValueError(f"no consistency proof leads from a tree of {first} to one of {second}")
    start, end, spans, is_first_tree = 0, second, [], True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start, is_first_tree = middle, False
    if not is_first_tree:
        spans.append((start, end))
    return spans[::-1]


def inclusion_proof(index: int, size: int, node_at: NodeAt) -> list[bytes]:
    """Prove that the leaf at `index` is in the tree of `size`; raises as inclusion_spans."""
    return [root_of(span, node_at) for span in inclusion_spans(index, size)]


def consistency_proof(first: int, second: int, node_at: NodeAt) -> list[bytes]:
    """Prove that the tree of `second` extends the tree of `first`; as consistency_spans."""
    return [root_of(span, node_at) for span in consistency_spans(first, second)]


def verify_inclusion(
    leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that `proof` leads from a leaf hash to the root (RFC 9162 section 2.1.3.2).

    Raises ProofInvalidError when it does not.
    """
    _require_hashes([leaf, *proof])
    # (1) The tree has such a leaf.
    if not 0 <= index < size:
        raise ProofInvalidError(f"a tree of {size} has no leaf {index}")
    # (2) (3) Start at the leaf and at the last leaf.
    fn, sn, current = index, size - 1, leaf
    # (4) Climb, one hash of the proof a level; levels without a right sibling are skipped.
    for sibling in proof:
        if sn == 0:
            raise ProofInvalidError("the inclusion proof is longer than the tree is high")
        if fn & 1 or fn == sn:
            current = node_hash(sibling, current)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            current = node_hash(current, sibling)
        fn, sn = fn >> 1, sn >> 1
    # (5) The climb ends at the top, and the top is the root.
    if sn != 0 or not compare_digest(current, root):
        raise ProofInvalidError(f"the inclusion proof of leaf {index} does not lead to the root")


def verify_consistency(
    *, first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> None:
    """Check that `proof` shows the second tree to extend the first (RFC 9162 section 2.1.4.2).

    Raises ProofInvalidError when it does not, and for an empty first tree: the algorithm is
    defined for 0 < first, and a proof from nothing would prove nothing.
    """
    if not 0 < first <= second:
        raise ProofInvalidError(f"no proof leads from a tree of {first} to one of {second}")
    if first == second:
        _require_same_tree(first, proof, first_root, second_root)
        return
    _require_hashes(proof)
    # (1) Between different sizes there is something to prove.
    if not proof:
        raise ProofInvalidError("the consistency proof is empty")
    # (2) A first tree that is complete is itself the first hash.
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    # (3) (4) Start at the last leaf of the first tree, above its complete right edge.
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    # (5) (6) (7) Climb towards both roots; both climbs end at them.
    old, new = _climb(path, fn=fn, sn=sn)
    if not (compare_digest(old, first_root) and compare_digest(new, second_root)):
        raise ProofInvalidError(f"the tree of {second} is not shown to extend that of {first}")


def _require_same_tree(size: int, proof: Sequence[bytes], one: bytes, other: bytes) -> None:
    if proof or not compare_digest(one, other):
        raise ProofInvalidError(f"two trees of {size} are not the same tree")


def _climb(path: Sequence[bytes], *, fn: int, sn: int) -> tuple[bytes, bytes]:
    # (5) Both climbs begin at the same hash.
    old = new = path[0]
    # (6) What lies to the left is in both trees, what lies to the right in the second only.
    for sibling in path[1:]:
        if sn == 0:
            raise ProofInvalidError("the consistency proof is longer than the tree is high")
        if fn & 1 or fn == sn:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise ProofInvalidError("the consistency proof is shorter than the tree is high")
    return old, new


def _fold(roots: Sequence[bytes]) -> bytes:
    current = roots[-1]
    for left in reversed(roots[:-1]):
        current = node_hash(left, current)
    return current


def _split(count: int) -> int:
    """Find the largest power of two smaller than `count` (RFC 9162's k)."""
    return 1 << ((count - 1).bit_length() - 1)


def _require_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(each) != HASH_SIZE for each in hashes):
        raise ProofInvalidError(f"a hash is not {HASH_SIZE} bytes")
