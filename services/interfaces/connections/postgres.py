"""Connections in PostgreSQL, read and changed in the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection as Database
from sqlalchemy import Row, text

from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import Category
from services.interfaces.connections.life import (
    ASK,
    ConnectionChange,
    ConnectionStatus,
    DeclineReason,
    EndReason,
)
from services.interfaces.connections.model import (
    AskedService,
    Happened,
    ServiceConnection,
    WhatIsTold,
)
from services.interfaces.connections.telling.postgres_looks import DayLooked, days_looked, note_look
from services.platform.errors import ServiceUnavailableError
from services.platform.keys.sealing import JweSealer

_COLUMNS: Final = """
    c.connection_id, c.reference, c.service_id, c.partner_code, c.person_id, c.asked_by,
    c.agency_code, c.status, c.version, c.categories, c.agreed_until, c.changed_at, c.sent_at,
    c.open_by, c.respond_by, c.undelivered, c.is_to_ring, c.chased, c.declined, c.suggested,
    c.ended, ARRAY(SELECT p.person_id || ' ' || p.decision_id FROM connection_person AS p
                   WHERE p.connection_id = c.connection_id) AS permits
"""
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('connection ' || :id, 0))")
_FIND: Final = text(f"SELECT {_COLUMNS} FROM connection AS c WHERE c.connection_id = :id")  # noqa: S608
_BY_REFERENCE: Final = text(f"SELECT {_COLUMNS} FROM connection AS c WHERE c.reference = :id")  # noqa: S608
_ASKED_BY: Final = text(f"""
    SELECT {_COLUMNS} FROM connection AS c WHERE c.asked_by = ANY(:accounts)
    ORDER BY c.changed_at DESC LIMIT :most
""")  # noqa: S608 of constant parts
_ABOUT: Final = text(f"""
    SELECT {_COLUMNS} FROM connection AS c
    WHERE c.person_id = ANY(:persons) OR EXISTS (
        SELECT FROM connection_person AS p
        WHERE p.connection_id = c.connection_id AND p.person_id = ANY(:persons))
    ORDER BY c.changed_at DESC
""")  # noqa: S608 as above
_OF_PARTNER: Final = text(f"""
    SELECT {_COLUMNS} FROM connection AS c WHERE c.partner_code = :partner
    ORDER BY c.changed_at DESC LIMIT :most
""")  # noqa: S608 as above
_OPEN: Final = text("""
    SELECT connection_id FROM connection
    WHERE status NOT IN ('finished', 'declined', 'lapsed', 'withdrawn')
    ORDER BY connection_id
""")
_ADD: Final = text("""
    INSERT INTO connection (connection_id, reference, service_id, partner_code, person_id, asked_by,
        agency_code, status, version, categories, sealed, agreed_until, changed_at)
    VALUES (:id, :reference, :service, :partner, :person, :asked_by, :agency, :status, :version,
        :categories, :sealed, :agreed_until, :changed_at)
    ON CONFLICT (reference) DO NOTHING RETURNING 1
""")
_PERMIT: Final = text("""
    INSERT INTO connection_person (connection_id, person_id, decision_id)
    VALUES (:id, :person, :decision)
""")
_CHANGE: Final = text("""
    UPDATE connection SET status = :status, version = :version, changed_at = :changed_at,
        sent_at = :sent_at, open_by = :open_by, respond_by = :respond_by,
        undelivered = :undelivered, is_to_ring = :is_to_ring, chased = :chased,
        declined = :declined, suggested = :suggested, ended = :ended
    WHERE connection_id = :id AND version = :version - 1
""")
_HAPPENED: Final = text("""
    INSERT INTO connection_change (connection_id, version, change, status, at, actor, because)
    VALUES (:id, :version, :change, :status, :at, :actor, :because)
""")
_HISTORY: Final = text("""
    SELECT change, status, at, actor, because FROM connection_change
    WHERE connection_id = :id ORDER BY version
""")
_SEALED: Final = text("SELECT sealed FROM connection WHERE connection_id = :id")
# Only what is listed here has a partner who can be asked; a council's feed tells of strangers'.
_SERVICE: Final = text("""
    SELECT s.service_id, s.name, s.status, s.document, s.capacity, s.capacity_words, s.capacity_on,
        p.partner_code, p.name AS partner_name, p.agency_code
    FROM directory_service AS s JOIN directory_partner AS p USING (partner_code)
    WHERE s.service_id = :id AND s.status = 'active'
""")


class PostgresConnections:
    """Connections as one transaction sees them."""

    def __init__(self, database: Database, sealer: JweSealer) -> None:
        self._database = database
        self._sealer = sealer

    def find(self, connection: str) -> ServiceConnection | None:
        """One as it stands, locked until commit."""
        self._database.execute(_LOCK, {"id": connection})
        row = self._database.execute(_FIND, {"id": connection}).first()
        return None if row is None else _connection(row)

    def find_by_reference(self, reference: str) -> ServiceConnection | None:
        """One by what is read aloud; not locked."""
        row = self._database.execute(_BY_REFERENCE, {"id": reference}).first()
        return None if row is None else _connection(row)

    def asked_by(self, accounts: Iterable[str], *, most: int = 200) -> Sequence[ServiceConnection]:
        """Those that these accounts asked for, what changed last first."""
        values = {"accounts": sorted(accounts), "most": most}
        return [_connection(row) for row in self._database.execute(_ASKED_BY, values)]

    def about(self, persons: Iterable[PersonId]) -> Sequence[ServiceConnection]:
        """Those about any of these, what changed last first."""
        found = self._database.execute(_ABOUT, {"persons": sorted(persons)})
        return [_connection(row) for row in found]

    def of_partner(self, partner: str, *, most: int = 200) -> Sequence[ServiceConnection]:
        """Those of one partner, what changed last first."""
        found = self._database.execute(_OF_PARTNER, {"partner": partner, "most": most})
        return [_connection(row) for row in found]

    def open_ones(self) -> Sequence[str]:
        """The ids of all of which something can still become."""
        return list(self._database.execute(_OPEN).scalars())

    def add(self, made: ServiceConnection, told: WhatIsTold, *, actor: str) -> bool:
        """Write a new one, what is told sealed; False where its reference is taken."""
        sealed = self._sealer.seal(made.person, orjson.dumps(told.as_json()))
        values = _values(made) | {
            "reference": made.reference,
            "service": made.service,
            "partner": made.partner,
            "person": made.person,
            "asked_by": made.asked_by,
            "agency": made.agency,
            "categories": sorted(category.value for category in made.categories),
            "sealed": sealed,
            "agreed_until": made.agreed_until,
        }
        if self._database.execute(_ADD, values).first() is None:
            return False
        for person, decision in made.permits.items():
            permit = {"id": made.id, "person": person, "decision": decision}
            self._database.execute(_PERMIT, permit)
        is_draft = made.status is ConnectionStatus.DRAFT
        self._happened(made, ASK if is_draft else ConnectionChange.AGREE.value, actor, None)
        return True

    def change(
        self, became: ServiceConnection, change: str, *, actor: str, because: str | None
    ) -> None:
        """Write how it stands from now on."""
        if self._database.execute(_CHANGE, _values(became)).rowcount != 1:
            raise ServiceUnavailableError("another change of this request came first; try again")
        self._happened(became, change, actor, because)

    def _happened(
        self, became: ServiceConnection, change: str, actor: str, because: str | None
    ) -> None:
        values = {"id": became.id, "version": became.version, "status": became.status.value}
        more = {"change": change, "at": became.changed_at, "actor": actor, "because": because}
        self._database.execute(_HAPPENED, values | more)

    def history(self, connection: str) -> Sequence[Happened]:
        """What became of it, the first first."""
        return [
            Happened(ConnectionStatus(row.status), row.at, row.actor, row.change, row.because)
            for row in self._database.execute(_HISTORY, {"id": connection})
        ]

    def looked(self, connection: str, at: datetime) -> None:
        """Note that its service looked at it, for the family's own page."""
        note_look(self._database, connection, at)

    def days_looked(self, connection: str) -> Sequence[DayLooked]:
        """On which days its service looked at it."""
        return days_looked(self._database, connection)

    def told(self, connection: ServiceConnection) -> WhatIsTold | None:
        """What it tells, opened: for who was asked about first; None where it is gone."""
        sealed = self._database.execute(_SEALED, {"id": connection.id}).scalar_one_or_none()
        if sealed is None:
            return None
        return WhatIsTold.from_json(
            orjson.loads(self._sealer.open(connection.person, bytes(sealed)))
        )

    def service(self, service: str) -> AskedService | None:
        """A service that can be asked; None where there is none, or it has no partner here."""
        row = self._database.execute(_SERVICE, {"id": service}).first()
        return None if row is None else _service(row)


def _values(one: ServiceConnection) -> dict[str, Any]:
    return {
        "id": one.id,
        "status": one.status.value,
        "version": one.version,
        "changed_at": one.changed_at,
        "sent_at": one.sent_at,
        "open_by": one.open_by,
        "respond_by": one.respond_by,
        "undelivered": one.undelivered,
        "is_to_ring": one.is_to_ring,
        "chased": one.chased,
        "declined": one.declined and one.declined.value,
        "suggested": one.suggested,
        "ended": one.ended and one.ended.value,
    }


def _connection(row: Row[Any]) -> ServiceConnection:
    permits = (each.split(" ") for each in row.permits)
    return ServiceConnection(
        id=row.connection_id,
        reference=row.reference,
        service=str(row.service_id),
        partner=row.partner_code,
        person=PersonId(row.person_id),
        asked_by=PractitionerId(row.asked_by),
        agency=row.agency_code,
        status=ConnectionStatus(row.status),
        categories=frozenset(map(Category, row.categories)),
        agreed_until=row.agreed_until,
        changed_at=row.changed_at,
        permits={PersonId(person): DecisionId(decision) for person, decision in permits},
        version=row.version,
        sent_at=row.sent_at,
        open_by=row.open_by,
        respond_by=row.respond_by,
        undelivered=row.undelivered,
        is_to_ring=row.is_to_ring,
        chased=row.chased,
        declined=row.declined and DeclineReason(row.declined),
        suggested=row.suggested and str(row.suggested),
        ended=row.ended and EndReason(row.ended),
    )


def _service(row: Row[Any]) -> AskedService:
    contact: dict[str, Any] = next(iter(row.document.get("contacts") or ()), {})
    phone: dict[str, Any] = next(iter(contact.get("phones") or ()), {})
    return AskedService(
        str(row.service_id),
        row.name,
        row.partner_code,
        row.partner_name,
        row.agency_code,
        row.document.get("email") or contact.get("email"),
        phone.get("number"),
        row.capacity,
        row.capacity_words,
    )
