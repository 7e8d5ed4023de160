"""`tell-once agency`, `practitioner add` and `staff`, as an operator types them."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from services.__main__ import main
from services.bootstrap import DatabaseRole, opened
from services.platform.database.engine import open_engine
from services.platform.settings import Settings
from services.work import unit_of_work
from tests.support.demonstrating import mark

pytestmark = pytest.mark.postgres

Command = Callable[..., tuple[int, Any]]
LEAD = ("--name", "Lena Ashby", "--job-title", "Lead", "--role", "lead-practitioner")
WORKER = ("--name", "Ines Okafor", "--job-title", "Nurse", "--role", "practitioner")
ISSUER = "https://sign-in.example"


@pytest.fixture
def run(database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run a command with --json; gives code and what is printed."""

    def typed(*words: str, typing: str = "") -> tuple[int, Any]:
        before, sys.stdin = sys.stdin, io.StringIO(typing)
        code = main([*words, "--json", "--data", str(tmp_path), "--database", database])
        sys.stdin = before
        written = capfd.readouterr()
        return code, json.loads(written.out) if written.out else written.err

    return typed


def _administrator(run: Command, name: str, role: str = "administrator") -> tuple[int, Any]:
    details = ("--job-title", "Service desk", "--name", name, "--role", role)
    return run("practitioner", "add", "RY4", *details)


def test_an_agency_is_entered_once_and_its_kind_stays(run: Command) -> None:
    """Its name, number and hours change; a code that is none is told before any look-up."""
    add = ("agency", "add", "RY4", "--name", "Trust", "--kind", "health-visiting")

    first, again = run(*add), run(*add)
    wrong = run("agency", "add", "no code", "--name", "X", "--kind", "schools")
    hours = "Monday to Friday, 9am to 5pm"
    run("agency", "change", "RY4", "--telephone", "01632 960001")
    changed = run("agency", "change", "RY4", "--hours", hours)
    lines = run("agency", "change", "RY4", "--hours", "Monday\nto Friday")
    missing = run("agency", "change", "XX1", "--name", "X")

    assert (first[0], again[0], wrong[0], missing[0]) == (0, 1, 1, 1)
    assert "agency-is-here-already" in again[1]
    assert "no code" not in wrong[1]
    assert "hours-are-not-one-line" in lines[1]
    told = {"agency": "RY4", "name": "Trust", "kind": "health-visiting"}
    told |= {"telephone": "01632 960001", "hours": hours}
    assert changed == (0, told)
    assert run("agency", "list") == (0, {"agencies": [told]})


def test_the_owner_enters_two_administrators_and_the_third_takes_two_hands(run: Command) -> None:
    """One who was taken out counts: else one could put anybody in another's place."""
    run("agency", "add", "RY4", "--name", "Trust", "--kind", "health-visiting")

    entered = [_administrator(run, name) for name in ("Ada Orr", "Bo Lund")]
    ended = run("staff", "end", entered[0][1]["practitioner"])
    third = _administrator(run, "Cy Marsh")
    other = _administrator(run, "Cy Marsh", "practitioner")
    details = ("--name", "Cy Marsh", "--job-title", "Desk", "--role", "administrator")
    code, asked = run("staff", "add", "RY4", *details)

    assert ([one[0] for one in entered], ended[0]) == ([0, 0], 0)
    refused = (1, "tell-once: is-none-of-the-first-two-administrators\n")
    assert third == other == refused
    assert (code, asked["status"]) == (0, "asked")
    assert run("staff", "confirm", asked["order"]) == (3, "tell-once: asked-for-it\n")


def test_somebody_is_linked_suspended_resumed_and_unlinked(
    run: Command, tmp_path: Path, database: str
) -> None:
    """Where families are invented one command is both hands; a mistyped code is told."""
    mark(database, is_demonstration=True)
    run("agency", "add", "RY4", "--name", "Trust", "--kind", "health-visiting")
    _, added = run("staff", "add", "RY4", *WORKER)
    who = added["practitioner"]
    settings = Settings(data=tmp_path, database=SecretStr(database))
    with (
        opened(settings) as application,
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        code = work.sign_in_accounts.stranger(ISSUER, "1", "cis2")

    mistyped = run("staff", "link", who, typing=f"{code[:-1]}?\n")
    linked = run("staff", "link", who, typing=f"{code}\n")
    _, listed = run("staff", "list", "RY4")
    suspended, resumed = run("staff", "suspend", who), run("staff", "resume", who)
    unlinked, again = run("staff", "unlink", who), run("staff", "unlink", who)

    assert mistyped == (1, "tell-once: code-has-a-typing-error\n")
    assert (linked[0], linked[1]["status"]) == (0, "confirmed")
    assert listed["members"][0]["signs_in_by"] == ["cis2"]
    assert suspended[1]["suspended_at"]
    assert resumed[1]["status"] == "confirmed"
    assert unlinked == (0, {"unlinked": ["cis2"]})
    assert again == (1, "tell-once: sign-in-does-not-open-it\n")


def test_a_list_is_taken_in_or_refused_row_by_row(run: Command, tmp_path: Path) -> None:
    """Exit code 1 with a row that is refused, 2 for a file that is none."""
    run("agency", "add", "RY4", "--name", "Trust", "--kind", "health-visiting")
    path = tmp_path / "staff.csv"
    path.write_text(
        "agency,name,job_title,role\n"
        "RY4,Lena Ashby,Lead,lead-practitioner\n"
        "RY4,Ines Okafor,Nurse,practitioner\n"
    )

    whole = run("staff", "import", str(path))
    partial = run("staff", "import", str(path), "--partial")
    again = run("staff", "import", str(path), "--partial")
    path.write_text("agency,name\n")
    none, gone = run("staff", "import", str(path)), run("staff", "import", "nowhere.csv")

    assert (whole[0], whole[1]["done"]) == (1, False)
    assert [(one["row"], one["outcome"], one["field"], one["why"]) for one in whole[1]["rows"]] == [
        (2, "added", None, None),
        (3, "refused", "agency", "agency-has-no-lead-yet"),
    ]
    assert (partial[0], partial[1]["done"], len(partial[1]["rows"][0]["orders"])) == (1, True, 1)
    assert again[1]["counts"] == {"added": 0, "changed": 0, "unchanged": 1, "refused": 1}
    assert (none[0], gone[0]) == (2, 2)


def test_an_agency_whose_code_looks_like_anothers_is_refused(run: Command) -> None:
    """Whoever asked for somebody in "ry4" would find them in nobody's list."""
    run("agency", "add", "RY4", "--name", "Trust", "--kind", "health-visiting")

    like = run("agency", "add", "ry4", "--name", "Trust", "--kind", "schools")

    assert (like[0], "agency-code-is-like-anothers" in like[1]) == (1, True)


def test_the_same_administrator_entered_again_is_not_the_second(run: Command) -> None:
    """One person would be both hands, and no other could be entered by the owner."""
    run("agency", "add", "RY4", "--name", "Trust", "--kind", "health-visiting")

    first, again = _administrator(run, "Ada Orr"), _administrator(run, "ada  orr")
    second = _administrator(run, "Bo Lund")

    assert (first[0], second[0]) == (0, 0)
    assert again == (1, "tell-once: practitioner-has-a-membership\n")


@pytest.mark.parametrize("odd", ["\udcff", "HV\n7", "\u202e7", "x" * 201])
@pytest.mark.parametrize("option", ["--telephone", "--worker-ref"])
def test_what_is_no_line_of_words_is_told_by_its_option(
    run: Command, option: str, odd: str
) -> None:
    """Before anything is kept."""
    run("agency", "add", "RY4", "--name", "Trust", "--kind", "health-visiting")

    code, told = run("staff", "add", "RY4", *LEAD, option, odd)

    assert code == 2
    assert option.removeprefix("--") in told
    assert odd not in told


@pytest.mark.parametrize("verb", ["add", "move", "end", "suspend", "resume", "unlink", "list"])
def test_what_is_no_text_at_all_is_told_and_breaks_nothing(run: Command, verb: str) -> None:
    """Such as a name in another encoding than the terminal's."""
    code, told = run("staff", verb, "\udcff", *(LEAD if verb == "add" else ()))

    assert code in {1, 2}
    assert "Traceback" not in str(told)


def test_a_reference_is_one_whatever_stands_around_it(run: Command) -> None:
    """Or two would have what looks the same."""
    run("agency", "add", "RY4", "--name", "Trust", "--kind", "health-visiting")
    for name in ("Ada Orr", "Bo Lund"):
        _administrator(run, name)

    run("staff", "add", "RY4", *LEAD, "--worker-ref", " HV-7 ")
    _, listed = run("staff", "list", "RY4")

    assert [one["worker_ref"] for one in listed["waiting"]] == ["HV-7"]


def test_a_list_of_an_agency_that_is_none_says_so_and_one_that_is_is_entered(
    run: Command, database: str
) -> None:
    """Whoever mistypes a code is not told that nobody works there."""
    run("agency", "add", "RY4", "--name", "Trust", "--kind", "health-visiting")

    mistyped, there = run("staff", "list", "ry4"), run("staff", "list", "RY4")

    assert mistyped == (1, "tell-once: agency-is-not-known\n")
    assert there == (0, {"members": [], "waiting": []})
    engine = open_engine(database)
    with engine.connect() as connection:
        entries = connection.execute(text("SELECT body FROM ledger_entry")).scalars()
        assert sum(b"staff:listed" in bytes(body) for body in entries) == 1
    engine.dispose()
