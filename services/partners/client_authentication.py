"""Who asks for a token: by a signed assertion, or by the secret that was shown once."""

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from schemas.vocabulary import LabelledCode
from services.partners.client_assertion import read_assertion, verify_assertion
from services.partners.client_refusals import ClientRefusal
from services.partners.ports import Credentials, Partner, PartnerId, PartnerWork


class ClientMethod(LabelledCode):
    """How a partner shows who it is, as OAuth names it with hyphens."""

    PRIVATE_KEY_JWT = "private-key-jwt", "A JWT signed with its private key"
    CLIENT_SECRET = "client-secret", "A secret that it was given"


@dataclass(frozen=True, slots=True, repr=False)
class ShownAssertion:
    """A client assertion, and the client id where the form has one too."""

    assertion: str
    client_id: str | None


@dataclass(frozen=True, slots=True, repr=False)
class ShownSecret:
    """Client id and secret, in the form or as Basic authentication."""

    client_id: str
    secret: str


Shown = ShownAssertion | ShownSecret


@dataclass(frozen=True, slots=True)
class Authenticated:
    """It is who it says; `claims` are those of its assertion, which it has signed."""

    partner: Partner
    method: ClientMethod
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class NotAuthenticated:
    """It is not, or not now; `partner` only where it is one of ours."""

    why: ClientRefusal
    partner: PartnerId | None = None


def authenticate(
    shown: Shown, *, work: PartnerWork, audiences: Collection[str]
) -> Authenticated | NotAuthenticated:
    """Tell who asks. An assertion that is true counts as shown when the transaction commits."""
    match shown:
        case ShownAssertion():
            return _by_assertion(shown, work, audiences)
        case ShownSecret():
            return _by_secret(shown, work)
        case _:
            assert_never(shown)


def secret_hash(partner: PartnerId, secret: str, work: PartnerWork) -> bytes:
    """What is kept of a secret.

    A keyed hash is enough: 256 random bits are not guessed, so nothing is gained by slow hashing
    (which is for what people think up), and the key is not in the database.
    """
    return work.digest("client-secret", partner, secret)


def _by_assertion(
    shown: ShownAssertion, work: PartnerWork, audiences: Collection[str]
) -> Authenticated | NotAuthenticated:
    found = read_assertion(shown.assertion)
    if isinstance(found, ClientRefusal):
        return NotAuthenticated(found)
    known = _known(found.client, work)
    if known is None:
        return NotAuthenticated(ClientRefusal.UNKNOWN)
    partner = known.partner
    if shown.client_id not in {None, found.client}:
        return NotAuthenticated(ClientRefusal.ISSUER, partner.id)
    true = verify_assertion(found, known.keys, audiences=audiences, now=work.now)
    if isinstance(true, ClientRefusal):
        return NotAuthenticated(true, partner.id)
    token_id = work.digest("assertion", partner.id, true.token_id)
    if not work.assertions.use(partner.id, token_id, until=true.until, at=work.now):
        return NotAuthenticated(ClientRefusal.USED_BEFORE, partner.id)
    return _unless_suspended(partner, ClientMethod.PRIVATE_KEY_JWT, found.claims)


def _by_secret(shown: ShownSecret, work: PartnerWork) -> Authenticated | NotAuthenticated:
    known = _known(shown.client_id, work)
    if known is None:
        return NotAuthenticated(ClientRefusal.UNKNOWN)
    given = secret_hash(known.partner.id, shown.secret, work)
    matches = [hmac.compare_digest(given, kept) for kept in known.secret_hashes]
    if not any(matches):
        return NotAuthenticated(ClientRefusal.WRONG_SECRET, known.partner.id)
    return _unless_suspended(known.partner, ClientMethod.CLIENT_SECRET, {})


def _known(client: str, work: PartnerWork) -> Credentials | None:
    """The partner of this name; PostgreSQL takes no NUL in a text, so no partner has one."""
    return None if "\0" in client else work.credentials.find(PartnerId(client), at=work.now)


def _unless_suspended(
    partner: Partner, method: ClientMethod, claims: Mapping[str, Any]
) -> Authenticated | NotAuthenticated:
    if partner.suspended_at is not None:
        return NotAuthenticated(ClientRefusal.SUSPENDED, partner.id)
    return Authenticated(partner, method, claims)
