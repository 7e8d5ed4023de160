"""What an operator says of schools: their names and numbers, and what their lists' titles mean."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Disposition, Source
from services.__main__ import main
from services.cli.operator import operator
from services.work import Outside
from tests.support.checkout import ROOT
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.school_lists import AFTERWARDS, SchoolsSending, a_row, class_list

pytestmark = pytest.mark.postgres

Command = Callable[..., tuple[int, Any]]
_TEMPLATE = ROOT / "schemas" / "published" / "school-titles-template.csv"
_REGISTER = (
    "URN,LA (code),EstablishmentNumber,EstablishmentName,EstablishmentStatus (code),TelephoneNum\n"
    "123456,999,2001,Brookside Primary School,1,01632960100\n"
)
_OWN = (
    "Given name on the register,Family name on the register,Born,NHS number\n"
    "Noor,Listed,01/02/2016,9995000016\n"
)
_NOOR = by_number("9995000016", "2016-02-01")


@pytest.fixture
def command(database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run a command with `--json`; gives code and what is printed."""

    def run(*words: str) -> tuple[int, Any]:
        code = main([*words, "--json", "--data", str(tmp_path / "data"), "--database", database])
        written = capfd.readouterr()
        return code, json.loads(written.out) if written.out else written.err

    return run


def _written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_school_of_which_a_list_has_only_the_number_is_named_and_rung(
    outside: Outside, clock: StandingClock, tmp_path: Path, command: Command
):
    """By the register that an operator loads; a newer one stands in its place."""
    clock.pass_by(AFTERWARDS - clock.now())
    with InProcess.running(outside) as running:
        (noor,) = running.decide(_NOOR).decision.subjects
        sending = SchoolsSending(running, tmp_path)
        sending.send(class_list(a_row(SCHOOL_URN="123456")))
        (unnamed,) = sending.profile(noor).practitioners
        register = _written(tmp_path / "edubase.csv", _REGISTER)
        loaded = command("schools", "gias", register)
        (named,) = sending.profile(noor).practitioners
        shown = command("schools", "show", "999/2001")
        refused = command("schools", "gias", str(_TEMPLATE))
        _, kept = command("schools", "show", "123456")
        (entered,) = running.ledger(LedgerEvent.SCHOOLS_REGISTER_REPLACED)

    assert (unnamed.agency_name, unnamed.telephone) == (None, None)
    assert loaded == (0, {"schools": 1, "with_telephone": 1})
    assert (named.agency_name, named.telephone) == ("Brookside Primary School", "01632960100")
    assert shown[1]["urn"] == kept["urn"] == "123456"
    assert refused[0] == 1
    assert entered.actor == operator()
    assert entered.fields == {"schools": 1, "file": sha256(_REGISTER.encode()).hexdigest()}


def test_a_list_is_read_by_its_schools_titles_also_when_it_is_read_again(
    outside: Outside, tmp_path: Path, command: Command
):
    """What was said with the file is kept with it, since nobody is there to say it again."""
    with InProcess.running(outside) as running:
        without = command("schools", "mapping", "show", "--school", "123456")
        command("schools", "mapping", "set", "--school", "123456", str(_TEMPLATE))
        _, shown = command("schools", "mapping", "show", "--school", "123456")
        plain = Path(_written(tmp_path / "autumn.csv", _OWN))
        called = Path(_written(tmp_path / "autumn.school-123456.csv", _OWN))
        _, checked = command("ingest", "schools", str(plain), "--check", "--school", "123456")
        unknown = command("ingest", "schools", str(plain), "--school", "123457")
        found = [
            running.ingest(Source.SCHOOLS, plain),
            running.ingest(Source.SCHOOLS, plain, school="123456"),
        ]
        (noor,) = running.decide(_NOOR).decision.subjects
        running.settle()
        (by_name,) = running.ingest(Source.SCHOOLS, called)
        stored = running.stored(noor)

    assert without[0] == 1
    assert shown["by"] == operator()
    assert shown["titles"]["Born"] == "CHILD_DATE_OF_BIRTH"
    assert (checked["readable"], checked["lost"]) == (1, 0)
    assert unknown[0] == 1
    became = [one.message.disposition for (one,) in found]
    assert became == [Disposition.PARKED, Disposition.WITHHELD]
    assert stored
    assert by_name.message.disposition in {Disposition.PUBLISHED, Disposition.DUPLICATE}


def test_what_was_said_of_titles_is_taken_back(outside: Outside, tmp_path: Path, command: Command):
    """And what cannot be taken changes nothing; who did what is entered, and no title."""
    command("schools", "mapping", "set", "--school", "123456", str(_TEMPLATE))
    wrong = _written(tmp_path / "wrong.csv", "THEIR_TITLE,OUR_COLUMN\nBorn,BORN\n")
    refused = command("schools", "mapping", "set", "--school", "123456", wrong)
    kept = command("schools", "mapping", "show", "--school", "123456")
    command("schools", "mapping", "remove", "--school", "123456")

    assert refused[0] == 1
    assert "row 2" in refused[1]
    assert kept[0] == 0
    assert command("schools", "mapping", "show", "--school", "123456")[0] == 1
    agency = outside.hasher.opaque("agency", "123456")
    with InProcess.running(outside) as running:
        entered = running.ledger(LedgerEvent.SCHOOL_TITLES_SET, LedgerEvent.SCHOOL_TITLES_REMOVED)
    assert [(one.event, one.actor, one.fields) for one in entered] == [
        (LedgerEvent.SCHOOL_TITLES_SET, operator(), {"agency": agency, "titles": 9}),
        (LedgerEvent.SCHOOL_TITLES_REMOVED, operator(), {"agency": agency}),
    ]
