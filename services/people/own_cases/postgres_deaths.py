"""What each agency's own feeds told of a death, in PostgreSQL: beside its label, sealed as that is.

A row a record of its source: a later version stands in the place of an earlier one, and what is
taken back keeps its version, so that what comes late does not bring it back.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from schemas.records.payloads import PersonDetails
from schemas.records.published import ALL_RECORDS, PublishedRecord
from schemas.vocabulary import Action, Source
from services.people.own_cases.model import CaseId, OwnDeath, ToldClearing
from services.people.own_cases.postgres_labels import LabelKeys, OwnLabel
from services.platform.database.direct import DirectConnection
from services.platform.errors import KeyDestroyedError, KeyUnusableError

_KNOWN = text("""
    SELECT person_id, agency_code, record_key, version FROM own.own_death
    WHERE agency_code = ANY(:agencies) AND person_id = ANY(:persons)
""")
_WRITE = text("""
    INSERT INTO own.own_death (person_id, agency_code, source, record_key, version, scopes, sealed)
    SELECT :person, :agency, :source, :key, :version, CAST(:scopes AS text[]), :sealed
    WHERE EXISTS (SELECT FROM own.own_label
                  WHERE person_id = :person AND agency_code = :agency)
""")
# Not written as what to do on a conflict: that would read what is sealed.
_REWRITE = text("""
    UPDATE own.own_death SET version = :version, scopes = CAST(:scopes AS text[]), sealed = :sealed
    WHERE person_id = :person AND agency_code = :agency AND record_key = :key
""")
_REMOVE = text("""
    UPDATE own.own_death SET version = :version, sealed = NULL
    WHERE person_id = :person AND agency_code = :agency AND record_key = :key
      AND version < :version
""")
_CLEAR = text("""
    UPDATE own.own_death SET version = :version, sealed = NULL
    WHERE person_id = :person AND agency_code = :agency AND source = :source
      AND version < :version AND (:scope = :everything OR :scope = ANY(scopes))
      AND NOT scopes && CAST(:keeps AS text[])
""")
_SEALED = text("""
    SELECT person_id, agency_code, source, record_key, version, sealed FROM own.own_death
    WHERE person_id = ANY(:persons) AND sealed IS NOT NULL
      AND (CAST(:agency AS text) IS NULL OR agency_code = CAST(:agency AS text))
    ORDER BY version DESC, record_key
""")

_TOLD_OF = text("""
    SELECT DISTINCT person_id FROM own.own_death
    WHERE person_id = ANY(:persons) AND agency_code = :agency AND sealed IS NOT NULL
""")

ToldDeath = tuple[CaseId, PublishedRecord]
"""Of whose case, and the record that tells of a death or may take one back."""


class PostgresOwnDeaths:
    """Deaths as a connector's transaction writes them, after the label that they stand beside."""

    def __init__(self, connection: Connection, keys: LabelKeys) -> None:
        self._connection = connection
        self._keys = keys

    def keep(self, told: Sequence[ToldDeath], clearings: Iterable[ToldClearing]) -> None:
        """Keep what is newer than what is known; `clearings` are those of before as well."""
        if not told:
            return
        known = dict(self._known({case for case, _ in told}))
        cleared = list(clearings)
        with_some = {case for case, _ in known}
        for case, record in sorted(told, key=lambda one: one[1].version):
            if record.action is Action.UPSERT:
                self._state(case, record, known, cleared)
                with_some.add(case)
            elif case in with_some:  # of nearly everybody there is nothing to take back
                self._take_back(case, record)

    def _take_back(self, case: CaseId, record: PublishedRecord) -> None:
        row = _row(case, record)
        if record.action is Action.REMOVE and record.key != ALL_RECORDS:
            self._connection.execute(_REMOVE, row)
            return
        keeps = {"keeps": list(record.keeps), "everything": ALL_RECORDS}
        self._connection.execute(_CLEAR, row | keeps | {"scope": record.key})

    def _state(
        self,
        case: CaseId,
        record: PublishedRecord,
        known: dict[tuple[CaseId, str], str],
        cleared: Sequence[ToldClearing],
    ) -> None:
        before = known.get((case, record.key))
        if before is not None and before >= record.version:
            return
        if any(_covers(clearing, case, record) for clearing in cleared):
            return
        agency, person = case
        said = record.payload
        if not isinstance(said, PersonDetails):
            return
        try:
            sealed = self._keys.seal_beside(agency, person, record.key, _document(said))
        except KeyDestroyedError:
            return
        row = _row(case, record) | {"scopes": list(record.scopes), "sealed": sealed}
        self._connection.execute(_WRITE if before is None else _REWRITE, row)
        known[case, record.key] = record.version

    def _known(self, cases: Collection[CaseId]) -> Iterator[tuple[tuple[CaseId, str], str]]:
        wanted = {
            "agencies": sorted({agency for agency, _ in cases}),
            "persons": sorted({person for _, person in cases}),
        }
        for row in self._connection.execute(_KNOWN, wanted):
            case = row.agency_code, PersonId(row.person_id)
            yield (case, row.record_key), row.version


def told_of_death(
    persons: Collection[PersonId], connection: DirectConnection, agency: str
) -> frozenset[PersonId]:
    """Of whose death the agency's feeds told, or denied it; nothing is opened."""
    wanted = {"persons": sorted(persons), "agency": agency}
    return frozenset(map(PersonId, connection.execute(_TOLD_OF, wanted).scalars()))


def with_deaths(
    labels: Iterable[OwnLabel],
    connection: Connection,
    keys: LabelKeys,
    *,
    agency: str | None = None,
) -> list[OwnLabel]:
    """The labels, each with what the same agency's feeds told of a death, the latest first."""
    found = list(labels)
    wanted = {"persons": sorted({one.person for one in found}), "agency": agency}
    deaths: dict[CaseId, list[OwnDeath]] = {}
    for row in connection.execute(_SEALED, wanted) if found else ():
        case = row.agency_code, PersonId(row.person_id)
        try:
            plain = keys.open_beside(*case, row.record_key, bytes(row.sealed))
        except (KeyDestroyedError, KeyUnusableError):
            continue  # erased, or a backup's: nothing opens it any more
        death = OwnDeath(Source(row.source), row.version, _details(plain))
        deaths.setdefault(case, []).append(death)
    return [replace(one, deaths=tuple(deaths.get((one.agency, one.person), ()))) for one in found]


def _covers(clearing: ToldClearing, case: CaseId, record: PublishedRecord) -> bool:
    """Whether it took the record back before this came."""
    is_in = clearing.scope == ALL_RECORDS or clearing.scope in record.scopes
    return (
        clearing.case == case
        and clearing.source is record.source
        and is_in
        and clearing.version > record.version
        and not set(record.scopes) & set(clearing.keeps)
    )


def _row(case: CaseId, record: PublishedRecord) -> dict[str, object]:
    agency, person = case
    return {
        "agency": agency,
        "person": person,
        "source": record.source.value,
        "key": record.key,
        "version": record.version,
    }


def _document(said: PersonDetails) -> bytes:
    return json.dumps([said.died, said.has_died, said.death_contradicted]).encode()


def _details(document: bytes) -> PersonDetails:
    died, has_died, contradicted = json.loads(document)
    return PersonDetails(died=died, has_died=has_died, death_contradicted=contradicted)
