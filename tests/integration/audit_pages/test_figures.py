"""Figures: counted once from the index, hidden where they are small, the same on page and CSV."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from consent.ledger.events import LedgerEvent
from services.audit.index.postgres_catching_up import check_index, count_up, empty_index
from services.platform.keys.vault import KeyVault
from tests.support.audit.office_world import AuditOffice, an_audit_office, answers, looks
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def world(
    shared_engine: Engine, vault: KeyVault, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AuditOffice]:
    """Looks and decisions of last month, of two agencies."""
    with an_audit_office(shared_engine, vault, tmp_path_factory.mktemp("office")) as found:
        last = found.clock.now().replace(day=1, hour=12) - timedelta(days=12)
        found.append(
            *looks(9, by=found.visitor, at=last),
            *looks(6, by=found.teacher, at=last),
            *looks(2, by=found.teacher, at=last - timedelta(days=7)),
            *looks(8, by=found.visitor, at=last - timedelta(days=7)),
            *answers(12, "given", by=found.visitor, at=last),
            *answers(2, "refused", by=found.visitor, at=last),
            *answers(7, "given", by=found.teacher, at=last),
            *answers(3, "objected", by=found.teacher, at=last),
        )
        yield found


@pytest.fixture(scope="module")
def auditor(world: AuditOffice) -> PageClient:
    """Give the browser of an officer."""
    return world.office.browser(world.office.governance)


def _csv(browser: PageClient, address: str) -> list[list[str]]:
    answer = browser.http.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.text)))


def test_looks_by_agency_and_week_hide_small_counts_and_what_tells_them(
    auditor: PageClient,
) -> None:
    """A week with 8 and 2 hides 2 and what tells it; one with 9 and 6 shows both.

    Beside 2 the lot hides 8, or their total, or both. The page and the CSV agree.
    """
    page = auditor.get("/audit/figures")
    rows = _csv(auditor, page.links["CSV: Looks at families, by agency and week"])

    counted = [row for row in rows[1:] if set(row[1:]) != {"0"}]
    beside = sorted(counted[0][1:])
    assert beside in (["10", "hidden", "hidden"], ["8", "hidden", "hidden"], ["hidden"] * 3)
    assert [sorted(row[1:]) for row in counted[1:]] == [sorted(["9", "6", "15"])]
    assert all(cell in page.text for row in counted for cell in row)
    assert page.title.startswith("Figures")


def test_decisions_are_counted_by_answer_and_agency(auditor: PageClient) -> None:
    """2 and 3 are hidden, and their total of 5 with what stands beside it does not tell them."""
    page = auditor.get("/audit/figures")
    rows = _csv(auditor, next(h for t, h in page.links.items() if "What families decided" in t))

    assert rows[0] == ["Agency", "Yes", "No", "Changed their mind", "All"]
    assert [row[2] for row in rows[1:3]] == ["hidden", "hidden"]
    assert {row[3] for row in rows[1:]} == {"0"}
    shown = {row[0]: row for row in rows[1:]}
    assert shown["All"][4] in {"24", "hidden"}


def test_counting_again_changes_nothing_and_a_rebuild_counts_the_same(world: AuditOffice) -> None:
    """Each place of the tree is counted once; the index's check compares the counts too."""
    engine = world.running.relay.engine
    before = world.running.count("audit_count")

    assert count_up(engine, now=world.clock.now()) == 0
    assert check_index(engine).is_none
    empty_index(engine)
    assert world.running.count("audit_count") == 0
    world.count()

    assert world.running.count("audit_count") == before
    assert check_index(engine).is_none


def test_a_month_that_is_not_there_is_said_to_be_so(auditor: PageClient) -> None:
    """Nothing typed is told."""
    for typed in ("2026-13", "1999-01", "zebra"):
        page = auditor.get(f"/audit/figures?month={typed}", 422)

        assert page.errors == ["Choose a month of the list"]
        assert typed not in page.whole_text


def test_a_service_manager_sees_figures_of_services_and_nothing_of_audit(
    world: AuditOffice,
) -> None:
    """Their page is entered as asked by them; the auditors' is refused, and that is entered too."""
    manager = world.office.browser(world.manager)

    page = manager.get("/figures")
    refused = manager.get("/audit/figures", 403)

    assert page.heading == "How the service does"
    assert refused.heading == "Your role does not open this page"
    asked = world.running.ledger(LedgerEvent.AUDIT_ASKED)[-1]
    assert asked.actor == f"practitioner:{world.manager}"
    assert asked.fields["question"] == "figures"
    assert world.running.ledger(LedgerEvent.PAGE_REFUSED)[-1].fields["permission"] == "audit"


def test_nobody_else_sees_figures(world: AuditOffice) -> None:
    """Neither who works with families, nor an officer on the managers' page."""
    visitor = world.office.browser(world.visitor)
    pages = [visitor.get("/audit/figures", 403), visitor.get("/figures", 403)]
    pages.append(world.office.browser(world.office.governance).get("/figures", 403))

    assert {page.heading for page in pages} == {"Your role does not open this page"}


def test_timings_of_no_withdrawal_are_none(auditor: PageClient) -> None:
    """A table with no numbers, and its CSV; wrong days are not answered."""
    page = auditor.get("/audit/timings")
    rows = _csv(auditor, page.links["CSV"])

    assert rows[0][0] == "measured"
    assert [row[1] for row in rows[1:]] == ["0", "0"]
    assert auditor.get("/audit/timings?from=zebra", 422).errors
