"""`tell-once erase` and `tell-once keys`, as they are typed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from consent.transparency.checkpoint import TlogProof
from consent.transparency.verifier_key import VerifierKey
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose, Role, Source
from services.__main__ import main
from services.bootstrap import DatabaseRole, opened
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.platform.settings import Settings
from services.work import unit_of_work
from tests.support.builders import NOW
from tests.support.demonstrating import mark
from tests.support.fakes.in_process import by_number

pytestmark = pytest.mark.postgres

GOVERNANCE, STEWARD = "e0" * 16, "e1" * 16
NUMBERS = ("9990000018", "9990000026")
Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """Give the settings of an installation."""
    return Settings.model_validate({"data": tmp_path / "data", "database": database})


@pytest.fixture
def persons(settings: Settings) -> list[PersonId]:
    """Enter who may and who may not erase, and two persons."""
    with (
        opened(settings) as application,
        unit_of_work(application.outside(DatabaseRole.OWNER)) as work,
    ):
        work.directory.save_agency(Agency("A1", "Council", Source.SOCIAL_CARE, None))
        for who, role in ((GOVERNANCE, Role.INFORMATION_GOVERNANCE), (STEWARD, Role.DATA_STEWARD)):
            entry = PractitionerEntry(
                PractitionerId(who), "A", role, "W", "A1", None, None, Purpose.SUBJECT_ACCESS
            )
            work.directory.save_practitioner(entry)
        persons = [work.persons.create(by_number(number), at=NOW) for number in NUMBERS]
    mark(settings.database.get_secret_value(), is_demonstration=True)  # type: ignore[union-attr] # set above
    return persons


@pytest.fixture
def run(settings: Settings, database: str, capfd: pytest.CaptureFixture[str]) -> Run:
    """Give what runs a command; it answers the exit code and the document."""

    def run(*words: str) -> tuple[int, Any]:
        code = main([*words, "--json", "--data", str(settings.data), "--database", database])
        out = capfd.readouterr().out
        return code, json.loads(out) if out else None

    return run


def _order(person: str, *more: str, who: str = GOVERNANCE) -> list[str]:
    return ["erase", person, "--because", "consent-withdrawn", "--as", who, *more]


def test_an_erasure_is_proved_to_somebody_who_has_no_database(
    run: Run, persons: list[PersonId], tmp_path: Path
):
    """The proof file and the ledger's public key are enough."""
    code, told = run(*_order(persons[0], "--yes", "--proofs", str(tmp_path)))
    _, checkpoint = run("ledger", "checkpoint")

    assert code == 0
    assert told["persons"] == [persons[0]]
    assert not told["first_wrapping_key_kept"]
    (file,) = told["files"]
    proof = TlogProof.parse(Path(file).read_bytes())
    entry = proof.extra or b""
    proof.check(entry, [VerifierKey.parse(checkpoint["verifier_key"])])
    assert json.loads(entry)["event"] == "key:destroyed"
    assert json.loads(entry)["fields"] == {"person": persons[0]}
    assert json.loads(entry)["actor"] == f"practitioner:{GOVERNANCE}"


def test_erasing_again_gives_the_same_proofs(run: Run, persons: list[PersonId]):
    """A command whose answer was lost is simply run again."""
    first, again = (run(*_order(persons[0], "--yes")) for _ in range(2))

    assert again[0] == 0
    assert again[1]["entries"] == first[1]["entries"]


@pytest.mark.usefixtures("persons")
def test_what_is_asked_wrongly_erases_nobody(run: Run, persons: list[PersonId]):
    """Not said to be meant, by somebody unknown, no opaque id, by nobody who may."""
    person = persons[0]
    destroyed_before = run("keys", "show")[1]["destroyed"]

    codes = [
        run(*_order(person))[0],
        run(*_order(person, "--yes", who="ff" * 16))[0],
        run(*_order("nhs-number:9990000018", "--yes"))[0],
    ]
    refused = run(*_order(person, "--yes", who=STEWARD))

    assert codes == [2, 2, 2]
    assert refused[0] == 3
    assert refused[1]["reasons"][0]["code"] == "not-allowed"
    assert run("keys", "show")[1]["destroyed"] == destroyed_before


def test_keys_are_shown_rotated_retired_and_verified(run: Run, persons: list[PersonId]):
    """With counts and no secrets."""
    shown = run("keys", "show")[1]
    rotated = run("keys", "rotate")
    retired = run("keys", "retire", "--yes")
    verified = run("keys", "verify")

    assert shown["wrapping_keys"] == [{"version": 1, "kept": True, "persons": len(persons)}]
    assert rotated == (0, {"version": 2, "persons": len(persons), "resumed": False})
    assert retired == (0, {"destroyed": [1]})
    assert (verified[0], verified[1]["opened"]) == (0, len(persons))


def test_a_ledger_export_from_elsewhere_names_who_is_erased_again(
    run: Run, persons: list[PersonId], settings: Settings, tmp_path: Path
):
    """It is believed when our own key has signed it; one that was cut off erases nobody."""
    export = tmp_path / "ledger.jsonl.zst"
    secrets = settings.data / "keys" / "erasable-secrets"
    before = secrets.read_bytes()
    run(*_order(persons[0], "--yes"))
    run("ledger", "export", str(export))
    secrets.write_bytes(before)
    forged = tmp_path / "forged.jsonl"
    forged.write_bytes(export.read_bytes()[:-20])

    told = run("keys", "verify", "--export", str(export))
    refused = run("keys", "verify", "--export", str(forged))

    assert told[0] == 0
    assert told[1]["destroyed_again"] == 1
    assert refused[0] == 4
