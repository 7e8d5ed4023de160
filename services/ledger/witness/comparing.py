"""Whether several witnesses saw one tree: a log that shows two is caught by their notes.

Pure. In: checkpoints as witnesses cosigned them, and where there is one the log itself. A log that
shows one history to some and another to others (a split view) has signed both; whoever holds two
notes can prove it (c2sp.org/tlog-witness, RFC 9162 section 11.3).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from consent.ledger.log import LogItem, StoredEntry
from consent.ledger.merkle import Frontier, leaf_hash
from consent.transparency.checkpoint import Checkpoint


class SeenTrees(StrEnum):
    """What the notes say together."""

    ONE = "one-tree"
    DIFFERENT = "different-trees"
    CANNOT_BE_TOLD = "cannot-be-told"


@dataclass(frozen=True, slots=True)
class ComparedTrees:
    """The answer; `sizes` are those at which two notes, or a note and the log, disagree."""

    seen: SeenTrees
    sizes: Sequence[int] = ()


def compare_trees(
    checkpoints: Sequence[Checkpoint], log: Iterable[LogItem] | None = None
) -> ComparedTrees:
    """Compare checkpoints of one log, whose signatures the caller has checked.

    Of the same size they have the same root, or there are two trees. Of different sizes only the
    log tells: its beginning of each size has that root.
    """
    roots: dict[int, set[bytes]] = {}
    for checkpoint in checkpoints:
        roots.setdefault(checkpoint.size, set()).add(checkpoint.root)
    apart = sorted(size for size, found in roots.items() if len(found) > 1)
    if apart:
        return ComparedTrees(SeenTrees.DIFFERENT, apart)
    if log is not None:
        return _compare_with_log(roots, log)
    return ComparedTrees(SeenTrees.ONE if len(roots) == 1 else SeenTrees.CANNOT_BE_TOLD)


def _compare_with_log(roots: Mapping[int, set[bytes]], log: Iterable[LogItem]) -> ComparedTrees:
    frontier = Frontier()
    of_log = {0: frontier.root()}
    for item in log:
        if isinstance(item, StoredEntry):
            frontier.append(item.leaf_hash if item.body is None else leaf_hash(item.body))
            if frontier.size in roots:
                of_log[frontier.size] = frontier.root()
    apart = sorted(size for size in roots if size in of_log and {of_log[size]} != roots[size])
    if apart:
        return ComparedTrees(SeenTrees.DIFFERENT, apart)
    is_whole = all(size in of_log for size in roots)
    return ComparedTrees(SeenTrees.ONE if is_whole else SeenTrees.CANNOT_BE_TOLD)
