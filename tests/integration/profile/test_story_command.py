"""`tell-once story`: shown, added, corrected, confirmed and kept from a terminal."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from consent.model import RelationshipGround
from services.__main__ import main
from services.bootstrap import DatabaseRole, opened
from services.platform.settings import Settings
from services.work import unit_of_work
from tests.support.builders import VISITOR
from tests.support.demonstrating import mark
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import the_child
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres

Story = Callable[..., tuple[int, Any]]


@pytest.fixture
def story(database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Story]:
    """Run `story …` as a health visitor of a family that shares everything.

    Gives the exit code and the document, or what was said on standard error.
    """
    mark(database, is_demonstration=True)
    options = ("--data", str(tmp_path), "--database", database)
    words = tmp_path / "words.txt"
    settings = Settings.model_validate({"data": tmp_path, "database": database})

    def run(verb: str, *typed: str, text: str = "Mornings are hard.") -> tuple[int, Any]:
        words.write_text(text)
        said = ("--told-by", "Mum") if verb in {"add", "correct", "confirm"} else ()
        read = ("--text-from", str(words)) if verb in {"add", "correct"} else ()
        who = ("--person", child, "--as", VISITOR, "--purpose", "direct-care", "--json")
        code = main(["story", verb, *typed, *said, *read, *who, *options])
        running.settle()
        written = capfd.readouterr()
        return code, json.loads(written.out) if written.out else written.err

    with (
        opened(settings) as application,
        InProcess.running(application.outside(DatabaseRole.OWNER)) as running,
    ):
        (child,) = running.decide(the_child()).decision.subjects
        with unit_of_work(running.portal) as work:
            ground = RelationshipGround.REFERRAL
            relate(work, VISITOR, child, ground)
        capfd.readouterr()
        yield run


def test_what_is_written_down_is_corrected_confirmed_and_shown(story: Story):
    """The whole life of an entry; what was said first stays."""
    assert story("add") == (0, {"outcome": "written"})
    ((first),) = story("show")[1]["story"]
    assert story("correct", first["entry"], text="Evenings are.") == (0, {"outcome": "written"})
    assert story("confirm") == (0, {"outcome": "written"})

    second, corrected = story("show")[1]["story"]

    assert (first["text"], second["text"]) == ("Mornings are hard.", "Evenings are.")
    assert [found["by_entry"] for found in corrected["corrected"]] == [second["entry"]]
    assert [found["told_by"] for found in second["confirmed"]] == ["Mum"]
    assert second["corrects"] == first["entry"]
    assert len(second["readers"]["agencies"]) == 4


def test_what_is_kept_from_whoever_asks_is_not_there_for_them(story: Story):
    """They can neither read nor correct it."""
    story("add")
    ((first),) = story("show")[1]["story"]

    kept = story("keep", first["entry"], "--keep-to", "agency:schools")
    gone = story("correct", first["entry"])

    assert kept == (0, {"outcome": "written"})
    assert gone == (3, {"outcome": "not-shown"})
    assert story("show")[1]["story"] == []


def test_what_was_typed_wrongly_is_bad_usage(story: Story):
    """A mark that names nobody would keep the entry from everybody; no words are no entry."""
    marks = ("schools", "category:everything", "practitioner:Priya Nair")

    answers = [story("add", "--keep-to", mark) for mark in marks]
    empty = story("add", text=" \n")

    assert {code for code, _ in (*answers, empty)} == {2}
    assert all("keep-to" in said and "Priya" not in said for _, said in answers)
    assert "text-from" in empty[1]
