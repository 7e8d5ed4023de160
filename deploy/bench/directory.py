"""`tell-once bench directory`: a page of the directory among thousands of entries, as families ask.

Invented services around an invented town, in an embedded database of the bench's own. Clients in
processes of their own ask over HTTP, each a different thing; every answer is checked. Told are
medians and high percentiles, and the CPU of server and database a search.
"""

import argparse
import json
import random
import socket
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid5

import psutil

from services.cli.output import print_document, settings_from
from services.interfaces.directory.entries.checking import check_service
from services.interfaces.directory.entries.facts import entry_of
from services.interfaces.directory.entries.needs import Need, term_of
from services.interfaces.directory.feeds import postgres
from services.interfaces.directory.feeds.reading import FeedVersion
from services.interfaces.directory.serving.app import run_directory
from services.platform.clock import SystemClock
from services.platform.database.engine import Engine, open_engine
from services.platform.settings import Settings

ABOUT = """
Makes entries of invented services and asks for pages of them: one client, then several. Among
10,000 entries a search takes at most 100 ms for 99 of 100 who ask, with 8 clients.

  tell-once bench directory
  tell-once bench directory --services 50000 --clients 16 --json
"""
_SPACE = UUID("f1f6f0a5-8d0e-5c9d-a5b7-5a6d2f3c4b1e")
_BATCH = 500
_WARM = 20


def add_arguments(names: Any, common: argparse.ArgumentParser) -> None:
    """Add it to `bench`."""
    parser = names.add_parser(
        "directory",
        parents=[common],
        help="a search in the directory of services",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--services", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--searches", type=int, default=100, help="of each client")
    parser.set_defaults(run_command=run_bench_directory)


class NotAnsweredError(Exception):
    """A client was told something else. No SystemExit: of one a pool of processes never hears."""


def run_bench_directory(args: argparse.Namespace) -> int:
    """Fill, serve, ask and tell."""
    from services.bootstrap import opened  # noqa: PLC0415 slow, and the clients need none of it

    with tempfile.TemporaryDirectory(prefix="tell-once-bench-") as folder:
        args.data = args.data or Path(folder)
        port = _free_port()
        settings = settings_from(args, environment="demonstration").model_copy(
            update={"port": port, "workers": 2}
        )
        with opened(settings) as application:
            if application.embedded is None:
                raise SystemExit("the bench fills a database of its own: give no --database")
            _fill(open_engine(application.embedded.url()), args.services)
            figures = _measure(settings, args)
    told = {"services": args.services, "measured": figures}
    print_document(args, told, plain="\n".join(map(_line, figures)))
    return 0


def _measure(settings: Settings, args: argparse.Namespace) -> list[dict[str, Any]]:
    context = get_context("fork")
    serving = context.Process(target=run_directory, args=(settings,))
    serving.start()
    try:
        _wait_for(settings.port)
        return [
            _asked(settings, clients, args.searches) for clients in dict.fromkeys((1, args.clients))
        ]
    finally:
        serving.terminate()
        serving.join()


def _asked(settings: Settings, clients: int, searches: int) -> dict[str, Any]:
    before, began = _cpu(settings.data), time.monotonic()
    with get_context("fork").Pool(clients) as pool:
        told = pool.starmap(_ask, [(settings.port, number, searches) for number in range(clients)])
    took = time.monotonic() - began
    times = sorted(one for each in told for one in each)
    spent = {name: seconds - before[name] for name, seconds in _cpu(settings.data).items()}
    return {
        "clients": clients,
        "searches": len(times),
        "a_second": round(len(times) / took, 1),
        "median_ms": round(times[len(times) // 2] * 1000, 1),
        "p95_ms": round(times[int(len(times) * 0.95)] * 1000, 1),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
        "longest_ms": round(times[-1] * 1000, 1),
        "cpu_ms_a_search": {
            name: round(seconds * 1000 / (len(times) + _WARM * clients), 2)
            for name, seconds in spent.items()
        },
    }


def _ask(port: int, number: int, searches: int) -> list[float]:
    """One client: a connection of its own, and each time something else."""
    chance, found = random.Random(number), []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = connection.makefile("rb")
        for turn in range(_WARM + searches):
            body = urlencode(_sought(chance)).encode()
            began = time.monotonic()
            connection.sendall(
                b"POST /find HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
            )
            page = _answer(answers)
            if turn >= _WARM:
                found.append(time.monotonic() - began)
            if b"app-service" not in page and b"No services" not in page:
                raise NotAnsweredError("an answer was no list of services")
    return found


def _answer(answers: Any) -> bytes:
    if b" 200 " not in answers.readline():
        raise NotAnsweredError("a search was not answered")
    length = 0
    while (line := answers.readline().strip()) != b"":
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    page: bytes = answers.read(length)
    return page


def _sought(chance: random.Random) -> dict[str, str]:
    """What somebody looks for: mostly a need near a postcode, sometimes words, or anything."""
    sought = {"postcode": f"ZZ99 {chance.randrange(3, 7)}"} if chance.random() < 0.8 else {}  # noqa: PLR2004
    if chance.random() < 0.7:  # noqa: PLR2004
        sought["need"] = chance.choice(list(Need)).value
    if chance.random() < 0.5:  # noqa: PLR2004
        sought["age"] = f"{chance.randrange(0, 16)}"
    if sought.get("postcode") and chance.random() < 0.7:  # noqa: PLR2004
        sought["within"] = chance.choice(["1", "2", "5", "10"])
    if chance.random() < 0.2:  # noqa: PLR2004
        sought["words"] = chance.choice(["songs", "group", "monday help", "painting"])
    if chance.random() < 0.2:  # noqa: PLR2004
        sought["day"] = str(chance.randrange(7))
    return sought


def _fill(engine: Engine, services: int) -> None:
    """Entries of one feed, staged and swapped as a feed's are; and postcodes for four parts."""
    chance, clock = random.Random(1), SystemClock()
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO directory_area VALUES ('ZZ993', 52.0, -1.0), ('ZZ994', 52.1, -1.1), "
            "('ZZ995', 51.9, -0.9), ('ZZ996', 52.05, -0.8) ON CONFLICT DO NOTHING"
        )
        feed = postgres.ServiceFeed("bench", "Bench", "https://bench.example", FeedVersion.V3)
        postgres.add_feed(connection, feed, by="job:bench", at=clock.now())
        read = [
            (str(number), None, entry_of(check_service(_service(number, chance)).document))
            for number in range(services)
        ]
        for first in range(0, services, _BATCH):
            postgres.stage(connection, feed.id, read[first : first + _BATCH])
        listed = [entry.id for _, _, entry in read]
        postgres.swap(connection, feed.id, listed=listed, parked=[], at=clock.now())
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _service(number: int, chance: random.Random) -> dict[str, Any]:
    def an_id(part: str) -> str:
        return str(uuid5(_SPACE, f"{part}:{number}"))

    what = ["Songs", "Painting", "Talking", "Walking", "Baking"][number % 5]
    location = {
        "id": an_id("location"),
        "location_type": "physical",
        "name": f"Hall {number % 97}",
        "latitude": 52.0 + chance.gauss(0, 0.2),
        "longitude": -1.0 + chance.gauss(0, 0.3),
    }
    terms = [term_of(need) for need in chance.sample(list(Need), 2)]
    return {
        "id": an_id("service"),
        "name": f"{what} group {number}",
        "description": f"{what} together, and help with what comes up. " * 6,
        "status": "active",
        "minimum_age": number % 12,
        "maximum_age": number % 12 + 4,
        "assured_date": f"2026-{number % 11 + 1:02}-01",
        "organization": {
            "id": str(uuid5(_SPACE, f"o{number % 300}")),
            "name": f"Org {number % 300}",
        }
        | {"description": "A charity"},
        "schedules": [
            {"id": an_id("schedule"), "freq": "WEEKLY", "opens_at": "10:00", "closes_at": "12:00"}
            | {"byday": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][number % 7]}
        ],
        "service_at_locations": [{"id": an_id("there"), "location": location}],
        "languages": [{"id": an_id("language"), "name": "English"}],
        "cost_options": [{"id": an_id("cost"), "amount": number % 3}],
        "attributes": [
            {"id": str(uuid5(_SPACE, f"{number}{term['id']}")), "taxonomy_term": term}
            for term in terms
        ],
    }


def _cpu(data: Path) -> dict[str, float]:
    """Seconds of the server's processes, and of the database's: those that live in its folder."""
    spent = {"server": 0.0, "database": 0.0}
    ours = {process.pid for process in psutil.Process().children(recursive=True)}
    for process in psutil.process_iter():
        try:
            is_database = Path(process.cwd()).is_relative_to(data.resolve())
            if is_database or process.pid in ours:
                times = process.cpu_times()
                spent["database" if is_database else "server"] += times.user + times.system
        except psutil.Error:
            continue
    return spent


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the directory did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _line(figure: dict[str, Any]) -> str:
    spent = json.dumps(figure["cpu_ms_a_search"])
    return (
        f"{figure['clients']} clients: median {figure['median_ms']} ms, p95 {figure['p95_ms']} ms, "
        f"p99 {figure['p99_ms']} ms, {figure['a_second']} a second; CPU ms a search {spent}"
    )
