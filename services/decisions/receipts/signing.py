"""Signatures of consent receipts: compact JWS with Ed25519 (RFC 7515, RFC 8037, RFC 9864).

The key has a C2SP verifier key like the ledger's, so that both are given and trusted in one form;
`kid` is its name and hash. It is a key of its own: pages issue receipts, and must not be able to
sign the ledger.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from consent.errors import ReceiptInvalidError
from consent.receipts import canonical
from consent.transparency.signed_note import NoteSigner
from consent.transparency.verifier_key import SignatureType, VerifierKey

_ALGORITHM = "Ed25519"
_TYPE = "consent-receipt"


@dataclass(frozen=True, slots=True, repr=False)
class ReceiptSigner(NoteSigner):
    """Signs receipts under a name; `private_key` is the 32-byte seed."""

    def signature_of(self, receipt: Mapping[str, Any]) -> str:
        """The compact JWS over the canonical form of the receipt."""
        header = {"alg": _ALGORITHM, "typ": _TYPE, "kid": _key_id(self.verifier_key)}
        key = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(self.private_key))
        return jws.serialize_compact(header, canonical(receipt), key, algorithms=[_ALGORITHM])


def require_signed(
    receipt: Mapping[str, Any], signature: str, keys: Iterable[VerifierKey]
) -> VerifierKey:
    """The key among these that signed exactly this receipt. Raises ReceiptInvalidError."""
    _require_canonical_base64(signature)
    named = _named_key(signature)
    for key in keys:
        if key.type is SignatureType.ED25519 and _key_id(key) == named:
            if _payload(signature, key) != canonical(receipt):
                raise ReceiptInvalidError("what was signed is not what the receipt says")
            return key
    raise ReceiptInvalidError("no known key signed the receipt")


def public_key_pem(key: VerifierKey) -> str:
    """The key in the form that openssl and most JOSE programs take."""
    return _public(key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _payload(signature: str, key: VerifierKey) -> bytes:
    try:
        opened = jws.deserialize_compact(
            signature, OKPKey.import_key(_public(key)), algorithms=[_ALGORITHM]
        )
    except (JoseError, ValueError):
        raise ReceiptInvalidError(f"the signature of {key.name} fails") from None
    return opened.payload


def _named_key(signature: str) -> str:
    try:
        header = jws.extract_compact(signature.encode()).headers()
    except (JoseError, ValueError):
        raise ReceiptInvalidError("the signature is no compact JWS") from None
    return str(header.get("kid", ""))


def _require_canonical_base64(signature: str) -> None:
    """Base64 leaves room for other spellings of the same bytes; only one is ours."""
    for part in signature.split("."):
        try:
            content = urlsafe_b64decode(part + "=" * (-len(part) % 4))
        except (binascii.Error, ValueError):
            raise ReceiptInvalidError("the signature is no compact JWS") from None
        if urlsafe_b64encode(content).rstrip(b"=") != part.encode():
            raise ReceiptInvalidError("the signature is not spelt as it was issued")


def _key_id(key: VerifierKey) -> str:
    return f"{key.name}+{key.key_id.hex()}"


def _public(key: VerifierKey) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(key.public_key)
