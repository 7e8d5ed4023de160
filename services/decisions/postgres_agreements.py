"""Adopted data-sharing agreements in PostgreSQL, read in the caller's transaction.

Each adoption is a state of the one agreement by which everything is decided. One that is not as it
was written, or is missing among those that were counted, agrees nothing until another is adopted.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count, pairwise
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import ProgrammingError

from consent.agreement import AdoptedAgreement, Agreement
from consent.agreements.adopting import Adoption
from consent.agreements.reading import agreement_from_json
from consent.errors import AgreementInvalidError
from schemas.identifiers import PersonId
from services.ledger.bound_tables import AGREEMENTS
from services.ledger.postgres_bound import BoundRows
from services.platform.errors import ServiceUnavailableError

_LOCK = 0x7E11_0C04
_PERSONS_AT_ONCE = 10_000
_COLUMNS = """
    adoption_id, state, version, adopted_at, sha256, adopted_by, salt, bound_by, seal
"""
ADOPTED = text(f"""
    SELECT {_COLUMNS}, CASE WHEN sha256 = ANY(:known) THEN NULL ELSE document END AS unread
    FROM data_sharing_agreement ORDER BY state
""")  # noqa: S608 of constant parts
_LIST = text("SELECT * FROM data_sharing_agreement ORDER BY state")
_STATES = text("SELECT state FROM data_sharing_agreement")
_PERSONS = text("""
    SELECT DISTINCT person_id FROM sharing_decision_subject WHERE person_id > :after
    ORDER BY person_id LIMIT :most
""")
_FIRST = datetime.min.replace(tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)
_NOTHING = Agreement("not-as-written", "Not as it was written", date.min, date.min, rules=())

# What was adopted never changes, so that each process reads each content once.
_CONTENTS: dict[str, Agreement] = {}


def contents_known() -> list[str]:
    """The hashes of contents that this process has read, to be read no more."""
    return list(_CONTENTS)


class PostgresAgreements:
    """consent.agreements.adopting.Agreements; adopting takes the rights of the database's owner."""

    def __init__(self, connection: Connection, bound: BoundRows) -> None:
        self._connection = connection
        self._bound = bound

    def adopted(self) -> tuple[AdoptedAgreement, ...]:
        """Every agreement that was ever adopted, as this transaction sees it.

        (1) What holds counts from when it was adopted. (2) A gap in the count is one that does not
        hold, or is gone: after the one before it nothing was agreed. (3) Nor is anything now where
        there are more than the newest has counted.
        """
        rows = self._connection.execute(ADOPTED, {"known": contents_known()}).all()
        held = [row for row in rows if self._bound.holds(AGREEMENTS, row)]
        found = [AdoptedAgreement(_content(row), row.adopted_at) for row in held]  # (1)
        counted = [0, *(row.state for row in held)]
        found += [  # (2)
            AdoptedAgreement(_NOTHING, _after(held[number - 1] if number else None))
            for number, (before, after) in enumerate(pairwise(counted))
            if after != before + 1
        ]
        if len(rows) > counted[-1]:  # (3)
            found.append(AdoptedAgreement(_NOTHING, _after(held[-1] if held else None)))
        return tuple(sorted(found, key=lambda one: one.adopted_at))

    def adoptions(self) -> Sequence[Adoption]:
        """Every adoption so far with its document, the latest last."""
        found: list[Adoption] = []
        for row in self._connection.execute(_LIST):
            before = found[-1].adopted_at if found else _FIRST
            found.append(_adoption(row) if self._holds(row) else _not_held(row, before))
        return found

    def lock_and_list(self) -> Sequence[Adoption]:
        """Every adoption so far, the latest last; nobody else adopts until this commits."""
        self._connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        return self.adoptions()

    def add(self, adoption: Adoption) -> None:
        """Keep an adoption. Raises AgreementInvalidError where this role may not adopt."""
        row: dict[str, object] = {
            "adoption_id": adoption.id,
            "version": adoption.agreement.version,
            "adopted_at": adoption.adopted_at,
            "document": adoption.document,
            "sha256": adoption.sha256,
            "adopted_by": adoption.adopted_by,
        }
        try:
            taken = set(self._connection.execute(_STATES).scalars())
            row["state"] = next(number for number in count(len(taken) + 1) if number not in taken)
            written = self._bound.add(AGREEMENTS, [(row, adoption.adopted_by)])
        except ProgrammingError as error:
            raise AgreementInvalidError(
                "agreement", "can-be-adopted-by-the-owner-of-the-database-only"
            ) from error
        if not written:
            raise ServiceUnavailableError("another adoption came first; try again")

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

    def _holds(self, row: Row[Any]) -> bool:
        return self._bound.holds(AGREEMENTS, row) and _is_document(row.document, row.sha256)


def _after(row: Row[Any] | None) -> datetime:
    return _FIRST if row is None else row.adopted_at + _INSTANT


def _content(row: Row[Any]) -> Agreement:
    """The content of a row that holds: what its hash says, and nothing where that is not there."""
    if row.unread is None:
        return _CONTENTS[row.sha256]
    if not _is_document(row.unread, row.sha256):
        return _NOTHING
    _CONTENTS[row.sha256] = _read(row.version, bytes(row.unread))
    return _CONTENTS[row.sha256]


def _is_document(document: bytes, digest: str) -> bool:
    return sha256(bytes(document)).hexdigest() == digest


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


def _not_held(row: Row[Any], before: datetime) -> Adoption:
    """One that says nothing that could be believed, not even when it was."""
    at = before if before == _FIRST else before + _INSTANT
    return Adoption(row.adoption_id, _NOTHING, b"", "", at, "")
