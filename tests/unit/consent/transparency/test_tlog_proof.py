"""Receipts: proof files of C2SP tlog-proof."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import NoteMalformedError, NoteUntrustedError, ProofInvalidError
from consent.ledger.merkle import leaf_hash, node_hash
from consent.transparency.checkpoint import TlogProof
from tests.support.ledger.ledger_builders import ORIGIN, SIGNER

KEY = SIGNER.verifier_key
NOTE = SIGNER.sign_checkpoint(size=1, root=leaf_hash(b"one"))


def _a_receipt() -> TlogProof:
    root = node_hash(leaf_hash(b"one"), leaf_hash(b"two"))
    note = SIGNER.sign_checkpoint(size=2, root=root)
    return TlogProof(1, (leaf_hash(b"one"),), note, extra=b"two")


def test_a_receipt_is_written_read_and_checked():
    """The file is read back as it was, and proves its entry."""
    receipt = _a_receipt()

    read = TlogProof.parse(str(receipt).encode())

    assert read == receipt
    assert read.check(b"two", [KEY], origin=ORIGIN).checkpoint.size == 2


def test_a_receipt_without_extra_has_no_such_line():
    """As in the example of c2sp.org/tlog-proof."""
    bare = TlogProof(0, (), NOTE)

    assert str(bare) == f"c2sp.org/tlog-proof@v1\nindex 0\n\n{NOTE}"
    assert TlogProof.parse(str(bare).encode()).check(b"one", [KEY]).checkpoint.size == 1


def test_a_receipt_proves_no_other_entry():
    """What is not in the tree is refused."""
    with pytest.raises(ProofInvalidError):
        _a_receipt().check(b"three", [KEY])


def _check_own_entry(content: bytes) -> None:
    receipt = TlogProof.parse(content)
    receipt.check(receipt.extra or b"", [KEY])


@given(st.data())
def test_any_changed_byte_of_a_receipt_is_found(data: st.DataObject):
    """It does not parse, is not trusted, or does not prove the entry it carries."""
    content = bytearray(str(_a_receipt()).encode())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises((NoteMalformedError, NoteUntrustedError, ProofInvalidError)):
        _check_own_entry(bytes(content))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"c2sp.org/tlog-proof@v1\n",
        b"c2sp.org/tlog-proof@v2\nindex 0\n\nnote",
        b"c2sp.org/tlog-proof@v1\nindex 01\n\nnote",
        b"c2sp.org/tlog-proof@v1\nextra ?\nindex 0\n\nnote",
        b"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nnote",
        b"c2sp.org/tlog-proof@v1\n\nnote",
        b"\xff",
    ],
)
def test_what_is_not_a_proof_file_is_refused(content: bytes):
    """A proof file is read strictly."""
    with pytest.raises(NoteMalformedError):
        TlogProof.parse(content)
