"""Councils' feeds as the tests serve them: a server on this machine, and services to be listed."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid5

_SPACE = UUID("0b7d3a52-0d3c-5c8e-9f11-2f5a6c7d8e90")


def an_id(name: str) -> str:
    """Give the same id for the same name."""
    return str(uuid5(_SPACE, name))


def a_service(known: str = "Sing and play", **more: Any) -> dict[str, Any]:
    """Make a service of Open Referral UK 3.0; what is given takes the place of what it has."""
    name = known
    found = {
        "id": an_id(known),
        "name": known,
        "status": "active",
        "description": "Songs for little ones.",
        "minimum_age": 0,
        "maximum_age": 3,
        "assured_date": "2026-02-01",
        "organization": {"id": an_id("org"), "name": "Exbury Songs", "description": "A charity"},
        "schedules": [
            {"id": an_id(name + "s"), "freq": "WEEKLY", "byday": "TU,TH"}
            | {"opens_at": "10:00", "closes_at": "12:00"}
        ],
        "service_at_locations": [
            {
                "id": an_id(name + "l"),
                "location": {
                    "id": an_id(name + "L"),
                    "location_type": "physical",
                    "name": "The hall",
                    "latitude": 52.0,
                    "longitude": -1.0,
                    "addresses": [
                        {"id": an_id(name + "a"), "address_1": "1 High Street", "city": "Exbury"}
                        | {"postal_code": "ZZ99 3VZ"}
                    ],
                    "accessibility": [{"id": an_id(name + "x"), "description": "Step-free."}],
                },
            }
        ],
        "languages": [{"id": an_id(name + "g"), "name": "Polish"}],
        "attributes": [
            {
                "id": an_id(name + "t"),
                "taxonomy_term": {"id": an_id("play"), "name": "Play", "description": "Play"}
                | {"taxonomy": "exbury"},
            }
        ],
    }
    return {key: value for key, value in (found | more).items() if value is not None}


def an_old_service(number: int = 7, **more: Any) -> dict[str, Any]:
    """Make a service of version 1, with ids and lists as it has them."""
    found = {
        "id": number,
        "name": "Messy Monday",
        "status": "active",
        "description": "Paint and sand.",
        "assured_date": "2026-01-05",
        "organization": {"id": "o1", "name": "Exbury Songs", "description": ""},
        "eligibilitys": [
            {"id": "e1", "minimum_age": 1, "maximum_age": 2},
            {"id": "e2", "minimum_age": "0", "maximum_age": "5"},
        ],
        "regular_schedules": [
            {"id": "r1", "freq": "WEEKLY", "byday": "MO", "interval": "1"}
            | {"opens_at": "14:00:00", "closes_at": "15:30:00"}
        ],
        "service_taxonomys": [
            {"id": "x1", "taxonomy": {"id": "t9", "name": "Play", "vocabulary": "exbury"}}
        ],
        "languages": [{"id": "l1", "language": "Urdu"}],
        "cost_options": [{"id": "c1", "amount": "0", "option": "Free"}],
        "contacts": [{"id": "k1", "name": "Desk", "phones": [{"id": 1, "number": "01632 960999"}]}],
        "service_at_locations": [
            {
                "id": "s1",
                "location": {
                    "id": "L1",
                    "name": "The hall",
                    "latitude": "52.01",
                    "longitude": "-1.01",
                    "physical_addresses": [
                        {"id": "a1", "address_1": "1 High Street", "city": "Exbury"}
                        | {"state_province": "", "postal_code": "ZZ99 3VZ"}
                    ],
                    "accessibility_for_disabilities": [
                        {"id": "d1", "accessibility": "Wheelchair ramp"}
                    ],
                },
            }
        ],
        "reviews": [{"id": "v1", "title": "Nice"}],
    }
    return found | more


@dataclass
class FeedServer:
    """What is served: services by id, and how it misbehaves."""

    services: list[dict[str, Any]] = field(default_factory=list)
    is_old: bool = False
    is_whole: bool = False
    redirects_to: str | None = None
    status: int = 200
    filler: int = 0
    """Megabytes of spaces before the list."""
    drips: threading.Event | None = None
    """Sends a byte now and then until it is set."""
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Where the feed is."""
        return f"http://127.0.0.1:{self.port}/o/v3"

    @property
    def named(self) -> frozenset[str]:
        """What the setting has to name."""
        return frozenset({f"127.0.0.1:{self.port}"})

    def document(self, path: str) -> Any:
        """The document under a path, or None."""
        if path.startswith("/o/v3/services?"):
            page = int(path.partition("page=")[2].partition("&")[0])
            return self._page(page)
        wanted = path.removeprefix("/o/v3/services/")
        return next((one for one in self.services if str(one.get("id")) == wanted), None)

    def _page(self, page: int) -> Any:
        size = 100
        part = self.services[(page - 1) * size : page * size]
        is_last = page * size >= len(self.services)
        heads = part if self.is_whole else [self._head(one) for one in part]
        if self.is_old:
            return {"content": heads, "last": is_last}
        return {"contents": heads, "last_page": is_last}

    def _head(self, service: Any) -> Any:
        if not isinstance(service, dict):
            return service
        return {k: v for k, v in service.items() if not isinstance(v, list)}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body at once
    feed: FeedServer

    def handle(self) -> None:
        with suppress(OSError):  # whoever asked has had enough
            super().handle()

    def do_GET(self) -> None:
        feed = self.feed
        feed.asked.append(self.path)
        if feed.redirects_to is not None:
            self._answer(302, b"", Location=feed.redirects_to)
        elif feed.drips is not None:
            self._drip(feed.drips)
        elif (found := feed.document(self.path)) is None or feed.status != 200:
            self._answer(404 if feed.status == 200 else feed.status, b"{}")
        else:
            filler = b" " * (feed.filler * 1024 * 1024)
            self._answer(200, filler + json.dumps(found).encode())

    def _drip(self, stopped: threading.Event) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not stopped.wait(0.02):
            self.wfile.write(b"z")
            self.wfile.flush()
        self.close_connection = True

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def a_feed(*services: Any, **told: Any) -> Iterator[FeedServer]:
    """Serve a feed on a port of this machine."""
    feed = FeedServer(list(services), **told)
    handler = type("Handler", (_Handler,), {"feed": feed})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    feed.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield feed
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
