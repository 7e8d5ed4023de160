"""What is sealed opens with its own key and place, and with nothing else."""

import json
from base64 import urlsafe_b64decode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.identifiers import PersonId
from services.platform.errors import KeyUnusableError
from services.platform.keys.sealing import JweSealer, open_at_rest, seal_at_rest

AVA, BEN = PersonId("c0" * 16), PersonId("c1" * 16)
KEYS = {AVA: b"\x01" * 32, BEN: b"\x02" * 32}
SEALER = JweSealer(KEYS.__getitem__)
KEY = b"\x03" * 32


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_what_is_sealed_comes_back(plain: bytes):
    """On the bus and at rest."""
    assert SEALER.open(AVA, SEALER.seal(AVA, plain)) == plain
    assert open_at_rest(KEY, seal_at_rest(KEY, plain, bound_to="here"), bound_to="here") == plain


def test_an_event_names_its_key_by_the_opaque_person_id():
    """The header of the JWE says what it needs to and no more."""
    header = json.loads(urlsafe_b64decode(SEALER.seal(AVA, b"{}").split(b".")[0] + b"=="))

    assert header == {"alg": "dir", "enc": "A256GCM", "kid": AVA}


def test_the_same_content_is_never_sealed_to_the_same_bytes():
    """Nobody can see that two records are equal."""
    assert SEALER.seal(AVA, b"x") != SEALER.seal(AVA, b"x")
    assert seal_at_rest(KEY, b"x", bound_to="") != seal_at_rest(KEY, b"x", bound_to="")


def test_another_person_s_key_opens_nothing():
    """An event is for one person alone."""
    with pytest.raises(KeyUnusableError):
        SEALER.open(BEN, SEALER.seal(AVA, b"{}"))


@pytest.mark.parametrize(("key", "bound_to"), [(b"\x04" * 32, "here"), (KEY, "there"), (KEY, "")])
def test_at_rest_key_and_place_must_both_be_right(key: bytes, bound_to: str):
    """Content cannot be moved to another row."""
    with pytest.raises(KeyUnusableError):
        open_at_rest(key, seal_at_rest(KEY, b"x", bound_to="here"), bound_to=bound_to)


@given(st.binary(max_size=60))
@settings(deadline=None)
def test_what_was_never_sealed_does_not_open(rubbish: bytes):
    """Whatever it is, the error is ours and holds none of it."""
    for attempt in (
        lambda: SEALER.open(AVA, rubbish),
        lambda: open_at_rest(KEY, rubbish, bound_to="here"),
    ):
        with pytest.raises(KeyUnusableError):
            attempt()


@given(st.integers(0, 10_000), st.integers(1, 255))
@settings(deadline=None)
def test_a_changed_byte_is_found(place: int, change: int):
    """On the bus and at rest."""
    event, row = SEALER.seal(AVA, b"content"), seal_at_rest(KEY, b"content", bound_to="here")

    with pytest.raises(KeyUnusableError):
        open_at_rest(KEY, _changed(row, place, change), bound_to="here")
    try:
        opened = SEALER.open(AVA, _changed(event, place, change))
    except KeyUnusableError:
        return
    # Base64 has bits at its ends that mean nothing; whatever opens is what was sealed.
    assert opened == b"content"


def _changed(content: bytes, place: int, change: int) -> bytes:
    at = place % len(content)
    return content[:at] + bytes([content[at] ^ change]) + content[at + 1 :]
