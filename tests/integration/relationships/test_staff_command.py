"""`tell-once staff`: one account is one hand, but where families are invented."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.vocabulary import Source
from services.__main__ import main
from services.cli.operator import operator
from services.people.practitioners.postgres_directory import Agency
from services.work import Outside, unit_of_work
from tests.support.demonstrating import mark

pytestmark = pytest.mark.postgres

Command = Callable[..., tuple[int, Any]]
LEAD = ("--name", "Priya Nair", "--job-title", "Health visitor", "--role", "lead-practitioner")
WORKER = ("--name", "Ines Okafor", "--job-title", "Health visitor", "--role", "practitioner")


@pytest.fixture
def staff(
    outside: Outside, database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> Command:
    """Run `staff … --json` on a database with an agency; gives code and what is printed."""
    with unit_of_work(outside) as work:
        work.directory.save_agency(Agency("RY4", "Trust", Source.HEALTH_VISITING, None))

    def run(*words: str) -> tuple[int, Any]:
        code = main(["staff", *words, "--json", "--data", str(tmp_path), "--database", database])
        written = capfd.readouterr()
        return code, json.loads(written.out) if written.out else written.err

    return run


def test_whoever_asked_does_not_confirm(staff: Command) -> None:
    """It waits, is listed, and can be taken back; nobody works there."""
    code, asked = staff("add", "RY4", *LEAD)

    refused = staff("confirm", asked["order"])
    _, listed = staff("list", "RY4")
    _, declined = staff("decline", asked["order"])
    _, after = staff("list", "RY4")

    assert (code, asked["status"], declined["status"]) == (0, "asked", "declined")
    assert refused == (3, "tell-once: asked-for-it\n")
    (waiting,) = listed["waiting"]
    assert (waiting["order"], waiting["asked_by"]) == (asked["order"], operator())
    assert waiting["practitioner"] == asked["practitioner"]
    assert listed["members"] == after["members"] == after["waiting"] == []


def test_before_its_first_lead_an_agency_has_nobody(staff: Command) -> None:
    """Nor has one that is not here."""
    assert staff("add", "RY4", *WORKER) == (1, "tell-once: agency-has-no-lead-yet\n")
    assert staff("add", "XX1", *LEAD) == (1, "tell-once: agency-is-not-known\n")


def test_in_a_demonstration_somebody_is_added_moved_and_taken_out(
    staff: Command, database: str
) -> None:
    """One command counts as both hands; each state is a row of its own."""
    mark(database, is_demonstration=True)

    _, added = staff("add", "RY4", *WORKER, "--worker-ref", "HV-7")
    who = added["practitioner"]
    _, before = staff("list", "RY4")
    moved, _ = staff("move", who, "--role", "service-manager")
    _, after = staff("list", "RY4")
    ended, _ = staff("end", who)
    again = staff("end", who)
    _, left = staff("list", "RY4")

    assert (added["status"], moved, ended) == ("confirmed", 0, 0)
    assert [(m["practitioner"], m["role"]) for m in before["members"]] == [(who, "practitioner")]
    assert [(m["role"], m["worker_ref"]) for m in after["members"]] == [("service-manager", "HV-7")]
    assert after["members"][0]["since"] == before["members"][0]["since"]
    assert again == (1, "tell-once: practitioner-has-no-membership\n")
    assert left["members"] == []
