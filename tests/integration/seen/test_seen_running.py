"""The running demonstration as whoever looks after it sees it: health, metrics, names, HEAD."""

import re
from collections.abc import Mapping
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.fixtures.fixtures_demonstration import Demonstration
from tests.support.seen import known_series
from tests.support.waiting import GENEROUS, eventually

pytestmark = [pytest.mark.postgres, pytest.mark.enable_socket]
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_NAMES = re.compile(r"(?m)^(tell_once_[a-z_]+)")


def ask(
    port: int, path: str, method: str = "GET", content: str = "", **headers: str
) -> tuple[int, str, Mapping[str, str]]:
    """One request on a connection of its own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=GENEROUS)
    try:
        connection.request(method, path, content or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())
    finally:
        connection.close()


def test_every_part_tells_its_numbers_and_that_it_is_well(demonstration: Demonstration):
    """Each on the next port: relay to portal, then what follows up, and the other doors."""
    portal = urlsplit(demonstration.url).port or 0
    relay, aggregation, connectors, shown = range(
        demonstration.metrics_port, demonstration.metrics_port + 4
    )
    for _ in range(6):
        assert ask(portal, "/ledger/v1/nothing")[0] == 404

    well = [ask(part, "/health/ready")[:2] for part in (portal, relay, aggregation, connectors)]
    live = [ask(part, "/health/live")[0] for part in (portal, relay, aggregation, connectors)]

    others = range(shown + 1, shown + 7)
    assert eventually(lambda: [ask(part, "/health/live")[0] for part in others] == [200] * 6)
    assert well == [(200, '{"ok":true,"lacking":[]}')] + [(200, '{"ok": true, "lacking": []}')] * 3
    assert live == [200] * 4
    assert eventually(
        lambda: 'tell_once_lag_messages{group="aggregation"} 0.0' in ask(aggregation, "/metrics")[1]
    )
    told = {part: ask(part, "/metrics")[1] for part in (relay, aggregation, connectors, shown)}
    asked = re.search(
        r'tell_once_requests_total\{area="ledger",status="4xx"\} ([0-9.]+)', told[shown]
    )
    assert asked is not None
    assert float(asked[1]) >= 6
    assert "tell_once_measured 1.0" in told[relay]
    assert 'tell_once_handled_messages_total{group="aggregation"}' in told[aggregation]
    assert {name for text in told.values() for name in _NAMES.findall(text)} <= known_series()
    assert not [name for name in demonstration.people if name in "".join(told.values())]


def test_a_request_for_another_name_is_refused(demonstration: Demonstration):
    """Whoever's name leads here; also where two names are said, or none."""
    port = urlsplit(demonstration.url).port or 0

    statuses = {
        host: ask(port, "/sign-in", Host=host)[0]
        for host in (f"localhost:{port}", "LOCALHOST.", "evil.example", "127.0.0.1.evil.example")
    }
    status, told, headers = ask(port, "/sign-in", Host="evil.example")

    assert statuses == {
        f"localhost:{port}": 200,
        "LOCALHOST.": 200,
        "evil.example": 421,
        "127.0.0.1.evil.example": 421,
    }
    assert (status, headers["content-type"]) == (421, "application/problem+json")
    assert "evil" not in told


def test_head_is_answered_as_get_is_and_changes_nothing(demonstration: Demonstration):
    """The same status and headers without content; what GET uses up HEAD is refused."""
    port = urlsplit(demonstration.url).port or 0
    person = demonstration.people["Amara Okafor"]
    signed_in = ask(port, "/sign-in", "POST", urlencode({"person": person}), **_FORM)[2]
    cookie = signed_in["set-cookie"].partition(";")[0]

    paths = ("/", "/sign-in", "/conditions-of-use", "/nothing", "/partners/v1/openapi.json")
    for path in (*paths, "/ledger/v1/checkpoint", "/health/ready"):
        got = ask(port, path, Cookie=cookie)
        head = ask(port, path, "HEAD", Cookie=cookie)
        assert (head[0], head[1]) == (got[0], ""), path
        assert head[2].get("content-type") == got[2].get("content-type"), path
    assert ask(port, "/sign-in/back/any?code=x&state=y", "HEAD")[0] == 405
    assert ask(port, "/sign-out", "HEAD", Cookie=cookie)[0] == 405
    assert ask(port, "/", Cookie=cookie)[0] == 200
