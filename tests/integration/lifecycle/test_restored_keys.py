"""What runbook 007 says to do about keys after a restore."""

import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from services.__main__ import main
from services.bootstrap import DatabaseRole
from services.platform.errors import KeyUnusableError
from services.workers.keys import rotate_keys, verify_before_start
from tests.support.fixtures.fixtures_postgres import create_database, drop_database
from tests.support.made_with_keys import (
    NUMBERS,
    Made,
    execute,
    make_persons,
    opened_on,
    three_persons,
)

pytestmark = pytest.mark.postgres

Run = Callable[..., tuple[int, Any]]
# Slots are reserved by eight: so that some are new.
_MORE = [
    *("9990000042", "9990000050", "9990000069", "9990000077", "9990000085", "9990000093"),
    *("9990000107", "9990000115", "9990000123", "9990000131"),
]
_LATER = ["9990000158", "9990000166", "9990000174"]
_names = itertools.count(1)


@pytest.fixture
def world(database: str, tmp_path: Path) -> Made:
    """Give a database of this test's own with three persons, and its keys."""
    made = Made(database, tmp_path / "keys")
    three_persons(made)
    return made


@pytest.fixture
def run(world: Made, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run `keys …` there; gives the code, and the document or what was said instead."""

    def run(*words: str) -> tuple[int, Any]:
        where = ("--data", str(tmp_path), "--database", world.url)
        code = main(["keys", *words, "--json", *where])
        written = capfd.readouterr()
        return code, json.loads(written.out) if written.out else written.err

    return run


def test_older_secrets_are_said_by_verify_and_everything_starts_again(
    world: Made, run: Run, tmp_path: Path
):
    """Those of yesterday, also from before what is noted: whoever came since is unusable."""
    kept = (tmp_path / "keys" / "erasable-secrets").read_bytes()
    with world.outside() as outside:
        make_persons(outside, _MORE)
        rotate_keys(outside)
    (tmp_path / "keys" / "erasable-secrets").write_bytes(kept)

    refused, said = run("rotate")
    code, report = run("verify")

    assert refused == 4
    assert "erasable-secrets" in said
    assert code == 1
    assert report["opened"] == len(NUMBERS)
    assert len(report["unusable"]) == len(_MORE)
    with opened_on(world, tmp_path):
        pass
    with world.outside() as outside:
        make_persons(outside, _LATER)
    # To erase one whose secret was lost destroys that of nobody who came since.
    slots = "SELECT count(DISTINCT substr(wrapped_key, 4, 6)) FROM person"
    assert execute(world.url, slots) == [(len(NUMBERS + _MORE + _LATER),)]


def test_a_wrapping_key_of_which_no_copy_is_left_is_given_up(world: Made, run: Run, tmp_path: Path):
    """By a word of its own, and entered; not one that is there, or that nobody asks for."""
    with world.outside() as outside:
        rotate_keys(outside)
    (tmp_path / "keys/wrapping-keys/2.key").unlink()

    words = ["show", "verify", "rotate", "verify --lost 1", "verify --lost 2", "verify --lost 2"]
    codes = [run(*word.split())[0] for word in words]

    assert codes == [0, 1, 4, 4, 1, 4]
    with opened_on(world, tmp_path) as application:
        assert application.vault.versions() == [1]
    code, said = run("rotate")
    assert code == 4
    assert "wrapping-keys/2.key is not there" in said  # it would make a second of that number


def test_an_older_database_names_the_key_that_was_retired(
    world: Made, run: Run, tmp_path: Path, embedded_postgres_url: str
):
    """It cannot be read any more; nothing pretends that it can."""
    name = f"older_{os.getpid()}_{next(_names)}"
    template = make_url(world.url).database
    older = Made(create_database(embedded_postgres_url, name, template), world.keys)
    with world.outside() as outside:
        rotate_keys(outside)
    assert run("retire", "--yes")[0] == 0
    with opened_on(world, tmp_path):
        pass

    with (
        pytest.raises(KeyUnusableError, match=r"1\.key is not there"),
        opened_on(older, tmp_path),
    ):
        pass

    drop_database(embedded_postgres_url, name)


def test_a_start_tries_keys_and_refuses_until_somebody_was_told(
    world: Made, run: Run, tmp_path: Path
):
    """Yesterday's secrets of data keys open what is noted, and not who came today."""
    kept = (tmp_path / "keys" / "erasable-secrets").read_bytes()
    with world.outside() as outside:
        make_persons(outside, _MORE)
    (tmp_path / "keys" / "erasable-secrets").write_bytes(kept)

    with opened_on(world, tmp_path) as application:
        owner = application.outside(DatabaseRole.OWNER)
        with pytest.raises(KeyUnusableError, match=f"of 13 .* {len(_MORE)} do not open"):
            verify_before_start(owner)
        code, report = run("verify")
        tried = verify_before_start(owner)
        others = verify_before_start(application.outside(DatabaseRole.OWNER))

    assert (code, len(report["unusable"])) == (1, len(_MORE))
    assert tried is not None
    assert others is not None
    assert (tried.opened, len(tried.unusable)) == (len(NUMBERS), len(_MORE))


def test_a_start_is_refused_while_keys_do_not_open(
    world: Made, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    """By a command: with a code, a sentence, and nobody's id."""
    (tmp_path / "keys" / "wrapping-keys").chmod(0o755)
    where = ["--data", str(tmp_path), "--database", world.url]
    before = main(["migrate", *where])
    execute(world.url, "UPDATE person SET wrapped_key = set_byte(wrapped_key, 12, 7)")

    after = main(["migrate", *where])

    assert (before, after) == (0, 4)
    assert "do not open" in capfd.readouterr().err
    assert (tmp_path / "keys" / "wrapping-keys").stat().st_mode & 0o777 == 0o700
