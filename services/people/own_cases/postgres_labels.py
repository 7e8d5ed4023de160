"""Each agency's own label of its cases, in PostgreSQL: written by connectors, read by few.

Sealed under the person's key and over that under the agency's: whoever erases the person, and
whoever leaves with the database alone, has nothing. Connectors may write the sealed content and
not read it; who reads it has a database role that may do nothing else.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, TextClause, text

from connectors.publishing.ports import ToldLabel
from schemas.identifiers import PersonId
from schemas.uk_time import uk_day
from services.people.own_cases.model import CaseId, OwnDeath
from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.sealing import open_at_rest, seal_at_rest

_KNOWN = text("""
    SELECT agency_code, person_id, version, is_named, digest, heard_on FROM own.own_label
    WHERE agency_code = ANY(:agencies) AND person_id = ANY(:persons)
""")
_WRITE = text("""
    INSERT INTO own.own_label (agency_code, person_id, version, is_named, digest, sealed, heard_on)
    VALUES (:agency, :person, :version, :is_named, :digest, :sealed, :heard_on)
    ON CONFLICT DO NOTHING
""")
# Not written as what to do on a conflict: that would read what is sealed.
_REWRITE = text("""
    UPDATE own.own_label SET version = :version, is_named = :is_named, digest = :digest,
        sealed = :sealed, heard_on = :heard_on
    WHERE agency_code = :agency AND person_id = :person
""")
_HEARD = text("""
    UPDATE own.own_label SET version = :version, heard_on = :heard_on
    WHERE agency_code = :agency AND person_id = :person
""")
_SEALED = text("""
    SELECT person_id, agency_code, sealed, heard_on FROM own.own_label
    WHERE person_id = ANY(:persons)
      AND (CAST(:agency AS text) IS NULL OR agency_code = CAST(:agency AS text))
    ORDER BY person_id, agency_code
""")


@dataclass(frozen=True, slots=True, repr=False)
class OwnLabel:
    """How an agency knows somebody, as its own feed told it last; `heard_on` is when that was.

    `deaths` are what its feeds told of a death, the latest first.
    """

    agency: str
    person: PersonId
    label: ToldLabel
    heard_on: date
    deaths: tuple[OwnDeath, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    version: str
    is_named: bool
    digest: bytes
    heard_on: date


class LabelKeys:
    """The keys that labels are sealed under: one an agency, from one secret; one a person."""

    def __init__(self, secret: bytes, data_key: Callable[[PersonId], bytes]) -> None:
        self._hasher = KeyedHasher(secret)
        self._data_key = data_key

    def seal(self, agency: str, person: PersonId, label: ToldLabel) -> bytes:
        """Raises KeyDestroyedError when the person was erased."""
        return self._sealed(agency, person, f"{agency}/{person}", _document(label))

    def open(self, agency: str, person: PersonId, sealed: bytes) -> ToldLabel:
        """Raises KeyDestroyedError or KeyUnusableError."""
        return _label(self._opened(agency, person, f"{agency}/{person}", sealed))

    def seal_beside(self, agency: str, person: PersonId, record: str, document: bytes) -> bytes:
        """The same for what one record says beside the label."""
        return self._sealed(agency, person, f"{agency}/{person}/{record}", document)

    def open_beside(self, agency: str, person: PersonId, record: str, sealed: bytes) -> bytes:
        """Back from seal_beside."""
        return self._opened(agency, person, f"{agency}/{person}/{record}", sealed)

    def digest(self, agency: str, person: PersonId, label: ToldLabel) -> bytes:
        """The same for the same label, so that what has not changed is not written again."""
        return self._hasher.digest("label", agency, person, _document(label).decode())

    def _sealed(self, agency: str, person: PersonId, bound_to: str, document: bytes) -> bytes:
        inner = seal_at_rest(self._data_key(person), document, bound_to=bound_to)
        return seal_at_rest(self._of(agency), inner, bound_to=bound_to)

    def _opened(self, agency: str, person: PersonId, bound_to: str, sealed: bytes) -> bytes:
        inner = open_at_rest(self._of(agency), sealed, bound_to=bound_to)
        return open_at_rest(self._data_key(person), inner, bound_to=bound_to)

    def _of(self, agency: str) -> bytes:
        return self._hasher.digest("agency-key", agency)


class PostgresLabels:
    """Labels as a connector's transaction writes them."""

    def __init__(self, connection: Connection, keys: LabelKeys) -> None:
        self._connection = connection
        self._keys = keys

    def keep(self, told: Sequence[tuple[CaseId, str, ToldLabel]], *, at: datetime) -> None:
        """Keep how agencies know persons, each in a version: the latest that names them counts.

        One without a name says that the person was heard of, and takes no name away.
        """
        known = dict(self._known({case for case, _, _ in told}))
        newest: dict[CaseId, tuple[str, ToldLabel]] = {}
        for case, version, label in told:
            before = newest.get(case)
            if before is None or _rank(version, label) > _rank(*before):
                newest[case] = version, label
        rows: dict[TextClause, list[dict[str, object]]] = {_WRITE: [], _REWRITE: [], _HEARD: []}
        for case, (version, label) in newest.items():
            row = self._row(case, version, label, known.get(case), uk_day(at))
            if row is not None:
                sealed = _REWRITE if case in known else _WRITE
                rows[sealed if "sealed" in row else _HEARD].append(row)
        for statement, of_it in rows.items():
            if of_it:
                self._connection.execute(statement, of_it)

    def _row(
        self, case: CaseId, version: str, label: ToldLabel, known: _Known | None, today: date
    ) -> dict[str, object] | None:
        agency, person = case
        row: dict[str, object] = {"agency": agency, "person": person, "heard_on": today}
        is_older = known is not None and version <= known.version
        if known is not None and (is_older or (known.is_named and not _is_named(label))):
            return row | {"version": known.version} if known.heard_on < today else None
        digest = self._keys.digest(agency, person, label)
        if known is not None and known.digest == digest:
            return row | {"version": version}
        try:
            sealed = self._keys.seal(agency, person, label)
        except KeyDestroyedError:
            return None
        named = {"is_named": _is_named(label), "digest": digest, "sealed": sealed}
        return row | {"version": version} | named

    def _known(self, cases: Collection[CaseId]) -> Mapping[CaseId, _Known]:
        rows = self._connection.execute(
            _KNOWN,
            {
                "agencies": sorted({agency for agency, _ in cases}),
                "persons": sorted({person for _, person in cases}),
            },
        )
        return {
            (row.agency_code, PersonId(row.person_id)): _Known(
                row.version, row.is_named, bytes(row.digest), row.heard_on
            )
            for row in rows
        }


class SealedLabels:
    """Labels as whoever may open them reads them: of one agency, or for a person's own report."""

    def __init__(self, connection: Connection, keys: LabelKeys) -> None:
        self._connection = connection
        self._keys = keys

    def of(self, persons: Collection[PersonId], *, agency: str | None = None) -> list[OwnLabel]:
        """The labels of these persons that can be opened: all agencies', unless one is named."""
        wanted = {"persons": sorted(persons), "agency": agency}
        found = []
        for row in self._connection.execute(_SEALED, wanted):
            person = PersonId(row.person_id)
            try:
                label = self._keys.open(row.agency_code, person, bytes(row.sealed))
            except (KeyDestroyedError, KeyUnusableError):
                continue  # erased, or a backup's: nothing opens it any more
            found.append(OwnLabel(row.agency_code, person, label, row.heard_on))
        return found


def _rank(version: str, label: ToldLabel) -> tuple[bool, str]:
    return _is_named(label), version


def _is_named(label: ToldLabel) -> bool:
    return label.family_name is not None or bool(label.given_names)


def _document(label: ToldLabel) -> bytes:
    told = [label.family_name, list(label.given_names), label.date_of_birth, label.reference]
    return json.dumps(told, ensure_ascii=True, separators=(",", ":")).encode()


def _label(document: bytes) -> ToldLabel:
    family, given, born, reference = json.loads(document)
    return ToldLabel(family, tuple(given), born, reference)
