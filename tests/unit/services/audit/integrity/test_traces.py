"""Traces name routes and statuses, and nothing of what was asked for."""

import pytest
from fastapi import APIRouter, FastAPI
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from services.audit.integrity.seen.traces import Traced, TracesNotInstalledError, traced
from services.platform.settings import Settings
from services.platform.web import ByPath, HeadAsGet
from tests.support.traces.canaries import NAME, NUMBER, found_in


def test_a_span_has_the_route_in_place_of_the_path():
    """Of a route in a router, of an address that there is not, of a failure: no id, no query."""
    router = APIRouter(prefix="/families")

    @router.get("/{person}/timeline")
    def timeline(person: str) -> str:
        if person == "fails":
            raise ValueError(NAME)
        return person

    app = FastAPI()
    app.include_router(router)
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    behind = HeadAsGet(ByPath({}, others=app), not_below=("/x/",))
    client = TestClient(
        Traced(behind, lambda: provider.get_tracer("t")), raise_server_exceptions=False
    )

    client.get(f"/families/{NUMBER}/timeline?q={NAME}", headers={"X-Name": NAME})
    client.get(f"/{NAME}")
    client.get("/families/fails/timeline")
    client.request(NAME, "/")

    spans = exporter.get_finished_spans()
    told = "".join(span.to_json() for span in spans)
    assert [span.name for span in spans] == [
        "GET /families/{person}/timeline",
        "GET",
        "GET /families/{person}/timeline",
        "_OTHER",
    ]
    assert dict(spans[0].attributes or {}) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/families/{person}/timeline",
    }
    assert (spans[2].attributes or {})["error.type"] == "500"
    assert found_in(told) == []


def test_they_are_off_until_set_and_asked_for_in_vain_without_the_extra():
    """Nobody believes that there are traces where there are none."""
    app = PlainTextResponse("here")

    assert traced(app, Settings(), "portal") is app
    with pytest.raises(TracesNotInstalledError):
        traced(
            app,
            Settings(traces_url="https://traces.example/v1/traces"),
            "portal",
            ["no_such.package"],
        )
