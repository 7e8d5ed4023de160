"""Giving out access tokens: opaque, short-lived, and only their hash is kept."""

import math
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from consent.ledger import FieldValue, ledger_entry
from consent.ledger_events import LedgerEvent
from services.partners.acting import ActingFor, stated_in
from services.partners.calling import FAILURES, token_hash
from services.partners.client_authentication import (
    Authenticated,
    NotAuthenticated,
    authenticate,
)
from services.partners.log_references import PartnerLog
from services.partners.ports import Partner, PartnerWork
from services.partners.scopes import Scope
from services.partners.settings import ACTING_TOKEN_LASTS, TOKEN_LASTS, PartnerSettings
from services.partners.token_form import INVALID_CLIENT, TokenRefused, TokenRequest

_TOKEN_BYTES = 32
_ALL_GRANTED = "/.default"
_TOO_OFTEN = "temporarily_unavailable"


@dataclass(frozen=True, slots=True)
class TokenIssued:
    """A token, which is told once, and what it is for."""

    token: str = field(repr=False)
    scopes: frozenset[Scope]
    lasts: timedelta


_NAMING = frozenset({Scope.FAMILIES_READ})
"""What a token that names a practitioner is for, and nothing else."""


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
    acting = _acting(who, work)
    if isinstance(acting, TokenRefused):
        return acting
    scopes = _scopes_for(request.scope, partner)
    if scopes is not None and acting is not None:
        scopes = scopes & _NAMING if _asks_for_all(request.scope) else scopes
        scopes = scopes if scopes == _NAMING else None
    if scopes is None:
        return TokenRefused("invalid_scope", "a scope is not known or was not granted")
    return _issue(who, scopes, acting, work)


def _acting(who: Authenticated, work: PartnerWork) -> ActingFor | TokenRefused | None:
    """For whom the partner asks; unknown and not theirs are told alike."""
    stated = stated_in(who.claims)
    if stated is None:
        return None
    if isinstance(stated, str):
        return TokenRefused("invalid_request", f"the claim {stated} is missing or wrong")
    practitioner = work.practitioners.find(stated.practitioner, who.partner.agencies)
    if practitioner is None:
        return TokenRefused("invalid_grant", "no such practitioner of an agency you speak for")
    return ActingFor(practitioner, stated.purpose)


def _issue(
    who: Authenticated, scopes: frozenset[Scope], acting: ActingFor | None, work: PartnerWork
) -> TokenIssued:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    partner = who.partner.id
    lasts = TOKEN_LASTS if acting is None else ACTING_TOKEN_LASTS
    hashed = token_hash(token, work)
    work.tokens.save(hashed, partner, scopes, until=work.now + lasts, acting=acting)
    _enter(who, scopes, acting, work)
    return TokenIssued(token, scopes, lasts)


def _enter(
    who: Authenticated, scopes: frozenset[Scope], acting: ActingFor | None, work: PartnerWork
) -> None:
    at, actor = work.now, f"partner:{who.partner.id}"
    fields: dict[str, FieldValue] = {"method": who.method, "scopes": frozenset(scopes)}
    entries = [ledger_entry(LedgerEvent.PARTNER_AUTHENTICATED, fields, at=at, actor=actor)]
    if acting is not None:
        named: dict[str, FieldValue] = {
            "practitioner": acting.practitioner,
            "purpose": acting.purpose,
        }
        event = LedgerEvent.PRACTITIONER_NAMED_BY_PARTNER
        entries.append(ledger_entry(event, named, at=at, actor=actor))
    work.ledger.append(entries)


def _asks_for_all(asked: str | None) -> bool:
    return not asked or all(word.endswith(_ALL_GRANTED) for word in asked.split(" "))


def _scopes_for(asked: str | None, partner: Partner) -> frozenset[Scope] | None:
    """The scopes of the token; None when one is asked for that the partner has not.

    Senders made for another authorisation server ask for `<its address>/.default`, which means
    all that was granted; RFC 6749 section 3.3 leaves the meaning of scopes to the server.
    """
    if _asks_for_all(asked):
        return partner.scopes
    words = (asked or "").split(" ")
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
