"""Requests are counted by area and status alone, by forked workers together."""

import os

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from services.audit.integrity.seen.metrics import (
    OF_REQUESTS,
    REQUESTS,
    Area,
    Metrics,
    NotAMetricError,
    status_class,
)
from services.audit.integrity.seen.requests import CountedRequests, area_by, counting
from services.platform.settings import Settings
from tests.support.traces.canaries import NAME, NUMBER, found_in

_AREA_OF = area_by({"/ledger/": Area.LEDGER})


def test_workers_count_together_and_tell_no_path():
    """What two forks count is added up; no address, no method that was made up."""
    app, started = PlainTextResponse("no", 404), list[object]()

    with counting(
        app, Settings(metrics_port=9), _AREA_OF, lambda run, **_: started.append(run)
    ) as counted:
        client = TestClient(counted)
        for _ in range(2):
            pid = os.fork()
            if pid == 0:
                for path in (f"/{NAME}/{NUMBER}?{NAME}", "/ledger/x"):
                    client.request(NAME, path)
                os._exit(0)
            os.waitpid(pid, 0)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        told = generate_latest(registry).decode()

    assert 'tell_once_requests_total{area="pages",status="4xx"} 2.0' in told
    assert 'tell_once_request_seconds_count{area="ledger"} 2.0' in told
    assert found_in(told) == []
    assert len(started) == 1
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ


def test_without_a_port_nothing_is_counted():
    """The application is the one that was given."""
    app = PlainTextResponse("here")

    with counting(app, Settings(), _AREA_OF) as counted:
        assert counted is app


def test_a_label_has_no_value_of_its_own_making():
    """Nobody's name becomes a label by mistake."""
    metrics = Metrics(OF_REQUESTS)

    with pytest.raises(NotAMetricError) as raised:
        metrics.count(REQUESTS, area=NAME, status="2xx")

    assert NAME not in str(raised.value)
    assert [status_class(s) for s in (101, 200, 304, 421, 503, 999)] == [
        "2xx",
        "2xx",
        "3xx",
        "4xx",
        "5xx",
        "5xx",
    ]
    assert isinstance(CountedRequests(PlainTextResponse(""), metrics, _AREA_OF), CountedRequests)
