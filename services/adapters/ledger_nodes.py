"""Reads the hashes of complete subtrees, of which every fourth level is stored.

A tree of n leaves has n inner nodes; storing one level in four costs a fifteenth of them, and a
node between is at most eight stored ones hashed together.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, text

from consent.merkle import NodeAt, Span, complete_subtrees, node_hash

STRIDE = 4

# Equality on every column, so that the planner knows how few rows there will be.
_WANTED = text("""
    SELECT 0 AS level, idx, leaf_hash FROM ledger_leaf
    WHERE idx = ANY(CAST(:leaves AS bigint[]))
    UNION ALL
    SELECT node.level, node.idx, node.hash
    FROM unnest(CAST(:levels AS smallint[]), CAST(:indexes AS bigint[])) AS wanted (level, idx)
    JOIN ledger_node AS node ON node.level = wanted.level AND node.idx = wanted.idx
""")


def node_reader(connection: Connection, spans: Iterable[Span]) -> NodeAt:
    """Read what the hashes of these spans need, in one query; gives the lookup of it.

    The lookup raises KeyError for a node that is not stored.
    """
    wanted = {
        stored
        for span in spans
        for node in complete_subtrees(span)
        for stored in _stored_under(*node)
    }
    nodes = [each for each in wanted if each[0] > 0]
    rows = connection.execute(
        _WANTED,
        {
            "leaves": [index for level, index in wanted if level == 0],
            "levels": [level for level, _ in nodes],
            "indexes": [index for _, index in nodes],
        },
    )
    return _between({(level, index): bytes(found) for level, index, found in rows})


def _stored_under(level: int, index: int) -> Iterable[tuple[int, int]]:
    """Name the stored nodes that a node is made of: itself, or up to eight below it."""
    above = level % STRIDE
    return ((level - above, each) for each in range(index << above, (index + 1) << above))


def _between(stored: Mapping[tuple[int, int], bytes]) -> NodeAt:
    def node_at(level: int, index: int) -> bytes:
        if level % STRIDE == 0:
            return stored[level, index]
        return node_hash(node_at(level - 1, 2 * index), node_at(level - 1, 2 * index + 1))

    return node_at
