"""`tell-once decision confirm|list|stop` where families are real: one account is one hand."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from consent.decisions.recording import record_decision
from consent.ledger.events import LedgerEvent
from consent.model import RecordDecision, SharingDecision
from services.__main__ import main
from services.cli.operator import operator
from services.platform.keys.files import FileKeyVault
from services.work import Outside, unit_of_work
from tests.support.builders import BOTH_HANDS, VISITOR
from tests.support.consents.deciding_world import an_order
from tests.support.demonstrating import mark
from tests.support.fakes.in_process import DECIDED, InProcess, by_number

pytestmark = pytest.mark.postgres

Command = Callable[..., tuple[int, Any]]
RECORD = (
    *("record", "--subject", "nhs-number:9990000018", "--category", "child-health"),
    *("--purpose", "direct-care"),
)


@pytest.fixture
def vault(tmp_path: Path) -> FileKeyVault:
    """Give the keys that the commands have: what others bound is bound for them too."""
    return FileKeyVault.open(tmp_path / "keys" / "root.key")


@pytest.fixture
def decision(database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run `decision … --json` on a database that is no demonstration; gives code and document."""

    def run(*words: str) -> tuple[int, Any]:
        code = main(["decision", *words, "--json", "--data", str(tmp_path), "--database", database])
        written = capfd.readouterr()
        return code, json.loads(written.out) if written.out else written.err

    return run


def test_what_a_command_opens_waits_for_another_account(decision: Command):
    """It is listed, and the same account is told that it is no second hand."""
    _, recorded = decision(*RECORD)
    _, shown = decision("show", recorded["decision_id"])
    code, refused = decision("confirm", recorded["decision_id"])
    _, listed = decision("list", "--proposed")

    assert recorded["waits_for_a_second_hand"] is True
    assert shown["state"] == "proposed"
    assert (code, refused["refused"]) == (3, "is-no-second-hand")
    assert [(one["act"], one["asked_by"]) for one in listed["decisions"]] == [
        ("record", operator())
    ]


def test_a_refusal_by_a_command_stands_at_once(decision: Command):
    """And taking it back waits."""
    _, refused = decision(*RECORD, "--response", "refused")
    _, taken_back = decision("withdraw", refused["decision_id"])
    _, shown = decision("show", refused["decision_id"])

    assert "waits_for_a_second_hand" not in refused
    assert taken_back["waits_for_a_second_hand"] is True
    assert (shown["state"], shown["change_asked"]["act"]) == ("in-force", "withdraw")


def test_another_account_is_the_second_hand(decision: Command, monkeypatch: pytest.MonkeyPatch):
    """As if somebody else had typed the first command."""
    with monkeypatch.context() as as_another:
        as_another.setattr(os, "getuid", lambda: 0xFFF1)
        _, recorded = decision(*RECORD)

    code, confirmed = decision("confirm", recorded["decision_id"])
    _, shown = decision("show", recorded["decision_id"])

    assert (code, confirmed["version"]) == (0, 2)
    assert (shown["state"], shown["confirmed_by"]) == ("in-force", operator())


def test_only_a_demonstration_confirms_as_somebody(decision: Command, database: str):
    """Where families are real everybody confirms for themselves."""
    _, recorded = decision(*RECORD)
    code, told = decision("confirm", recorded["decision_id"], "--as", VISITOR)
    mark(database, is_demonstration=True)
    confirmed, _ = decision("confirm", recorded["decision_id"])

    assert (code, told) == (2, "tell-once: as: only-in-a-demonstration\n")
    assert confirmed == 0


@pytest.fixture
def old_ones(outside: Outside) -> Iterator[tuple[InProcess, list[SharingDecision]]]:
    """Give three of before: for the recorder's own agency, for another, and a confirmed one."""
    with InProcess.running(outside) as running:
        by = {"actor": f"practitioner:{VISITOR}", "subjects": (by_number("9990000018"),)}
        own = frozenset({"agency:health-visiting"})
        orders = [
            an_order(recipients=own, **by),
            an_order(recipients=frozenset({"agency:schools"}), **by),
            an_order(recipients=own, **by),
        ]
        recorded = [_recorded(order, running) for order in orders]
        with unit_of_work(running.portal) as work:
            for each in recorded[:2]:
                before = replace(
                    each, confirmed_at=None, confirmed_by=None, version=each.version + 1
                )
                work.decisions.save(before, at=work.now, actor="job:test")
        yield running, recorded


def _recorded(order: RecordDecision, running: InProcess) -> SharingDecision:
    with unit_of_work(running.portal) as work:
        return record_decision(order, deciding=work.deciding(BOTH_HANDS)).decision


def test_what_rests_on_one_persons_word_is_listed_and_stopped(
    decision: Command, old_ones: tuple[InProcess, list[SharingDecision]]
):
    """Nothing is dropped, and governance has an item for each."""
    running, (own, _, _) = old_ones
    _, listed = decision("list", "--one-persons-word")
    _, stopped = decision("stop", "--one-persons-word")
    _, after = decision("list", "--one-persons-word")
    _, waiting = decision("list", "--proposed")

    assert [one["decision_id"] for one in listed["decisions"]] == [own.id]
    assert stopped["stopped"] == [own.id]
    assert after["decisions"] == []
    assert [one["decision_id"] for one in waiting["decisions"]] == [own.id]
    assert running.count(DECIDED) == 3
    assert running.count("governance_item") == 1
    assert len(running.ledger(LedgerEvent.SHARING_DECISION_PROPOSED)) == 1
    with running.outside.engine.connect() as items:
        assert items.execute(text("SELECT about FROM governance_item")).scalar() == own.id
