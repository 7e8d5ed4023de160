"""No personal value leaves by a side door (STYLE.md 21): outputs, logs, errors, tables, the bus."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine, text

from schemas.identifiers import nhs_number_identifier, upn_identifier
from schemas.records.subject import Demographics, Subject
from schemas.vocabulary import Source
from services.__main__ import main
from services.adapters.logging import configure_logging
from services.adapters.portal_services import PortalOnDatabase
from services.adapters.unit_of_work import Outside
from services.portal.app import create_app
from services.portal.settings import Environment, PortalSettings
from tests.support.builders import VISITOR
from tests.support.canaries import (
    BORN,
    CANARIES,
    GIVEN,
    NAME,
    NUMBER,
    UPN,
    health_visiting_files,
    school_files,
    social_care_files,
)
from tests.support.in_process import InProcess
from tests.support.in_the_clear import found_in_the_clear
from tests.support.pages import PageClient

pytestmark = pytest.mark.postgres

FILES = {
    Source.HEALTH_VISITING: health_visiting_files,
    Source.SCHOOLS: school_files,
    Source.SOCIAL_CARE: social_care_files,
}


def found_in(written: str) -> list[str]:
    """Say which canaries stand in a text, also as JSON or a URL would write them."""
    folded = written.casefold()
    return [canary for canary in CANARIES if canary.casefold() in folded]


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def logging_for_real(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Log as a process does, with the real processors, to where the test can read it."""
    del capfd
    configure_logging("canary")
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("source", FILES, ids=str)
def test_reading_files_tells_no_value(
    source: Source,
    database: str,
    engine: Engine,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
):
    """Good and bad, withheld and parked: the answer and every table are clean."""
    paths = _written(tmp_path, FILES[source]())
    options = ["--data", str(tmp_path / "data"), "--database", database]

    code = main(["ingest", source.value, *paths, *options, "--json"])
    listed = main(["parked", "list", *options, "--json"])
    replayed = main(["parked", "replay", *options])

    written = capfd.readouterr()
    summary = json.loads(written.out.splitlines()[0])
    assert (code, listed, replayed) == (0, 0, 0)
    assert summary["withheld"] > 0
    assert summary["parked"] > 0
    assert found_in(written.out + written.err) == []
    assert found_in_the_clear(engine, CANARIES) == []


def test_publishing_tells_no_value(running: InProcess, engine: Engine, tmp_path: Path):
    """Once it is permitted the content travels and is stored sealed; nothing else has it."""
    known = (nhs_number_identifier(NUMBER), upn_identifier(UPN))
    running.decide(Subject("s", known, Demographics(date_of_birth=BORN)))

    for source, files in FILES.items():
        running.ingest(source, *map(Path, _written(tmp_path, files())))
    running.settle()

    assert running.count("bus_messages") > 0
    assert running.count("record WHERE sealed IS NOT NULL") > 0
    assert found_in_the_clear(engine, CANARIES) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--subject", f"nhs-number:{NAME}"],
        ["--subject", NAME],
        ["--subject", f"person:{NAME}"],
        ["--subject", f"{NAME}:{GIVEN}"],
        ["--subject", "nhs-number:9990000018", "--category", NAME],
        ["--subject", "nhs-number:9990000018", "--purpose", NAME],
        ["--subject", "nhs-number:9990000018", "--recipient", f"practitioner:{NAME}"],
        ["--subject", "nhs-number:9990000018", "--decided-by", f"parent:{GIVEN} {NAME}"],
        ["--subject", "nhs-number:9990000018", "--until", BORN],
        ["--subject", "nhs-number:9990000018", "--until", NAME],
        ["--subject", "nhs-number:9990000018", "--response", NAME],
        ["--subject", f"nhs-number:{NUMBER}", "--date-of-birth", NAME],
    ],
    ids=" ".join,
)
def test_a_decision_that_cannot_be_recorded_tells_no_value(
    arguments: list[str], database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    """The field is named; what was typed is not."""
    usual = {"--category": "child-health", "--purpose": "direct-care"}
    missing = [word for pair in usual.items() if pair[0] not in arguments for word in pair]
    options = ["--data", str(tmp_path), "--database", database]

    code = main(["decision", "record", *arguments, *missing, *options])

    written = capfd.readouterr()
    assert code != 0
    assert found_in(written.out + written.err) == []


@pytest.mark.usefixtures("logging_for_real")
@pytest.mark.parametrize(
    "break_it", ["DROP TABLE record CASCADE", "DROP TABLE ledger_entry CASCADE"]
)
def test_a_failing_database_tells_no_value(
    running: InProcess,
    break_it: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
):
    """Neither its errors nor ours quote what they were given."""
    _fill(running, tmp_path)
    client = _signed_in(running)
    person = running.person(_subject())
    with running.outside.engine.begin() as connection:
        connection.execute(text(break_it))

    pages = [client.http.get(f"/families/{person}"), _search(client, NUMBER, BORN)]
    url = running.outside.engine.url.render_as_string(hide_password=False)
    code = main(
        [
            *("ingest", "schools", *_written(tmp_path, school_files())),
            *("--database", url, "--data", str(tmp_path / "data")),
        ]
    )

    written = capfd.readouterr()
    assert code != 0 or "ledger" not in break_it
    assert {page.status_code for page in pages} & {500, 503}
    assert found_in(written.out + written.err + _everything(pages)) == []


def test_a_database_that_is_not_there_tells_no_secret(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    """The address of a database holds a password."""
    url = f"postgresql+psycopg://postgres:{NAME}@127.0.0.1:1/x"

    code = main(["parked", "list", "--data", str(tmp_path), "--database", url])

    written = capfd.readouterr()
    assert code != 0
    assert found_in(written.out + written.err) == []


@pytest.mark.usefixtures("logging_for_real")
def test_pages_that_cannot_be_shown_tell_no_value(
    running: InProcess,
    engine: Engine,
    capfd: pytest.CaptureFixture[str],
):
    """Addresses, headers, error pages and logs, whatever is typed where."""
    client = _signed_in(running)

    answers = [
        client.http.get("/families/" + NAME),
        client.http.get(f"/families/{NUMBER}"),
        client.http.get(f"/families/{NUMBER}/story"),
        client.http.get(f"/families/{'0' * 32}?purpose={NAME}"),
        client.http.post("/sign-in", data={"person": NAME}),
        client.http.post("/find-a-family", data={"identifier": NUMBER}),
        client.http.post("/find-a-family", content=NAME.encode() * 5000),
        client.http.post("/find-a-family", json={"identifier": NUMBER}),
        client.http.get("/" + NAME),
        client.http.request("DELETE", f"/families/{'0' * 32}"),
        _search(client, NUMBER, BORN),
        _search(client, NUMBER, "2031-12-31"),
    ]

    written = capfd.readouterr()
    told = _everything(a for a in answers if a.status_code != 422 or b"<form" not in a.content)
    assert found_in(written.out + written.err) == []
    assert found_in(told) == []
    assert 500 not in {answer.status_code for answer in answers}
    assert found_in_the_clear(engine, CANARIES) == []


def test_a_story_is_stored_sealed(running: InProcess, engine: Engine, tmp_path: Path):
    """What the family says is nowhere in the clear, on its way or at rest."""
    _fill(running, tmp_path)
    person = running.person(_subject())
    client = _signed_in(running)
    client.http.post(f"/families/{person}/family-present")
    shown_at = f"/families/{person}/story/new"

    response = client.send_raw(
        shown_at, shown_at, {"text": f"{GIVEN} {NAME} sleeps badly.", "told-by": GIVEN}
    )
    running.settle()

    assert response.status_code == 303
    assert found_in(response.headers["location"]) == []
    assert found_in_the_clear(engine, CANARIES) == []


def _fill(running: InProcess, folder: Path) -> None:
    running.decide(_subject())
    good = next(iter(health_visiting_files()))
    running.ingest(Source.HEALTH_VISITING, *map(Path, _written(folder, [good])))
    running.settle()


def _subject() -> Subject:
    return Subject("s", (nhs_number_identifier(NUMBER),), Demographics(date_of_birth=BORN))


def _signed_in(running: InProcess) -> PageClient:
    services = PortalOnDatabase(running.portal, demonstration=True)
    settings = PortalSettings("Exbury", Environment.DEMONSTRATION, cookie_secure=False)
    client = PageClient(create_app(services, settings))
    client.sign_in(VISITOR)
    return client


def _search(client: PageClient, number: str, born: str) -> Any:
    year, month, day = born.split("-")
    form = {
        "scheme": "nhs-number",
        "identifier": number,
        "date-of-birth-day": day,
        "date-of-birth-month": month,
        "date-of-birth-year": year,
    }
    return client.send_raw("/find-a-family", "/find-a-family", form)


def _everything(answers: Any) -> str:
    return "\n".join(f"{a.headers} {a.text}" for a in answers)


def _written(folder: Path, files: Any) -> list[str]:
    folder.mkdir(exist_ok=True)
    paths = []
    for number, content in enumerate(files):
        path = folder / f"{number:04d}"
        path.write_bytes(content)
        paths.append(str(path))
    return paths
