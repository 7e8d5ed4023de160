"""A practitioner's own token, passed on by a partner, for a token of ours (RFC 8693).

Whoever looks has shown who they are to their provider, within five minutes, and for this partner:
its own key says nothing of them. What is wrong with what was brought is told plainly; what depends
on who works here is one answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from uuid import uuid4

from schemas.vocabulary import Purpose
from services.interfaces.partners.acting import ActingFor, WhyNoAccount, account_of
from services.interfaces.partners.edge import Machine, PartnerSettings
from services.interfaces.partners.oauth.clients import Authenticated, ClientMethod, Shown
from services.interfaces.partners.oauth.tokens import (
    INVALID_CLIENT,
    INVALID_SCOPE,
    TokenIssued,
    TokenRefused,
    admitted,
    asks_for_all,
    enter_refused,
    give_token,
    scopes_for,
    shown_in,
)
from services.interfaces.partners.ports import Partner, PartnerWork, Scope
from services.people.signing_in.demonstration import DEMONSTRATION
from services.people.signing_in.ports import (
    Brought,
    ProviderRefusal,
    SignedInThere,
    SignInRefusal,
)
from services.people.signing_in.profiles import ClaimRefusal
from services.people.signing_in.tokens import OLDEST_BROUGHT, BroughtKind, what_was_signed

NOBODY: Final = "invalid_grant"
"""What depends on who works here: one answer, sent at a tick."""
_TYPE: Final = "urn:ietf:params:oauth:token-type:"
ISSUED_TYPE: Final = f"{_TYPE}access_token"
KINDS: Final[Mapping[str, BroughtKind]] = {
    f"{_TYPE}id_token": BroughtKind.ID_TOKEN,
    ISSUED_TYPE: BroughtKind.ACCESS_TOKEN,
}
_SPEAKING: Final = frozenset({Scope.FAMILIES_READ, Scope.ACCESS_EXPLAIN})
"""What a token that names a practitioner is for, and nothing else: families, and why not."""
_CLOCKS_DIFFER: Final = timedelta(minutes=2)
_RETRY_SECONDS: Final = 30
_AWAY: Final = frozenset(
    {ProviderRefusal.AWAY, ProviderRefusal.NOT_AS_DESCRIBED, ClaimRefusal.ROLES_NOT_TOLD}
)
"""Nothing is known to be wrong with the token: it may be brought again."""


@dataclass(frozen=True, slots=True, repr=False)
class ExchangeRequest:
    """Who asks, and the form, of which nothing more is read before that is known."""

    shown: Shown
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _AskedExchange:
    """What is asked for: whose token, for which purpose, in which of their agencies."""

    token: str = field(repr=False)
    kind: BroughtKind
    purpose: Purpose
    agency: str | None
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class _Faulty:
    """Why a form asks for nothing: for the ledger, and for the caller."""

    because: str
    refused: TokenRefused


def read_exchange_request(
    form: Mapping[str, str], authorization: str | None
) -> ExchangeRequest | TokenRefused:
    """Read who asks; what for is read once that is known, so that a refusal has a name."""
    shown = shown_in(form, authorization)
    return shown if isinstance(shown, TokenRefused) else ExchangeRequest(shown, form)


def exchange_token(request: ExchangeRequest, machine: Machine) -> TokenIssued | TokenRefused:
    """Give a partner a token for the practitioner whose own token it brings.

    (1) Who asks, and for what; (2) whose token it is, which no transaction waits for; (3) which
    account it opens, once only. Every refusal of a partner that showed who it is is entered.
    """
    with machine.open_work() as work:  # (1)
        who = admitted(request.shown, work=work, settings=machine.settings)
        if isinstance(who, TokenRefused):
            return who
        asked = _asked_by(who, request.form, machine.settings)
        if isinstance(asked, _Faulty):
            enter_refused(asked.because, who, work)
            return asked.refused
        clients = dict(work.credentials.known_as(who.partner.id))
        if work.is_demonstration:
            clients[DEMONSTRATION] = {who.partner.id}
        now = work.now
    found = machine.read_brought(Brought(asked.token, asked.kind, clients), now)  # (2)
    with machine.open_work() as work:  # (3)
        return _exchanged(who, asked, found, work)


def _exchanged(
    who: Authenticated,
    asked: _AskedExchange,
    found: SignedInThere | SignInRefusal,
    work: PartnerWork,
) -> TokenIssued | TokenRefused:
    if not isinstance(found, SignedInThere):
        enter_refused(found.value, who, work)
        return _not_believed(found)
    still = _still(who, work)
    if still is None:
        return INVALID_CLIENT
    scopes = asked.scopes & still.partner.scopes
    if Scope.FAMILIES_READ not in scopes:
        enter_refused("scope-not-granted", who, work)
        return INVALID_SCOPE
    opened = work.practitioners.opened_by(found.issuer, found.subject)
    account = account_of(opened, found.admissions, still.partner.agencies, asked.agency)
    if isinstance(account, WhyNoAccount):
        enter_refused(account.value, who, work)
        return TokenRefused(NOBODY, f"whoever the subject_token is about {account.label}")
    if not _is_first(still, asked, found, work):
        enter_refused("used-before", who, work)
        return TokenRefused("invalid_request", "subject_token: it was brought before")
    acting = ActingFor(account.practitioner, asked.purpose, uuid4().hex)
    return replace(give_token(still, scopes, work=work, acting=acting), type=ISSUED_TYPE)


def _still(who: Authenticated, work: PartnerWork) -> Authenticated | None:
    """The partner as it is in this transaction, which nobody suspends before it ends."""
    work.tokens.keep_from_suspension(who.partner.id)
    known = work.credentials.find(who.partner.id, at=work.now)
    if known is None or known.partner.suspended_at is not None:
        return None
    return replace(who, partner=known.partner)


def _is_first(
    who: Authenticated, asked: _AskedExchange, found: SignedInThere, work: PartnerWork
) -> bool:
    """Whether nobody brought it before; kept until it is too old to be brought at all."""
    token_id = work.digest("subject-token", found.issuer, what_was_signed(asked.token))
    until = work.now + OLDEST_BROUGHT + _CLOCKS_DIFFER
    return work.assertions.use(who.partner.id, token_id, until=until, at=work.now)


def _not_believed(why: SignInRefusal) -> TokenRefused:
    """RFC 8693 section 2.2.2; that its provider is away is no fault of the token's."""
    if why in _AWAY:
        return TokenRefused("temporarily_unavailable", why.label, 503, _RETRY_SECONDS)
    return TokenRefused("invalid_request", f"subject_token: {why.label}")


# What the form says.


def _asked_by(
    who: Authenticated, form: Mapping[str, str], settings: PartnerSettings
) -> _AskedExchange | _Faulty:
    """Check (1) that it signs with a key, (2) the form, (3) that it is for us, (4) the scopes."""
    if who.method is not ClientMethod.PRIVATE_KEY_JWT:  # (1)
        told = "with a secret no practitioner's token is taken: sign with a key"
        return _Faulty("is-by-secret", TokenRefused("unauthorized_client", told))
    wrong = next(_wrong_in(form), None)  # (2)
    if wrong is not None:
        return _Faulty("is-malformed", TokenRefused("invalid_request", wrong))
    for name in ("resource", "audience"):  # (3)
        if form.get(name, settings.public_url).rstrip("/") != settings.public_url:
            told = f"{name} has to be {settings.public_url}"
            return _Faulty("is-for-another", TokenRefused("invalid_target", told))
    scopes = _scopes(form.get("scope"), who.partner)  # (4)
    if scopes is None:
        return _Faulty("scope-not-granted", INVALID_SCOPE)
    kind, purpose = KINDS[form["subject_token_type"]], Purpose(form["purpose"])
    return _AskedExchange(form["subject_token"], kind, purpose, form.get("agency"), scopes)


def _wrong_in(form: Mapping[str, str]) -> Iterator[str]:
    """What a form lacks, or says that cannot be: names of fields, and never what stands there."""
    for name in ("subject_token", "subject_token_type", "purpose"):
        if name not in form:
            yield f"{name} is missing"
    if form.get("subject_token_type") not in KINDS:
        yield f"subject_token_type has to be {' or '.join(KINDS)}"
    if form.get("purpose") not in set(Purpose):
        yield f"purpose has to be one of {', '.join(Purpose)}"
    if form.get("requested_token_type", ISSUED_TYPE) != ISSUED_TYPE:
        yield f"requested_token_type has to be {ISSUED_TYPE}"
    if "actor_token" in form or "actor_token_type" in form:
        yield "actor_token is not taken: your assertion says who you are"


def _scopes(asked: str | None, partner: Partner) -> frozenset[Scope] | None:
    found = scopes_for(asked, partner)
    if found is None:
        return None
    found = found & _SPEAKING if asks_for_all(asked) else found
    return found if Scope.FAMILIES_READ in found and found <= _SPEAKING else None
