"""No personal value leaves by the pages' side doors: errors, logs, addresses (STYLE.md 21)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine, text

from consent.model import RelationshipGround
from schemas.vocabulary import Source
from services.__main__ import main
from services.platform.logging import configure_logging
from services.portal.app import create_app
from services.portal.frame.settings import Environment, PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import InProcess
from tests.support.people.relating import relate
from tests.support.portal.pages import PageClient
from tests.support.traces.canaries import (
    BORN,
    CANARIES,
    GIVEN,
    NAME,
    NUMBER,
    found_in,
    health_visiting_files,
    the_subject,
    written_in,
)
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@contextmanager
def logging_for_real() -> Iterator[None]:
    """Log as a process does, with the real processors, to where the test can read it."""
    configure_logging("canary")
    try:
        yield
    finally:
        structlog.reset_defaults()


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
    person = running.person(the_subject())
    assert person is not None
    with unit_of_work(running.portal) as work:
        relate(work, VISITOR, person)

    with logging_for_real():
        client = _signed_in(running)
        with running.outside.engine.begin() as connection:
            connection.execute(text(break_it))
        pages = [client.http.get(f"/families/{person}"), _search(client, NUMBER, BORN)]
    url = running.outside.engine.url.render_as_string(hide_password=False)
    subject = ["--subject", f"nhs-number:{NUMBER}", "--date-of-birth", BORN]
    what = ["--category", "story", "--purpose", "direct-care"]
    code = main(["decision", "record", *subject, *what, "--database", url, "--data", str(tmp_path)])

    written = capfd.readouterr()
    assert code != 0 or "ledger" not in break_it
    assert {page.status_code for page in pages} & {500, 503}
    assert found_in(written.out + written.err + _everything(pages)) == []


def test_pages_that_cannot_be_shown_tell_no_value(
    running: InProcess, engine: Engine, capfd: pytest.CaptureFixture[str]
):
    """Addresses, headers, error pages and logs, whatever is typed where.

    A page may link to the address that its reader typed; a form may show again what was typed.
    """
    with logging_for_real():
        answers = _ask_for_what_there_is_not(_signed_in(running))

    written = capfd.readouterr()
    told = [
        answer
        for answer in answers
        if answer.status_code not in {200, 422} and not found_in(str(answer.request.url))
    ]
    assert told
    assert found_in(written.out + written.err + _everything(told)) == []
    assert 500 not in {answer.status_code for answer in answers}
    assert found_in_the_clear(engine, CANARIES) == []


def test_a_story_is_stored_sealed(running: InProcess, engine: Engine, tmp_path: Path):
    """What the family says is nowhere in the clear, on its way or at rest."""
    _fill(running, tmp_path)
    person = running.person(the_subject())
    client = _signed_in(running)
    assert person is not None
    with unit_of_work(running.portal) as work:
        relate(work, VISITOR, person, RelationshipGround.REFERRAL)
    shown_at = f"/families/{person}/story/new"

    response = client.send_raw(
        shown_at,
        shown_at,
        {"text": f"{GIVEN} {NAME} sleeps badly.", "told-by": GIVEN, "step": "save"},
    )
    running.settle()

    assert response.status_code == 303
    assert found_in(response.headers["location"]) == []
    assert found_in_the_clear(engine, CANARIES) == []


def _ask_for_what_there_is_not(client: PageClient) -> list[Any]:
    return [
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


def _fill(running: InProcess, folder: Path) -> None:
    running.decide(the_subject())
    good = next(iter(health_visiting_files()))
    running.ingest(Source.HEALTH_VISITING, *map(Path, written_in(folder, [good])))
    running.settle()


def _signed_in(running: InProcess) -> PageClient:
    services = PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)
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
