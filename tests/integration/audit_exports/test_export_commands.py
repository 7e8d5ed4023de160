"""`audit export`, `audit exports` and `audit check-case` as they are typed."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from consent.ledger.events import LedgerEvent
from services.__main__ import main
from services.bootstrap import opened
from services.ledger.postgres_access import LedgerAccess
from services.platform.settings import Settings
from services.work import Outside
from tests.integration.audit_exports.conftest import Desk, a_look
from tests.support.balp.samples import PERSON
from tests.support.checkout import ROOT
from tests.support.traces.canaries import NAME, NUMBER, found_in
from tests.support.waiting import eventually

pytestmark = pytest.mark.postgres

WHY = ("--because", "family-asks", "--why", "asked by letter")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Give a function that runs a command on this test's database."""

    def run_command(*typed: object, has_database: bool = True) -> tuple[int, str, str]:
        where = ("--data", tmp_path / "data", "--database", database) if has_database else ()
        code = main(["audit", *map(str, (*typed, *where))])
        return code, *capfd.readouterr()

    return run_command


@pytest.fixture
def looks(outside: Outside) -> Desk:
    """Give a ledger with two looks that have no place yet."""
    made = Desk(outside)
    LedgerAccess(outside.engine, signer=made.ledger_signer).append([a_look(1), a_look(2)])
    return made


@pytest.mark.usefixtures("looks")
def test_entries_are_put_in_a_file_of_their_owner_s(run: Run, tmp_path: Path):
    """With how many they are and the hash of the file; it is listed from then on."""
    out = tmp_path / "looks.csv"

    code, told, _ = run(
        "export", "--format", "csv", "--person", PERSON, *WHY, "--out", out, "--json"
    )
    listed = json.loads(run("exports", "--json")[1])["exports"]

    document = json.loads(told)
    assert (code, document["entries"], document["file"]) == (0, 2, str(out))
    assert out.stat().st_mode & 0o777 == 0o600
    assert len(out.read_text().splitlines()) == 3
    ((one,),) = [listed]
    assert (one["export"], one["state"], one["why"]) == (
        document["export"],
        "finished",
        "asked by letter",
    )
    assert (one["sha256"], one["chosen"]["subjects"]) == (document["sha256"], [PERSON])


@pytest.mark.usefixtures("looks")
def test_a_file_that_is_there_is_not_written_over(run: Run, tmp_path: Path):
    """Nothing is exported, nor entered."""
    out = tmp_path / "there.csv"
    out.write_text("mine")

    code, _, error = run("export", "--format", "csv", *WHY, "--out", out)

    assert (code, out.read_text()) == (2, "mine")
    assert "is there already" in error
    assert json.loads(run("exports", "--json")[1])["exports"] == []


@pytest.mark.usefixtures("looks")
def test_standard_output_carries_the_export_alone(run: Run):
    """The document goes to standard error."""
    code, out, error = run("export", "--format", "jsonl", *WHY, "--out", "-", "--json")

    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert json.loads(error)["entries"] == len(lines)


@pytest.mark.usefixtures("looks")
def test_a_case_is_made_and_checked_without_a_database(run: Run, tmp_path: Path, database: str):
    """By the key that the council publishes; a changed byte exits 1, no key 3, a wrong key 2."""
    out = tmp_path / "family.case.tar"
    settings = Settings(data=tmp_path / "data", database=database)
    with opened(settings) as application:
        key = str(application.ledger_signer.verifier_key)

    assert run("export", "--format", "case", "--person", PERSON, *WHY, "--out", out)[0] == 0

    def check(*typed: object) -> tuple[int, Any]:
        code, told, _ = run("check-case", out, *typed, "--json", has_database=False)
        return code, json.loads(told) if told else None

    code, report = check("--key", key)
    assert (code, report["valid"], report["chosen"]) == (0, True, 2)
    assert check()[0] == 3
    assert check("--key", "nonsense")[0] == 2
    with out.open(encoding="latin-1") as piped:
        before, sys.stdin = sys.stdin, piped
        try:
            assert run("check-case", "-", "--key", key, has_database=False)[0] == 0
        finally:
            sys.stdin = before
    out.write_bytes(out.read_bytes().replace(b"index 1", b"index 2", 1))
    code, report = check("--key", key)
    assert (code, report["valid"], report["trusted"]) == (1, False, False)


@pytest.mark.usefixtures("looks")
def test_nothing_that_is_typed_is_told_again(run: Run, tmp_path: Path):
    """A number that is nobody's, a time that is none, an event that is not there."""
    told = [
        run("export", "--format", "csv", *typed, *WHY, "--out", tmp_path / "x")
        for typed in (
            ("--nhs-number", NUMBER, "--from", "2026-01-01", "--to", "2026-01-02"),
            ("--from", NUMBER),
            ("--event", NUMBER),
            ("--practitioner", NAME),
        )
    ]

    assert [code for code, *_ in told] == [0, 2, 2, 2]
    assert found_in("".join(out + error for _, out, error in told)) == []


def test_a_killed_export_leaves_no_file_under_its_name(
    looks: Desk, engine: Engine, database: str, tmp_path: Path
):
    """It was entered, and has no end."""
    access = LedgerAccess(looks.outside.engine, signer=looks.ledger_signer)
    access.append([a_look(number) for number in range(3, 2_000)])
    out = tmp_path / "killed.jsonl"
    script = (
        "import sys; from services.audit.exports import rows; import time\n"
        "import services.audit.exports.exporting as e\n"
        "def slowly(entries):\n"
        "    yield from rows.json_lines(entries); time.sleep(600)\n"
        "e.json_lines = slowly\n"
        "from services.__main__ import main\n"
        "sys.exit(main(['audit', *sys.argv[1:]]))\n"
    )
    typed = ["export", "--format", "jsonl", *WHY, "--out", str(out)]
    where = ["--data", str(tmp_path / "data"), "--database", database]
    going = subprocess.Popen([sys.executable, "-c", script, *typed, *where], cwd=ROOT)
    try:
        eventually(lambda: any(draft.stat().st_size for draft in tmp_path.glob(".killed*.draft")))
    finally:
        going.send_signal(signal.SIGKILL)
        going.wait()

    with engine.connect() as connection:
        begun = connection.execute(text("SELECT count(*) FROM audit_export")).scalar_one()
        ended = connection.execute(text("SELECT count(*) FROM audit_export_end")).scalar_one()
        entered = connection.execute(
            text("SELECT count(*) FROM ledger_entry WHERE body LIKE CAST(:event AS bytea)"),
            {"event": f'%"{LedgerEvent.AUDIT_EXPORT_BEGUN}"%'.encode()},
        ).scalar_one()
    assert (begun, ended, entered) == (1, 0, 1)
    assert not out.exists()
