"""Presences, codes, requests and sheets in PostgreSQL, as one transaction sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from consent.circumstances import Present
from schemas.identifiers import PersonId, PractitionerId
from services.people.presence.model import (
    ConfirmationRequest,
    ConfirmedPresence,
    ConfirmingAnswer,
    IssuedCode,
    PresenceBegun,
    Way,
    WithWhom,
)

_BEGIN = text("""
    INSERT INTO presence (presence_id, practitioner_id, agency_code, person_id, asked_about,
                          sealed_subject, with_whom, in_the_room, began_at, lapses_at)
    VALUES (:id, :practitioner, :agency, :person, :about, :subject, :with_whom, :room, :began,
            :lapses)
""")
_FIND = text("SELECT * FROM presence WHERE presence_id = :id")
# Locked, so that of two who confirm at once the second finds it confirmed.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('presence ' || :id, 0))")
# A newer code ends those before it itself: two may be issued at one instant of the clock.
_ISSUE = text("""
    WITH earlier AS (
        UPDATE presence_code SET used_at = :created
        WHERE presence_id = :presence AND used_at IS NULL
    )
    INSERT INTO presence_code (code_id, presence_id, practitioner_id, asked_about, code, contact,
                               created_at, expires_at)
    VALUES (:id, :presence, :practitioner, :about, :code, :contact, :created, :expires)
""")
_ISSUED = text("""
    SELECT count(*) FILTER (WHERE practitioner_id = :practitioner) AS by_asker,
           count(*) FILTER (WHERE asked_about = :about) AS about
    FROM presence_code
    WHERE created_at > :after AND (practitioner_id = :practitioner OR asked_about = :about)
""")
_NEWEST = text("""
    SELECT * FROM presence_code WHERE presence_id = :presence
    ORDER BY created_at DESC, used_at IS NULL DESC, code_id DESC LIMIT 1 FOR UPDATE
""")
_TRIED = text("UPDATE presence_code SET tries = tries + 1 WHERE code_id = :id")
_USED = text("UPDATE presence_code SET used_at = :at WHERE code_id = :id")
_REQUEST = text("""
    INSERT INTO presence_request (request_id, presence_id, way, asked_at, lapses_at)
    VALUES (:id, :presence, :way, :at, :lapses)
""")
_REQUESTS = """
    SELECT r.request_id, r.way, r.asked_at, r.lapses_at AS request_lapses_at, a.answer, p.*
    FROM presence_request r JOIN presence p USING (presence_id)
    LEFT JOIN presence_answer a USING (request_id)
"""
_ONE_REQUEST = text(f"{_REQUESTS} WHERE r.request_id = :id")
_OPEN_REQUESTS = text(f"""
    {_REQUESTS}
    WHERE a.request_id IS NULL AND r.way = :way AND r.asked_at <= :at AND r.lapses_at > :at
        AND p.lapses_at > :at
    ORDER BY r.asked_at LIMIT :most
""")
_ANSWER = text("""
    INSERT INTO presence_answer (request_id, answered_by, answer, answered_at)
    VALUES (:id, :by, :answer, :at)
""")
_CONFIRM = text("""
    INSERT INTO presence_confirmed (presence_id, person_id, warrant, reference, relationships,
                                    confirmed_at, ends_at)
    VALUES (:presence, :person, :warrant, :reference, :relationships, :at, :ends)
""")
_CONFIRMED = text("SELECT * FROM presence_confirmed WHERE presence_id = :presence")
_WRITE = text("""
    INSERT INTO presence_sheet (sheet_id, presence_id, written_at, sealed)
    VALUES (:id, :presence, :at, :sealed)
""")
_SHEETS = text("""
    SELECT sheet_id, sealed FROM presence_sheet WHERE presence_id = :presence ORDER BY written_at
""")
_MOST_LISTED = 50


class PostgresPresence:
    """What is kept of families that are with practitioners. Nothing but tries is written over."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, presence: PresenceBegun) -> None:
        """Keep that somebody says a family is with them."""
        self._connection.execute(
            _BEGIN,
            {
                "id": presence.id,
                "practitioner": presence.practitioner,
                "agency": presence.agency,
                "person": presence.person,
                "about": presence.asked_about,
                "subject": presence.sealed_subject,
                "with_whom": presence.with_whom.value,
                "room": sorted(presence.in_the_room),
                "began": presence.began_at,
                "lapses": presence.lapses_at,
            },
        )

    def find(self, presence_id: str) -> PresenceBegun | None:
        """One presence, locked against anybody else who confirms or answers."""
        self._connection.execute(_LOCK, {"id": presence_id})
        row = self._connection.execute(_FIND, {"id": presence_id}).first()
        return None if row is None else _presence(row)

    # Codes.

    def issue(self, code: IssuedCode) -> None:
        """Keep a code's keyed hash."""
        self._connection.execute(
            _ISSUE,
            {
                "id": code.id,
                "presence": code.presence,
                "practitioner": code.practitioner,
                "about": code.asked_about,
                "code": code.code,
                "contact": code.contact,
                "created": code.created_at,
                "expires": code.expires_at,
            },
        )

    def issued_since(
        self, after: datetime, practitioner: PractitionerId, asked_about: bytes
    ) -> tuple[int, int]:
        """How many codes this practitioner has asked for, and how many anybody about this."""
        wanted = {"after": after, "practitioner": practitioner, "about": asked_about}
        row = self._connection.execute(_ISSUED, wanted).one()
        return row.by_asker, row.about

    def newest_code(self, presence_id: str) -> IssuedCode | None:
        """The code that counts: one that is asked for again takes the place of that before."""
        row = self._connection.execute(_NEWEST, {"presence": presence_id}).first()
        return None if row is None else _code(row)

    def tried(self, code: IssuedCode) -> None:
        """Count one try."""
        self._connection.execute(_TRIED, {"id": code.id})

    def used(self, code: IssuedCode, *, at: datetime) -> None:
        """It opens nothing again."""
        self._connection.execute(_USED, {"id": code.id, "at": at})

    # Requests to officers and colleagues.

    def ask(self, request: ConfirmationRequest) -> None:
        """Keep a request."""
        self._connection.execute(
            _REQUEST,
            {
                "id": request.id,
                "presence": request.presence.id,
                "way": request.way.value,
                "at": request.asked_at,
                "lapses": request.lapses_at,
            },
        )

    def request(self, request_id: str) -> ConfirmationRequest | None:
        """One request with its answer, its presence locked."""
        row = self._connection.execute(_ONE_REQUEST, {"id": request_id}).first()
        if row is None:
            return None
        self._connection.execute(_LOCK, {"id": row.presence_id})
        return _request(self._connection.execute(_ONE_REQUEST, {"id": request_id}).one())

    def open_requests(self, way: Way, *, at: datetime) -> Sequence[ConfirmationRequest]:
        """Those that wait for an answer, the longest waiting first."""
        wanted = {"way": way.value, "at": at, "most": _MOST_LISTED}
        return [_request(row) for row in self._connection.execute(_OPEN_REQUESTS, wanted)]

    def answer(
        self, request: ConfirmationRequest, answer: ConfirmingAnswer, *, by: str, at: datetime
    ) -> None:
        """Keep what somebody said; a request is answered once."""
        wanted = {"id": request.id, "by": by, "answer": answer.value, "at": at}
        self._connection.execute(_ANSWER, wanted)

    # What was confirmed, and what was written.

    def confirm(self, confirmed: ConfirmedPresence, *, warrant: str, reference: str) -> None:
        """Keep what was confirmed; a presence is confirmed once."""
        self._connection.execute(
            _CONFIRM,
            {
                "presence": confirmed.presence,
                "person": confirmed.person,
                "warrant": warrant,
                "reference": reference,
                "relationships": list(confirmed.relationships),
                "at": confirmed.confirmed_at,
                "ends": confirmed.ends_at,
            },
        )

    def confirmed(self, presence_id: str) -> ConfirmedPresence | None:
        """What was confirmed of one presence."""
        row = self._connection.execute(_CONFIRMED, {"presence": presence_id}).first()
        return None if row is None else _confirmed(row)

    def write(self, sheet_id: str, presence_id: str, sealed: bytes, *, at: datetime) -> None:
        """Keep a sealed sheet."""
        wanted = {"id": sheet_id, "presence": presence_id, "at": at, "sealed": sealed}
        self._connection.execute(_WRITE, wanted)

    def sheets(self, presence_id: str) -> Sequence[tuple[str, bytes]]:
        """The sheets of one presence, sealed, with their ids."""
        rows = self._connection.execute(_SHEETS, {"presence": presence_id})
        return [(row.sheet_id, bytes(row.sealed)) for row in rows]


def _presence(row: Row[tuple[object, ...]]) -> PresenceBegun:
    return PresenceBegun(
        id=row.presence_id,
        practitioner=PractitionerId(row.practitioner_id),
        agency=row.agency_code,
        person=None if row.person_id is None else PersonId(row.person_id),
        asked_about=bytes(row.asked_about),
        with_whom=WithWhom(row.with_whom),
        in_the_room=frozenset(map(Present, row.in_the_room)),
        began_at=row.began_at,
        lapses_at=row.lapses_at,
        sealed_subject=_bytes(row.sealed_subject),
    )


def _code(row: Row[tuple[object, ...]]) -> IssuedCode:
    return IssuedCode(
        row.code_id,
        row.presence_id,
        PractitionerId(row.practitioner_id),
        bytes(row.asked_about),
        bytes(row.code),
        _bytes(row.contact),
        row.created_at,
        row.expires_at,
        row.tries,
        row.used_at,
    )


def _request(row: Row[tuple[object, ...]]) -> ConfirmationRequest:
    answer = None if row.answer is None else ConfirmingAnswer(row.answer)
    presence = _presence(row)
    way, until = Way(row.way), row.request_lapses_at
    return ConfirmationRequest(row.request_id, presence, way, row.asked_at, until, answer)


def _confirmed(row: Row[tuple[object, ...]]) -> ConfirmedPresence:
    return ConfirmedPresence(
        row.presence_id,
        PersonId(row.person_id),
        tuple(row.relationships),
        row.confirmed_at,
        row.ends_at,
    )


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
