"""Our side of c2sp.org/tlog-witness: what is read from an answer, and what from the settings."""

import socket
from collections.abc import Callable
from contextlib import closing

import pytest

from consent.transparency.signed_note import parse_note
from consent.transparency.witness import AddCheckpoint
from services.ledger.witness.postgres import (
    HttpWitness,
    OtherSizeSeen,
    WitnessAddress,
    WitnessesMisnamedError,
    WitnessRefusedError,
    WitnessUnavailableError,
    parse_witnesses,
)
from tests.support.ledger.ledger_builders import NOW
from tests.support.ledger.witness_answers import answering
from tests.support.ledger.witness_builders import COSIGNER, OTHER_COSIGNER, GrowingLog
from tests.support.waiting import GENEROUS

KEY = COSIGNER.verifier_key
LOG = GrowingLog()
REQUEST = AddCheckpoint(0, (), LOG.note(3))
LINE = COSIGNER.cosign(parse_note(LOG.note(3)).text, at=NOW)
STALE = COSIGNER.cosign(parse_note(LOG.note(2)).text, at=NOW)
OTHER = OTHER_COSIGNER.cosign(parse_note(LOG.note(3)).text, at=NOW)


def _ask(url: str) -> object:
    return HttpWitness(WitnessAddress(KEY, url), seconds=GENEROUS).ask(REQUEST)


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        (200, str(LINE), LINE),
        (200, f"{OTHER}{LINE}", LINE),
        (409, "7\n", OtherSizeSeen(7)),
    ],
    ids=["its line", "its line among others", "a size"],
)
def test_an_answer_is_read(status: int, content: str, expected: object):
    """A cosignature that was checked, or the size to prove from."""
    with answering(status, content.encode()) as url:
        assert _ask(url) == expected


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, ""),
        (200, "hello"),
        (200, str(STALE)),
        (200, str(OTHER)),
        (200, str(LINE) * 3000),
        (409, ""),
        (409, "seven\n"),
        (500, ""),
        (503, "7\n"),
        (204, ""),
    ],
)
def test_an_answer_that_is_none_means_to_ask_again_later(status: int, content: str):
    """Whatever a witness says, the ledger goes on."""
    with answering(status, content.encode()) as url, pytest.raises(WitnessUnavailableError):
        _ask(url)


@pytest.mark.enable_socket
@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_a_refusal_is_told_with_its_status(status: int):
    """A person must look."""
    with answering(status, b"no") as url, pytest.raises(WitnessRefusedError) as refused:
        _ask(url)

    assert refused.value.status == status


@pytest.mark.enable_socket
def test_a_redirect_is_not_followed():
    """A witness is where the settings say."""
    with (
        answering(200, str(LINE).encode()) as elsewhere,
        answering(302, Location=elsewhere) as url,
        pytest.raises(WitnessUnavailableError),
    ):
        _ask(url)


@pytest.mark.enable_socket
def test_a_witness_that_is_not_there_is_away():
    """Nothing listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]

    with pytest.raises(WitnessUnavailableError):
        _ask(f"http://127.0.0.1:{port}")


@pytest.mark.enable_socket
def test_a_witness_that_says_nothing_is_away():
    """It is not waited for long."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        witness = HttpWitness(WitnessAddress(KEY, url), seconds=0.2)

        with pytest.raises(WitnessUnavailableError):
            witness.ask(REQUEST)


def test_witnesses_are_named_in_pairs():
    """Keys and addresses, with spaces or lines between; nothing names nobody."""
    text = f"""
        {KEY} https://witness.example/
        {OTHER_COSIGNER.verifier_key}  http://127.0.0.1:8500/prefix
    """

    assert parse_witnesses("") == ()
    assert parse_witnesses(text) == (
        WitnessAddress(KEY, "https://witness.example/"),
        WitnessAddress(OTHER_COSIGNER.verifier_key, "http://127.0.0.1:8500/prefix"),
    )


_MISNAMED: dict[str, Callable[[], str]] = {
    "a key alone": lambda: str(KEY),
    "another order": lambda: f"https://witness.example {KEY}",
    "a broken key": lambda: f"{str(KEY)[:-4]}AAA= https://witness.example",
    "a file": lambda: f"{KEY} file:///etc/passwd",
    "no host": lambda: f"{KEY} https://",
    "a query": lambda: f"{KEY} https://witness.example/?a=b",
}


@pytest.mark.parametrize("what", _MISNAMED)
def test_a_setting_that_names_no_witness_is_refused(what: str):
    """Before anything is asked of anybody."""
    with pytest.raises(WitnessesMisnamedError):
        parse_witnesses(_MISNAMED[what]())
