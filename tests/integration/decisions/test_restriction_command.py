"""`tell-once restriction` and `exclusion`: entered as the system account, by two hands."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from consent.ledger.events import LedgerEvent
from services.__main__ import main
from services.cli.operator import operator
from services.platform.keys.files import FileKeyVault
from services.work import Outside
from tests.support.builders import TEACHER, VISITOR
from tests.support.fakes.in_process import InProcess
from tests.support.people.protecting import GOVERNANCE, HOLDERS, NAMES, NURSE, STRANGER, Protecting

pytestmark = pytest.mark.postgres

Command = Callable[..., tuple[int, Any]]
WREN = "nhs-number:9990000018"
NOBODYS = "nhs-number:9990000026"
_REFUSED = 3


@pytest.fixture
def vault(database: str, tmp_path: Path) -> FileKeyVault:  # noqa: ARG001 it brings the keys
    """Give the key vault of the data folder that the commands are run on."""
    return FileKeyVault.open(tmp_path / "keys" / "root.key")


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job, with a child whom three people of two agencies work with."""
    with InProcess.running(outside) as found:
        Protecting.known(found)
        yield found


@pytest.fixture
def command(running: InProcess, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run a command on this test's database; gives exit code and document."""
    database = running.outside.engine.url.render_as_string(hide_password=False)

    def run(*words: str, by: str = VISITOR) -> tuple[int, Any]:
        where = ("--data", str(tmp_path), "--database", database)
        code = main([*words, "--as", by, "--json", *where])
        return code, json.loads(capfd.readouterr().out or "null")

    return run


def _place(command: Command) -> Any:
    code, placed = command("restriction", "place", WREN, "--scope", "location")
    assert code == 0
    return placed


def test_a_restriction_is_placed_for_a_while_and_listed(command: Command, running: InProcess):
    """By who works with them; on the ledger stands who typed it."""
    placed = _place(command)

    _, listed = command("restriction", "list", WREN)

    (entry,) = running.ledger(LedgerEvent.RESTRICTION_PLACED)
    assert listed["restrictions"] == [placed]
    assert (placed["allowed"], placed["is_provisional"]) == (sorted(HOLDERS), True)
    assert entry.actor == operator()


def test_who_is_not_allowed_learns_of_none_and_changes_none(command: Command, running: InProcess):
    """The same answer as where there is nothing; each try is entered."""
    placed = _place(command)
    lift = ("restriction", "lift", placed["restriction_id"], "--asked-safely")

    listed = command("restriction", "list", WREN, by=STRANGER)
    refused = command(*lift, by=STRANGER)
    unknown = command("restriction", "lift", "0" * 32, "--asked-safely", by=STRANGER)

    assert listed == (0, {"restrictions": []})
    assert refused == unknown == (_REFUSED, {"refused": "is-not-there"})
    assert len(running.ledger(LedgerEvent.RESTRICTION_ACT_REFUSED)) == 2
    assert command("restriction", "list", WREN)[1]["restrictions"] == [placed]


def test_one_system_account_is_not_two_hands(command: Command):
    """Whomever it names: it takes another account, or somebody who signs in."""
    placed = _place(command)
    _, order = command("restriction", "lift", placed["restriction_id"], "--asked-safely")

    answered = command("restriction", "confirm", order["order"], by=GOVERNANCE)

    assert order["status"] == "asked"
    assert answered == (_REFUSED, {"refused": "is-the-same-person"})
    assert command("restriction", "list", WREN)[1]["restrictions"] == [placed]


def test_governance_lists_what_waits_and_nobody_else_does(command: Command):
    """Of everybody; to be confirmed or lifted within 72 hours."""
    placed = _place(command)

    assert command("restriction", "list", "--provisional", by=GOVERNANCE) == (
        0,
        {"restrictions": [placed]},
    )
    assert command("restriction", "list", "--provisional") == (
        _REFUSED,
        {"refused": "is-not-there"},
    )


def test_asking_about_somebody_unknown_makes_nobody(command: Command, running: InProcess):
    """Governance alone may protect whom nothing else is recorded of yet."""
    before = running.count("person")
    _, listed = command("restriction", "list", NOBODYS)
    refused = command("restriction", "place", NOBODYS, "--scope", "person")
    unchanged = running.count("person")
    placed, _ = command("restriction", "place", NOBODYS, "--scope", "person", by=GOVERNANCE)

    assert (listed, refused[0], placed) == ({"restrictions": []}, _REFUSED, 0)
    assert (unchanged, running.count("person")) == (before, before + 1)


def test_a_practitioner_whom_nobody_knows_cannot_be_allowed(command: Command, running: InProcess):
    """A slip of the hand must not hide a person from everybody."""
    words = ("restriction", "place", WREN, "--scope", "person", "--allow", "0" * 32)

    assert command(*words) == (2, None)
    assert running.count("restriction") == 0


def test_with_a_list_the_two_hands_are_asked_in_the_same_breath(command: Command):
    """It protects at once; that it lasts waits for them, or is refused with why."""
    listed = [word for one in sorted(HOLDERS) for word in ("--allow", one)]
    place = ("restriction", "place", WREN, "--scope", "person")

    asked = command(*place, *listed)
    too_few = command(*place, *listed[:4])

    assert (asked[0], asked[1]["status"], asked[1]["is_provisional"]) == (0, "asked", True)
    assert (too_few[0], too_few[1]["refused"]) == (_REFUSED, "fewer-than-three-people")
    assert len(command("restriction", "list", WREN)[1]["restrictions"]) == 2


def test_an_exclusion_is_taken_alike_whoever_is_named(command: Command, tmp_path: Path):
    """Also where nobody is known; the name comes from a file, and from no command line."""
    name, nobody = tmp_path / "name", tmp_path / "nobody"
    name.write_text(NAMES[TEACHER])
    nobody.write_text("Nobody Here")
    add = ("exclusion", "add")

    answers = [
        command(*add, WREN, "--worker-from", str(name)),
        command(*add, WREN, "--worker-from", str(nobody)),
        command(*add, NOBODYS, "--worker-from", str(name), by=STRANGER),
    ]
    _, told = command("exclusion", "list", by=GOVERNANCE)
    _, untold = command("exclusion", "list", WREN, by=TEACHER)

    assert answers == [(0, {"taken": True})] * 3
    assert sorted(one["named"] for one in told["exclusions"]) == ["Nobody Here", NAMES[TEACHER]]
    assert {one["practitioner"] for one in told["exclusions"]} == {TEACHER, None}
    assert untold == {"exclusions": []}


def test_an_exclusion_is_confirmed_and_waits_for_a_second_hand_to_end(
    command: Command, running: InProcess, tmp_path: Path
):
    """The one account that asked does not answer."""
    name = tmp_path / "name"
    name.write_text(NAMES[TEACHER])
    command("exclusion", "add", WREN, "--worker-from", str(name))
    (one,) = command("exclusion", "list", by=GOVERNANCE)[1]["exclusions"]
    exclusion = one["exclusion_id"]

    confirmed = command("exclusion", "confirm", exclusion, by=NURSE)
    not_asked = command("exclusion", "end", exclusion, by=NURSE)
    code, order = command("exclusion", "end", exclusion, "--family-was-asked", by=NURSE)
    answered = command("exclusion", "confirm", order["order"], by=GOVERNANCE)
    declined = command("exclusion", "decline", order["order"], by=GOVERNANCE)

    assert confirmed == (_REFUSED, {"refused": "is-the-same-person"})
    assert not_asked == (_REFUSED, {"refused": "the-family-was-not-asked"})
    assert (code, order["status"]) == (0, "asked")
    assert answered == (_REFUSED, {"refused": "is-the-same-person"})
    assert (declined[0], declined[1]["status"]) == (0, "declined")
    actors = {e.actor for e in running.ledger(LedgerEvent.EXCLUSION_ACT_REFUSED)}
    assert actors == {operator()}
