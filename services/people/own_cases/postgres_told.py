"""What feeds have told of their agencies' cases, in PostgreSQL, and what else bears on those.

In the schema `own`, which neither portal nor aggregation can read.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId, PractitionerId, RecordKey
from schemas.vocabulary import Source
from services.ledger.bound_tables import MEMBERSHIPS, RELATIONSHIPS
from services.ledger.postgres_bound import BoundRows
from services.people.own_cases.model import AgencyCase, CaseId, ToldClearing, ToldInvolvement
from services.people.practitioners.postgres_memberships import enrolled

# Two who are told of the same case at once wait for each other: each derives from all of it.
_LOCK = text("""
    SELECT pg_advisory_xact_lock(hashtext('own-case'), hashtext(one))
    FROM (SELECT DISTINCT unnest(CAST(:cases AS text[])) AS one ORDER BY 1) AS cases
""")
_CASES = text("SELECT * FROM own.told_case WHERE person_id = ANY(:persons)")
_INVOLVEMENTS = text("SELECT * FROM own.told_involvement WHERE person_id = ANY(:persons)")
_CLEARINGS = text("SELECT * FROM own.told_clearing WHERE person_id = ANY(:persons)")
_SAVE_CASES = text("""
    INSERT INTO own.told_case
        (agency_code, person_id, source, feed_id, is_kept, first_told, last_plain)
    SELECT * FROM unnest(CAST(:agencies AS text[]), CAST(:persons AS text[]),
        CAST(:sources AS text[]), CAST(:feeds AS text[]), CAST(:kept AS boolean[]),
        CAST(:firsts AS timestamptz[]), CAST(:plains AS timestamptz[]))
    ON CONFLICT (person_id, agency_code) DO UPDATE SET feed_id = excluded.feed_id,
        is_kept = excluded.is_kept, first_told = excluded.first_told,
        last_plain = excluded.last_plain
""")
_SAVE_INVOLVEMENTS = text("""
    INSERT INTO own.told_involvement (agency_code, person_id, source, record_key, version, feed_id,
        is_kept, named, worker, since, until, scopes, part_of, is_removed, is_of_kind, is_dual)
    SELECT agency, person, source, key, version, feed, kept, named, worker, since, until,
           string_to_array(scopes, ','), part_of, removed, of_kind, dual
    FROM unnest(CAST(:agencies AS text[]), CAST(:persons AS text[]), CAST(:sources AS text[]),
        CAST(:keys AS text[]), CAST(:versions AS text[]), CAST(:feeds AS text[]),
        CAST(:kept AS boolean[]), CAST(:named AS text[]), CAST(:workers AS text[]),
        CAST(:sinces AS text[]), CAST(:untils AS text[]), CAST(:scopes AS text[]),
        CAST(:parts AS text[]), CAST(:removed AS boolean[]), CAST(:of_kind AS boolean[]),
        CAST(:dual AS boolean[]))
        AS new(agency, person, source, key, version, feed, kept, named, worker, since, until,
               scopes, part_of, removed, of_kind, dual)
    ON CONFLICT (person_id, agency_code, source, record_key) DO UPDATE SET
        version = excluded.version, feed_id = excluded.feed_id, is_kept = excluded.is_kept,
        named = excluded.named, worker = excluded.worker, since = excluded.since,
        until = excluded.until, scopes = excluded.scopes, part_of = excluded.part_of,
        is_removed = excluded.is_removed, is_of_kind = excluded.is_of_kind,
        is_dual = excluded.is_dual
""")
_SAVE_CLEARINGS = text("""
    INSERT INTO own.told_clearing (agency_code, person_id, source, scope, version, keeps)
    SELECT agency, person, source, scope, version, string_to_array(keeps, ',')
    FROM unnest(CAST(:agencies AS text[]), CAST(:persons AS text[]), CAST(:sources AS text[]),
                CAST(:scopes AS text[]), CAST(:versions AS text[]), CAST(:keeps AS text[]))
         AS new(agency, person, source, scope, version, keeps)
    ON CONFLICT DO NOTHING
""")
# A newer clearing of the same scope that keeps no more says all that the older one said.
_FORGET_CLEARINGS = text("""
    DELETE FROM own.told_clearing AS older USING own.told_clearing AS newer
    WHERE older.person_id = ANY(:persons) AND newer.person_id = older.person_id
      AND newer.agency_code = older.agency_code AND newer.source = older.source
      AND newer.scope = older.scope AND newer.version > older.version
      AND newer.keeps <@ older.keeps
""")
_KINDS = text("SELECT agency_code, kind FROM agency WHERE agency_code = ANY(:codes)")
_WORKERS = text(f"""
    SELECT m.* FROM membership m
    WHERE m.agency_code = ANY(:agencies) AND m.worker_ref = ANY(:workers) AND {enrolled("m")}
""")  # noqa: S608 of constant parts
# A family that confirmed to somebody of the agency that they know each other.
_CONFIRMED = text("""
    SELECT * FROM relationship
    WHERE person_id = ANY(:persons) AND agency_code = ANY(:agencies)
      AND ground = 'family-confirmed' AND since <= :now
""")
_STANDING = text("""
    SELECT r.relationship_id, r.agency_code, r.person_id, r.warrant FROM relationship r
    WHERE r.person_id = ANY(:persons) AND r.agency_code = ANY(:agencies)
      AND r.ground IN ('own', 'case-load') AND r.warrant IN ('feed', 'corroborated', 'migration')
      AND (r.until IS NULL OR r.until > :now)
      AND NOT EXISTS (SELECT FROM relationship later
                      WHERE later.relationship_id = r.relationship_id AND later.state > r.state)
""")


class PostgresTold:
    """What was told of cases, as one transaction sees it."""

    def __init__(self, connection: Connection, at: datetime, bound: BoundRows) -> None:
        self._connection = connection
        self._at = at
        self._bound = bound

    def lock(self, persons: Collection[PersonId]) -> None:
        """Keep others from deriving anything of these persons' cases until commit."""
        self._connection.execute(_LOCK, {"cases": sorted(persons)})

    def cases(self, persons: Collection[PersonId]) -> Mapping[CaseId, AgencyCase]:
        """Every agency's cases among these persons."""
        rows = self._connection.execute(_CASES, {"persons": sorted(persons)})
        found = map(_case_from_row, rows)
        return {(case.agency, case.person): case for case in found}

    def involvements(self, persons: Collection[PersonId]) -> Sequence[ToldInvolvement]:
        """What anybody's feeds told of who works with these persons, mentions of others too."""
        rows = self._connection.execute(_INVOLVEMENTS, {"persons": sorted(persons)})
        return [_involvement_from_row(row) for row in rows]

    def clearings(self, persons: Collection[PersonId]) -> Sequence[ToldClearing]:
        """What anybody's feeds took back of these persons as a whole."""
        rows = self._connection.execute(_CLEARINGS, {"persons": sorted(persons)})
        return [_clearing_from_row(row) for row in rows]

    def save(
        self,
        cases: Sequence[AgencyCase],
        involvements: Sequence[ToldInvolvement],
        clearings: Sequence[ToldClearing],
    ) -> None:
        """Write what is new of all of these."""
        if cases:
            self._connection.execute(_SAVE_CASES, _case_columns(cases))
        if involvements:
            self._connection.execute(_SAVE_INVOLVEMENTS, _involvement_columns(involvements))
        if clearings:
            self._connection.execute(_SAVE_CLEARINGS, _clearing_columns(clearings))
            persons = sorted({clearing.person for clearing in clearings})
            self._connection.execute(_FORGET_CLEARINGS, {"persons": persons})

    def kinds(self, agencies: Collection[str]) -> Mapping[str, Source]:
        """Of which kind those of the agencies are that the directory knows."""
        rows = self._connection.execute(_KINDS, {"codes": sorted(agencies)})
        return {row.agency_code: Source(row.kind) for row in rows}

    def workers(
        self, told: Iterable[ToldInvolvement]
    ) -> Mapping[str, Mapping[str, PractitionerId]]:
        """For each agency its practitioners by its own ids, those who are named there."""
        named = {(one.agency, one.worker) for one in told if one.worker is not None}
        found: dict[str, dict[str, PractitionerId]] = {}
        if named:
            wanted = {
                "agencies": sorted({agency for agency, _ in named}),
                "workers": sorted({worker for _, worker in named}),
                "now": self._at,
            }
            rows = self._connection.execute(_WORKERS, wanted)
            for row in (row for row in rows if self._bound.holds(MEMBERSHIPS, row)):
                by_ref = found.setdefault(row.agency_code, {})
                by_ref[row.worker_ref] = PractitionerId(row.practitioner_id)
        return found

    def confirmed(self, cases: Collection[CaseId]) -> Collection[CaseId]:
        """Those of the cases where the family confirmed it to somebody of the agency."""
        rows = self._connection.execute(_CONFIRMED, _pairs(cases) | {"now": self._at})
        return {
            (row.agency_code, PersonId(row.person_id))
            for row in rows
            if self._bound.holds(RELATIONSHIPS, row)
        }

    def standing(self, cases: Collection[CaseId]) -> Sequence[tuple[CaseId, str, str]]:
        """What feeds made of these cases and is not over: whose, which, and by which warrant."""
        rows = self._connection.execute(_STANDING, _pairs(cases) | {"now": self._at})
        return [
            ((row.agency_code, PersonId(row.person_id)), row.relationship_id, row.warrant)
            for row in rows
        ]


def _pairs(cases: Collection[CaseId]) -> dict[str, object]:
    return {
        "agencies": sorted({agency for agency, _ in cases}),
        "persons": sorted({person for _, person in cases}),
    }


def _case_columns(cases: Sequence[AgencyCase]) -> dict[str, object]:
    return {
        "agencies": [case.agency for case in cases],
        "persons": [case.person for case in cases],
        "sources": [case.source.value for case in cases],
        "feeds": [case.feed for case in cases],
        "kept": [case.is_kept for case in cases],
        "firsts": [case.first_told for case in cases],
        "plains": [case.last_plain for case in cases],
    }


def _involvement_columns(told: Sequence[ToldInvolvement]) -> dict[str, object]:
    return {
        "agencies": [one.agency for one in told],
        "persons": [one.person for one in told],
        "sources": [one.source.value for one in told],
        "keys": [one.key for one in told],
        "versions": [one.version for one in told],
        "feeds": [one.feed for one in told],
        "kept": [one.is_kept for one in told],
        "named": [one.named for one in told],
        "workers": [one.worker for one in told],
        "sinces": [one.since for one in told],
        "untils": [one.until for one in told],
        "scopes": [",".join(one.scopes) for one in told],
        "parts": [one.part_of for one in told],
        "removed": [one.is_removed for one in told],
        "of_kind": [one.is_of_kind for one in told],
        "dual": [one.is_dual for one in told],
    }


def _clearing_columns(told: Sequence[ToldClearing]) -> dict[str, object]:
    return {
        "agencies": [one.agency for one in told],
        "persons": [one.person for one in told],
        "sources": [one.source.value for one in told],
        "scopes": [one.scope for one in told],
        "versions": [one.version for one in told],
        "keeps": [",".join(one.keeps) for one in told],
    }


def _case_from_row(row: Row[tuple[object, ...]]) -> AgencyCase:
    return AgencyCase(
        row.agency_code,
        PersonId(row.person_id),
        Source(row.source),
        row.feed_id,
        row.is_kept,
        row.first_told,
        row.last_plain,
    )


def _involvement_from_row(row: Row[tuple[object, ...]]) -> ToldInvolvement:
    return ToldInvolvement(
        agency=row.agency_code,
        source=Source(row.source),
        person=PersonId(row.person_id),
        key=RecordKey(row.record_key),
        version=row.version,
        feed=row.feed_id,
        is_kept=row.is_kept,
        named=row.named,
        worker=row.worker,
        since=row.since,
        until=row.until,
        scopes=tuple(RecordKey(scope) for scope in row.scopes),
        part_of=None if row.part_of is None else RecordKey(row.part_of),
        is_removed=row.is_removed,
        is_of_kind=row.is_of_kind,
        is_dual=row.is_dual,
    )


def _clearing_from_row(row: Row[tuple[object, ...]]) -> ToldClearing:
    return ToldClearing(
        row.agency_code,
        Source(row.source),
        PersonId(row.person_id),
        RecordKey(row.scope),
        row.version,
        tuple(RecordKey(scope) for scope in row.keeps),
    )
