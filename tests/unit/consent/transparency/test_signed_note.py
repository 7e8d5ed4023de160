"""Signed notes, verifier keys, checkpoints and proof files of C2SP."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import NoteMalformedError, NoteUntrustedError
from consent.ledger.merkle import leaf_hash
from consent.transparency.checkpoint import (
    Checkpoint,
    LedgerSigner,
    open_checkpoint,
    read_checkpoint,
)
from consent.transparency.signed_note import NoteSignature, check_signatures, parse_note
from consent.transparency.verifier_key import SignatureType, VerifierKey
from tests.support.ledger.ledger_builders import ORIGIN, SIGNER

# Go's checksum database and the key that Go publishes for it.
GO_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_NOTE = """\
go.sum database tree
30055305
mXfgRcJ0bG0j3CPdKwgGWtUzBUbX67saZGRmFuJGGsM=

— sum.golang.org Az3grpgEild5qw7+5dtV13Kf1C2Xurm8q4fhdxvcsDHnqNTaxL2AFjBY\
+2TyGKevucFcAAlWFJJYle3EJlDCrQ+y3A8=
"""
KEY = SIGNER.verifier_key
NOTE = SIGNER.sign_checkpoint(size=1, root=leaf_hash(b"one"))
STRANGER = LedgerSigner("stranger.example", bytes(32))


def test_a_checkpoint_of_another_log_is_read():
    """What Go's checksum database signs verifies with the key it publishes."""
    opened = open_checkpoint(GO_NOTE.encode(), [VerifierKey.parse(GO_KEY)])

    assert opened.checkpoint.origin == "go.sum database tree"
    assert opened.checkpoint.size == 30055305
    assert str(opened.note) == GO_NOTE
    assert str(VerifierKey.parse(GO_KEY)) == GO_KEY


def test_what_we_sign_opens_with_our_key():
    """A checkpoint goes through signing and opening unchanged."""
    opened = open_checkpoint(NOTE.encode(), [KEY], origin=ORIGIN)

    assert opened.checkpoint == Checkpoint(ORIGIN, 1, leaf_hash(b"one"))
    assert opened.signatures.signed_by == (KEY,)


def test_a_verifier_key_is_written_and_read():
    """Its text form is read back as the same key."""
    assert VerifierKey.parse(str(KEY)) == KEY


def test_signatures_of_strangers_are_named_but_not_trusted():
    """An unknown signature neither helps nor harms."""
    stranger = STRANGER.sign(NOTE.partition("\n\n")[0] + "\n").signatures[0]

    opened = read_checkpoint(f"{NOTE}{stranger}", [KEY])
    alone = read_checkpoint(f"{NOTE}{stranger}", [])

    assert opened.signatures.is_trusted
    assert [each.name for each in opened.signatures.unknown] == ["stranger.example"]
    assert not alone.signatures.is_trusted
    assert len(alone.signatures.unknown) == 2


def test_a_note_without_a_known_signature_is_not_opened():
    """Nobody known, nothing believed."""
    with pytest.raises(NoteUntrustedError):
        open_checkpoint(NOTE, [STRANGER.verifier_key])


def test_a_failing_signature_of_a_known_key_spoils_the_note():
    """Also beside a good one of another known key (c2sp.org/signed-note)."""
    both = f"{NOTE}{NoteSignature(STRANGER.name, STRANGER.verifier_key.key_id, bytes(64))}"

    with pytest.raises(NoteUntrustedError, match="fails"):
        open_checkpoint(both, [KEY, STRANGER.verifier_key])


def test_a_checkpoint_of_another_origin_is_not_ours():
    """The right key under the wrong log is refused when the origin is given."""
    with pytest.raises(NoteUntrustedError, match="another log"):
        open_checkpoint(NOTE, [KEY], origin="elsewhere.example/ledger")


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_any_changed_byte_of_a_note_is_found(place: int, change: int):
    """No byte of a signed checkpoint can be changed unseen."""
    content = bytearray(NOTE.encode())
    content[place] ^= change

    with pytest.raises((NoteMalformedError, NoteUntrustedError)):
        open_checkpoint(bytes(content), [KEY])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n\n",
        b"text\n\n- name AAAAAAA=\n",
        "text\n\n— name AAAAAAA=".encode(),
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— na+me AAAAAAA=\n".encode(),
        "text\n\n—  AAAAAAA=\n".encode(),
        "text\n\n— name AAAAAAB=\n".encode(),
        "text\n\n— name AAAAAAA= \n".encode(),
        "te\txt\n\n— name AAAAAAA=\n".encode(),
        "te\rxt\n\n— name AAAAAAA=\n".encode(),
        b"te\xffxt\n\n\xe2\x80\x94 name AAAAAAA=\n",
        ("text\n\n" + "— name AAAAAAA=\n" * 101).encode(),
        b"x" * 1_000_001,
    ],
)
def test_what_is_not_a_note_is_refused(content: bytes):
    """A note is read strictly."""
    with pytest.raises(NoteMalformedError):
        parse_note(content)


def test_an_empty_line_may_stand_in_the_text_of_a_note():
    """The last empty line separates, not the first."""
    note = SIGNER.sign("one\n\ntwo\n")

    read = parse_note(str(note))

    assert read.text == "one\n\ntwo\n"
    assert check_signatures(read, [KEY]).is_trusted


@pytest.mark.parametrize(
    "text",
    [
        "name",
        "name+0a1b2c3d",
        "name+0a1b2c3d+",
        "name+0a1b2c3d+AAAA",
        "name+zzzzzzzz+AAAA",
        GO_KEY.replace("033de0ae", "033de0af"),
        GO_KEY.replace("sum.", "sun."),
        GO_KEY[:-4],
        GO_KEY.replace("+Ac4z", "+Cc4z"),
        f"na me+0a1b2c3d+{b64encode(bytes(33)).decode()}",
    ],
)
def test_what_is_not_a_verifier_key_is_refused(text: str):
    """Also one whose hash is not that of its name and key."""
    with pytest.raises(NoteMalformedError):
        VerifierKey.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "origin\n1\n",
        "origin\n01\n" + b64encode(bytes(32)).decode() + "\n",
        "origin\n-1\n" + b64encode(bytes(32)).decode() + "\n",
        "origin\n١\n" + b64encode(bytes(32)).decode() + "\n",
        "origin\n1\nAAAA\n",
        "origin\n1\nnot base64\n",
        "\n1\n" + b64encode(bytes(32)).decode() + "\n",
        "origin\n1\n" + b64encode(bytes(32)).decode() + "\n\nextension\n",
        "origin\n1\n" + b64encode(bytes(32)).decode(),
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str):
    """A checkpoint is read strictly."""
    with pytest.raises(NoteMalformedError):
        Checkpoint.parse(text)


def test_extension_lines_are_kept():
    """They are opaque, and part of what was signed."""
    checkpoint = Checkpoint("origin", 7, bytes(32), ("first", "second"))

    assert Checkpoint.parse(str(checkpoint)) == checkpoint


def test_a_witness_cosigns_with_ed25519():
    """A timestamped cosignature is checked, and its time is part of it."""
    witness = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = witness.public_key().public_bytes_raw()
    key = VerifierKey("witness.example", public, SignatureType.ED25519_COSIGNATURE)
    text = parse_note(NOTE).text
    signature = witness.sign(f"cosignature/v1\ntime 1700000000\n{text}".encode())
    line = NoteSignature(key.name, key.key_id, (1_700_000_000).to_bytes(8, "big") + signature)
    backdated = NoteSignature(key.name, key.key_id, bytes(8) + signature)

    assert open_checkpoint(f"{NOTE}{line}", [KEY, key]).signatures.signed_by == (KEY, key)
    assert read_checkpoint(f"{NOTE}{backdated}", [key]).signatures.failed == (key,)


def test_a_witness_cosigns_with_ml_dsa():
    """The quantum-safe cosignature names the cosigner, the log, the size and the root."""
    witness = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
    public = witness.public_key().public_bytes_raw()
    key = VerifierKey("w.example", public, SignatureType.ML_DSA_44_COSIGNATURE)
    message = (
        b"subtree/v1\n\x00\x09w.example"
        + (1_700_000_000).to_bytes(8, "big")
        + bytes([len(ORIGIN)])
        + ORIGIN.encode()
        + bytes(8)
        + (1).to_bytes(8, "big")
        + leaf_hash(b"one")
    )
    signature = (1_700_000_000).to_bytes(8, "big") + witness.sign(message)
    line = NoteSignature(key.name, key.key_id, signature)

    assert VerifierKey.parse(str(key)) == key
    assert read_checkpoint(f"{NOTE}{line}", [key]).signatures.signed_by == (key,)
    assert not key.verifies(b"not a checkpoint\n", signature)


def test_a_signer_hides_its_key():
    """Printing it tells the name only."""
    assert bytes(range(32)).hex() not in repr(SIGNER)
    assert repr(SIGNER) == f"LedgerSigner('{ORIGIN}', private_key=••••)"
