"""What is checked of a token before anything in it is believed: who signed it, for whom, when.

Sources: OpenID Connect Core 1.0 section 3.1.3.7 (ID token), OpenID Connect Back-Channel Logout 1.0
section 2.6 (logout token), RFC 8693 section 2.1 and RFC 9068 section 4 (tokens that a partner
brings), RFC 8725 (JSON Web Token best current practices).
"""

import hmac
import json
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import CompactSignature, JWSRegistry

from schemas.vocabulary import LabelledCode

Claims = Mapping[str, Any]


class Signs(Protocol):
    """Whoever signs tokens, as far as it matters here: a provider, or the demonstration."""

    @property
    def issuer(self) -> str:
        """As its tokens name it."""

    @property
    def client_id(self) -> str:
        """Who we are there."""

    @property
    def algorithms(self) -> Sequence[str]:
        """How it signs."""

    @property
    def acr_values(self) -> str | None:
        """How they are to have signed in, if that is asked."""


_LONGEST_TOKEN: Final = 65_536
_LONGEST_ID: Final = 255
_CLOCKS_DIFFER: Final = timedelta(seconds=30)
_OLDEST_ID_TOKEN: Final = timedelta(minutes=10)
_OLDEST_LOGOUT: Final = timedelta(seconds=300)
OLDEST_BROUGHT: Final = timedelta(minutes=5)
"""How long ago a token that a partner brings was made, and its holder showed who they are."""
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_ID_TOKEN_TYPES: Final = frozenset({None, "jwt"})
_ACCESS_TOKEN_TYPES: Final = frozenset({None, "jwt", "at+jwt", "application/at+jwt"})
_LOGOUT_TYPES: Final = frozenset({None, "jwt", "logout+jwt", "application/logout+jwt"})


class TokenRefusal(LabelledCode):
    """Why a token is not believed, and what to do about it: for our log and the one who runs it."""

    UNREADABLE = "token-unreadable", "It is no signed token."
    ALGORITHM = "algorithm-not-taken", "It is signed in a way that is not among `algorithms`."
    KIND = "token-of-another-kind", "It is a token for something else."
    NO_KEY = "no-key-of-this-id", "The provider publishes no key of that id."
    SIGNATURE = "signature-wrong", "The provider did not sign it."
    ISSUER = "issuer-wrong", "Another issuer made it; see `issuer`."
    AUDIENCE = "audience-wrong", "It was made for somebody else; see `client_id`."
    TIMES = "times-wrong", "It is over, not yet valid, or has no times; see the server's clock."
    NONCE = "nonce-wrong", "It does not belong to the sign-in that was begun here."
    SUBJECT = "subject-missing", "It does not say whom it is about."
    CONTEXT = "authentication-context-wrong", "They did not sign in as `acr_values` asks."
    EVENT = "event-missing", "It does not say that somebody signed out."
    NO_ID = "id-missing", "It has no id by which it could be taken once only."
    NOT_FRESH = "not-fresh", "They showed who they are more than five minutes ago."
    PASSED_ON = "passed-on", "Somebody else already acts by it (`act`)."


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Who signed out at the provider: of one session, or of all where `session` is None.

    `token` is the token's own id, to be taken once only, until `until`; `at` is when it was made.
    """

    issuer: str
    subject: str | None
    session: str | None
    token: str = field(repr=False)
    at: datetime
    until: datetime


def verify_id_token(
    text: str, keys: KeySet, provider: Signs, *, nonce: str, now: datetime
) -> Claims | TokenRefusal:
    """What an ID token says, if it is for the sign-in that was begun with this nonce.

    Checked: (1) form, algorithm and kind; (2) key and signature; (3) issuer; (4) audience;
    (5) times; (6) nonce; (7) that it is no logout token; (8) subject; (9) how they signed in.
    """
    found = _signed(text, keys, provider, _ID_TOKEN_TYPES)  # (1), (2)
    if isinstance(found, TokenRefusal):
        return found
    refused = _refusal_of_names(found, provider)  # (3), (4)
    if refused is None and not _is_timely(found, now, oldest=_OLDEST_ID_TOKEN):  # (5)
        refused = TokenRefusal.TIMES
    if refused is None and not _is_text(found.get("nonce"), nonce):  # (6)
        refused = TokenRefusal.NONCE
    if refused is None and "events" in found:  # (7)
        refused = TokenRefusal.KIND
    if refused is None and _id_in(found, "sub") is None:  # (8)
        refused = TokenRefusal.SUBJECT
    if refused is None and not _is_in_context(found, provider):  # (9)
        refused = TokenRefusal.CONTEXT
    return found if refused is None else refused


def verify_logout_token(
    text: str, keys: KeySet, provider: Signs, *, now: datetime
) -> SignedOut | TokenRefusal:
    """Who a provider says has signed out.

    Checked: (1) form, algorithm and kind; (2) key and signature; (3) issuer; (4) audience;
    (5) times, made within five minutes; (6) the event; (7) no nonce, so that no ID token passes;
    (8) subject or session; (9) an id. That it is taken once, and made after the sign-in that it
    ends, is for whoever keeps sessions.
    """
    found = _signed(text, keys, provider, _LOGOUT_TYPES)  # (1), (2)
    if isinstance(found, TokenRefusal):
        return found
    refused = _refusal_of_names(found, provider)  # (3), (4)
    if refused is None and not _is_timely(found, now, oldest=_OLDEST_LOGOUT):  # (5)
        refused = TokenRefusal.TIMES
    if refused is None and not _tells_logout(found.get("events")):  # (6)
        refused = TokenRefusal.EVENT
    if refused is None and "nonce" in found:  # (7)
        refused = TokenRefusal.KIND
    subject, session, token = (_id_in(found, name) for name in ("sub", "sid", "jti"))
    if refused is None and any(name in found and not _id_in(found, name) for name in _IDS):
        refused = TokenRefusal.SUBJECT  # one that is empty is not one that is left out
    if refused is None and subject is None and session is None:  # (8)
        refused = TokenRefusal.SUBJECT
    if refused is not None or token is None:  # (9)
        return refused or TokenRefusal.NO_ID
    until = now + _OLDEST_LOGOUT + 2 * _CLOCKS_DIFFER
    made = datetime.fromtimestamp(found["iat"], UTC)
    return SignedOut(provider.issuer, subject, session, token, made, until)


_IDS: Final = ("sub", "sid")


def verify_statement(
    text: str, keys: KeySet, signer: Signs, *, subject: str, now: datetime
) -> Claims | TokenRefusal:
    """What a signed statement about this subject says, made within minutes, for us.

    Checked: form, algorithm, kind, key, signature, issuer, audience, times and whom it is about.
    """
    found = _signed(text, keys, signer, _ID_TOKEN_TYPES)
    if isinstance(found, TokenRefusal):
        return found
    refused = _refusal_of_names(found, signer)
    if refused is None and not _is_timely(found, now, oldest=_OLDEST_ID_TOKEN):
        refused = TokenRefusal.TIMES
    if refused is None and found.get("sub") != subject:
        refused = TokenRefusal.SUBJECT
    return found if refused is None else refused


class BroughtKind(LabelledCode):
    """What sort of token a partner brings that a practitioner was given by their provider."""

    ID_TOKEN = "id-token", "An ID token"
    ACCESS_TOKEN = "access-token", "An access token that is a JWT"


def verify_brought_token(
    text: str,
    keys: KeySet,
    provider: Signs,
    *,
    kind: BroughtKind,
    clients: Collection[str],
    now: datetime,
) -> Claims | TokenRefusal:
    """What a token says that a partner brings, which is known to the provider as these clients.

    Checked: (1) form, algorithm and kind; (2) key and signature; (3) issuer; (4) that it was made
    for one of these clients, so that no other application passes on what it was given; (5) times,
    made within five minutes; (6) that they showed who they are within five, where it says when;
    (7) that it is no logout token; (8) that nobody acts by it already; (9) subject; (10) how they
    signed in. It has no nonce of ours: the sign-in was the partner's. That it is taken once is for
    whoever keeps what was taken.
    """
    is_access = kind is BroughtKind.ACCESS_TOKEN
    kinds = _ACCESS_TOKEN_TYPES if is_access else _ID_TOKEN_TYPES
    found = _signed(text, keys, provider, kinds)  # (1), (2)
    if isinstance(found, TokenRefusal):
        return found
    if found.get("iss") != provider.issuer:  # (3)
        return TokenRefusal.ISSUER
    party = _party_of(found) if is_access else _client_of(found)
    audiences = {party, provider.client_id} if is_access else {party}
    is_theirs = party in clients and party not in {None, provider.client_id}
    if not is_theirs or _sole_audience(found) not in audiences:  # (4)
        return TokenRefusal.AUDIENCE
    if not _is_timely(found, now, oldest=OLDEST_BROUGHT):  # (5)
        return TokenRefusal.TIMES
    refused = None
    if "auth_time" in found and not _was_within(found, "auth_time", now, OLDEST_BROUGHT):  # (6)
        refused = TokenRefusal.NOT_FRESH
    elif "events" in found:  # (7)
        refused = TokenRefusal.KIND
    elif "act" in found:  # (8)
        refused = TokenRefusal.PASSED_ON
    elif _id_in(found, "sub") is None:  # (9)
        refused = TokenRefusal.SUBJECT
    elif not _is_in_context(found, provider):  # (10)
        refused = TokenRefusal.CONTEXT
    return found if refused is None else refused


def issuer_named_in(text: str) -> str | None:
    """Who says in a token that they made it, before anything of it is believed."""
    if len(text) > _LONGEST_TOKEN:
        return None
    try:
        payload = text.encode("ascii").split(b".")[1]
        claims = json.loads(urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    except (ValueError, IndexError, RecursionError):
        return None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else None


def what_was_signed(text: str) -> str:
    """What tells one signed token from another, also where a signature can be written two ways."""
    return text.rpartition(".")[0]


def _sole_audience(claims: Claims) -> str | None:
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        (audience,) = audience
    return audience if isinstance(audience, str) else None


def _client_of(claims: Claims) -> str | None:
    """For which client an ID token was made; None where it says two."""
    audience = _sole_audience(claims)
    return audience if claims.get("azp", audience) == audience else None


def _party_of(claims: Claims) -> str | None:
    """At the request of which client an access token was made (RFC 9068; `azp`, `appid`: Entra)."""
    named = [claims[name] for name in ("client_id", "azp", "appid") if name in claims]
    first = named[0] if named else None
    return first if isinstance(first, str) and all(one == first for one in named) else None


def _signed(
    text: str, keys: KeySet, provider: Signs, kinds: frozenset[str | None]
) -> Claims | TokenRefusal:
    """(1) and (2): what the provider signed."""
    found = _read(text, provider)
    if isinstance(found, TokenRefusal):
        return found
    signature, claims = found
    header = signature.headers()
    if header.get("alg") not in provider.algorithms or "crit" in header or "b64" in header:
        return TokenRefusal.ALGORITHM
    if _kind_in(header) not in kinds:
        return TokenRefusal.KIND
    mine = [key for key in keys.keys if _may_verify(key.as_dict(), header)]
    if not mine:
        return TokenRefusal.NO_KEY
    for key in mine:
        try:
            if jws.validate_compact(signature, key, registry=_registry(provider)):
                return claims
        except (JoseError, ValueError, TypeError):
            continue
    return TokenRefusal.SIGNATURE


def _read(text: str, provider: Signs) -> tuple[CompactSignature, Claims] | TokenRefusal:
    if len(text) > _LONGEST_TOKEN:
        return TokenRefusal.UNREADABLE
    try:
        signature = jws.extract_compact(text.encode("ascii"), registry=_registry(provider))
        claims = read_json(signature.payload)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return TokenRefusal.UNREADABLE
    return (signature, claims) if isinstance(claims, dict) else TokenRefusal.UNREADABLE


def _registry(provider: Signs) -> JWSRegistry:
    """What may sign it; headers of the provider's own are nobody's business."""
    return JWSRegistry(algorithms=list(provider.algorithms), strict_check_header=False)


def read_json(content: bytes) -> object:
    """JSON in which each name of a table stands once. Raises ValueError, RecursionError."""
    return json.loads(content, parse_constant=_refuse_constant, object_pairs_hook=_each_once)


def _refuse_constant(_: str) -> None:
    raise ValueError("no JSON")


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Two of one name are read differently by different readers (RFC 8725 section 2.4)."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _kind_in(header: Mapping[str, Any]) -> str | None:
    kind = header.get("typ")
    return kind.lower() if isinstance(kind, str) else None if kind is None else ""


def _may_verify(key: Mapping[str, Any], header: Mapping[str, Any]) -> bool:
    """A key of that id that is for signatures, and for this algorithm if it names one."""
    is_named = header.get("kid") is None or key.get("kid") == header["kid"]
    is_for_signing = key.get("use") in {None, "sig"}
    return is_named and is_for_signing and key.get("alg") in {None, header.get("alg")}


def _refusal_of_names(claims: Claims, provider: Signs) -> TokenRefusal | None:
    """(3) the very text of the issuer; (4) for us, and for nobody whom we do not know."""
    if claims.get("iss") != provider.issuer:
        return TokenRefusal.ISSUER
    audience = claims.get("aud")
    if audience not in (provider.client_id, [provider.client_id]):
        return TokenRefusal.AUDIENCE
    if "azp" in claims and claims["azp"] != provider.client_id:
        return TokenRefusal.AUDIENCE
    return None


def _is_timely(claims: Claims, now: datetime, *, oldest: timedelta) -> bool:
    """Not over, not made later than now or longer ago than that, and valid already."""
    made, over, begins = (seconds_in(claims, name) for name in ("iat", "exp", "nbf"))
    if made is None or over is None or ("nbf" in claims and begins is None):
        return False
    skew, at = _CLOCKS_DIFFER.total_seconds(), now.timestamp()
    is_fresh = _was_within(claims, "iat", now, oldest)
    return is_fresh and at < over + skew and made < over and (begins or 0) <= at + skew


def _was_within(claims: Claims, name: str, now: datetime, oldest: timedelta) -> bool:
    """Whether that moment was not longer ago, and is not to come, as far as clocks agree."""
    found, skew = seconds_in(claims, name), _CLOCKS_DIFFER.total_seconds()
    at = now.timestamp()
    return found is not None and at - oldest.total_seconds() - skew <= found <= at + skew


def seconds_in(claims: Claims, name: str) -> float | None:
    """A time in seconds since 1970, which has to be a number; None for anything else."""
    found = claims.get(name)
    if not isinstance(found, int | float) or isinstance(found, bool):
        return None
    return float(found) if 0 < found < _END_OF_TIME else None  # which NaN is not


_END_OF_TIME: Final = datetime(9000, 1, 1, tzinfo=UTC).timestamp()


def _is_text(found: object, wanted: str) -> bool:
    if not isinstance(found, str) or not wanted:
        return False
    return hmac.compare_digest(found.encode(errors="replace"), wanted.encode())


def _id_in(claims: Claims, name: str) -> str | None:
    found = claims.get(name)
    is_id = isinstance(found, str) and 0 < len(found) <= _LONGEST_ID and found.isprintable()
    return found if is_id else None


def _is_in_context(claims: Claims, provider: Signs) -> bool:
    """Where the token says how they signed in, it has to be one of the ways that were asked for."""
    stated = claims.get("acr")
    if provider.acr_values is None or stated is None:
        return True
    return isinstance(stated, str) and stated in provider.acr_values.split(" ")


def _tells_logout(events: object) -> bool:
    return isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict)
