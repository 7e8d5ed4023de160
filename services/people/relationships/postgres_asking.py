"""What lets somebody ask about persons now, as queries: one for any number of them."""

from sqlalchemy import text

from services.ledger.binding import BINDING_COLUMNS
from services.ledger.bound_tables import COVERS, LEADS, MEMBERSHIPS
from services.people.persons.postgres_clusters import REACHED_JOINS, REACHED_STEP
from services.people.practitioners.postgres_memberships import member
from services.people.signing_in.postgres_accounts import one_human

# The scalar subquery is asked of the few rows that all else has left; the planner would join with
# all relationships that there are.
LATEST = """
    (SELECT later.state FROM relationship later WHERE later.relationship_id = r.relationship_id
     AND later.state > r.state LIMIT 1) IS NULL
"""
# As whom somebody may ask now: themselves, and those for whom a rota lets them stand in. `m` is
# the membership of who asks, `w` that of whose relationships they are: one that was made in another
# agency, or before they began in this one, ended with the membership of that time.
_HANDS = f"""
    hands AS (
        SELECT m.practitioner_id, m.agency_code, m.since AS began, c.until, 'self' AS standing,
               {MEMBERSHIPS.selected("m")}, {MEMBERSHIPS.selected("w")}, {COVERS.selected("c")}
        FROM membership m JOIN membership w
                 ON w.practitioner_id = m.practitioner_id AND w.state = m.state
             LEFT JOIN cover_rota c ON false
        WHERE m.practitioner_id = :practitioner AND m.role = ANY(:roles) AND {member("m")}
        UNION ALL
        SELECT c.covered, m.agency_code, w.since, c.until,
               CASE WHEN c.is_student THEN 'student' ELSE 'cover' END,
               {MEMBERSHIPS.selected("m")}, {MEMBERSHIPS.selected("w")}, {COVERS.selected("c")}
        FROM cover_rota c
            JOIN membership m ON m.practitioner_id = c.covering AND m.agency_code = c.agency_code
            JOIN membership w ON w.practitioner_id = c.covered AND w.agency_code = c.agency_code
        WHERE c.covering = :practitioner AND m.role = ANY(:roles)
          AND c.since <= :now AND c.until > :now AND c.known_at >= m.since
          AND {member("m")} AND {member("w")}
          AND NOT EXISTS (SELECT FROM cover_rota later WHERE later.cover_id = c.cover_id
                          AND later.state > c.state)
    )
"""  # noqa: S608 of constant parts
_WITH_LEADS = """
    LEFT JOIN safeguarding_lead l ON r.practitioner_id IS NULL
        AND l.practitioner_id = hands.practitioner_id AND l.agency_code = r.agency_code
        AND l.since <= :now AND (l.until IS NULL OR l.until > :now) AND l.known_at >= hands.began
        AND NOT EXISTS (SELECT FROM safeguarding_lead later
                        WHERE later.practitioner_id = l.practitioner_id
                          AND later.agency_code = l.agency_code AND later.state > l.state)
"""
_IS_THEIRS = """
    r.agency_code = hands.agency_code
    AND (r.practitioner_id = hands.practitioner_id AND r.known_at >= hands.began
         OR l.practitioner_id IS NOT NULL)
    AND (hands.standing = 'self' OR r.ground IN ('own', 'case-load', 'referral'))
    AND r.ground = ANY(:grounds)
    AND r.since <= :now AND (r.until IS NULL OR r.until > :now)
"""
# All that lets somebody ask beside the relationship itself, to be doubted like it.
_EVIDENCE = ", ".join(
    f"hands.{alias}_{name}"
    for table, alias in ((MEMBERSHIPS, "m"), (MEMBERSHIPS, "w"), (COVERS, "c"))
    for name in (*table.columns, *BINDING_COLUMNS)
)
_GROUND = "CASE WHEN hands.standing = 'cover' THEN 'cover' ELSE r.ground END AS standing"
# With the other accounts of whoever is named, who is kept out by each of them.
TOLD_EXCLUSION = f"""
    to_jsonb(x) || jsonb_build_object('also', {one_human("x.practitioner_id")})
"""
# One query, whoever is asked about: somebody unknown costs what somebody known does. Whoever is
# with a family is with the persons who confirmed it, whichever of them is opened. What is found of
# somebody whom any join reaches comes with the joins: who is one by them is said in `clusters`.
# Joins, restrictions and exclusions come whole beside each row, and there is always one: of whom
# nothing is found nobody has to ask for them, which would take longer than of somebody restricted.
# As rows of their own they would be seventy empty columns each, which to get ready for takes
# longer than to find them. The persons stand in a query of their own, so that one plan does for
# any number of them: to plan this takes ten times as long as to execute it.
MAY_OPEN = text(f"""
    WITH RECURSIVE {_HANDS},
    confirmed AS (
        SELECT r.* FROM relationship r
        WHERE r.practitioner_id = :practitioner AND r.ground = 'family-confirmed'
          AND r.since <= :now AND r.until > :now AND {LATEST}
    ),
    asked AS (SELECT unnest((SELECT CAST(:persons AS text[]))) AS person_id),
    reached AS (
        SELECT person_id AS start, person_id
        FROM (SELECT person_id FROM asked UNION SELECT person_id FROM confirmed) AS begun
        UNION {REACHED_STEP}
    ),
    members AS (
        SELECT reached.start AS asked, reached.person_id
        FROM reached JOIN asked ON asked.person_id = reached.start
    )
    SELECT held.*,
           (SELECT jsonb_agg(to_jsonb(states)) FROM ({REACHED_JOINS}) AS states) AS joins,
           (SELECT jsonb_agg(jsonb_build_array(s.asked, to_jsonb(x)))
            FROM members s JOIN restriction x USING (person_id)) AS restrictions,
           (SELECT jsonb_agg(jsonb_build_array(s.asked, {TOLD_EXCLUSION}))
            FROM members s JOIN exclusion x USING (person_id)) AS exclusions
    FROM (SELECT) AS always LEFT JOIN (
        SELECT s.asked, s.person_id AS about, {_GROUND}, least(r.until, hands.until) AS ends, r.*,
               {_EVIDENCE}, {LEADS.selected("l")}
        FROM members s CROSS JOIN LATERAL (
                 SELECT of_one.* FROM relationship of_one
                 WHERE of_one.person_id = s.person_id OFFSET 0
             ) AS r CROSS JOIN hands {_WITH_LEADS}
        WHERE {_IS_THEIRS} AND {LATEST}
        UNION ALL
        SELECT s.person_id, NULL, r.ground, r.until, r.*, {_EVIDENCE}, {LEADS.selected("l")}
        FROM asked s CROSS JOIN confirmed r
            JOIN hands ON hands.practitioner_id = r.practitioner_id
                AND hands.agency_code = r.agency_code AND r.known_at >= hands.began
            LEFT JOIN safeguarding_lead l ON false
        WHERE hands.standing = 'self'
    ) AS held ON true
""")  # noqa: S608 of constant parts
# The newest first, so that whoever has more than are listed finds those that they began with last.
MINE = text(f"""
    WITH {_HANDS}
    SELECT mine.* FROM (
        SELECT DISTINCT ON (1, 2) r.person_id AS whom, {_GROUND}, r.*,
               {_EVIDENCE}, {LEADS.selected("l")}
        FROM relationship r CROSS JOIN hands {_WITH_LEADS}
        WHERE {_IS_THEIRS} AND {LATEST}
        ORDER BY 1, 2, r.since DESC
    ) AS mine ORDER BY since DESC, whom, standing LIMIT :most
""")  # noqa: S608 as above
