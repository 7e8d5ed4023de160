"""`tell-once report subject-access`: written where it was asked for, and nowhere else."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose, Role
from services.__main__ import main
from services.bootstrap import DatabaseRole, opened
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.platform.settings import Settings
from services.work import unit_of_work
from tests.support.builders import VISITOR
from tests.support.demonstrating import mark
from tests.support.fakes.in_process import AGENCY, InProcess
from tests.support.people.families import a_known_family
from tests.support.traces.canaries import BORN, GIVEN, NAME, found_in

pytestmark = pytest.mark.postgres

OFFICER = PractitionerId("b8" * 16)


class Command:
    """Runs `tell-once report subject-access` on one database and tells what it printed."""

    def __init__(
        self, child: PersonId, options: list[str], capfd: pytest.CaptureFixture[str]
    ) -> None:
        self.child = child
        self._options = options
        self._capfd = capfd

    def run(
        self, *words: str, person: str | None = None, who: str = OFFICER
    ) -> tuple[int, str, str]:
        asked = ["report", "subject-access", person or self.child, "--as", who]
        code = main([*asked, *words, *self._options])
        written = self._capfd.readouterr()
        return code, written.out, written.err


@pytest.fixture
def command(tmp_path: Path, database: str, capfd: pytest.CaptureFixture[str]) -> Command:
    """Give the command on a database with a family, under the keys of its own data folder."""
    data = tmp_path / "data"
    settings = Settings.model_validate({"data": data, "database": database})
    with opened(settings) as application:
        outside = application.outside(DatabaseRole.OWNER)
        with InProcess.running(outside) as running:
            child, _ = a_known_family(running)
            with unit_of_work(running.portal) as work:
                who = (OFFICER, "An officer", Role.INFORMATION_GOVERNANCE, "Officer", AGENCY)
                entry = PractitionerEntry(*who, None, None, Purpose.SUBJECT_ACCESS)
                work.directory.save_practitioner(entry)
    mark(database, is_demonstration=True)
    capfd.readouterr()
    return Command(child, ["--data", str(data), "--database", database], capfd)


def test_both_forms_are_written_for_their_owner_alone(command: Command, tmp_path: Path):
    """What is printed says how much, and none of it."""
    folder = tmp_path / "handed-over"

    code, out, err = command.run("--out", str(folder), "--given-to", "person")

    assert code == 0, err
    assert {path.name for path in folder.iterdir()} == {
        "subject-access.json",
        "subject-access.html",
    }
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert set(found_in(path.read_text())) >= {NAME, GIVEN, BORN}
    assert found_in(out + err) == []
    assert "personal data" in err


def test_the_bundle_goes_to_standard_output_and_nothing_else(command: Command, tmp_path: Path):
    """One document, valid; the warning goes beside."""
    before = sorted(path.name for path in tmp_path.iterdir())

    code, out, err = command.run("--json")

    assert code == 0, err
    bundle = json.loads(out)
    get_fhir_model_class("Bundle").model_validate(bundle)
    assert "personal data" in err
    assert found_in(err) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_the_page_needs_nothing_from_anywhere(command: Command, tmp_path: Path):
    """No script, no picture, no address; it is made to be printed."""
    file = tmp_path / "report.html"

    code, out, _ = command.run("--html", str(file), "--json")

    page = file.read_text()
    assert (code, json.loads(out)["files"]) == (0, ["report.html"])
    assert "@media print" in page
    for wanted in ("http:", "https:", "src=", "url(", "<script", "<link"):
        assert wanted not in page
    assert "<h2>Who has looked</h2>" in page


def test_a_file_that_is_there_is_not_written_over(command: Command, tmp_path: Path):
    """And nothing is made, nor put on record as made."""
    file = tmp_path / "report.html"
    file.write_text("kept")

    code, _, err = command.run("--html", str(file))
    again = command.run("--json")

    assert (code, file.read_text()) == (2, "kept")
    assert "report.html" in err
    looks = [e for e in json.loads(again[1])["entry"] if _is(e, "AuditEvent")]
    assert looks == []


def test_the_report_before_is_among_the_looks(command: Command):
    """As a look for this purpose, by who made it."""
    command.run("--json")

    _, out, _ = command.run("--json")

    (look,) = [e["resource"] for e in json.loads(out)["entry"] if _is(e, "AuditEvent")]
    assert look["purposeOfEvent"][0]["coding"][0]["code"] == "subject-access"
    assert look["agent"][0]["who"]["display"] == "An officer"


@pytest.mark.parametrize(
    ("person", "who", "code"),
    [
        (None, VISITOR, 3),
        ("99" * 16, OFFICER, 3),
        ("nhs-number:9990000115", OFFICER, 3),
        (NAME, OFFICER, 2),
        (None, "0" * 32, 2),
    ],
    ids=["practitioner", "nobody", "no-number", "no-id", "unknown"],
)
def test_what_is_refused_says_why_and_writes_nothing(
    command: Command, tmp_path: Path, person: str | None, who: str, code: int
):
    """Exit code 3 for a refusal, 2 for a question that cannot be asked."""
    file = tmp_path / "report.html"

    answer = command.run("--html", str(file), person=person, who=who)

    assert answer[0] == code
    assert not file.exists()
    assert found_in(answer[1] + answer[2]) == []


def _is(entry: Any, kind: str) -> bool:
    return bool(entry["resource"]["resourceType"] == kind)
