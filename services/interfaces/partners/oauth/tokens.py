"""Access tokens, asked for and given out: opaque, short-lived, and only their hash is kept."""

import base64
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qsl, unquote_plus

import structlog

from connectors.parsing.plain_text import field_of_no_text, is_text
from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from services.interfaces.partners.acting import ActingFor, names_somebody
from services.interfaces.partners.calling import FAILURES, token_hash
from services.interfaces.partners.edge import (
    ACTING_TOKEN_LASTS,
    TOKEN_LASTS,
    PartnerLog,
    PartnerSettings,
)
from services.interfaces.partners.oauth.clients import (
    Authenticated,
    ClientRefusal,
    NotAuthenticated,
    Shown,
    ShownAssertion,
    ShownSecret,
    authenticate,
)
from services.interfaces.partners.ports import Partner, PartnerWork, Scope

# What a token request says (RFC 6749 sections 2.3.1 and 4.4.2, RFC 7521 section 4.2).

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GRANT_TYPE = "client_credentials"
EXCHANGE_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
_MOST_FIELDS = 30


@dataclass(frozen=True, slots=True, repr=False)
class TokenRequest:
    """Who asks, and for which scopes; None: for all that were granted."""

    shown: Shown
    scope: str | None


@dataclass(frozen=True, slots=True)
class TokenRefused:
    """An error of RFC 6749 section 5.2; `wait` seconds where asking again is of use."""

    error: str
    description: str
    status: int = 400
    wait: int | None = None


INVALID_CLIENT = TokenRefused("invalid_client", "the client is not known, or not by this", 401)
INVALID_SCOPE = TokenRefused("invalid_scope", "a scope is not known or was not granted")
NAMED_IN_ASSERTION = TokenRefused(
    "invalid_request",
    "an assertion names nobody any more: bring the practitioner's own token, with grant_type "
    f"{EXCHANGE_GRANT}",
)


def read_token_request(
    form: Mapping[str, str], authorization: str | None
) -> TokenRequest | TokenRefused:
    """Read the form, and the `Authorization` header beside it."""
    shown = shown_in(form, authorization)
    return shown if isinstance(shown, TokenRefused) else TokenRequest(shown, form.get("scope"))


def form_from(body: bytes) -> Mapping[str, str] | TokenRefused:
    """The fields; one without a value counts as not there (RFC 6749 section 3.2)."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        return TokenRefused("invalid_request", "the body is no form")
    wrong = field_of_no_text(pairs, "form")
    if wrong is not None:
        return _not_text(wrong)
    form = {name: value for name, value in pairs if value}
    if len({name for name, _ in pairs}) != len(pairs):
        return TokenRefused("invalid_request", "a field comes twice")
    return form


def _not_text(place: str) -> TokenRefused:
    return TokenRefused("invalid_request", f"{place} holds what is no text")


def shown_in(form: Mapping[str, str], authorization: str | None) -> Shown | TokenRefused:
    """The one way in which the client shows who it is; two are one too many (section 2.3)."""
    client_id = form.get("client_id")
    ways: list[Shown] = []
    if authorization is not None:
        basic = _basic_from(authorization)
        if basic is not None and not (is_text(basic.client_id) and is_text(basic.secret)):
            return _not_text("authorization")
        if basic is None or client_id not in {None, basic.client_id}:
            return INVALID_CLIENT
        ways.append(basic)
    if "client_secret" in form and client_id is not None:
        ways.append(ShownSecret(client_id, form["client_secret"]))
    if "client_assertion" in form:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            return TokenRefused(
                "invalid_request", f"client_assertion_type has to be {ASSERTION_TYPE}"
            )
        ways.append(ShownAssertion(form["client_assertion"], client_id))
    if len(ways) > 1:
        return TokenRefused("invalid_request", "the client shows who it is in two ways")
    return ways[0] if ways else INVALID_CLIENT


def _basic_from(header: str) -> ShownSecret | None:
    """Client id and secret, each form-encoded before they were put together (section 2.3.1)."""
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(credentials.strip(), validate=True).decode()
        client_id, colon, secret = decoded.partition(":")
        if not colon:
            return None
        return ShownSecret(
            unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
        )
    except ValueError:
        return None


_TOKEN_BYTES = 32
_ALL_GRANTED = "/.default"
_TOO_OFTEN = "temporarily_unavailable"


@dataclass(frozen=True, slots=True)
class TokenIssued:
    """A token, which is told once, and what it is for; `type` is what was given for another."""

    token: str = field(repr=False)
    scopes: frozenset[Scope]
    lasts: timedelta
    type: str | None = None


def issue_token(
    request: TokenRequest, *, work: PartnerWork, settings: PartnerSettings
) -> TokenIssued | TokenRefused:
    """Give a token to a partner that shows who it is; it is for nobody in particular.

    A refusal is returned, not raised: an assertion that was shown has been shown, whatever else
    was wrong (STYLE.md 12).
    """
    who = admitted(request.shown, work=work, settings=settings)
    if isinstance(who, TokenRefused):
        return who
    scopes = scopes_for(request.scope, who.partner)
    if scopes is None:
        return INVALID_SCOPE
    return give_token(who, scopes, work=work)


def admitted(
    shown: Shown, *, work: PartnerWork, settings: PartnerSettings
) -> Authenticated | TokenRefused:
    """Who asks: (1) as it shows, (2) not too often, (3) by its key, for nobody but itself."""
    who = authenticate(shown, work=work, audiences={settings.token_url, settings.public_url})
    if isinstance(who, NotAuthenticated):  # (1)
        return _refused(who, work)
    partner = who.partner
    wait = work.pacing.take(f"partner:{partner.id}", partner.pace)
    if wait is not None:  # (2)
        seconds = max(1, math.ceil(wait.total_seconds()))
        return TokenRefused(_TOO_OFTEN, "more requests than were agreed", 429, seconds)
    if names_somebody(who.claims):  # (3)
        enter_refused("named-in-assertion", who, work)
        return NAMED_IN_ASSERTION
    return who


def enter_refused(because: str, who: Authenticated, work: PartnerWork) -> None:
    """Enter that a partner may not speak for somebody; for whom is not told, it may be nobody."""
    actor = f"partner:{who.partner.id}"
    event = LedgerEvent.PRACTITIONER_NAMING_REFUSED
    work.ledger.append([ledger_entry(event, {"because": because}, at=work.now, actor=actor)])


def give_token(
    who: Authenticated,
    scopes: frozenset[Scope],
    *,
    work: PartnerWork,
    acting: ActingFor | None = None,
) -> TokenIssued:
    """Make a token, and enter who got it and for whom."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    lasts = TOKEN_LASTS if acting is None else ACTING_TOKEN_LASTS
    hashed, until = token_hash(token, work), work.now + lasts
    work.tokens.save(hashed, who.partner.id, scopes, until=until, acting=acting)
    at, actor = work.now, f"partner:{who.partner.id}"
    fields: dict[str, FieldValue] = {"method": who.method, "scopes": frozenset(scopes)}
    entries = [ledger_entry(LedgerEvent.PARTNER_AUTHENTICATED, fields, at=at, actor=actor)]
    if acting is not None:
        named: dict[str, FieldValue] = {
            "practitioner": acting.practitioner,
            "purpose": acting.purpose,
            "use": acting.use,
        }
        event = LedgerEvent.PRACTITIONER_TOKEN_EXCHANGED
        entries.append(ledger_entry(event, named, at=at, actor=actor))
    work.ledger.append(entries)
    return TokenIssued(token, scopes, lasts)


def asks_for_all(asked: str | None) -> bool:
    """Whether all is asked for that was granted."""
    return not asked or all(word.endswith(_ALL_GRANTED) for word in asked.split(" "))


def scopes_for(asked: str | None, partner: Partner) -> frozenset[Scope] | None:
    """The scopes of the token; None when one is asked for that the partner has not.

    Senders made for another authorisation server ask for `<its address>/.default`, which means
    all that was granted; RFC 6749 section 3.3 leaves the meaning of scopes to the server.
    """
    if asks_for_all(asked):
        return partner.scopes
    words = (asked or "").split(" ")
    if not set(words) <= {scope.value for scope in partner.scopes}:
        return None
    return frozenset(Scope(word) for word in words)


def _refused(who: NotAuthenticated, work: PartnerWork) -> TokenRefused:
    """Log why, and slow down who goes on trying.

    Only who fails is slowed down: with the right credentials a partner comes in however often
    others fail in its name. What no partner can have written is a request that cannot be read.
    """
    if who.why is ClientRefusal.NOT_TEXT:
        return _not_text("client_assertion")
    wait = work.pacing.take(f"failures:{who.partner or ''}", FAILURES)
    if wait is not None:
        seconds = max(1, math.ceil(wait.total_seconds()))
        return TokenRefused(_TOO_OFTEN, "too many failed attempts; wait", 429, seconds)
    log = structlog.get_logger()
    log.warning(PartnerLog.CLIENT_REFUSED.value, partner=who.partner, why=who.why.value)
    return INVALID_CLIENT
