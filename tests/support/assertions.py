"""Client assertions for tests, and the keys they are signed with."""

from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from services.interfaces.partners.oauth.clients import ALGORITHMS
from services.interfaces.partners.ports import PartnerId
from tests.support.builders import NOW
from tests.support.partners import NORTHFIELD, PUBLIC_URL

P256 = ECKey.generate_key("P-256", {"kid": "p-256"})
P384 = ECKey.generate_key("P-384", {"kid": "p-384"})
ED25519 = OKPKey.generate_key("Ed25519", {"kid": "ed25519"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
SECRET = OctKey.import_key("a secret that is long enough for it", {"kid": "secret"})
KEY_OF = {
    "ES256": P256,
    "ES384": P384,
    "Ed25519": ED25519,
    **dict.fromkeys(("PS256", "PS384", "PS512", "RS256", "RS384", "RS512"), RSA),
}
_MORE = ("HS256", "none")


def public(*keys: Key) -> Mapping[str, Mapping[str, str]]:
    """The public halves by their ids, as they are kept."""
    return {
        str(key.kid): {k: v for k, v in key.as_dict(private=False).items() if isinstance(v, str)}
        for key in keys
    }


def an_assertion(
    key: Key = P256, algorithm: str = "ES256", header: Any = None, **claims: Any
) -> str:
    """Build an assertion: by default a good one. A claim that is None is left out."""
    at = int(NOW.timestamp())
    usual = {
        "iss": NORTHFIELD,
        "sub": NORTHFIELD,
        "aud": f"{PUBLIC_URL}/oauth/token",
        "jti": "an-id",
        "exp": at + 60,
    }
    said = {name: value for name, value in (usual | claims).items() if value is not None}
    named = {"alg": algorithm, "kid": key.kid} | (header or {})
    registry = JWSRegistry(algorithms=[*ALGORITHMS, *_MORE], strict_check_header=False)
    return jwt.encode(
        {k: v for k, v in named.items() if v is not None}, said, key, registry=registry
    )


def a_form(assertion: str, client: PartnerId | None = None) -> dict[str, str]:
    """Build the form of a token request with an assertion."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    return form if client is None else form | {"client_id": client}
