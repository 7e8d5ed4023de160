"""The ledger over HTTP: what a witness or a monitor reads, and nothing that happened."""

from base64 import b64decode

import pytest
from fastapi.testclient import TestClient

from consent.ledger.merkle import Frontier, verify_consistency
from consent.transparency.checkpoint import open_checkpoint
from services.ledger.published import PREFIX, create_ledger_app
from tests.support.fakes.fake_published_ledger import FakePublishedLedger
from tests.support.ledger.ledger_builders import SIGNER, an_entry


@pytest.fixture
def ledger() -> FakePublishedLedger:
    """Give a ledger of 300 entries."""
    made = FakePublishedLedger()
    made.grow([an_entry(number=number) for number in range(300)])
    return made


@pytest.fixture
def client(ledger: FakePublishedLedger) -> TestClient:
    """Give what asks it."""
    return TestClient(create_ledger_app(ledger), raise_server_exceptions=False)


def _get(client: TestClient, path: str) -> bytes:
    answer = client.get(PREFIX + path)
    assert answer.status_code == 200, path
    return answer.content


def test_a_monitor_rebuilds_the_tree_from_its_tiles(client: TestClient):
    """The leaves' hashes lead to the root that was signed."""
    checkpoint = open_checkpoint(_get(client, "/checkpoint"), [SIGNER.verifier_key]).checkpoint
    leaves = _get(client, "/tile/0/000") + _get(client, "/tile/0/001.p/44")
    frontier = Frontier()

    for start in range(0, len(leaves), 32):
        frontier.append(leaves[start : start + 32])

    assert (frontier.size, frontier.root()) == (checkpoint.size, checkpoint.root)
    assert _get(client, "/tile/1/000.p/1") != b""


def test_a_monitor_sees_that_the_log_only_grew(client: TestClient, ledger: FakePublishedLedger):
    """From the checkpoint it kept to the one of today."""
    before = open_checkpoint(_get(client, "/checkpoint"), [SIGNER.verifier_key]).checkpoint
    ledger.grow([an_entry(number=number) for number in range(300, 333)])
    after = open_checkpoint(_get(client, "/checkpoint"), [SIGNER.verifier_key]).checkpoint

    lines = _get(client, f"/consistency?old={before.size}&new={after.size}").decode()

    verify_consistency(
        first=before.size,
        second=after.size,
        proof=[b64decode(line) for line in lines.splitlines()],
        first_root=before.root,
        second_root=after.root,
    )


def test_what_changes_is_kept_for_seconds_and_what_does_not_for_ever(client: TestClient):
    """So that a cache in front may do most of the work."""
    assert client.get(f"{PREFIX}/checkpoint").headers["cache-control"] == "public, max-age=5"
    for path in ("/tile/0/000", "/tile/0/001.p/44", "/consistency?old=5&new=300"):
        assert "immutable" in client.get(PREFIX + path).headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/consistency",
        "/consistency?old=1",
        "/consistency?old=a&new=2",
        "/consistency?old=-1&new=2",
        "/consistency?old=1&new=99999999999999999999",
    ],
)
def test_what_are_no_sizes_is_refused(client: TestClient, path: str):
    """400, and nothing of what was typed."""
    answer = client.get(PREFIX + path)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "old and new are sizes, in decimal"


@pytest.mark.parametrize(
    "path",
    [
        "/consistency?old=2&new=1",
        "/consistency?old=2&new=301",
        "/tile/0/001",
        "/tile/0/001.p/45",
        "/tile/0/000.p/0",
        "/tile/0/000.p/256",
        "/tile/0/000.p/01",
        "/tile/0/0",
        "/tile/0/x000/000",
        "/tile/0/x001/000",
        "/tile/00/000",
        "/tile/64/000",
        "/tile/-1/000",
        "/tile/0/000/",
        "/tile/entries/000",
        "/tile/entries/000.p/5",
        "/entries",
        "/",
        "",
    ],
)
def test_what_there_is_not_is_not_found(client: TestClient, path: str):
    """Nor is an entry ever to be had here."""
    answer = client.get(PREFIX + path)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:tell-once:problem:not-found"


def test_a_part_of_a_full_tile_is_given_too(client: TestClient):
    """A monitor may have begun when the tree was smaller."""
    assert _get(client, "/tile/0/000.p/7") == _get(client, "/tile/0/000")[: 7 * 32]


def test_a_ledger_that_was_never_signed_has_no_checkpoint():
    """It will have one within seconds."""
    client = TestClient(create_ledger_app(FakePublishedLedger()))

    assert client.get(f"{PREFIX}/checkpoint").status_code == 404


@pytest.mark.parametrize("path", ["/checkpoint", "/consistency?old=1&new=2", "/tile/0/000"])
def test_a_ledger_that_cannot_be_read_answers_503(
    client: TestClient, ledger: FakePublishedLedger, path: str
):
    """Ask again later."""
    ledger.is_available = False

    answer = client.get(PREFIX + path)

    assert answer.status_code == 503
    assert answer.headers.get("cache-control") is None


def test_nothing_is_written_here(client: TestClient):
    """No method but reading."""
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.request(method, f"{PREFIX}/checkpoint").status_code == 405
    assert client.get("/docs").status_code == 404


def test_what_is_not_used_like_that_says_how_it_is(client: TestClient):
    """405 with the methods that there are, as a problem document."""
    answer = client.post(f"{PREFIX}/checkpoint")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")
    assert answer.json()["type"] == "urn:tell-once:problem:method-not-allowed"
