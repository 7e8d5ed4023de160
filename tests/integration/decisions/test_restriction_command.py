"""`tell-once restriction`: whoever works with a family can protect it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose, Role
from services.__main__ import main
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.platform.keys.files import FileKeyVault
from services.work import Outside, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.fakes.in_process import AGENCY, InProcess

pytestmark = pytest.mark.postgres

Command = Callable[..., tuple[int, Any]]
GOVERNANCE = PractitionerId("9f" * 16)
WREN = "nhs-number:9990000018"


@pytest.fixture
def vault(database: str, tmp_path: Path) -> FileKeyVault:  # noqa: ARG001 it brings the keys
    """Give the key vault of the data folder that the commands are run on."""
    return FileKeyVault.open(tmp_path / "keys" / "root.key")


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job with somebody of information governance beside the others."""
    role = Role.INFORMATION_GOVERNANCE
    purpose = Purpose.SERVICE_IMPROVEMENT
    entry = PractitionerEntry(GOVERNANCE, "G", role, "Officer", AGENCY, None, None, purpose)
    with InProcess.running(outside) as found:
        with unit_of_work(found.portal) as work:
            work.directory.save_practitioner(entry)
        yield found


@pytest.fixture
def restriction(running: InProcess, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run `restriction …` on this test's database; gives exit code and document."""
    database = running.outside.engine.url.render_as_string(hide_password=False)

    def run(*words: str, by: str = VISITOR) -> tuple[int, Any]:
        where = ("--data", str(tmp_path), "--database", database)
        code = main(["restriction", *words, "--as", by, "--json", *where])
        return code, json.loads(capfd.readouterr().out or "null")

    return run


def _place(restriction: Command, *more: str) -> Any:
    code, placed = restriction("place", WREN, "--scope", "location", "--allow", VISITOR, *more)
    assert code == 0
    return placed


def test_a_restriction_is_placed_listed_and_lifted(restriction: Command, running: InProcess):
    """By the number alone, whether or not anything else is recorded of the person yet."""
    placed = _place(restriction)

    _, listed = restriction("list", WREN)
    _, lifted = restriction("lift", placed["restriction_id"])
    _, after = restriction("list", WREN)

    assert listed["restrictions"] == [placed]
    assert (placed["allowed"], placed["lifted_at"]) == ([VISITOR], None)
    assert lifted["lifted_at"] is not None
    assert after["restrictions"] == []
    entries = running.ledger(LedgerEvent.RESTRICTION_PLACED, LedgerEvent.RESTRICTION_LIFTED)
    assert [entry.actor for entry in entries] == [f"practitioner:{VISITOR}"] * 2


def test_who_is_not_allowed_learns_of_none_and_lifts_none(restriction: Command):
    """The same answer as where there is nothing."""
    placed = _place(restriction)

    listed = restriction("list", WREN, by=TEACHER)
    lifted = restriction("lift", placed["restriction_id"], by=TEACHER)
    unknown = restriction("lift", "0" * 32, by=TEACHER)

    assert listed == (0, {"restrictions": []})
    assert lifted == unknown == (2, None)
    assert restriction("list", WREN)[1]["restrictions"] == [placed]


def test_who_looks_or_is_refused_is_on_the_ledger(restriction: Command, running: InProcess):
    """By opaque ids: how many they were told of, and which they tried to lift."""
    placed = _place(restriction)

    restriction("list", WREN, by=TEACHER)
    restriction("lift", placed["restriction_id"], by=TEACHER)

    listed, refused = running.ledger(
        LedgerEvent.RESTRICTIONS_LISTED, LedgerEvent.RESTRICTION_LIFT_REFUSED
    )
    assert listed.actor == refused.actor == f"practitioner:{TEACHER}"
    assert dict(listed.fields) == {"subject": placed["person"], "restrictions": 0}
    assert dict(refused.fields) == {"restriction": placed["restriction_id"]}


def test_governance_sees_and_lifts_every_restriction(restriction: Command):
    """Somebody has to be able to when the only one allowed has left."""
    placed = _place(restriction)

    _, listed = restriction("list", WREN, by=GOVERNANCE)
    code, _ = restriction("lift", placed["restriction_id"], by=GOVERNANCE)

    assert (listed["restrictions"], code) == ([placed], 0)


def test_nothing_is_lifted_twice(restriction: Command):
    """When it ended stays as it was written."""
    placed = _place(restriction)
    restriction("lift", placed["restriction_id"])

    assert restriction("lift", placed["restriction_id"]) == (2, None)


def test_asking_about_somebody_unknown_makes_nobody(restriction: Command, running: InProcess):
    """Only placing does, because protection must not wait."""
    assert restriction("list", WREN) == (0, {"restrictions": []})
    assert running.count("person") == 0


def test_a_practitioner_whom_nobody_knows_cannot_be_allowed(
    restriction: Command, running: InProcess
):
    """A slip of the hand must not hide a person from everybody."""
    words = ("place", WREN, "--scope", "person", "--allow", "0" * 32)

    assert restriction(*words) == (2, None)
    assert running.count("restriction") == 0
