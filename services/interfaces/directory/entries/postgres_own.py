"""Entries that are written here, and what waits for a second person to agree."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, text


@dataclass(frozen=True, slots=True)
class ListedPartner:
    """Whose services are listed here; `agency` is that whose people write for it, if any do."""

    code: str
    name: str
    kind: str
    charity_number: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """An entry as whoever writes it has to know it; a feed's has no partner."""

    id: str
    partner: str | None
    revision: int
    is_withheld: bool
    is_waiting: bool
    name: str
    document: Mapping[str, Any]
    needs: tuple[str, ...]
    languages: tuple[str, ...]
    access: tuple[str, ...]
    ways: tuple[str, ...]
    days: tuple[int, ...]
    is_free: bool | None
    capacity: str | None
    capacity_words: str | None


@dataclass(frozen=True, slots=True)
class EntryProposal:
    """What somebody wants to list, and why that takes another person."""

    id: str
    service: str
    partner: str
    revision: int
    why: str


_OWN: Final = """
    SELECT s.service_id, s.partner_code, s.revision, s.is_withheld, s.name, s.document, s.needs,
        s.languages, s.access, s.ways, s.days, s.is_free, s.capacity, s.capacity_words,
        EXISTS (SELECT FROM directory_proposal AS p
                WHERE p.service_id = s.service_id AND p.answered_at IS NULL) AS is_waiting
    FROM directory_service AS s
"""
_ONE: Final = text(f"{_OWN} WHERE s.service_id = :id FOR UPDATE")
_ALL: Final = text(f"""
    {_OWN} WHERE s.partner_code IS NOT NULL
        AND (CAST(:partner AS text) IS NULL OR s.partner_code = :partner)
    ORDER BY s.name, s.service_id LIMIT 500
""")
_PARTNERS: Final = text("""
    SELECT partner_code, name, kind, charity_number, agency_code FROM directory_partner
    WHERE (CAST(:code AS text) IS NULL OR partner_code = :code)
      AND (CAST(:agency AS text) IS NULL OR agency_code = :agency)
    ORDER BY name, partner_code
""")
_ADD_PARTNER: Final = text("""
    INSERT INTO directory_partner
        (partner_code, name, kind, charity_number, agency_code, added_by, added_at)
    VALUES (:code, :name, :kind, :charity, :agency, :by, :at)
    ON CONFLICT DO NOTHING RETURNING partner_code
""")
_PROPOSE: Final = text("""
    INSERT INTO directory_proposal
        (proposal_id, service_id, partner_code, revision, why, form, asked_by, asked_at)
    VALUES (:id, :service, :partner, :revision, :why, CAST(:form AS jsonb), :by, :at)
""")
_WAITING: Final = """
    SELECT proposal_id, service_id, partner_code, revision, why, form, asked_by, asked_at
    FROM directory_proposal WHERE answered_at IS NULL
"""
_WAITING_ONE: Final = text(f"{_WAITING} AND proposal_id = :id FOR UPDATE")
_WAITING_ALL: Final = text(f"{_WAITING} ORDER BY asked_at LIMIT 200")
_ANSWER: Final = text("""
    UPDATE directory_proposal SET answered_by = :by, answered_at = :at, is_accepted = :accepts
    WHERE proposal_id = :id
""")


def own_entry(connection: Connection, service: str) -> OwnEntry | None:
    """An entry, held until the transaction ends."""
    row = connection.execute(_ONE, {"id": service}).first()
    return None if row is None else _entry(row)


def own_entries(connection: Connection, partner: str | None) -> Sequence[OwnEntry]:
    """A partner's entries, or those of all, by name."""
    return [_entry(row) for row in connection.execute(_ALL, {"partner": partner})]


def partner_called(connection: Connection, partner: str) -> ListedPartner | None:
    """A partner by its code."""
    return next(iter(partners(connection, code=partner)), None)


def partners(
    connection: Connection, *, code: str | None = None, agency: str | None = None
) -> Sequence[ListedPartner]:
    """Every partner by name, the one of that code, or those for whom an agency's people write."""
    return [
        ListedPartner(row.partner_code, row.name, row.kind, row.charity_number, row.agency_code)
        for row in connection.execute(_PARTNERS, {"code": code, "agency": agency})
    ]


def add_partner(connection: Connection, partner: ListedPartner, *, by: str, at: datetime) -> bool:
    """Enter one; False where its code is there already."""
    values: dict[str, Any] = {"code": partner.code, "name": partner.name, "kind": partner.kind}
    values |= {"charity": partner.charity_number, "agency": partner.agency}
    return connection.execute(_ADD_PARTNER, values | {"by": by, "at": at}).first() is not None


def propose(
    connection: Connection,
    proposal: EntryProposal,
    *,
    form: Mapping[str, Any],
    by: str,
    at: datetime,
) -> None:
    """Keep what is wanted until somebody else answers."""
    values = {"id": proposal.id, "service": proposal.service, "partner": proposal.partner}
    values |= {"why": proposal.why, "form": json.dumps(form), "by": by}
    connection.execute(_PROPOSE, values | {"revision": proposal.revision, "at": at})


def proposal_waiting(
    connection: Connection, proposal: str
) -> tuple[EntryProposal, Mapping[str, Any]] | None:
    """One that waits, and what is wanted, held until the transaction ends."""
    row = connection.execute(_WAITING_ONE, {"id": proposal}).first()
    return None if row is None else (_proposal(row), row.form)


def proposals_waiting(connection: Connection) -> Sequence[tuple[EntryProposal, Row[Any]]]:
    """All that wait, the oldest first."""
    return [(_proposal(row), row) for row in connection.execute(_WAITING_ALL)]


def asked_by(connection: Connection, proposal: str) -> str | None:
    """Who wants it, as the ledger names them."""
    row = connection.execute(_WAITING_ONE, {"id": proposal}).first()
    return None if row is None else str(row.asked_by)


def answer_proposal(
    connection: Connection, proposal: str, *, accepts: bool, by: str, at: datetime
) -> None:
    """Note the answer."""
    connection.execute(_ANSWER, {"id": proposal, "accepts": accepts, "by": by, "at": at})


def _entry(row: Row[Any]) -> OwnEntry:
    return OwnEntry(
        str(row.service_id),
        row.partner_code,
        row.revision,
        row.is_withheld,
        row.is_waiting,
        row.name,
        row.document,
        tuple(row.needs),
        tuple(row.languages),
        tuple(row.access),
        tuple(row.ways),
        tuple(row.days),
        row.is_free,
        row.capacity,
        row.capacity_words,
    )


def _proposal(row: Row[Any]) -> EntryProposal:
    return EntryProposal(
        row.proposal_id, str(row.service_id), row.partner_code, row.revision, row.why
    )
