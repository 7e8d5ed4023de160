"""What every test that kills begins with, made once a run, and the killing itself.

Small by default. TELL_ONCE_KILL_MESSAGES=2000 TELL_ONCE_KILL_ROUNDS=10 is what was promised;
TELL_ONCE_KILL_SEED repeats what a run printed, as far as processes can be repeated.
"""

import fcntl
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest

from tests.support.installation import Installation
from tests.support.killing.ended_well import an_installation
from tests.support.killing.kill_preparation import Prepared, prepare
from tests.support.killing.kill_state import Everything, everything_in
from tests.support.killing.killing import ingest_while_killing, wait_until_drained
from tests.support.own_folder import of_this_run

MESSAGES = int(os.environ.get("TELL_ONCE_KILL_MESSAGES", "300"))
SEED = int(os.environ.get("TELL_ONCE_KILL_SEED", Random().randrange(1_000_000)))
_KILLS = int(os.environ.get("TELL_ONCE_KILL_ROUNDS", "3"))

_Made = TypeVar("_Made")


@pytest.fixture(scope="module")
def kill_folder() -> Iterator[Path]:
    """Give the folder of the run in which what follows is made; without one, one of the file's."""
    run = of_this_run()
    if run is None:
        with tempfile.TemporaryDirectory(prefix="tell-once-kill-") as folder:
            yield Path(folder)
    else:
        shared = run / "kill"
        shared.mkdir(exist_ok=True)
        yield shared


@pytest.fixture(scope="module")
def prepared(kill_folder: Path) -> Prepared:
    """Give a data folder with work under way, and files to come; not to be changed."""

    def make() -> Prepared:
        folder = tempfile.mkdtemp(prefix="prepared-", dir=kill_folder)
        return prepare(Path(folder), messages=MESSAGES, seed=1)

    return _once(kill_folder / "prepared.pickle", make)


@pytest.fixture(scope="module")
def undisturbed(kill_folder: Path, prepared: Prepared) -> Everything:
    """Give what there is after an `ingest` that nothing disturbed, with nobody serving."""

    def make() -> Everything:
        with an_installation(prepared) as installation:
            read = installation.finish_ingesting()
            everything = everything_in(installation.data)
        assert all(read[disposition] for disposition in ("published", "withheld", "parked"))
        assert not [what for what in everything.rows if what[0] == "outbox"]
        return everything

    return _once(kill_folder / "undisturbed.pickle", make)


def kill_and_finish(installation: Installation) -> None:
    """Kill, telling what, and let everything come to its end."""
    sys.stdout.write(f"\nseed {SEED}, {MESSAGES} messages, kills:\n")
    random = Random(SEED)
    for kill in ingest_while_killing(installation, kills=_KILLS, random=random):
        sys.stdout.write(f"  {kill}\n")
    installation.finish_ingesting()
    wait_until_drained(installation)
    ended, starts = installation.runs, installation.starts
    sys.stdout.write(f"  ingest ended with {ended}, serve was started {starts} times\n")


def _once(kept: Path, make: Callable[[], _Made]) -> _Made:
    """Make it, or wait for whoever makes it and take what was made."""
    with _alone(kept.with_suffix(".lock")):
        if not kept.exists():
            kept.write_bytes(pickle.dumps(make()))
        made: _Made = pickle.loads(kept.read_bytes())  # noqa: S301 - of this run
        return made


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
