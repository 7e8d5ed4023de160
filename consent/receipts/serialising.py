"""A receipt as a file: what it says, who signed that, and the proofs that it is in the ledger.

A JSON object of three members. `receipt` is for people and programs to read. `signature` is a
compact JWS (RFC 7515) whose payload is the canonical JSON (RFC 8785) of `receipt`, so that any JOSE
program checks it and shows what was signed. `ledger` has one C2SP tlog-proof for each event, which
carries the entry itself.

There is one way to write a receipt. A file that says the same in other bytes is refused, so that
any changed byte is found.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785

from consent.errors import ReceiptInvalidError

_MEMBERS = ("receipt", "signature", "ledger")
_MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class ReceiptDocument:
    """A receipt with its signature and its proofs, none of them checked yet."""

    receipt: Mapping[str, Any]
    signature: str
    proofs: Sequence[str]


def canonical(receipt: Mapping[str, Any]) -> bytes:
    """The one form of a receipt that is signed (RFC 8785)."""
    return rfc8785.dumps(dict(receipt))


def document_as_bytes(document: ReceiptDocument) -> bytes:
    """The document as a file."""
    members = {
        "receipt": document.receipt,
        "signature": document.signature,
        "ledger": list(document.proofs),
    }
    return json.dumps(members, ensure_ascii=False, indent=1).encode() + b"\n"


def document_from_bytes(content: bytes) -> ReceiptDocument:
    """Back from document_as_bytes. Raises ReceiptInvalidError for anything else."""
    if len(content) > _MOST_BYTES:
        raise ReceiptInvalidError(f"a receipt is not longer than {_MOST_BYTES} bytes")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise ReceiptInvalidError("a receipt is JSON in UTF-8") from None
    if not isinstance(found, dict) or tuple(found) != _MEMBERS:
        raise ReceiptInvalidError(f"a receipt has the members {', '.join(_MEMBERS)}")
    receipt, signature, proofs = (found[name] for name in _MEMBERS)
    if not isinstance(receipt, dict) or not isinstance(signature, str):
        raise ReceiptInvalidError("a receipt is an object, its signature a text")
    if not isinstance(proofs, list) or not all(isinstance(proof, str) for proof in proofs):
        raise ReceiptInvalidError("the ledger's proofs of a receipt are texts")
    document = ReceiptDocument(receipt, signature, tuple(proofs))
    if not _is_as_written(document, content):
        raise ReceiptInvalidError("the receipt is not written as it was issued")
    return document


def _is_as_written(document: ReceiptDocument, content: bytes) -> bool:
    try:
        return bool(canonical(document.receipt)) and document_as_bytes(document) == content
    except (ValueError, RecursionError):
        return False  # numbers or texts that we never write
