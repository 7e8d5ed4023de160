"""`ingest --check` tells whoever sends files what cannot be read of them, and stores nothing."""

import json
from pathlib import Path

import pytest

from services.__main__ import main

LIST = "Forename,Surname,DOB,Parent 1 Name,Parent 1 Email\n"
EDIE = "Edie,Marlow,05/03/2014,Ines,at home\n"
NELL = "Nell,,06/03/2014,,\n"


def checked(path: Path, *more: str) -> int:
    """The exit code of a check of this file, without any data folder or database."""
    return main(["ingest", "schools", str(path), "--check", *more])


def test_each_place_is_named_with_what_it_costs_and_never_what_stands_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """A cell costs itself, a missing name the child."""
    path = tmp_path / "list.csv"
    path.write_text(LIST + EDIE + NELL, encoding="utf-8")

    assert checked(path) == 0

    said = capsys.readouterr().out.splitlines()
    assert said[0] == "School: 1 can be read, 1 cannot; nothing was stored"
    assert "row[2]/PARENT_1_EMAIL" in said[1]
    assert said[1].endswith("Only this would be left out.")
    assert "row[3]/CHILD_LAST_NAME" in said[2]
    assert said[2].endswith("Nothing of it would be taken.")
    assert "at home" not in str(said)
    assert [one.name for one in tmp_path.iterdir()] == ["list.csv"]


def test_as_a_document_it_has_the_remedies(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """And fails where nothing could be read."""
    path = tmp_path / "list.csv"
    path.write_text(LIST + NELL, encoding="utf-8")

    assert checked(path, "--json") == 1

    document = json.loads(capsys.readouterr().out)
    (finding,) = document["findings"]
    assert (document["readable"], document["lost"]) == (0, 1)
    assert (finding["reason"], finding["costs"]) == ("missing", "message")
    assert finding["remedy"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """It fails nothing else."""
    assert checked(tmp_path / "none.csv") == 1

    assert "file: " in capsys.readouterr().out
