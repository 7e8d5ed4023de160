"""The commands: a list of staff, hits as one document, and nothing personal in either."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from consent.ledger.events import LedgerEvent
from services.__main__ import main
from services.audit.unusual.model import UnusualRule
from tests.support.audit.unusual_world import UnusualWorld
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres
SURNAME, LINE, TEAM = "Zebedee-Quillcanary", "77 Canary Wharfing", "Canaryteam"
CANARIES = (SURNAME, "QUILLCANARY", "quillcanary", LINE, "WHARFING", TEAM, "NF1 7QC")
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Give what runs a verb of `audit`, and gives its exit code and all that it wrote."""

    def of(*words: str) -> tuple[int, str]:
        options = ["--data", str(tmp_path / "data"), "--database", database, "--json"]
        capfd.readouterr()
        code = main(["audit", *words, *options])
        written = capfd.readouterr()
        return code, written.out + written.err

    return of


def test_hits_are_one_document_and_nothing_of_a_name_is_told_or_kept(
    world: UnusualWorld, run: Run, engine: Engine, tmp_path: Path
) -> None:
    """The list is taken in, a namesake is found, shown by rule and by hit; tables are clean."""
    worker = world.worker()
    child = world.known(SURNAME, "NF1 7QC")
    path = tmp_path / "staff.csv"
    header = "practitioner,surname,team,postcode,address_line"
    path.write_text(f"{header}\n{worker},{SURNAME},{TEAM},NF1 7QC,{LINE}\n")
    world.enter(world.look(worker, child, world.noon()))

    dry = run("staff-list", str(path), "--dry-run")
    taken = run("staff-list", str(path))
    code, listed = run("unusual", "--rule", "same-surname", "--state", "new")
    document = json.loads(listed.splitlines()[0])
    (hit,) = document["hits"]
    shown = run("unusual", "--hit", hit["id"])
    unknown = run("unusual", "--hit", "f" * 32)

    assert (dry[0], taken[0], code, shown[0], unknown[0]) == (0, 0, 0, 0, 1)
    assert (hit["practitioner"], hit["person"]) == (worker, child)
    assert {one["rule"] for one in document["figures"]} == {rule.value for rule in UnusualRule}
    written = " ".join(text for _, text in (dry, taken, shown, unknown)) + listed
    assert [word for word in CANARIES if word in written] == []
    assert found_in_the_clear(engine, CANARIES) == []
    (entered,) = world.running.ledger(LedgerEvent.STAFF_LIST_IMPORTED)
    assert entered.fields["staff"] == 1


def test_a_line_that_cannot_be_used_changes_nothing(
    world: UnusualWorld, run: Run, tmp_path: Path
) -> None:
    """It is named by line and column; the list of before stays; the try is entered."""
    worker = world.worker()
    world.take_in(f"{worker},Smith,t1,,,,")
    path = tmp_path / "staff.csv"
    path.write_text(f"practitioner,surname,team,rota\n{worker},{SURNAME},t1,{TEAM}\n")

    code, written = run("staff-list", str(path))

    told = json.loads(written.splitlines()[0])
    assert code == 1
    assert told["faults"] == [{"line": 2, "field": "rota", "why": "is-not-a-day"}]
    assert [word for word in CANARIES if word in written] == []
    assert world.running.count("staff_list") == 1
    refused = world.running.ledger(LedgerEvent.STAFF_LIST_IMPORTED)[-1]
    assert refused.fields["refused"] == 1


def test_persons_of_before_are_hashed_when_a_list_is_taken_in(world: UnusualWorld) -> None:
    """Those whose names and postcodes were not hashed by themselves yet."""
    worker, child = world.worker(), world.known(SURNAME, "NF1 7QC")
    with world.running.outside.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM search_token WHERE kind IN ('surname', 'postcode')")
    world.take_in(f"{worker},{SURNAME},t1,NF1 7QC,,,")
    world.enter(world.look(worker, child, world.noon()))

    world.sweep()

    assert UnusualRule.OWN_RECORD in {hit.rule for hit in world.hits()}
