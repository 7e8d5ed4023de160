"""Whether a consent receipt fits: its signature, its proofs, and the ledger's words."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.errors import ReceiptInvalidError
from consent.ledger.events import LedgerEvent
from consent.receipts import ReceiptDocument, document_as_bytes, document_from_bytes
from consent.transparency.signed_note import NoteSigner
from services.decisions.receipts.checking import check_receipt
from services.decisions.receipts.signing import ReceiptSigner, public_key_pem
from tests.support.builders import CHILD, DAY, NOW, SIBLING
from tests.support.consents.issuing import RECEIPTS
from tests.support.consents.receipts import (
    KEYS,
    a_file,
    a_receipt,
    a_recorded,
    life_of,
    proofs_of,
    signed,
)
from tests.support.ledger.ledger_builders import SIGNER

_DECISION = a_recorded(subjects=(CHILD, SIBLING), until=NOW + DAY, withdrawn_at=NOW)
_LIFE = life_of(
    _DECISION,
    (LedgerEvent.SHARING_DECISION_SUPERSEDED, NOW - 3 * DAY),
    (LedgerEvent.SHARING_DECISION_REINSTATED, NOW - 2 * DAY),
    (LedgerEvent.SHARING_DECISION_WITHDRAWN, NOW),
)
_FILE = a_file(_DECISION, _LIFE)


def _says_the_same(content: bytes) -> bool:
    try:
        return bool(json.loads(content.decode()) == json.loads(_FILE))
    except ValueError:
        return False


_STRANGER = ReceiptSigner(RECEIPTS.name, bytes(range(2, 34)))


def test_a_receipt_that_was_issued_fits():
    """With both keys, in any order; and it is told what it is."""
    checked = check_receipt(_FILE, KEYS[::-1])

    assert checked.is_valid
    assert checked.told["decision_id"] == _DECISION.id
    assert checked.told["state"] == "withdrawn"
    assert checked.told["signed_by"] == RECEIPTS.name
    assert checked.told["ledger"] == {"origin": SIGNER.name, "size": 6, "signed_by": [SIGNER.name]}


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(_FILE) - 1), st.integers(1, 255))
def test_any_byte_that_changes_what_it_says_is_found(place: int, change: int):
    """In the words, the signature or the proofs; another space between them says the same."""
    content = bytearray(_FILE)
    content[place] ^= change

    assert check_receipt(bytes(content), KEYS).is_valid is _says_the_same(bytes(content))


@pytest.mark.parametrize(
    "written",
    [
        json.dumps(json.loads(_FILE)),
        json.dumps(json.loads(_FILE), ensure_ascii=False, separators=(",", ":"), sort_keys=True),
        json.dumps(json.loads(_FILE), indent=4).replace("\n", "\r\n"),
    ],
    ids=["saved again", "sorted", "indented"],
)
def test_a_receipt_that_a_program_saved_again_fits(written: str):
    """It verifies by its canonical form (RFC 8785), not by its bytes."""
    assert check_receipt(written.encode(), KEYS).is_valid


def test_a_name_that_stands_twice_is_refused():
    """One program would read the first, another the last."""
    twice = _FILE.replace(b'"record_id"', b'"record_id": "other", "record_id"', 1)

    assert not check_receipt(twice, KEYS).is_valid
    assert not check_receipt(_FILE.replace(b"{", b'{"receipt": {},', 1), KEYS).is_valid


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(_FILE) - 1), st.binary(max_size=3))
def test_anything_added_or_cut_off_is_found(place: int, more: bytes):
    """Another newline at the end says nothing."""
    for content in (_FILE[:place], _FILE + b"\n" + more):
        assert check_receipt(content, KEYS).is_valid is _says_the_same(content)


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ((), "no known key signed the receipt"),
        ((SIGNER.verifier_key,), "no known key signed the receipt"),
        ((RECEIPTS.verifier_key,), "no known key signed the note"),
        ((_STRANGER.verifier_key, SIGNER.verifier_key), "no known key signed the receipt"),
    ],
)
def test_both_keys_have_to_be_known(keys: Any, fault: str):
    """One for the receipt, one for the ledger."""
    assert check_receipt(_FILE, keys).faults == (fault,)


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("pii_processing response code", "refused", "response is not"),
        ("pii_processing mode code", "existence", "mode is not"),
        ("pii_processing because", {"code": "urgent"}, "because is not"),
        ("pii_processing pii_information", [], "categories is not"),
        ("pii_processing purposes", [], "lacks what a receipt says"),
        ("pii_processing recipient_third_parties 0 code", "x", "recipients is not"),
        ("record_header record_id", "d8" * 16, "event 0 is of another decision"),
        ("record_header pii_principal_id", [CHILD], "event 0 is about others"),
        ("record_header decided_at", "2026-01-01T00:00:00.000000Z", "decided_at is not"),
        ("record_header review_at", "2099-01-01T00:00:00.000000Z", "review_at is not"),
        ("record_header supersedes", "d8" * 16, "supersedes is not"),
        ("events 0 event_time", "2026-01-01T00:00:00.000000Z", "event 0: when"),
        ("events 0 entity_capacity code", "adult-self", "event 0: who decided"),
        ("events 3 event_state code", "given", "event 3: when"),
        ("events", [], "the events are not those that are proved"),
        ("receipt_metadata ledger_proofs", [], "the proofs are not those"),
        ("events", None, "lacks what a receipt says"),
        ("record_header", "x", "lacks what a receipt says"),
    ],
)
def test_a_receipt_that_says_other_than_the_ledger_is_found_out(path: str, value: Any, fault: str):
    """Even if it is signed: the ledger is believed and not the issuer."""
    proofs = proofs_of(_LIFE)
    receipt: Any = copy.deepcopy(a_receipt(_DECISION, _LIFE, proofs))
    *steps, last = (int(step) if step.isdigit() else step for step in path.split())
    inner = receipt
    for step in steps:
        inner = inner[step]
    inner[last] = value

    checked = check_receipt(signed(receipt, proofs), KEYS)

    assert not checked.is_valid
    assert any(fault in found for found in checked.faults)


def test_a_decision_begins_with_its_recording():
    """A withdrawal alone, or two recordings, are no life of a decision."""
    for life in ([_LIFE[3]], [_LIFE[0], _LIFE[0]]):
        assert check_receipt(a_file(_DECISION, life), KEYS).faults == (
            "the events do not begin with the one recording of a decision",
        )


def test_a_receipt_of_another_ledger_is_not_believed():
    """Its checkpoint is signed by nobody who is known."""
    proofs = [p.replace(SIGNER.name, "other.example/ledger") for p in proofs_of(_LIFE)]

    assert not check_receipt(signed(a_receipt(_DECISION, _LIFE, proofs), proofs), KEYS).is_valid


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"receipt": {}, "signature": "x"}',
        b'{"receipt": [], "signature": "", "ledger": []}',
        b'{"receipt": {}, "signature": "", "ledger": [1]}',
        b'{"receipt": {"a": NaN}, "signature": "a.b.c", "ledger": []}\n',
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b'{"receipt":"' + b"x" * 2_000_001 + b'"}', id="long"),
    ],
)
def test_what_is_no_receipt_is_refused(content: bytes):
    """With a sentence, never with a crash."""
    with pytest.raises(ReceiptInvalidError):
        document_from_bytes(content)

    assert not check_receipt(content, KEYS).is_valid


@pytest.mark.parametrize(
    "signature", ["", "a.b", "a.b.c.d", "é.é.é", "eyJhbGciOiJub25lIn0.e30.", "!!.!!.!!"]
)
def test_a_signature_that_is_none_is_refused(signature: str):
    """Among them one that says that none is needed."""
    document = document_from_bytes(_FILE)
    forged = ReceiptDocument(document.receipt, signature, document.proofs)

    assert not check_receipt(document_as_bytes(forged), KEYS).is_valid


def test_a_file_is_what_it_was_made_from():
    """There and back; and people can read it as it is."""
    assert document_as_bytes(document_from_bytes(_FILE)) == _FILE
    assert json.loads(_FILE)["receipt"]["record_header"]["record_id"] == _DECISION.id
    assert "Information Commissioner’s Office" in _FILE.decode()


def test_the_key_can_be_given_to_other_programs():
    """As PEM; and a receipts' key signs notes like any other, so that it has one name."""
    assert public_key_pem(RECEIPTS.verifier_key).startswith("-----BEGIN PUBLIC KEY-----")
    assert isinstance(RECEIPTS, NoteSigner)
