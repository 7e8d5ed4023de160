"""Giving out access tokens: opaque, short-lived, and only their hash is kept."""

import math
import secrets
from dataclasses import dataclass, field

import structlog

from consent.ledger import ledger_entry
from consent.ledger_events import LedgerEvent
from services.partners.calling import FAILURES, token_hash
from services.partners.client_authentication import (
    Authenticated,
    NotAuthenticated,
    authenticate,
)
from services.partners.log_references import PartnerLog
from services.partners.ports import Partner, PartnerWork
from services.partners.scopes import Scope
from services.partners.settings import TOKEN_LASTS, PartnerSettings
from services.partners.token_form import INVALID_CLIENT, TokenRefused, TokenRequest

_TOKEN_BYTES = 32
_ALL_GRANTED = "/.default"
_TOO_OFTEN = "temporarily_unavailable"


@dataclass(frozen=True, slots=True)
class TokenIssued:
    """A token, which is told once, and what it is for."""

    token: str = field(repr=False)
    scopes: frozenset[Scope]


def issue_token(
    request: TokenRequest, *, work: PartnerWork, settings: PartnerSettings
) -> TokenIssued | TokenRefused:
    """Give a token to a partner that shows who it is.

    A refusal is returned, not raised: an assertion that was shown has been shown, whatever else
    was wrong (STYLE.md 12).
    """
    who = authenticate(
        request.shown, work=work, audiences={settings.token_url, settings.public_url}
    )
    if isinstance(who, NotAuthenticated):
        return _refused(who, work)
    partner = who.partner
    wait = work.pacing.take(f"partner:{partner.id}", partner.pace)
    if wait is not None:
        seconds = max(1, math.ceil(wait.total_seconds()))
        return TokenRefused(_TOO_OFTEN, "more requests than were agreed", 429, seconds)
    scopes = _scopes_for(request.scope, partner)
    if scopes is None:
        return TokenRefused("invalid_scope", "a scope is not known or was not granted")
    return _issue(who, scopes, work)


def _issue(who: Authenticated, scopes: frozenset[Scope], work: PartnerWork) -> TokenIssued:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    partner = who.partner.id
    work.tokens.save(token_hash(token, work), partner, scopes, until=work.now + TOKEN_LASTS)
    work.ledger.append(
        [
            ledger_entry(
                LedgerEvent.PARTNER_AUTHENTICATED,
                {"method": who.method, "scopes": frozenset(scopes)},
                at=work.now,
                actor=f"partner:{partner}",
            )
        ]
    )
    return TokenIssued(token, scopes)


def _scopes_for(asked: str | None, partner: Partner) -> frozenset[Scope] | None:
    """The scopes of the token; None when one is asked for that the partner has not.

    Senders made for another authorisation server ask for `<its address>/.default`, which means
    all that was granted; RFC 6749 section 3.3 leaves the meaning of scopes to the server.
    """
    words = (asked or "").split(" ") if asked else []
    if not words or all(word.endswith(_ALL_GRANTED) for word in words):
        return partner.scopes
    if not set(words) <= {scope.value for scope in partner.scopes}:
        return None
    return frozenset(Scope(word) for word in words)


def _refused(who: NotAuthenticated, work: PartnerWork) -> TokenRefused:
    """Log why, and slow down who goes on trying.

    Only who fails is slowed down: with the right credentials a partner comes in however often
    others fail in its name.
    """
    wait = work.pacing.take(f"failures:{who.partner or ''}", FAILURES)
    if wait is not None:
        seconds = max(1, math.ceil(wait.total_seconds()))
        return TokenRefused(_TOO_OFTEN, "too many failed attempts; wait", 429, seconds)
    log = structlog.get_logger()
    log.warning(PartnerLog.CLIENT_REFUSED.value, partner=who.partner, why=who.why.value)
    return INVALID_CLIENT
