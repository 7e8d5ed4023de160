"""Our own compact JWE is everybody's: a full library opens it, and it opens what that seals."""

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import OctKey

from services.platform.errors import KeyUnusableError
from services.platform.keys.sealing import decrypt, encrypt

KEY = bytes(range(32))
PLAIN = b'{"entry": []}'


@given(plain=st.binary(max_size=200))
def test_what_it_seals_a_full_library_opens_and_the_other_way(plain: bytes):
    """Both ways, whatever is sealed."""
    ours = encrypt(KEY, plain, key_id="a" * 32)
    header = {"alg": "dir", "enc": "A256GCM", "kid": "a" * 32}
    theirs = jwe.encrypt_compact(header, plain, OctKey.import_key(KEY)).encode()

    opened = jwe.decrypt_compact(ours, OctKey.import_key(KEY))

    assert opened.plaintext == plain
    assert opened.headers() == header
    assert decrypt(KEY, theirs) == decrypt(KEY, ours) == plain


@given(place=st.integers(0), bit=st.integers(0, 7))
def test_whatever_bit_is_changed_nothing_else_opens(place: int, bit: int):
    """Of header, nonce, content or tag; but for bits at the ends of base64 that mean nothing."""
    sealed = bytearray(encrypt(KEY, PLAIN, key_id="a" * 32))
    sealed[place % len(sealed)] ^= 1 << bit

    try:
        opened = decrypt(KEY, bytes(sealed))
    except KeyUnusableError:
        return
    assert opened == PLAIN


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "enc": "A256GCM"},
        {"alg": "dir", "enc": "A128GCM"},
        {"alg": "dir", "enc": "A256GCM", "zip": "DEF"},
        {"alg": "dir", "enc": "A256GCM", "crit": ["b64"]},
        ["dir"],
    ],
)
def test_a_header_that_says_anything_else_is_refused(header: object):
    """Before any key is tried."""
    _, _, *rest = encrypt(KEY, PLAIN, key_id="a" * 32).split(b".")
    first = urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=")

    with pytest.raises(KeyUnusableError):
        decrypt(KEY, b".".join((first, b"", *rest)))


@pytest.mark.parametrize("sealed", [b"", b"a.b.c", b"....", b"a.b.c.d.e.f", "ü.ü.ü.ü.ü".encode()])
def test_what_is_no_jwe_is_refused(sealed: bytes):
    """Neither too few parts nor too many, nor an encrypted key."""
    with pytest.raises(KeyUnusableError):
        decrypt(KEY, sealed)


def test_another_key_does_not_open_it():
    """Nor does a key of no proper length raise anything else."""
    sealed = encrypt(KEY, PLAIN, key_id="a" * 32)

    for key in (bytes(32), b"short"):
        with pytest.raises(KeyUnusableError):
            decrypt(key, sealed)
