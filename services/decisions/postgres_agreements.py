"""Adopted data-sharing agreements in PostgreSQL, read in the caller's transaction."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import ProgrammingError

from consent.agreement import AdoptedAgreement, Agreement
from consent.agreements.adopting import Adoption
from consent.agreements.reading import agreement_from_json
from consent.errors import AgreementInvalidError
from schemas.identifiers import PersonId

_LOCK = 0x7E11_0C04
_PERSONS_AT_ONCE = 10_000
_READ = text("""
    SELECT version, adopted_at, sha256,
        CASE WHEN sha256 = ANY(:known) THEN NULL ELSE document END AS unread
    FROM data_sharing_agreement ORDER BY adopted_at
""")
_LIST = text("SELECT * FROM data_sharing_agreement ORDER BY adopted_at")
_ADD = text("""
    INSERT INTO data_sharing_agreement
    VALUES (:adoption, :version, :at, :document, :sha256, :by)
""")
_PERSONS = text("""
    SELECT DISTINCT person_id FROM sharing_decision_subject WHERE person_id > :after
    ORDER BY person_id LIMIT :most
""")

# What was adopted never changes, so that each process reads each content once.
_CONTENTS: dict[str, Agreement] = {}


class PostgresAgreements:
    """consent.agreements.adopting.Agreements; adopting takes the rights of the database's owner."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def adopted(self) -> tuple[AdoptedAgreement, ...]:
        """Every agreement that was ever adopted, as this transaction sees it."""
        rows = self._connection.execute(_READ, {"known": list(_CONTENTS)}).all()
        return tuple(AdoptedAgreement(_content(row), row.adopted_at) for row in rows)

    def adoptions(self) -> Sequence[Adoption]:
        """Every adoption so far with its document, the latest last."""
        return [_adoption(row) for row in self._connection.execute(_LIST)]

    def lock_and_list(self) -> Sequence[Adoption]:
        """Every adoption so far, the latest last; nobody else adopts until this commits."""
        self._connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        return self.adoptions()

    def add(self, adoption: Adoption) -> None:
        """Keep an adoption. Raises AgreementInvalidError where this role may not adopt."""
        row = {
            "adoption": adoption.id,
            "version": adoption.agreement.version,
            "at": adoption.adopted_at,
            "document": adoption.document,
            "sha256": adoption.sha256,
            "by": adoption.adopted_by,
        }
        try:
            self._connection.execute(_ADD, row)
        except ProgrammingError as error:
            raise AgreementInvalidError(
                "agreement", "can-be-adopted-by-the-owner-of-the-database-only"
            ) from error

    def persons_decided_about(self) -> Iterator[Sequence[PersonId]]:
        """Everybody about whom anything is decided, in lots that fit in memory."""
        after = ""
        while True:
            wanted = {"after": after, "most": _PERSONS_AT_ONCE}
            lot = [PersonId(p) for p in self._connection.execute(_PERSONS, wanted).scalars()]
            if lot:
                yield lot
            if len(lot) < _PERSONS_AT_ONCE:
                return
            after = lot[-1]


def _content(row: Row[Any]) -> Agreement:
    if row.unread is not None:
        _CONTENTS[row.sha256] = _read(row.version, bytes(row.unread))
    return _CONTENTS[row.sha256]


def _read(version: str, document: bytes) -> Agreement:
    """The agreement in a document; in one that this program cannot read nothing is agreed."""
    try:
        return agreement_from_json(document)
    except AgreementInvalidError:
        return Agreement(version, "Not readable", date.min, date.min, rules=())


def _adoption(row: Row[Any]) -> Adoption:
    document = bytes(row.document)
    return Adoption(
        id=row.adoption_id,
        agreement=_read(row.version, document),
        document=document,
        sha256=row.sha256,
        adopted_at=row.adopted_at,
        adopted_by=row.adopted_by,
    )
