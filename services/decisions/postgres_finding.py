"""Decisions that nobody would find: the table of subjects lacks somebody whom they are about."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from services.ledger.bound_tables import DECISIONS
from services.ledger.postgres_bound_verifying import BoundRowFault

# Who was erased is found by nothing any more; what is left is about the others.
_NOT_FOUND = text("""
    SELECT DISTINCT d.decision_id, d.version
    FROM (SELECT DISTINCT ON (decision_id) * FROM sharing_decision
          ORDER BY decision_id, version DESC) AS d
        CROSS JOIN LATERAL jsonb_array_elements_text(
            convert_from(d.document, 'UTF8')::jsonb -> 'subjects') AS about (person_id)
    WHERE NOT EXISTS (SELECT FROM sharing_decision_subject s
                      WHERE s.decision_id = d.decision_id AND s.person_id = about.person_id)
      AND NOT EXISTS (SELECT FROM erasure e WHERE e.person_id = about.person_id)
    ORDER BY d.decision_id
""")


def decisions_not_found(connection: Connection) -> Iterator[BoundRowFault]:
    """Each decision in force or not that is not found by all whom it is about."""
    for row in connection.execute(_NOT_FOUND):
        told = {"decision_id": row.decision_id}
        what = "is not found by everybody whom it is about"
        yield BoundRowFault(DECISIONS.code, DECISIONS.row_id(told), row.version, what)
