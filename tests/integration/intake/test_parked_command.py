"""`tell-once parked` and what `ingest` and `decision record` say: for people, and for programs."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from consent.ledger.events import LedgerEvent
from schemas.records.payloads import Occurrence
from services.__main__ import main
from services.platform.keys.files import FileKeyVault
from services.work import Outside
from tests.support.demonstrating import mark
from tests.support.fakes.in_process import InProcess
from tests.support.messages.nems import AHeader
from tests.support.messages.nems_messages import vaccination
from tests.support.people.parked_world import CHILD, DOUBTFUL, ON_RECORD, ParkedWorld

pytestmark = pytest.mark.postgres

Command = Callable[..., tuple[int, Any, str]]
NAMES = ("Quillfeather", "Ottoline", "9990000018", "2014-05-03")


@pytest.fixture
def vault(database: str, tmp_path: Path) -> FileKeyVault:  # noqa: ARG001 it brings the keys
    """Give the key vault of the data folder that the commands are run on."""
    return FileKeyVault.open(tmp_path / "keys" / "root.key")


@pytest.fixture
def world(outside: Outside, tmp_path: Path) -> Iterator[ParkedWorld]:
    """Give a message that waits, on a database of invented families or of real ones."""
    with InProcess.running(outside) as running:
        yield ParkedWorld.made(running, tmp_path)


@pytest.fixture
def run(world: ParkedWorld, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run a command on this test's database; gives exit code, document and what was said."""
    database = world.running.outside.engine.url.render_as_string(hide_password=False)

    def run(*words: str, is_for_programs: bool = True) -> tuple[int, Any, str]:
        how = ("--json",) if is_for_programs else ()
        code = main([*words, *how, "--data", str(tmp_path), "--database", database])
        told = capfd.readouterr()
        document = json.loads(told.out) if told.out and is_for_programs else None
        return code, document, told.out + told.err

    return run


def demonstration(world: ParkedWorld, *, is_it: bool) -> None:
    """Say whether families are invented here."""
    database = world.running.outside.engine.url.render_as_string(hide_password=False)
    mark(database, is_demonstration=is_it)


def test_the_list_is_told_to_people_and_programs(world: ParkedWorld, run: Command):
    """Event, sender, file, when, field, reason, remedy; nothing of what the message says."""
    parked = world.park()

    code, document, _ = run("parked", "list")
    (row,) = document["parked"]
    _, _, said = run("parked", "list", is_for_programs=False)

    assert code == 0
    assert {name: row[name] for name in ("parked_id", "event", "origin", "field", "state")} == {
        "parked_id": parked.id,
        "event": "vaccination",
        "origin": "one.xml",
        "field": "Patient.birthDate",
        "state": "waiting",
    }
    assert row["sender"] is not None
    assert row["remedy"].startswith("Ask the source which is right")
    assert all(word in said for word in ("one.xml", "vaccination", "Ask the source"))
    told = json.dumps(document) + said
    assert not [name for name in NAMES if name in told]


def test_where_families_are_real_an_operator_is_one_hand_and_sees_no_date(
    world: ParkedWorld, run: Command
):
    """A data steward is the other; the command says what it waits for."""
    demonstration(world, is_it=False)
    parked = world.park()

    _, shown, _ = run("parked", "show", parked.id)
    code, first, _ = run("parked", "accept", parked.id, "--because", "source-confirms")
    again, refused, _ = run("parked", "accept", parked.id, "--because", "source-confirms")

    assert shown["contradiction"] is None
    assert (code, first["waits_for_another"], first["state"]) == (0, True, "waiting")
    assert (again, refused["reasons"][0]["code"]) == (3, "same-hand")
    world.say(world.first, parked.id, "accept", accept="register-checked")
    world.look_after()
    assert any(isinstance(r.payload, Occurrence) for r in world.running.stored(world.child))


def test_among_invented_families_one_command_is_both_hands(world: ParkedWorld, run: Command):
    """Then the connectors' process reads it again."""
    demonstration(world, is_it=True)
    parked = world.park()

    _, shown, _ = run("parked", "show", parked.id, "--as", world.first.id)
    code, _, _ = run("parked", "accept", parked.id, "--because", "source-confirms")

    world.look_after()

    assert shown["contradiction"]["on_record"] == "neither"
    assert code == 0
    assert world.listed() == []
    assert any(isinstance(r.payload, Occurrence) for r in world.running.stored(world.child))


def test_asking_and_discarding_are_one_persons(world: ParkedWorld, run: Command):
    """What to send is printed; what is discarded is not listed unless it is asked for."""
    parked = world.park()

    code, asked, _ = run("parked", "ask", parked.id)
    assert code == 0
    assert "contradicts:MessageHeader.birthDateTime" in asked["text"]
    assert not [name for name in NAMES if name in asked["text"]]
    assert run("parked", "discard", parked.id, "--because", "sent-again")[0] == 0
    assert run("parked", "list")[1] == {"parked": []}
    (kept,) = run("parked", "list", "--state", "discarded")[1]["parked"]
    assert kept["parked_id"] == parked.id
    assert run("parked", "show", "made-up")[0] == 3
    assert len(world.running.ledger(LedgerEvent.PARKED_DISCARDED)) == 1


def test_ingest_says_when_nothing_could_be_read(world: ParkedWorld, run: Command, tmp_path: Path):
    """Exit 1, and the document says so; read in part, in doubt, or without a message is 0."""
    good = vaccination(replace(CHILD, born=ON_RECORD), AHeader("vaccinations-1"))
    bad = tmp_path / "bad.xml"
    bad.write_bytes(b"<Bundle")
    (tmp_path / "good.xml").write_bytes(good)
    (tmp_path / "none.json").write_bytes(b"[]")
    (tmp_path / "doubt.xml").write_bytes(DOUBTFUL)
    known = ("bad.xml", "good.xml", "none.json", "not.xml", "doubt.xml")
    files = {name: str(tmp_path / name) for name in known}

    for source, names, code in (
        ("health-visiting", ("bad.xml",), 1),
        ("health-visiting", ("not.xml",), 1),
        ("health-visiting", ("bad.xml", "good.xml"), 0),
        ("health-visiting", ("doubt.xml",), 0),
        ("social-care", ("none.json",), 0),
    ):
        exit_code, document, _ = run("ingest", source, *(files[name] for name in names))
        assert (exit_code, document["nothing_could_be_read"]) == (code, code == 1), names
    assert world.child


def test_a_decision_about_nobody_is_asked_wrongly(run: Command):
    """With what a subject has to look like; the help has an example of each."""
    said = ("--category", "story", "--purpose", "direct-care", "--decided-by", "parent:mother")

    for subject in ("la-child-id:SSC1", "upn:B999200115031", "local:7", "nhs-number:1"):
        code, _, told = run("decision", "record", "--subject", subject, *said)
        assert code == 2, subject
        assert "Write it like" in told, subject
    future = ("--subject", "nhs-number:9990000018", "--date-of-birth", "2090-01-01")
    code, _, told = run("decision", "record", *future, *said)
    assert (code, "is-in-the-future" in told) == (2, True)


def test_help_has_an_example_of_each_scheme(capfd: pytest.CaptureFixture[str]):
    """Wherever somebody is named by one."""
    for words in (
        ("decision", "record"),
        ("profile", "show"),
        ("restriction", "place"),
        ("exclusion", "add"),
        ("story", "show"),
    ):
        with pytest.raises(SystemExit):
            main([*words, "--help"])
        told = capfd.readouterr().out
        assert "la-child-id:999/SSC1" in told, words
        assert "upn:A999200115031" in told, words


def test_a_doubtful_file_is_named_by_its_own_name_alone(world: ParkedWorld, run: Command):
    """Not by where it lies on the server."""
    world.park(DOUBTFUL, "messages.xml")

    (row,) = run("parked", "list")[1]["parked"]

    assert row["origin"] == "messages.xml"
