"""What is sent to a witness and what comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import NoteMalformedError, NoteUntrustedError
from consent.transparency.signed_note import parse_note
from consent.transparency.witness import AddCheckpoint, read_cosignature, read_size
from tests.support.ledger.ledger_builders import NOW
from tests.support.ledger.witness_builders import COSIGNER, OTHER_COSIGNER, GrowingLog

LOG = GrowingLog()
NOTE = LOG.note(9)
TEXT = parse_note(NOTE).text
LINE = COSIGNER.cosign(TEXT, at=NOW)
OTHER_LINE = OTHER_COSIGNER.cosign(TEXT, at=NOW)


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_request_is_written_and_read(old: int, more: int):
    """It comes back as it was."""
    request = AddCheckpoint(old, tuple(LOG.proof(old, old + more)), LOG.note(old + more))

    assert AddCheckpoint.parse(str(request).encode()) == request


HASH = "A" * 43 + "="


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"old 0",
        b"old 0\n",
        f"old 00\n\n{NOTE}".encode(),
        f"old -1\n\n{NOTE}".encode(),
        f"old\n\n{NOTE}".encode(),
        f"old 0 \n\n{NOTE}".encode(),
        f"old 99999999999999999999\n\n{NOTE}".encode(),
        f"new 0\n\n{NOTE}".encode(),
        f"old 0\r\n\r\n{NOTE}".encode(),
        f"old 1\nAAAA\n\n{NOTE}".encode(),
        f"old 1\n{HASH} \n\n{NOTE}".encode(),
        f"old 1\n{HASH[:-2]}B=\n\n{NOTE}".encode(),
        ("old 1\n" + f"{HASH}\n" * 64 + f"\n{NOTE}").encode(),
        b"\xff",
    ],
)
def test_what_is_not_a_request_is_refused(content: bytes):
    """A request is read strictly."""
    with pytest.raises(NoteMalformedError):
        AddCheckpoint.parse(content)


def test_as_many_proof_lines_as_there_may_be_are_read():
    """63, and no more."""
    request = AddCheckpoint.parse(("old 1\n" + f"{HASH}\n" * 63 + f"\n{NOTE}").encode())

    assert len(request.proof) == 63


def test_the_cosignature_is_found_among_those_of_others():
    """Lines by unknown keys are ignored."""
    content = f"{OTHER_LINE}{LINE}".encode()

    assert read_cosignature(content, parse_note(NOTE), COSIGNER.verifier_key) == LINE


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (str(OTHER_LINE), NOTE),
        (str(LINE), LOG.note(10)),
    ],
    ids=["by somebody else", "of another checkpoint"],
)
def test_an_answer_that_is_no_cosignature_of_ours_is_refused(content: str, note: str):
    """It is checked before it is kept."""
    with pytest.raises(NoteUntrustedError):
        read_cosignature(content.encode(), parse_note(note), COSIGNER.verifier_key)


@pytest.mark.parametrize("content", [b"", b"ok", b"\xff\n", b"\n", str(LINE)[:-1].encode()])
def test_an_answer_that_is_no_signature_line_is_refused(content: bytes):
    """Read strictly."""
    with pytest.raises(NoteMalformedError):
        read_cosignature(content, parse_note(NOTE), COSIGNER.verifier_key)


def test_the_size_that_a_witness_tells_is_read():
    """A decimal and a newline."""
    assert read_size(b"0\n") == 0
    assert read_size(b"20852163\n") == 20_852_163


@pytest.mark.parametrize(
    "content", [b"", b"1", b"01\n", b"-1\n", b"1\n\n", b"a\n", b"9" * 20 + b"\n"]
)
def test_what_is_not_a_size_is_refused(content: bytes):
    """Read strictly."""
    with pytest.raises(NoteMalformedError):
        read_size(content)
