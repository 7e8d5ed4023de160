"""`tell-once link`: what a data steward types, and what other programs read of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Purpose, Role, Source
from services.__main__ import main
from services.people.linking.ports import JoinRefusal
from services.people.linking.queue import Answer, answer_review
from services.people.linking.stewards_view import Steward
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.platform.keys.files import FileKeyVault
from services.work import Outside, considering, unit_of_work
from tests.support.builders import VISITOR
from tests.support.demonstrating import mark
from tests.support.fakes.in_process import AGENCY, InProcess
from tests.support.people.linking_world import NHS, STEWARD, UPN, AChild, LinkingWorld

pytestmark = pytest.mark.postgres

Command = Callable[..., tuple[int, Any]]


@pytest.fixture
def vault(database: str, tmp_path: Path) -> FileKeyVault:  # noqa: ARG001 it brings the keys
    """Give the key vault of the data folder that the commands are run on."""
    return FileKeyVault.open(tmp_path / "keys" / "root.key")


@pytest.fixture
def world(outside: Outside) -> Iterator[LinkingWorld]:
    """Give two sources that tell of a child who has moved, and a data steward."""
    entry = PractitionerEntry(
        STEWARD.id,
        "A steward",
        Role.DATA_STEWARD,
        "Steward",
        AGENCY,
        None,
        None,
        Purpose.SERVICE_IMPROVEMENT,
    )
    with InProcess.running(outside) as running:
        with unit_of_work(running.portal) as work:
            work.directory.save_practitioner(entry)
        found = LinkingWorld(running)
        found.tell(Source.HEALTH_VISITING, AChild(numbers=(NHS,)))
        found.tell(Source.SCHOOLS, AChild(numbers=(UPN,), postcode="EX1 1AA", line="4 Brook St"))
        yield found


@pytest.fixture
def run(world: LinkingWorld, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run `link …` on this test's database; gives exit code and document."""
    database = world.running.outside.engine.url.render_as_string(hide_password=False)

    def run(*words: str, who: str | None = None) -> tuple[int, Any]:
        where = ("--data", str(tmp_path), "--database", database)
        speaking = () if who is None else ("--as", who)
        code = main(["link", *words, *speaking, "--json", *where])
        told = capfd.readouterr().out
        return code, json.loads(told) if told else None

    return run


@pytest.fixture
def link(world: LinkingWorld, run: Command) -> Command:
    """Run `link … --as` where families are invented."""
    database = world.running.outside.engine.url.render_as_string(hide_password=False)
    mark(database, is_demonstration=True)

    def as_steward(*words: str, who: str = STEWARD.id) -> tuple[int, Any]:
        return run(*words, who=who)

    return as_steward


def test_a_review_is_listed_shown_answered_and_undone(link: Command, world: LinkingWorld):
    """Each step is one document, and what was answered stays listed."""
    code, listed = link("review", "list")
    (row,) = listed["reviews"]
    review, (one, other) = row["review"], row["persons"]
    assert (code, row["state"]) == (0, "waiting")

    _, shown = link("review", "show", review)
    fields = {field["field"]: field for field in shown["fields"]}
    assert fields["family"]["level"] == "same"
    assert fields["given"]["one"] == fields["given"]["other"] == "OTTOLINE"
    _, explained = link("explain", one, other)
    assert explained["fields"] == shown["fields"]

    _, asked = link("review", "ask-source", review)
    assert asked["sources"] == ["health-visiting", "schools"]
    assert link("review", "join", review) == (0, {"review": review, "state": "joined"})
    assert world.are_one(one, other)
    (warranted,) = world.running.ledger(LedgerEvent.PERSON_JOIN_WARRANTED)
    assert warranted.fields["warrant"] == "demonstration"
    assert link("review", "undo", review) == (0, {"review": review, "state": "apart"})
    assert not world.are_one(one, other)
    assert link("review", "list")[1] == {"reviews": []}


def test_an_operator_joins_and_a_steward_confirms(run: Command, world: LinkingWorld):
    """Whoever runs a command is shown nobody, and is one hand of two; not the steward's."""
    _, listed = run("review", "list")
    (row,) = listed["reviews"]
    review, (one, other) = row["review"], row["persons"]

    code, joined = run("review", "join", review)
    own = run("confirm", review)
    with unit_of_work(world.running.portal) as work:
        colleague = Steward.operating("operator:somebody-else")
        asking = considering(work, world.running.portal)
        another = answer_review(review, Answer.CONFIRM, colleague, considering=asking)

    assert (code, joined["state"]) == (0, "claimed")
    assert (own[0], own[1]["reasons"][0]["code"]) == (3, "same-hand")
    assert another is JoinRefusal.NO_STEWARD
    assert not world.are_one(one, other)
    refused = world.running.ledger(LedgerEvent.LINK_ANSWER_REFUSED)
    assert [e.fields["because"] for e in refused] == ["same-hand", "no-steward"]
    assert all(e.actor.startswith("operator:") for e in refused)
    world.say(review, Answer.CONFIRM)
    assert world.are_one(one, other)


def test_what_a_steward_said_waits_for_a_command_too(run: Command, world: LinkingWorld):
    """The list says so; confirmed twice it is confirmed once, and the second try is entered."""
    (waiting,) = world.reviews()
    world.say(waiting.id, Answer.JOIN)

    _, listed = run("review", "list", "--state", "claimed")
    assert [row["review"] for row in listed["reviews"]] == [waiting.id]
    assert run("confirm", waiting.id) == (0, {"review": waiting.id, "state": "joined"})
    code, refused = run("confirm", waiting.id)

    assert world.are_one(waiting.one, waiting.other)
    assert (code, refused["reasons"][0]["code"]) == (3, "nothing-waits")
    assert len(world.running.ledger(LedgerEvent.LINK_ANSWER_REFUSED)) == 1


@pytest.mark.parametrize(
    "words",
    [("review", "list"), ("review", "show", "0" * 32), ("confirm", "0" * 32)],
)
def test_nobody_speaks_for_a_steward_where_families_are_real(
    run: Command, world: LinkingWorld, words: tuple[str, ...]
):
    """And the try is entered."""
    code, _ = run(*words, who=STEWARD.id)

    assert code != 0
    (entry,) = world.running.ledger(LedgerEvent.ACCESS_EVALUATION_REFUSED)
    assert entry.actor.startswith("operator:")


def test_a_health_visitor_is_refused(link: Command):
    """With the reason, and the exit code of a refusal."""
    code, document = link("review", "list", who=VISITOR)

    assert code == 3
    assert [reason["code"] for reason in document["reasons"]] == ["not-a-data-steward"]


def test_an_identity_that_was_left_behind_is_joined_with_nobody(link: Command, world: LinkingWorld):
    """Not even by a steward who answers the review; nor may anybody else say so."""
    _, listed = link("review", "list")
    (row,) = listed["reviews"]
    one, other = row["persons"]
    assert link("leave-behind", one, who=VISITOR)[0] == 3

    assert link("leave-behind", one) == link("leave-behind", one) == (0, {"left_behind": one})

    code, refused = link("review", "join", row["review"])
    assert (code, refused["reasons"][0]["code"]) == (3, "left-behind")
    assert not world.are_one(one, other)
    assert len(world.running.ledger(LedgerEvent.PERSON_LEFT_BEHIND)) == 1
