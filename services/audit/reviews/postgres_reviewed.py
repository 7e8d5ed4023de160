"""Which looks at somebody were reviewed, in PostgreSQL: for what their own page may tell them.

A review is of an emergency, of what the rules of unusual access found of one worker, one person and
one day, or of what a worker's looks at a person in a month left in no review of its own. A look
that is in two reviews is reviewed once both have ended; one that is in none never is. One
statement, whatever there is to find: how long it takes tells of nothing.
"""

from collections.abc import Collection

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from services.audit.unusual.hits import OUTCOMES
from services.people.governance.queue import ItemKind

_REVIEWED = text("""
    WITH found AS (
        SELECT l.disclosure, s.standing = ANY(:closed) AS has_ended
        FROM look AS l
        JOIN unusual_hit AS h ON h.practitioner_id = l.practitioner_id
            AND h.person_id = ANY(:persons) AND h.explained_by IS NULL
            AND h.day = CAST(l.at AT TIME ZONE 'Europe/London' AS date)
        JOIN unusual_standing AS s USING (hit_id)
        WHERE l.person_id = ANY(:persons)
        UNION ALL
        SELECT l.disclosure, EXISTS (
            SELECT FROM governance_item AS later
            WHERE later.item_id = i.item_id AND later.outcome IS NOT NULL)
        FROM look AS l
        JOIN relationship AS r ON r.person_id = ANY(:persons) AND r.state = 1
            AND r.practitioner_id = l.practitioner_id
            AND l.at >= r.since AND (r.until IS NULL OR l.at < r.until)
        JOIN governance_item AS i ON i.about = r.relationship_id AND i.state = 1
            AND i.kind = :emergency
        WHERE l.person_id = ANY(:persons)
        UNION ALL
        SELECT l.disclosure, EXISTS (
            SELECT FROM governance_item AS later
            WHERE later.item_id = i.item_id AND later.outcome IS NOT NULL)
        FROM look AS l
        JOIN governance_item AS i ON i.person_id = ANY(:persons) AND i.state = 1
            AND i.kind = 'held-back-looks'
            AND i.raised_by = 'practitioner:' || l.practitioner_id
            AND i.about = to_char(l.at AT TIME ZONE 'Europe/London', 'YYYY-MM')
        WHERE l.person_id = ANY(:persons))
    SELECT disclosure FROM found GROUP BY disclosure HAVING bool_and(has_ended)
""")


def reviewed_looks(connection: Connection, persons: Collection[PersonId]) -> frozenset[str]:
    """The looks at these, who are one, of which every review has ended."""
    wanted = {
        "persons": sorted(persons),
        "closed": sorted(one.value for one in OUTCOMES),
        "emergency": ItemKind.EMERGENCY.value,
    }
    return frozenset(connection.execute(_REVIEWED, wanted).scalars())
