"""`erase ask|…` and `report ask|…` where families are real: two accounts, and no `--as`."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.publishing.ports import ToldContacts
from connectors.publishing.telling.contacts import OWN
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.records.payloads import Telecom
from schemas.vocabulary import Source
from services.__main__ import main
from services.bootstrap import DatabaseRole, opened
from services.cli.operator import operator
from services.platform.settings import Settings
from services.work import unit_of_work
from tests.support.builders import DAY, NOW, VISITOR
from tests.support.clock import StandingClock
from tests.support.demonstrating import mark
from tests.support.fakes.in_process import SCHOOL, InProcess
from tests.support.people.families import a_known_family
from tests.support.traces.canaries import NAME

pytestmark = pytest.mark.postgres

Run = Callable[..., tuple[int, Any]]
LONG_AGO = StandingClock(NOW - 400 * DAY)


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """Give the settings of an installation for real families, whose messages go to a folder."""
    told = {"data": tmp_path / "data", "database": database, "environment": "demonstration"}
    return Settings.model_validate(told)


@pytest.fixture
def running(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[InProcess]:
    """Give a family, on the database of the installation."""
    monkeypatch.setenv("TELL_ONCE_ENVIRONMENT", "demonstration")
    assert settings.database is not None
    mark(settings.database.get_secret_value(), is_demonstration=False)
    with (
        opened(settings) as application,
        InProcess.running(application.outside(DatabaseRole.OWNER)) as found,
    ):
        yield found


@pytest.fixture
def child(running: InProcess) -> PersonId:
    """Give a child of whom something is held."""
    return a_known_family(running)[0]


@pytest.fixture
def run(settings: Settings, running: InProcess, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command; gives its code and document, or what it said instead."""
    assert running

    def run(*words: str) -> tuple[int, Any]:
        database = settings.database
        assert database is not None
        where = ("--data", str(settings.data), "--database", database.get_secret_value())
        code = main([*words, "--json", *where])
        written = capfd.readouterr()
        return code, json.loads(written.out) if written.out else written.err

    return run


@contextmanager
def _another(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As another system account."""
    with monkeypatch.context() as as_another:
        as_another.setattr(os, "getuid", lambda: 0xFFF1)
        yield


def test_one_account_asks_another_confirms_and_it_waits(
    run: Run, running: InProcess, child: PersonId, monkeypatch: pytest.MonkeyPatch
):
    """Neither alone; and nothing goes before its time."""
    _, asked = run("erase", "ask", child, "--because", "unlawful", "--yes")
    own = run("erase", "confirm", asked["order"])
    with _another(monkeypatch):
        confirmed = run("erase", "confirm", asked["order"])
    _, listed = run("erase", "list")
    early = run("erase", "carry-out", asked["order"])
    _, due = run("erase", "carry-out")
    stopped = run("erase", "stop", asked["order"])

    assert own == (3, "tell-once: asked-for-it\n")
    assert confirmed[1]["status"] == "confirmed"
    assert [(o["person"], o["days_left"]) for o in listed["orders"]] == [(child, "7.0")]
    assert (early[0], early[1]["reasons"][0]["code"]) == (3, "still-has-to-wait")
    assert due == {"erased": 0}
    assert stopped[1]["status"] == "stopped"
    assert run("erase", "list")[1] == {"orders": []}
    assert running.count("sharing_decision") == 2


@pytest.mark.parametrize(
    "words",
    [
        ("erase", "{}", "--because", "unlawful", "--yes", "--as", VISITOR),
        ("erase", "{}", "--because", "unlawful", "--yes"),
        ("erase", "ask", "{}", "--because", "unlawful", "--yes", "--as", VISITOR),
        ("report", "subject-access", "{}", "--as", VISITOR),
        ("report", "subject-access", "{}"),
        ("report", "ask", "{}", "--given-to", "person", "--as", VISITOR),
    ],
    ids=["now-as", "now", "ask-as", "report-as", "report", "ask-report-as"],
)
def test_where_families_are_real_one_command_is_one_hand(
    run: Run, running: InProcess, child: PersonId, words: tuple[str, ...]
):
    """Nor does it speak for anybody; each try is entered."""
    code, told = run(*(word.format(child) for word in words))

    assert code == 2
    assert "only-in-a-demonstration" in told
    assert running.count("sharing_decision") == 2
    (entry,) = running.ledger(LedgerEvent.ACCESS_EVALUATION_REFUSED)
    assert entry.actor == operator()


def test_a_report_is_made_by_two_for_a_contact_that_is_held(
    run: Run,
    running: InProcess,
    child: PersonId,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    """The order says of which kind it is; they are told there, and only there, that it is ready."""
    _contact(running, child)
    _, asked = run("report", "ask", child, "--given-to", "person")
    alone = run("report", "make", asked["order"], "--out", str(tmp_path / "alone"))
    _, listed = run("report", "list")
    with _another(monkeypatch):
        run("report", "confirm", asked["order"])
    code, made = run("report", "make", asked["order"], "--out", str(tmp_path / "out"))

    assert alone == (3, "tell-once: is-not-confirmed\n")
    assert not (tmp_path / "alone").exists()
    assert [(o["held_as"], o["contact"]) for o in listed["orders"]] == [("own", "mobile")]
    assert (code, made["files"]) == (0, ["subject-access.json", "subject-access.html"])
    assert NAME in (tmp_path / "out" / "subject-access.html").read_text()
    (entry,) = running.ledger(LedgerEvent.REPORT_MADE)
    assert entry.actor == operator()
    assert running.count("message_out") == 1


def test_made_again_it_tells_nobody_again_and_nobody_else_makes_it(
    run: Run,
    running: InProcess,
    child: PersonId,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    """Whoever's file was lost; a third account is told that it is neither of both."""
    _contact(running, child)
    _, asked = run("report", "ask", child, "--given-to", "person")
    with _another(monkeypatch):
        run("report", "confirm", asked["order"])

    codes = [run("report", "make", asked["order"], "--json")[0] for _ in range(2)]
    with monkeypatch.context() as as_third:
        as_third.setattr(os, "getuid", lambda: 0xFFF2)
        third = run("report", "make", asked["order"], "--out", str(tmp_path / "third"))

    assert codes == [0, 0]
    assert third == (3, "tell-once: neither-asked-nor-confirmed\n")
    assert running.count("message_out") == 1
    assert len(running.ledger(LedgerEvent.REPORT_MADE)) == 2


@pytest.mark.parametrize(
    ("held_for", "given_to"),
    [(timedelta(0), ("person",)), (timedelta(days=400), ("parent", "--parent", "mother"))],
    ids=["held-since-today", "of-another"],
)
def test_without_a_contact_that_is_held_nothing_is_asked_for(
    run: Run,
    running: InProcess,
    child: PersonId,
    held_for: timedelta,
    given_to: tuple[str, ...],
):
    """One that a source has told since today may have come with the request."""
    _contact(running, child, is_old=bool(held_for))

    code, told = run("report", "ask", child, "--given-to", *given_to)

    assert (code, told["reasons"][0]["code"]) == (3, "no-contact")
    (entry,) = running.ledger(LedgerEvent.REPORT_REFUSED)
    assert (entry.actor, entry.fields["reason"]) == (operator(), "no-contact")


def test_a_parent_is_named_by_who_they_are_to_the_child(run: Run, child: PersonId):
    """One of both must not be told what the other asked for."""
    assert run("report", "ask", child)[0] == 2


def _contact(running: InProcess, child: PersonId, *, is_old: bool = True) -> None:
    """Let a source hold a number of the child's own."""
    told = ToldContacts(
        child, "r9", "1", held_as=OWN, telecoms=(Telecom("phone", "07700 900123"),), agency=SCHOOL
    )
    clock = LONG_AGO if is_old else running.outside.clock
    with unit_of_work(replace(running.outside, clock=clock)) as work:
        work.publishing(Source.SCHOOLS, None).contacts.keep([told], [])
