"""`tell-once audit`: every verb answers in ids, codes and names of staff, and tells no more."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.__main__ import main
from services.audit.decisions.marks import DecisionMark
from services.audit.index.entries import Group
from services.people.governance.queue import ItemKind, raise_item
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.clock import StandingClock
from tests.support.demonstrating import mark
from tests.support.fakes.in_process import InProcess
from tests.support.fixtures.fixtures_database import template_filled_by
from tests.support.messages.source_messages import CHILD_NUMBER
from tests.support.people.auditing import AuditedTrust, an_audited_trust
from tests.support.people.relating import relate
from tests.support.traces.canaries import (
    CANARIES,
    found_in,
    health_visiting_files,
    written_in,
)
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres
_TYPED = f"nhs-number:{CHILD_NUMBER}"
Command = Callable[..., tuple[int, Any]]


_made: list[AuditedTrust] = []


def _fill(outside: Outside) -> None:
    """Make the database to copy: a trust that holds canaries, of which one family was looked at."""
    with InProcess.running(outside) as running, tempfile.TemporaryDirectory() as folder:
        found = an_audited_trust(running, StandingClock())
        files = written_in(Path(folder), health_visiting_files())
        running.ingest(Source.HEALTH_VISITING, *map(Path, files))
        running.settle()
        with unit_of_work(running.portal) as work:
            relate(work, VISITOR, found.child)
        running.read(found.child)
        with unit_of_work(running.portal) as work:
            raise_item(
                ItemKind.EMERGENCY,
                "d0" * 16,
                by=f"practitioner:{VISITOR}",
                queue=work.queue,
                ledger=work.ledger,
                at=work.now,
                person=found.child,
            )
    _made.append(found)


migrated_template = template_filled_by(_fill)


@pytest.fixture
def trust(outside: Outside, clock: StandingClock) -> Iterator[AuditedTrust]:
    """Give the trust, in this test's copy."""
    with InProcess.going_on(outside) as running:
        yield replace(_made[-1], running=running, clock=clock)


@pytest.fixture
def audit(
    database: str, keys_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> Command:
    """Run `audit …`; gives the code and what is printed, in which no canary may be."""
    # The copy that comes with the database is older than the persons whom the trust has made since.
    shutil.rmtree(tmp_path / "keys")
    (tmp_path / "keys").symlink_to(keys_folder)

    def run(*words: str, plain: bool = False) -> tuple[int, Any]:
        options = ["--data", str(tmp_path), "--database", database]
        code = main(["audit", *words, *options, *([] if plain else ["--json"])])
        written = capfd.readouterr()
        assert found_in(written.out + written.err) == []
        return code, json.loads(written.out) if written.out and not plain else written.err

    return run


def _questions(trust: AuditedTrust) -> list[tuple[str, ...]]:
    """Every verb that asks, as it is typed."""
    (look,) = trust.running.ledger(LedgerEvent.PROFILE_READ)
    (decision, *_) = look.fields["decided_from"]  # type: ignore[misc] # a list
    period = ("--from", "2026-01-01", "--to", "2026-12-31")
    day = look.at.date().isoformat()
    return [
        ("looks", _TYPED, *period),
        ("looks", _TYPED, *period),
        ("access", "--family", _TYPED, *period),
        ("could-see", "--worker", VISITOR, "--family", _TYPED, "--day", day),
        ("could-see", "--worker", VISITOR, "--family", _TYPED, "--day", day),
        ("access", "--group", *(group.value for group in Group), *period),
        ("access", "--worker", VISITOR, *period),
        ("refusals", *period),
        ("explain", str(look.entry_id)),
        ("reviews",),
        ("decisions", DecisionMark.NO_NOTICE),
        ("decision", str(decision)),
        ("timings", *period),
    ]


def test_every_question_is_answered_without_a_canary_and_entered_first(
    trust: AuditedTrust, audit: Command
) -> None:
    """As a document and in lines; nor does the ledger hold what was typed."""
    questions = _questions(trust)

    # Every second one in lines, the others as documents: each opens the whole application.
    answers = [audit(*words, plain=n % 2 == 1) for n, words in enumerate(questions)]

    assert [
        (words, told) for words, (code, told) in zip(questions, answers, strict=True) if code
    ] == []
    asked = trust.running.ledger(LedgerEvent.AUDIT_ASKED)
    assert len(asked) == len(questions)
    assert {entry.actor.partition(":")[0] for entry in asked} == {"operator"}
    assert found_in_the_clear(trust.running.outside.engine, CANARIES) == []


def test_integrity_exits_1_where_something_is_off_and_figures_are_told(
    trust: AuditedTrust, audit: Command
) -> None:
    """The ledger here is not signed by this folder's key; the figures need no key."""
    unknown, _ = audit("integrity")
    trust.index()
    off, document = audit("integrity")
    told, figures = audit("figures", "--of-services")
    wrong, _ = audit("figures", "--month", "2026-13", plain=True)

    assert (unknown, off) == (5, 1)
    parts = {one["part"]: one["because"] for one in document["parts"]}
    assert parts["checkpoint"] == "not-our-key"
    assert document["stands"] == "off"
    assert told == 0
    assert set(figures["by_time"]) == {"sharing", "stories", "found"}
    assert wrong == 2
    asked = trust.running.ledger(LedgerEvent.AUDIT_ASKED)
    assert [entry.fields["question"] for entry in asked] == [
        "integrity",
        "integrity",
        "figures",
    ]


def test_a_family_is_found_by_a_typed_number(trust: AuditedTrust, audit: Command) -> None:
    """With the keys of the database a number finds the child, and a number of nobody nothing."""
    day = trust.running.ledger(LedgerEvent.PROFILE_READ)[0].at.date().isoformat()
    period = ("--from", "2026-01-01", "--to", "2026-12-31")

    looks = audit("looks", _TYPED, *period)
    tried = audit("access", "--family", _TYPED, *period)
    nobody = audit("looks", "nhs-number:9990000131", *period)
    _, seen = audit("could-see", "--worker", VISITOR, "--family", _TYPED, "--day", day)

    assert looks[1]["persons"] == [trust.child]
    assert len(looks[1]["visits"]) == 1
    assert [row["event"] for row in tried[1]["rows"]] == [LedgerEvent.PROFILE_READ]
    assert (nobody[1]["persons"], nobody[1]["visits"]) == ([], [])
    assert seen["persons"] == [trust.child]
    assert len(seen["looks"]) == 1


def test_a_review_is_shown_and_closed_by_command(trust: AuditedTrust, audit: Command) -> None:
    """An outcome needs its reason; what is closed is not closed again."""
    _, waiting = audit("reviews")
    (item,) = [one["item"] for one in waiting["items"]]

    without = audit("review", item, "--outcome", "justified")
    wrong = audit("review", item, "--outcome", "justified", "--because", "curiosity")
    moved = audit("review", item, "--step", "looking")
    done = audit("review", item, "--outcome", "justified", "--because", "later-work")
    again = audit("review", item, "--outcome", "justified", "--because", "later-work")
    _, shown = audit("review", item)

    assert (without[0], wrong, moved[0], done[0]) == (2, (3, {"refused": "wrong-reason"}), 0, 0)
    assert again == (3, {"refused": "not-open"})
    assert done[1]["told"] == [trust.lead]
    assert [state["step"] for state in shown["states"]] == ["looking", "closed"]


def test_a_question_is_taken_by_command_and_answered_by_another_hand(
    trust: AuditedTrust, audit: Command
) -> None:
    """It has its day, and waits in the queue; whoever entered it is not who answers it."""
    child = f"person:{trust.child}"

    _, asked = audit("family-question", "ask", child, "--asks", "why-looked")
    _, waiting = audit("reviews", "--kind", "family-question")
    (item,) = [one["item"] for one in waiting["items"]]
    refused = audit("family-question", "answer", item, "--answer", "was-right")

    assert asked["due"].startswith("2026-")
    assert refused == (3, {"refused": "own"})


def test_among_invented_families_only_governance_is_answered(
    trust: AuditedTrust, audit: Command, database: str
) -> None:
    """A practitioner is told no, and that is entered."""
    mark(database, is_demonstration=True)
    officer = trust.auditors[0].actor.removeprefix("practitioner:")

    allowed = audit("refusals", "--as", officer)
    refused = audit("refusals", "--as", VISITOR)

    assert (allowed[0], refused) == (0, (3, {"refused": "not-governance"}))


@pytest.mark.usefixtures("trust")
def test_what_can_be_nobody_is_wrong_usage(audit: Command) -> None:
    """And a number of nobody finds nothing; neither is told apart in the ledger by a name."""
    assert audit("looks", "Quilliam")[0] == 2
    assert audit("explain", "99999999")[0] == 2
    assert audit("decision", "d9" * 16)[0] == 2


def test_the_index_is_made_and_compared_by_command(trust: AuditedTrust, audit: Command) -> None:
    """Empty and made anew it answers the same."""
    child = PersonId(trust.child)
    trust.index()
    before = audit("looks", f"person:{child}", "--from", "2026-01-01")[1]["visits"]

    rebuilt = audit("index", "--rebuild")
    checked = audit("index", "--check")
    after = audit("looks", f"person:{child}", "--from", "2026-01-01")[1]["visits"]
    with trust.running.outside.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_entry"))
    broken = audit("index", "--check")

    assert rebuilt[0] == checked[0] == 0
    assert before == after
    assert (broken[0], broken[1]["agrees"]) == (1, False)
