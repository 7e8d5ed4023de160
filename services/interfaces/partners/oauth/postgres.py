"""Who may come in as a partner, how often, for whom, with which tokens; in PostgreSQL."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Purpose, Role, Source
from services.interfaces.partners.acting import ActingFor, OpenedAccount
from services.interfaces.partners.ports import Caller, Credentials, Pace, Partner, PartnerId, Scope
from services.ledger.bound_tables import MEMBERSHIPS
from services.ledger.postgres_bound import BoundRows
from services.people.practitioners.postgres_memberships import member
from services.people.signing_in.demonstration import DEMONSTRATION
from services.work import UnitOfWork

# Which accounts a sign-in opens, by the memberships of those who work here.

_OPENED = text(f"""
    SELECT m.* FROM membership m
    WHERE m.practitioner_id = ANY(:practitioners) AND {member("m")} ORDER BY m.practitioner_id
""")  # noqa: S608 of constant parts


class PostgresPractitioners:
    """services.interfaces.partners.acting.Practitioners."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def opened_by(self, issuer: str, subject: str) -> Sequence[OpenedAccount]:
        """The accounts that a sign-in opens; the same is asked whoever it is."""
        wanted = {"practitioners": list(self._joined(issuer, subject)), "now": self._work.now}
        rows = self._work.connection.execute(_OPENED, wanted).all()
        return [
            OpenedAccount(PractitionerId(row.practitioner_id), row.agency_code, Role(row.role))
            for row in rows
            if self._work.bound.holds(MEMBERSHIPS, row)
        ]

    def _joined(self, issuer: str, subject: str) -> Sequence[PractitionerId]:
        """Whose sign-in it is; the demonstration's own names them, and only there."""
        if issuer == DEMONSTRATION:
            return [PractitionerId(subject)] if self._work.is_demonstration else []
        return self._work.sign_in_accounts.opened_by(issuer, subject)


def opens_records(role: str) -> bool:
    """Whether somebody in this role opens families' records on pages, and so by a partner too."""
    return role in OPENS_FAMILY_RECORDS


# Whether it may be told reasons is history of its own: no list of scopes gives it that.
PARTNERS = """
    SELECT p.*, coalesce((SELECT e.is_granted FROM partner_explaining e
                          WHERE e.partner_id = p.partner_id ORDER BY e.state DESC LIMIT 1), false)
        AS is_told_why FROM partner p
"""
_PARTNER = text(f"SELECT * FROM ({PARTNERS}) p WHERE partner_id = :partner")  # noqa: S608 ours
_CALLER = text(f"""
    SELECT p.*, t.scopes AS token_scopes, t.purpose, t.use_id, {MEMBERSHIPS.selected("w")}
    FROM partner_token t JOIN ({PARTNERS}) p USING (partner_id)
        LEFT JOIN membership w ON w.practitioner_id = t.practitioner_id
            AND w.agency_code = ANY(p.agencies) AND {member("w")}
    WHERE t.token_hash = :hash AND t.expires_at > :now AND p.suspended_at IS NULL
""")  # noqa: S608 ours
# The same for who reads on a practitioner's behalf, with where that one works. Nobody suspends
# the partner until the transaction ends; whoever did while this waited is found out by what is read
# ahead.
_READER = text(f"""
    SELECT caller.*, a.kind AS agency_kind,
           pg_advisory_xact_lock_shared(hashtextextended('partner:' || caller.partner_id, 0))
    FROM ({_CALLER.text}) AS caller LEFT JOIN agency a ON a.agency_code = caller.w_agency_code
""")  # noqa: S608 ours
_SAVE = text("""
    INSERT INTO partner_token (token_hash, partner_id, scopes, expires_at, practitioner_id, purpose,
                               use_id)
    VALUES (:hash, :partner, :scopes, :until, :practitioner, :purpose, :use)
""")
_USE = text("""
    INSERT INTO partner_use (use_id, kind, partner_id, practitioner_id, purpose, at)
    VALUES (:use, 'families', :partner, :practitioner, :purpose, :now)
""")
_KNOWN_AS = text("SELECT issuer, client FROM partner_client WHERE partner_id = :partner")
_SHARED = text("SELECT pg_advisory_xact_lock_shared(hashtextextended('partner:' || :partner, 0))")
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('partner:' || :partner, 0))")


class PostgresCredentials:
    """services.interfaces.partners.ports.PartnerCredentials as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, partner: PartnerId, *, at: datetime) -> Credentials | None:
        """The partner with what of its credentials is valid then, also when it is suspended."""
        wanted = {"partner": partner, "at": at}
        row = self._connection.execute(_PARTNER, wanted).first()
        if row is None:
            return None
        keys = self._connection.execute(
            text("""
                SELECT kid, jwk FROM partner_key WHERE partner_id = :partner
                AND (valid_until IS NULL OR valid_until > :at) ORDER BY added_at DESC, kid
            """),
            wanted,
        )
        secrets = self._connection.execute(
            text("""
                SELECT secret_hash FROM partner_secret WHERE partner_id = :partner
                AND (valid_until IS NULL OR valid_until > :at)
            """),
            wanted,
        )
        return Credentials(
            partner_from_row(row),
            {key.kid: json.loads(key.jwk) for key in keys},
            [bytes(secret.secret_hash) for secret in secrets],
        )

    def known_as(self, partner: PartnerId) -> Mapping[str, Collection[str]]:
        """As which clients providers of sign-in know it, by their issuers."""
        found: dict[str, set[str]] = {}
        for row in self._connection.execute(_KNOWN_AS, {"partner": partner}):
            found.setdefault(row.issuer, set()).add(row.client)
        return found


@dataclass(frozen=True, slots=True)
class ReadBy:
    """For whom a partner reads, in which role, and of what sort of agency."""

    acting: ActingFor
    role: Role
    agency_kind: Source


class PostgresAccessTokens:
    """services.interfaces.partners.ports.AccessTokens."""

    def __init__(self, connection: Connection, now: datetime, bound: BoundRows) -> None:
        self._connection = connection
        self._now = now
        self._bound = bound

    def save(
        self,
        token_hash: bytes,
        partner: PartnerId,
        scopes: Collection[Scope],
        *,
        until: datetime,
        acting: ActingFor | None = None,
    ) -> None:
        """Keep a token that was given out; those of the partner that are over are forgotten."""
        self._connection.execute(
            text("DELETE FROM partner_token WHERE partner_id = :partner AND expires_at <= :now"),
            {"partner": partner, "now": self._now},
        )
        row = {
            "hash": token_hash,
            "partner": partner,
            "scopes": sorted(scope.value for scope in scopes),
            "now": self._now,
            "until": until,
            "practitioner": acting.practitioner if acting else None,
            "purpose": acting.purpose.value if acting else None,
            "use": acting.use if acting else None,
        }
        if acting is not None:
            self._connection.execute(_USE, row)
        self._connection.execute(_SAVE, row)

    def caller(self, token_hash: bytes, *, at: datetime) -> Caller | None:
        """As the port says, in one query over token, partner and practitioner."""
        row = self._connection.execute(_CALLER, {"hash": token_hash, "now": at}).first()
        return None if row is None else self._caller(row, token_hash)

    def reader(self, token_hash: bytes, *, at: datetime) -> tuple[Caller, ReadBy | None] | None:
        """The same, kept from being suspended, and as whom it reads: None for nobody here."""
        row = self._connection.execute(_READER, {"hash": token_hash, "now": at}).first()
        if row is None:
            return None
        caller = self._caller(row, token_hash)
        if caller.acting is None or row.agency_kind is None:
            return caller, None
        return caller, ReadBy(caller.acting, Role(row.w_role), Source(row.agency_kind))

    def _caller(self, row: Row[Any], token_hash: bytes) -> Caller:
        partner = partner_from_row(row)
        scopes = partner.scopes & set(row.token_scopes)
        return Caller(
            partner.id,
            frozenset(scopes),
            partner.pace,
            partner.la_code,
            token_hash,
            self._acting(row),
            partner.agencies,
            partner.answers_for,
        )

    def _acting(self, row: Row[Any]) -> ActingFor | None:
        """Who is named; nobody when they left, or open no records any more."""
        if row.w_practitioner_id is None or not opens_records(row.w_role):
            return None
        if not self._bound.holds(MEMBERSHIPS, row, "w"):
            return None
        practitioner = PractitionerId(row.w_practitioner_id)
        return ActingFor(practitioner, Purpose(row.purpose), row.use_id)

    def keep_from_suspension(self, partner: PartnerId) -> None:
        """Let nobody suspend the partner until this transaction ends."""
        self._connection.execute(_SHARED, {"partner": partner})


class PostgresUsedAssertions:
    """services.interfaces.partners.ports.UsedAssertions: one row each, whoever was shown it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def use(self, partner: PartnerId, token_id: bytes, *, until: datetime, at: datetime) -> bool:
        """Remember it until it is over; false when it was used before."""
        self._connection.execute(
            text("DELETE FROM partner_assertion WHERE partner_id = :partner AND expires_at <= :at"),
            {"partner": partner, "at": at},
        )
        added = self._connection.execute(
            text("""
                INSERT INTO partner_assertion (partner_id, token_id, expires_at)
                VALUES (:partner, :id, :until) ON CONFLICT DO NOTHING
            """),
            {"partner": partner, "id": token_id, "until": until},
        )
        return added.rowcount == 1


def wait_for_what_it_does(connection: Connection, partner: PartnerId) -> None:
    """Return when nothing is being done for the partner that began before."""
    connection.execute(_ALONE, {"partner": partner})


def partner_from_row(row: Row[tuple[object, ...]]) -> Partner:
    """A partner; a scope that this program does not know is none.

    Being told reasons is none that stands among the others: two officers grant it.
    """
    given = {scope for scope in row.scopes if scope in set(Scope)} - {Scope.ACCESS_EXPLAIN}
    known = frozenset(map(Scope, given | ({Scope.ACCESS_EXPLAIN} if row.is_told_why else set())))
    pace = Pace(row.per_second, row.burst)
    return Partner(
        PartnerId(row.partner_id),
        known,
        pace,
        row.la_code,
        row.suspended_at,
        frozenset(row.agencies),
        row.answers_for,
    )
