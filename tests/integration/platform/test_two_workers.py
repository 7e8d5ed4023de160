"""What holds at one worker holds at the other: sessions, form tokens, limits, what is used once."""

import json
import os
import re
import time
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil
import pytest

from tests.support.assertions import ED25519, a_form, an_assertion
from tests.support.fixtures.fixtures_demonstration import Demonstration
from tests.support.serving import owner_of
from tests.support.waiting import GENEROUS, eventually

pytestmark = [pytest.mark.postgres, pytest.mark.enable_socket]

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_BURST_OF_FAILURES = 20


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Message
    content: str


@dataclass(frozen=True, slots=True)
class _AtOneWorker:
    """Asks always the same worker, on a new connection each time."""

    worker: int
    workers: frozenset[int]
    port: int

    def ask(self, path: str, form: dict[str, str] | None = None, cookie: str = "") -> _Answer:
        """Get, or send a form."""
        headers = {"Cookie": cookie} if cookie else {}
        with ExitStack() as closing:
            connection = self._connected(closing)
            if form is None:
                connection.request("GET", path, headers=headers)
            else:
                connection.request("POST", path, urlencode(form), headers | _FORM)
            answer = connection.getresponse()
            return _Answer(answer.status, answer.headers, answer.read().decode())

    def _connected(self, closing: ExitStack) -> HTTPConnection:
        """Open connections, which go to the workers in turn, until one is at ours."""
        while True:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=GENEROUS)
            closing.callback(connection.close)
            connection.connect()
            assert eventually(lambda: self._owner(connection))  # noqa: B023 at once
            if self._owner(connection) == self.worker:
                return connection

    def _owner(self, connection: HTTPConnection) -> int | None:
        try:
            return owner_of(connection, self.workers)
        except AssertionError:
            return None


Pair = tuple[_AtOneWorker, _AtOneWorker]


@pytest.fixture
def pair(demonstration: Demonstration) -> Pair:
    """Give the two workers of the running demonstration."""
    port = urlsplit(demonstration.url).port
    assert port is not None
    workers = frozenset(_workers(port))
    one, other = (_AtOneWorker(worker, workers, port) for worker in sorted(workers))
    return one, other


def test_who_signed_in_at_one_is_signed_in_at_the_other(
    demonstration: Demonstration, pair: Pair
) -> None:
    """A form shown by one is taken by the other, and who is signed out there is signed out."""
    one, other = pair
    signed_in = one.ask("/sign-in", {"person": demonstration.people["Amara Okafor"]})
    cookie = signed_in.headers["Set-Cookie"].partition(";")[0]
    assert (signed_in.status, other.ask("/", cookie=cookie).status) == (303, 200)
    page = one.ask("/", cookie=cookie).content
    token = re.search(r'action="/sign-out".*?name="csrf" value="([^"]+)"', page, re.DOTALL)
    assert token is not None

    refused = other.ask("/sign-out", {"csrf": "another"}, cookie)
    ended = other.ask("/sign-out", {"csrf": token[1]}, cookie)

    assert (refused.status, ended.status) == (403, 303)
    assert one.ask("/", cookie=cookie).status != 200


def test_an_assertion_that_was_shown_to_one_is_worth_nothing_at_the_other(
    demonstration: Demonstration, pair: Pair, tmp_path: Path
) -> None:
    """RFC 7523 section 3, `jti`: kept in the database."""
    one, _ = pair
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(ED25519.as_dict(private=False)))
    words = ("--scope", "access:evaluate", "--jwks", str(keys))
    assert demonstration.command("partner", "add", "two-workers", *words).returncode == 0
    place = json.loads(one.ask("/.well-known/oauth-authorization-server").content)
    own = {"iss": "two-workers", "sub": "two-workers", "exp": int(time.time()) + 60}
    form = a_form(an_assertion(ED25519, "Ed25519", aud=place["token_endpoint"], **own))

    statuses = [who.ask("/oauth/token", form).status for who in pair]

    assert statuses == [200, 401]


def test_who_fails_at_one_is_slowed_down_at_the_other(pair: Pair) -> None:
    """One bucket for all workers: going to another gains nothing."""
    form = {
        "grant_type": "client_credentials",
        "client_id": "nobody-of-two",
        "client_secret": "x" * 43,
    }

    asked = range(3 * _BURST_OF_FAILURES)
    statuses = [pair[n % 2].ask("/oauth/token", form).status for n in asked]

    assert set(statuses) == {401, 429}
    assert statuses.count(401) < 2 * _BURST_OF_FAILURES


def _workers(port: int) -> set[int]:
    (acceptor,) = {
        one.pid
        for one in psutil.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN and one.laddr.port == port and one.pid
    }
    # beside the workers there is who shows their metrics, in a process group of its own
    children = [child.pid for child in psutil.Process(acceptor).children()]
    return {pid for pid in children if os.getpgid(pid) == os.getpgid(acceptor)}
