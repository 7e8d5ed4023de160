"""The demonstration's own provider: it signs who has signed in there, for partners to bring.

Only where families are invented. Its key comes of the vault; its issuer is an address that nobody
can have (RFC 2606), so that no file of providers can make it somebody's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role
from services.people.signing_in.ports import Brought, SignedInThere, SignInRefusal
from services.people.signing_in.profiles import Admission
from services.people.signing_in.tokens import (
    TokenRefusal,
    issuer_named_in,
    seconds_in,
    verify_brought_token,
)

DEMONSTRATION: Final = "https://demonstration.invalid"
"""The issuer of its tokens; wherever families are real, one that names it is refused."""
TOKEN_LASTS: Final = timedelta(minutes=5)
_ALGORITHM: Final = "ES256"
_CURVE: Final = ec.SECP256R1()
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in to the demonstration, as what, and when they showed who they are."""

    practitioner: PractitionerId
    role: Role
    agency: str
    at: datetime


class DemonstrationIssuer:
    """Signs tokens about invented people, and reads them (tokens.Signs)."""

    issuer: Final = DEMONSTRATION
    client_id: Final = "tell-once"
    algorithms: Final = (_ALGORITHM,)
    acr_values: Final = None

    def __init__(self, secret: bytes) -> None:
        number = 1 + int.from_bytes(secret) % (_ORDER - 1)
        self._key = ECKey.import_key(ec.derive_private_key(number, _CURVE), {"use": "sig"})

    def sign(self, who: SignedIn, *, client: str, token_id: str, at: datetime) -> str:
        """An ID token about them for this client; `token_id` tells it from every other."""
        claims = {
            "iss": self.issuer,
            "aud": client,
            "sub": who.practitioner,
            "role": who.role.value,
            "agency": who.agency,
            "auth_time": int(who.at.timestamp()),
            "iat": int(at.timestamp()),
            "exp": int((at + TOKEN_LASTS).timestamp()),
            "jti": token_id,
        }
        return jwt.encode({"alg": _ALGORITHM, "typ": "JWT"}, claims, self._key)

    def read(self, brought: Brought, *, now: datetime) -> SignedInThere | TokenRefusal:
        """Whose token it is, if it was signed here for who brings it."""
        clients = brought.clients.get(self.issuer, ())
        keys = KeySet([self._key])
        found = verify_brought_token(
            brought.token, keys, self, kind=brought.kind, clients=clients, now=now
        )
        if isinstance(found, TokenRefusal):
            return found
        role, agency = found.get("role"), found.get("agency")
        signed_in = seconds_in(found, "auth_time")
        if role not in set(Role) or not isinstance(agency, str) or signed_in is None:
            return TokenRefusal.KIND
        return SignedInThere(
            self.issuer,
            str(found["sub"]),
            None,
            datetime.fromtimestamp(signed_in, UTC),
            frozenset({str(role)}),
            (agency,),
            (Admission(Role(role), agency),),
        )


class ReadsBrought(Protocol):
    """The one thing that is asked of services.people.signing_in.ports.SignInClient here."""

    def read_brought(self, brought: Brought, *, now: datetime) -> SignedInThere | SignInRefusal:
        """Who somebody is by a token that a partner brings."""


ReadBrought = Callable[[Brought, datetime], SignedInThere | SignInRefusal]
"""Whose token it is, or why it is not believed."""


def read_none(brought: Brought, now: datetime) -> SignedInThere | SignInRefusal:
    """Where no provider is named, no token is anybody's."""
    del brought, now
    return TokenRefusal.ISSUER


def reading_brought(
    client: ReadsBrought | None, demonstration: DemonstrationIssuer | None
) -> ReadBrought:
    """Read tokens of the providers, and of the demonstration where there is one.

    Without it a token that names its issuer is refused before any provider is asked, whatever a
    file of providers says.
    """

    def read(brought: Brought, now: datetime) -> SignedInThere | SignInRefusal:
        if issuer_named_in(brought.token) == DEMONSTRATION:
            here = demonstration
            return TokenRefusal.ISSUER if here is None else here.read(brought, now=now)
        found = TokenRefusal.ISSUER if client is None else client.read_brought(brought, now=now)
        is_its = isinstance(found, SignedInThere) and found.issuer == DEMONSTRATION
        return TokenRefusal.ISSUER if is_its else found

    return read
