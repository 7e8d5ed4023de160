"""No page and no file of integrity, figures and exports holds what a record says."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from consent.ledger.events import LedgerEvent
from consent.transparency.checkpoint import TlogProof
from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.audit.exports.chosen import Format
from services.audit.figures.postgres_reviews import CountingMonth, who_may_have_had_one
from services.platform.keys.vault import KeyVault
from services.work import unit_of_work
from tests.support.audit.office_world import AuditOffice, an_audit_office
from tests.support.each_case import each_case
from tests.support.people.relating import relate
from tests.support.portal.pages import PageClient
from tests.support.traces.canaries import (
    NAME,
    found_in,
    health_visiting_files,
    the_subject,
    written_in,
)

pytestmark = pytest.mark.postgres
_NEW = "/audit/exports/new"
_FILES = ("/audit/timings", "/audit/exports")


@pytest.fixture(scope="module")
def world(
    shared_engine: Engine, vault: KeyVault, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AuditOffice]:
    """An office in whose records every value is a canary."""
    folder = tmp_path_factory.mktemp("office")
    with an_audit_office(shared_engine, vault, folder) as found:
        found.running.decide(the_subject())
        files = written_in(folder / "sent", health_visiting_files())
        found.running.ingest(Source.HEALTH_VISITING, *map(Path, files))
        found.running.settle()
        yield found


@pytest.fixture(scope="module")
def person(world: AuditOffice) -> PersonId:
    """Give whom they are about, at whom somebody has looked: all of it was shown."""
    found = world.running.person(the_subject())
    assert found is not None
    with unit_of_work(world.running.portal) as work:
        relate(work, world.visitor, found)
    page = world.office.browser(world.visitor).get(f"/families/{found}")
    assert found_in(page.response.text)
    world.count()
    return found


def _require_nothing(browser: PageClient, address: str) -> None:
    answer = browser.http.get(address)
    assert answer.status_code == 200
    assert found_in(answer.content.decode(errors="replace")) == []


def test_no_page_of_them_tells_what_a_record_holds(world: AuditOffice, person: PersonId) -> None:
    """Nor do the files that hang on it: proofs of the look and of rows, and every CSV."""
    officer = world.office.browser(world.office.governance)
    look = world.running.ledger(LedgerEvent.PROFILE_READ)[-1]
    with world.running.outside.engine.connect() as connection:
        rows = connection.execute(text("SELECT DISTINCT decision_id FROM sharing_decision_subject"))
        named = [str(look.entry_id), str(person), *map(str, rows.scalars())]
    proofs = [f"/audit/integrity/proof/{one}" for one in named]
    with each_case() as case:
        for address in ("/audit/integrity", "/audit/figures", _NEW, *_FILES, *proofs):
            with case(address):
                page = officer.get(address)
                files = [href for href in page.links.values() if "as=csv" in href]
                assert found_in(page.response.text) == []
                for file in files:
                    _require_nothing(officer, file)
        for address in (f"{proofs[0]}/file", f"{proofs[-1]}/file"):
            with case(address):
                _require_nothing(officer, address)
                assert found_in(_proved(officer.http.get(address).content).decode()) == []


def test_no_figure_of_a_service_manager_tells_what_a_record_holds(
    world: AuditOffice,
    person: PersonId,  # noqa: ARG001 there is somebody to tell of
) -> None:
    """Page and CSV."""
    manager = world.office.browser(world.manager)
    page = manager.get("/figures")

    assert found_in(page.response.text) == []
    for file in {href for href in page.links.values() if "as=csv" in href}:
        _require_nothing(manager, file)


def test_what_is_counted_of_records_holds_nothing_that_they_say(
    world: AuditOffice,
    person: PersonId,  # noqa: ARG001 there is somebody to count
) -> None:
    """Of every month in which there is a record; nor what is entered of the counting."""
    months = text("SELECT DISTINCT about_until FROM record WHERE category = 'child-health'")
    opened = 0
    with unit_of_work(world.running.folding) as work:
        for end in list(work.connection.execute(months).scalars()):
            month = end.replace(day=1)
            counting = CountingMonth(month, who_may_have_had_one(work.connection, month))
            counting.count_next(work, most=100)
            opened += counting.opened
            assert counting.write(work)
    with world.running.outside.engine.connect() as connection:
        counted = connection.execute(text("SELECT * FROM audit_count")).all()

    entered = [entry.body for entry in world.running.ledger(LedgerEvent.FIGURES_COUNTED)]
    assert opened
    assert found_in(f"{counted} {entered}") == []


def test_no_export_in_any_form_holds_what_a_record_says(
    world: AuditOffice, person: PersonId
) -> None:
    """Of that very family, and of all; a case is opened and looked through file by file."""
    officer = world.office.browser(world.office.governance)
    today = world.clock.now().date().isoformat()
    form = {"from": today, "to": today, "because": "family-asks", "why": "They ask by letter"}
    with each_case() as case:
        for family in (str(person), ""):
            for one in Format:
                with case(f"{one} {family}"):
                    typed = {**form, "format": one.value, "family": family}
                    token = officer.get(_NEW).token_of(_NEW)
                    answer = officer.http.post(_NEW, data={**typed, "csrf": token})

                    assert answer.status_code == 200
                    told = _unpacked(answer.content) if one is Format.CASE else answer.content
                    assert str(person).encode() in told
                    assert found_in(told.decode(errors="replace")) == []
    _require_nothing(officer, "/audit/exports?as=csv")


def test_the_crawl_would_find_a_name() -> None:
    """Also in a file of a case."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        told = NAME.encode()
        entry = tarfile.TarInfo("decisions.json")
        entry.size = len(told)
        archive.addfile(entry, io.BytesIO(told))

    assert found_in(_unpacked(packed.getvalue()).decode()) == [NAME]


def _unpacked(case: bytes) -> bytes:
    """Every member, and of proofs what they prove, which is in base64 there."""
    told = []
    with tarfile.open(fileobj=io.BytesIO(case)) as archive:
        for one in archive.getmembers():
            file = archive.extractfile(one)
            content = b"" if file is None else file.read()
            told += [content, _proved(content)] if one.name.endswith(".tlog-proof") else [content]
    return b"\n".join(told)


def _proved(proof: bytes) -> bytes:
    return TlogProof.parse(proof).extra or b""
