"""What our cryptography is made of, and what it never is (ASVS 6.5, 7.2 and chapter 11)."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.checkout import ROOT, our_modules

_SOURCES = {str(p.relative_to(ROOT)): p.read_text() for p in our_modules()}
# Everything that is taken of libraries which encrypt, sign, hash or speak TLS.
_TAKEN = {
    "cryptography.exceptions": {"InvalidSignature", "InvalidTag", "UnsupportedAlgorithm"},
    "cryptography.hazmat.primitives.asymmetric": {"ec"},
    "cryptography.hazmat.primitives.asymmetric.ec": {
        "EllipticCurvePrivateKey",
        "EllipticCurvePublicKey",
    },
    "cryptography.hazmat.primitives.asymmetric.ed25519": {"Ed25519PrivateKey", "Ed25519PublicKey"},
    "cryptography.hazmat.primitives.asymmetric.mldsa": {"MLDSA44PublicKey"},
    "cryptography.hazmat.primitives.asymmetric.rsa": {"RSAPrivateKey", "RSAPublicKey"},
    "cryptography.hazmat.primitives.ciphers.aead": {"AESGCM"},
    "cryptography.hazmat.primitives.hashes": {"SHA256"},
    "cryptography.hazmat.primitives.kdf.hkdf": {"HKDF"},
    "cryptography.hazmat.primitives.keywrap": {"InvalidUnwrap", "aes_key_unwrap", "aes_key_wrap"},
    "cryptography.hazmat.primitives.serialization": {
        "Encoding",
        "PublicFormat",
        "load_pem_private_key",
        "load_pem_public_key",
    },
}
_OTHERS = {"Crypto", "Cryptodome", "OpenSSL", "bcrypt", "jose", "jwt", "nacl", "passlib", "rsa"}
_LIBRARIES = {"cryptography"} | _OTHERS
_IMPORTS = rf"(?m)^ *(?:from|import) ({'|'.join(sorted(_LIBRARIES))})\b"
_HASHED = 10
_HASHES = {"sha256", "blake2b"}
# The hash of an access token is by the algorithm of its token: sha256, sha384 or sha512.
_BY_TOKEN = "services/people/signing_in/coming_back.py"
# Bytes of a digest that nobody is to find a second text for: 16; but for the number of a lock.
_FEWEST_DIGEST_BYTES = 16
_LOCK = "services/platform/bus/postgres_subscription.py"
# 128 bits: what cannot be guessed however often it is tried.
_FEWEST_BYTES = 16
# Shorter, and no secret: ids of entries, files that are not finished, what a failure is found by.
_NAMES = {
    "consent/ledger/__init__.py",
    "services/platform/durable_files.py",
    "services/platform/web.py",
    "services/workers/files/done_folder.py",
}
# Typed by people, and tried five times: six digits (ASVS 6.5.4). A reference opens nothing.
_CODES = {
    "services/interfaces/answering/links/coming_in.py",
    "services/people/family_access/signing_in.py",
    "services/people/presence/codes.py",
}
_REFERENCE = "services/interfaces/connections/reference.py"
_JOINING = "services/people/signing_in/codes.py"
# How long a process waits before it tries again.
_WAITS = {"services/platform/loops.py", "services/workers/witnesses.py"}
# Names of things, of which nobody is let in by knowing one.
_NAMED_BY_UUID = {
    "services/interfaces/access/postgres_records.py",
    "services/interfaces/partners/oauth/exchange.py",
    "services/portal/front/listed/services.py",
    "services/portal/front/uses.py",
    "services/workers/rebuild.py",
}


def test_ciphers_and_keys_are_those_of_the_list():
    """AES-256 with GCM and AES key wrap, of one library; no other mode and no padding of RSA."""
    taken: dict[str, set[str]] = {}
    for source in {_SOURCES[name] for name, _ in _said(_IMPORTS)}:
        for module, name in _imported(source):
            taken.setdefault(module, set()).add(name)

    assert taken == _TAKEN


def test_hashes_are_sha_2_and_blake2():
    """No MD5 and no SHA-1 for anything; none is too short to tell two texts apart."""
    used = {name for _, name in _calls("hashlib")}
    for _, names in _said(r"(?m)^from hashlib import ([\w, ]+)"):
        used |= set(names.split(", "))
    keyed = [said for _, said in _said(r"(?:hmac\.digest|file_digest)\(([^\n]+)")]

    assert used - {"file_digest", "new"} == _HASHES
    assert [place for place, name in _calls("hashlib") if name == "new"] == [_BY_TOKEN]
    assert len(keyed) > _HASHED
    assert all('"sha256")' in said for said in keyed)
    sizes = dict(_sizes(r"digest_size=(\w+)"))
    assert {name for name, size in sizes.items() if size < _FEWEST_DIGEST_BYTES} == {_LOCK}


def test_what_is_secret_is_random_and_long():
    """From the operating system, of at least 128 bits; the rest is named here."""
    sizes = list(_sizes(r"(?:secrets\.token_\w+|os\.urandom)\((\w+)\)"))
    short = {name for name, size in sizes if size < _FEWEST_BYTES}

    assert len(sizes) > 30
    assert short == _NAMES | {"services/platform/keys/sealing.py"}  # a nonce of GCM has 96 bits


def test_codes_that_are_typed_have_six_digits_and_are_random():
    """Each of the three; none is drawn from another source."""
    drawn = {name for name, called in _calls("secrets") if called in {"randbelow", "choice"}}

    assert drawn == _CODES | {_REFERENCE, _JOINING}
    for name in _CODES:
        assert re.search(r"(?m)^_DIGITS = 6$", _SOURCES[name])


def test_chance_that_can_be_foretold_decides_how_long_to_wait_and_nothing_else():
    """Module `random` and UUIDs: each place is here, and none is a secret."""
    foretold = {name for name, _ in _said(r"(?m)^ *((?:from|import) random\b)")}
    named = {name for name, _ in _said(r"\b(uuid[14])\b")}

    assert foretold == _WAITS
    assert named == _NAMED_BY_UUID


@pytest.mark.parametrize("bad", ["import jwt", "from jwt import decode"])
def test_another_library_is_seen(bad: str):
    """Else the list would say nothing."""
    assert [module for module, _ in _imported(bad)] == ["jwt"]


def _imported(source: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found = [(alias.name, "") for alias in names]
            case ast.ImportFrom(module=str(module), names=names):
                found = [(module, alias.name) for alias in names]
            case _:
                continue
        yield from (each for each in found if each[0].partition(".")[0] in _LIBRARIES)


def _said(words: str) -> Iterator[tuple[str, str]]:
    """Where something is said, and what."""
    wanted = re.compile(words)
    for name, source in _SOURCES.items():
        yield from ((name, found) for found in wanted.findall(source))


def _calls(module: str) -> Iterator[tuple[str, str]]:
    return _said(rf"\b{module}\.(\w+)\(")


def _sizes(words: str) -> Iterator[tuple[str, int]]:
    """How many bytes are asked for, as a number or by the name of one in the same module."""
    for name, size in _said(words):
        told = re.search(rf"(?m)^{size}\b[^=\n]*= (\d+)$", _SOURCES[name])
        if size.isdigit() or told:
            yield name, int(told.group(1) if told else size)
