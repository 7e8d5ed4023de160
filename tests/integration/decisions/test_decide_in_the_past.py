"""`tell-once decide --at` and `--replay`: as it was known then, or that it cannot be told."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.identifiers import PersonId
from schemas.vocabulary import Role
from services.__main__ import main
from services.ledger.bound_tables import BOUND, JOINS
from services.people.relationships.model import Cover
from services.platform.keys.files import FileKeyVault
from services.profile.model import Profile
from services.work import Outside, unit_of_work
from tests.support.builders import DAY, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.messages.source_messages import a_message, a_record, the_child
from tests.support.people.relating import a_colleague, relate, works_as

pytestmark = pytest.mark.postgres

BEGAN = datetime(2024, 3, 25, 9, 30, tzinfo=UTC)
OTHER = "9990000026"
NEITHER = 5

Answer = tuple[int, dict[str, Any]]


@pytest.fixture
def clock() -> StandingClock:
    """Give a clock that stands long before the commands' own."""
    return StandingClock(BEGAN)


@pytest.fixture
def vault(database: str, tmp_path: Path) -> FileKeyVault:  # noqa: ARG001 it brings the keys
    """Give the key vault of the data folder that the commands are run on."""
    return FileKeyVault.open(tmp_path / "keys" / "root.key")


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on a database whose histories begin now."""
    with unit_of_work(outside) as work:
        work.bound.bind_what_was_there(BOUND)
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def decide(
    running: InProcess, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Run `decide …`; gives exit code and answer."""
    database = running.outside.engine.url.render_as_string(hide_password=False)

    def run(*words: str) -> Answer:
        code = main(["decide", *words, "--data", str(tmp_path), "--database", database, "--json"])
        written = capfd.readouterr()
        return code, json.loads(written.out or json.dumps({"error": written.err}))

    return run


@pytest.fixture
def ask(decide: Callable[..., Answer], tmp_path: Path) -> Callable[[PersonId, datetime], Any]:
    """Ask whether the visitor might read the child's health then: True, False or the answer."""

    def asked(child: PersonId, at: datetime) -> Any:
        request = {
            "subject": {"type": "practitioner", "id": VISITOR},
            "action": {"name": "read"},
            "resource": {
                "type": "person",
                "id": child,
                "properties": {"category": "child-health", "source": "health-visiting"},
            },
            "context": {"purpose": "direct-care"},
        }
        (tmp_path / "request.json").write_text(json.dumps(request))
        code, answer = decide("--request", str(tmp_path / "request.json"), "--at", at.isoformat())
        return answer["decision"] if code == 0 else (code, answer)

    return asked


Ask = Callable[[PersonId, datetime], Any]


def _a_child(running: InProcess, number: str = "9990000018") -> PersonId:
    (child,) = running.decide(by_number(number)).decision.subjects
    return child


def _case(running: InProcess, child: PersonId, **more: Any) -> None:
    with unit_of_work(running.portal) as work:
        relate(work, VISITOR, child, **more)


def test_what_has_changed_since_changes_no_answer(
    running: InProcess, clock: StandingClock, ask: Ask
):
    """The case-load ended, they moved, the family withdrew: on each day it is what it was then."""
    child = _a_child(running)
    _case(running, child)
    decided = running.decide(child).decision
    days = [clock.now()]
    changes: list[Callable[[], None]] = [
        lambda: running.withdraw(decided.id),
        lambda: running.decide(child) and None,
        lambda: _case(running, child, since=BEGAN, until=clock.now()),
        lambda: _case(running, child),
        lambda: _become(running, Role.SERVICE_MANAGER),
    ]
    for change in changes:
        clock.pass_by(DAY)
        change()
        days.append(clock.now())

    assert [ask(child, day) for day in days] == [True, False, True, False, True, False]


def _become(running: InProcess, role: Role) -> None:
    with unit_of_work(running.portal) as work:
        works_as(work, VISITOR, role=role)


def test_only_what_was_known_then_counts(running: InProcess, clock: StandingClock, ask: Ask):
    """What is written down later opens nothing backwards, whenever it was or was decided."""
    child = _a_child(running)
    clock.pass_by(3 * DAY)
    _case(running, child, since=BEGAN)
    refused = running.decide(child, response=Response.REFUSED)
    clock.pass_by(DAY)
    running.withdraw(refused.decision.id)
    running.decide(child, decided_at=BEGAN + DAY)

    asked = [ask(child, BEGAN + days * DAY) for days in (2, 3, 4)]

    assert asked == [False, False, True]


def test_a_rota_that_was_written_late_let_nobody_in_before(
    running: InProcess, clock: StandingClock, ask: Ask
):
    """Though it says that it held already."""
    child = _a_child(running)
    with unit_of_work(running.portal) as work:
        mentor = a_colleague(work, AGENCY)
        relate(work, mentor, child)
    clock.pass_by(2 * DAY)
    span = (BEGAN, BEGAN + 30 * DAY)
    cover = Cover("cc" * 16, AGENCY, mentor, VISITOR, *span, "job:test", is_student=True)
    with unit_of_work(running.portal) as work:
        work.requests.add_cover(cover, at=clock.now())

    assert [ask(child, BEGAN + days * DAY) for days in (1, 2)] == [False, True]


def test_before_history_begins_it_cannot_be_told(running: InProcess, ask: Ask):
    """An answer of its own, neither yes nor no; and the question is entered."""
    child = _a_child(running)
    _case(running, child)

    code, answer = ask(child, BEGAN - timedelta(seconds=1))

    (entry,) = running.ledger(LedgerEvent.ACCESS_EVALUATION_REFUSED)
    assert code == NEITHER
    assert answer["cannot_be_told"]["begins_at"] == BEGAN.isoformat()
    assert {"decisions", "relationships", "memberships"} <= {*answer["cannot_be_told"]["kinds"]}
    assert (entry.fields["element"], entry.fields["reason"]) == ("at", "cannot-be-told")


def test_who_was_joined_since_was_another_then(running: InProcess, clock: StandingClock, ask: Ask):
    """A case crosses the join from when it was warranted, and not before."""
    child, other = _a_child(running), _a_child(running, OTHER)
    _case(running, other)
    clock.pass_by(DAY)
    with unit_of_work(running.portal) as work:
        row = {
            "join_id": "join",
            "state": 1,
            "kept": child,
            "joined": other,
            "score": None,
            "made_by": "job:test",
            "made_at": work.now,
            "because": ["steward"],
            "standing": "warranted",
            "warrant": "demonstration",
            "warranted_at": work.now,
            "said_by": "job:test",
            "said_at": work.now,
        }
        work.bound.add(JOINS, [(row, "job:test")])

    assert [ask(child, BEGAN + days * DAY) for days in (0, 1)] == [False, True]


def test_a_disclosure_is_replayed_by_its_id(
    running: InProcess, clock: StandingClock, decide: Callable[..., Answer]
):
    """What was shown is what was permitted, though it would not be any more; that is entered."""
    decided = running.decide(the_child()).decision
    (child,) = decided.subjects
    _case(running, child)
    running.receive(a_message("m1", a_record("r1")))
    running.settle()
    assert isinstance(running.read(child), Profile)
    (shown,) = running.ledger(LedgerEvent.PROFILE_READ)
    clock.pass_by(DAY)
    running.withdraw(decided.id)

    code, answer = decide("--replay", str(shown.fields["disclosure"]))

    (entry,) = running.ledger(LedgerEvent.DISCLOSURE_REPLAYED)
    assert (code, answer["agrees"], answer["shown"]) == (0, True, ["child-health"])
    assert "child-health" in answer["permitted"]
    assert (entry.fields["disclosure"], entry.fields["agrees"]) == (
        shown.fields["disclosure"],
        "yes",
    )
    assert decide("--replay", "0" * 32)[0] == 2
    assert decide("--replay", "0" * 32, "--at", "2024-01-01")[0] == 2
