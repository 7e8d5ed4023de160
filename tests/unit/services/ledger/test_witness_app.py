"""A witness over HTTP answers as c2sp.org/tlog-witness says."""

import pytest
from fastapi.testclient import TestClient

from consent.transparency.checkpoint import LedgerSigner
from consent.transparency.signed_note import parse_note
from consent.transparency.witness import AddCheckpoint, read_cosignature
from services.ledger.witness.app import create_witness_app
from tests.support.fakes.fake_witness_memory import FakeWitnessMemory
from tests.support.ledger.witness_builders import COSIGNER, AWitness, GrowingLog

LOG = GrowingLog()
FORK = GrowingLog(branch=b"fork")
STRANGER = LedgerSigner("stranger.example/log", bytes(32))


@pytest.fixture
def memory() -> FakeWitnessMemory:
    """Give a memory of nothing."""
    return FakeWitnessMemory()


@pytest.fixture
def client(memory: FakeWitnessMemory) -> TestClient:
    """Give a witness that has seen a tree of 8."""
    witness = AWitness(memory=memory)
    witness.answer(LOG.request(0, 8))
    return TestClient(create_witness_app(witness.answer), raise_server_exceptions=False)


def test_a_cosignature_comes_as_a_line(client: TestClient):
    """Whatever content type the request says it has, or none."""
    for headers in ({}, {"content-type": "application/json"}, {"content-type": "text/plain"}):
        answer = client.post("/add-checkpoint", content=LOG.request(8, 8), headers=headers)

        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert read_cosignature(answer.content, parse_note(LOG.note(8)), COSIGNER.verifier_key)


def _request(old: int, note: str) -> bytes:
    return str(AddCheckpoint(old, (), note)).encode()


REFUSALS = {
    "what cannot be read": (b"nonsense", 400),
    "an old size above the new": (_request(9, LOG.note(8)), 400),
    "nobody's signature": (_request(8, LOG.note(9).replace("\n9\n", "\n10\n")), 403),
    "an unknown log": (_request(0, STRANGER.sign_checkpoint(size=1, root=bytes(32))), 404),
    "a proof that proves nothing": (_request(8, LOG.note(9)), 422),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_refusal_has_its_status(client: TestClient, what: str):
    """And no cosignature."""
    content, status = REFUSALS[what]

    answer = client.post("/add-checkpoint", content=content)

    assert answer.status_code == status
    assert "—" not in answer.text


@pytest.mark.parametrize(
    "content", [LOG.request(0, 9), LOG.request(5, 9), _request(8, FORK.note(8))]
)
def test_a_conflict_tells_the_size_that_was_seen(client: TestClient, content: bytes):
    """With its own content type, and nothing else."""
    answer = client.post("/add-checkpoint", content=content)

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "text/x.tlog.size"
    assert answer.content == b"8\n"


def test_a_body_without_end_is_cut_off(client: TestClient, memory: FakeWitnessMemory):
    """Before it fills the memory."""
    memory.is_available = False

    answer = client.post("/add-checkpoint", content=b"old 0\n" * 100_000)

    assert answer.status_code == 413


def test_a_witness_that_cannot_remember_answers_500(client: TestClient, memory: FakeWitnessMemory):
    """Nothing is cosigned, and asking again may help."""
    memory.is_available = False

    answer = client.post("/add-checkpoint", content=LOG.request(8, 9))

    assert answer.status_code == 500
    assert "—" not in answer.text


def test_there_is_nothing_else(client: TestClient):
    """No pages, no descriptions, no other methods."""
    assert client.get("/").status_code == 404
    assert client.get("/docs").status_code == 404
    assert client.get("/openapi.json").status_code == 404
    assert client.get("/add-checkpoint").status_code == 405
