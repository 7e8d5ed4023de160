"""What users feel is measured on the real program, and what is wrong or missing is no figure."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from deploy.bench.copied_families import id_in
from deploy.bench.over_http import withdrawing
from deploy.bench.over_http.accounts import (
    NotAccountedForError,
    account_of,
    require_accounted_for,
)
from deploy.bench.over_http.client import Plan
from deploy.bench.over_http.families_made import fill_up, folder_of
from deploy.bench.over_http.loading import WrongAnswersError, run_client
from deploy.bench.over_http.reading import (
    Asked,
    Form,
    Page,
    Reading,
    document_of,
    families_in,
    measure,
    pages_of,
)
from deploy.bench.over_http.serving import Served, Visitor, served
from services.bootstrap import DatabaseRole
from services.platform.settings import Settings
from services.work import unit_of_work

pytestmark = [pytest.mark.postgres, pytest.mark.enable_socket]

FAMILIES = 6
TINY = Asked(families=FAMILIES, clients=2, seconds=0.3, rounds=1, warming=0.1)
SHAPE = {"name", "conditions", "figures", "baselines", "ratios"}


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("bench") / "data"
    with folder_of(Settings(), data) as application:
        fill_up(application, FAMILIES)
        with served(application) as found:
            yield found


@pytest.fixture
def visitor(there: Served) -> Iterator[Visitor]:
    with closing(Visitor(there)) as found:
        yield found


@pytest.mark.parametrize(
    "reading",
    [families_in(Form.JSON), families_in(Form.FHIR), pages_of(Page.TIMELINE)],
    ids=lambda reading: reading.kind,
)
def test_reads_are_timed_for_one_client_several_and_an_open_loop(
    there: Served, visitor: Visitor, reading: Reading
):
    """With the CPU of each process; the document has the shape that other programs rely on."""
    found = measure(there, visitor, reading, TINY)

    document = document_of(reading, TINY, found, dict(found))
    json.dumps(document)
    assert document.keys() == SHAPE
    for load in ("1 client", "2 clients", "open loop"):
        assert _value(document, f"{load}: answers a second") > 0
        assert _value(document, f"{load}: p50") <= _value(document, f"{load}: p99")
        for process in ("portal", "postgresql", "relay", "client"):
            assert document["figures"][f"{load}: CPU of {process}"]["unit"] == "ms an answer"
    assert document["ratios"]["2 clients: p50, against among 100,000 records"] == 1


def test_answers_are_those_of_whom_was_asked_or_nothing_counts(there: Served, visitor: Visitor):
    """A page that is not that family's, and one that is refused."""
    plan = _plan(there, visitor, f"/families/{id_in(1, 0)}", id_in(2, 0))
    stranger = replace(plan, headers={})

    with pytest.raises(WrongAnswersError, match="a body that is not of whom was asked"):
        run_client(plan, there.cpu)
    with pytest.raises(WrongAnswersError, match="status 303"):
        run_client(stranger, there.cpu)


def test_a_read_without_its_look_or_its_entry_is_found_out(there: Served, visitor: Visitor):
    """One that was answered and left none; and a look that went."""
    outside = there.application.outside(DatabaseRole.OWNER)
    before = account_of(outside)
    plan = _plan(there, visitor, f"/families/{id_in(1, 0)}", id_in(1, 0))
    loaded = run_client(plan, there.cpu)

    require_accounted_for(len(loaded.milliseconds), before, outside)
    with pytest.raises(NotAccountedForError):
        require_accounted_for(len(loaded.milliseconds) + 1, before, outside)
    with unit_of_work(outside) as work:
        work.connection.execute(text("DELETE FROM look WHERE at = (SELECT max(at) FROM look)"))
    with pytest.raises(NotAccountedForError):
        require_accounted_for(len(loaded.milliseconds), before, outside)


def test_a_withdrawal_is_timed_until_the_last_row_is_gone(there: Served, visitor: Visitor):
    """The call, the next read, the purge and the news of it; families are read beside."""
    asked = withdrawing.AskedWithdrawal(withdrawals=2, seconds=0.6, clients=1, beside=2)

    document = withdrawing.measure(there, visitor, asked)

    json.dumps(document)
    assert document.keys() == SHAPE
    for what in ("the call: p99", "the next read: p99", "until announced on the bus: longest"):
        assert _value(document, what) >= 0
    assert _value(document, "until purged: longest") > 0


@pytest.mark.parametrize(
    ("status", "body", "is_shared"),
    [
        (200, b"We told it once", False),
        (403, b"Review 23", False),
        (500, b"", False),
        (200, b"We told it once", True),
        (403, b"".join(withdrawing.WITHDRAWN_MARKS), True),
    ],
)
def test_a_page_that_still_shows_what_was_withdrawn_ends_the_bench(
    status: int,
    body: bytes,
    is_shared: bool,  # noqa: FBT001
):
    """Nor does one count that showed nothing before."""
    with pytest.raises(withdrawing.StillShownError):
        withdrawing.require_shown(status, body, is_shared=is_shared)


def test_families_that_are_kept_are_filled_up_and_not_made_again(there: Served):
    """Whoever comes again has what is there."""
    outside = there.application.outside(DatabaseRole.OWNER)

    fill_up(there.application, FAMILIES - 1)

    with unit_of_work(outside) as work:
        persons = work.connection.execute(text("SELECT count(*) FROM person")).scalar_one()
    assert persons == 4 * (FAMILIES + 1)


def _plan(there: Served, visitor: Visitor, path: str, expected: str) -> Plan:
    headers = {"Cookie": visitor.cookie, "Accept": "text/html", "Accept-Encoding": "gzip"}
    return Plan(there.host, there.port, headers, [(path, expected)], 1, 5.0, 1, reads=2)


def _value(document: dict[str, Any], name: str) -> float:
    return float(document["figures"][name]["value"])
