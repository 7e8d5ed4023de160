"""The book of partners in PostgreSQL, for the owner of the database alone."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, text

from services.interfaces.partners.oauth.clients import PublicKey
from services.interfaces.partners.oauth.postgres import PARTNERS, partner_from_row
from services.interfaces.partners.ports import (
    CredentialEntry,
    CredentialKind,
    KnownAs,
    Partner,
    PartnerEntry,
    PartnerId,
)

_CREDENTIALS = text("""
    SELECT 'public-key' AS kind, kid, added_at, valid_until FROM partner_key
    WHERE partner_id = :partner
    UNION ALL
    SELECT 'secret', NULL, added_at, valid_until FROM partner_secret WHERE partner_id = :partner
    ORDER BY added_at DESC, kind, kid
""")
_TELL_WHY = text("""
    INSERT INTO partner_explaining (partner_id, state, is_granted, order_id, said_by, known_at)
    SELECT :partner, coalesce(max(state), 0) + 1, :granted, :order, :by, :at
    FROM partner_explaining WHERE partner_id = :partner
""")
_KNOWN_AS = text("""
    SELECT issuer, client FROM partner_client WHERE partner_id = :partner ORDER BY issuer, client
""")
_ADD_CLIENT = text("""
    INSERT INTO partner_client (issuer, client, partner_id, added_at)
    VALUES (:issuer, :client, :partner, :at) ON CONFLICT DO NOTHING
""")
_END_CLIENT = text("""
    DELETE FROM partner_client
    WHERE issuer = :issuer AND client = :client AND partner_id = :partner
""")
_END_NAMING = text("""
    DELETE FROM partner_token WHERE partner_id = :partner AND practitioner_id IS NOT NULL
""")
_RETIRE = {
    CredentialKind.PUBLIC_KEY: text("""
        UPDATE partner_key SET valid_until = least(valid_until, :until)
        WHERE partner_id = :partner
    """),
    CredentialKind.SECRET: text("""
        UPDATE partner_secret SET valid_until = least(valid_until, :until)
        WHERE partner_id = :partner
    """),
}


class PostgresPartnerRegistry:
    """Partners and their credentials, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, partner: PartnerId) -> PartnerEntry | None:
        """One partner."""
        row = self._connection.execute(
            text(f"SELECT * FROM ({PARTNERS}) p WHERE partner_id = :partner"),  # noqa: S608 ours
            {"partner": partner},
        ).first()
        return None if row is None else self._entry(row)

    def all(self) -> Sequence[PartnerEntry]:
        """Every partner, by name."""
        rows = self._connection.execute(text(f"{PARTNERS} ORDER BY partner_id")).all()
        return [self._entry(row) for row in rows]

    def add(self, partner: Partner, *, at: datetime) -> bool:
        """Enter a partner; false, and nothing is changed, when there is one of that name."""
        added = self._connection.execute(
            text("""
                INSERT INTO partner (partner_id, scopes, la_code, agencies, answers_for, per_second,
                                     burst, added_at)
                VALUES (:partner, :scopes, :la_code, :agencies, :answers_for, :per_second, :burst,
                        :at)
                ON CONFLICT DO NOTHING
            """),
            {
                "partner": partner.id,
                "scopes": sorted(scope.value for scope in partner.scopes),
                "la_code": partner.la_code,
                "agencies": sorted(partner.agencies),
                "answers_for": partner.answers_for,
                "per_second": partner.pace.per_second,
                "burst": partner.pace.burst,
                "at": at,
            },
        )
        return added.rowcount == 1

    def unknown_agencies(self, agencies: Collection[str]) -> Collection[str]:
        """Those of the agencies that are not in the directory."""
        rows = self._connection.execute(
            text("SELECT agency_code FROM agency WHERE agency_code = ANY(:agencies)"),
            {"agencies": list(agencies)},
        )
        return set(agencies) - {row.agency_code for row in rows}

    def offers(self, code: str) -> bool:
        """Whether the directory has somebody of that code who offers services."""
        found = text("SELECT FROM directory_partner WHERE partner_code = :code")
        return self._connection.execute(found, {"code": code}).first() is not None

    def add_key(self, partner: PartnerId, key: PublicKey, *, at: datetime) -> bool:
        """Enter a key; false when the partner has or had one of that id."""
        added = self._connection.execute(
            text("""
                INSERT INTO partner_key (partner_id, kid, jwk, added_at)
                VALUES (:partner, :kid, :jwk, :at) ON CONFLICT DO NOTHING
            """),
            {"partner": partner, "kid": key.kid, "jwk": json.dumps(dict(key.jwk)), "at": at},
        )
        return added.rowcount == 1

    def add_secret(self, partner: PartnerId, secret_hash: bytes, *, at: datetime) -> None:
        """Enter a secret, of which only the hash is told."""
        self._connection.execute(
            text("""
                INSERT INTO partner_secret (partner_id, secret_hash, added_at)
                VALUES (:partner, :hash, :at)
            """),
            {"partner": partner, "hash": secret_hash, "at": at},
        )

    def retire(self, partner: PartnerId, kind: CredentialKind, *, until: datetime) -> None:
        """Let the partner's credentials of this kind end then, unless they end before."""
        self._connection.execute(_RETIRE[kind], {"partner": partner, "until": until})

    def add_client(self, partner: PartnerId, known_as: KnownAs, *, at: datetime) -> bool:
        """Enter as which client a provider knows it; false when that is some partner's already."""
        row = {"issuer": known_as.issuer, "client": known_as.client, "partner": partner, "at": at}
        return self._connection.execute(_ADD_CLIENT, row).rowcount == 1

    def end_client(self, partner: PartnerId, known_as: KnownAs) -> bool:
        """Let it bring none any more, and end what it was given for some; false if it may not."""
        row = {"issuer": known_as.issuer, "client": known_as.client, "partner": partner}
        is_ended = self._connection.execute(_END_CLIENT, row).rowcount == 1
        if is_ended:
            self._connection.execute(_END_NAMING, row)
        return is_ended

    def suspend(self, partner: PartnerId, *, at: datetime) -> None:
        """Shut the partner out, and forget its tokens: what begins after it finds none."""
        self._connection.execute(
            text("UPDATE partner SET suspended_at = :at WHERE partner_id = :partner"),
            {"partner": partner, "at": at},
        )
        self._connection.execute(
            text("DELETE FROM partner_token WHERE partner_id = :partner"), {"partner": partner}
        )

    def tell_why(
        self, partner: PartnerId, *, is_granted: bool, order: str | None, by: str, at: datetime
    ) -> None:
        """Write from when on the partner is told reasons, or no longer; a row a state."""
        self._connection.execute(
            _TELL_WHY,
            {"partner": partner, "granted": is_granted, "order": order, "by": by, "at": at},
        )

    def resume(self, partner: PartnerId) -> None:
        """Let the partner in again; it has to ask for new tokens."""
        self._connection.execute(
            text("UPDATE partner SET suspended_at = NULL WHERE partner_id = :partner"),
            {"partner": partner},
        )

    def _entry(self, row: Row[tuple[object, ...]]) -> PartnerEntry:
        rows = self._connection.execute(_CREDENTIALS, {"partner": row.partner_id})
        credentials = [
            CredentialEntry(CredentialKind(r.kind), r.kid, r.added_at, r.valid_until) for r in rows
        ]
        known_as = self._connection.execute(_KNOWN_AS, {"partner": row.partner_id})
        clients = [KnownAs(r.issuer, r.client) for r in known_as]
        return PartnerEntry(partner_from_row(row), row.added_at, credentials, clients)
