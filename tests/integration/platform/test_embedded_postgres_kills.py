"""The embedded PostgreSQL survives kill -9 of whoever has to do with it."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from services.platform.database.embedded.folder import PostgresFolder
from services.platform.database.embedded.postgres import EmbeddedPostgres
from tests.support.checkout import ROOT
from tests.support.fixtures.fixtures_embedded import (
    answers,
    is_running,
    keeper_pid,
    postmaster_pid,
    query,
)
from tests.support.waiting import GENEROUS, eventually

pytestmark = pytest.mark.postgres


def test_a_user_that_is_killed_lets_go(
    embedded_data: Path,
    another_user: Callable[[Path], subprocess.Popen[str]],
) -> None:
    """After kill -9 of the only user the server stops by itself, cleanly."""
    user = another_user(embedded_data)
    assert user.stdout is not None
    user.stdout.readline()

    user.kill()

    assert eventually(lambda: not is_running(embedded_data))
    assert "database system is shut down" in PostgresFolder.below(embedded_data).log.read_text()


def test_a_killed_server_comes_back_with_everything_committed(embedded_data: Path) -> None:
    """After kill -9 of the postmaster the keeper starts it again for those who use it."""
    with EmbeddedPostgres.start(embedded_data) as held:
        query(held.url(), "create table facts as select 42 as fact")
        before = postmaster_pid(embedded_data)

        os.kill(before, signal.SIGKILL)

        assert eventually(lambda: answers(held.url()))
        assert query(held.url(), "select fact from facts") == [(42,)]
        assert postmaster_pid(embedded_data) != before
    assert not is_running(embedded_data)


def test_killing_the_keeper_and_the_server_is_healed_by_the_next_start(embedded_data: Path) -> None:
    """A stale postmaster.pid, even one that names a living process, does not hinder a start."""
    abandoned = EmbeddedPostgres.start(embedded_data)
    query(abandoned.url(), "create table facts as select 42 as fact")
    server, keeper = postmaster_pid(embedded_data), keeper_pid(embedded_data)
    os.kill(keeper, signal.SIGKILL)
    os.kill(server, signal.SIGKILL)
    assert eventually(lambda: not is_running(embedded_data))
    stale = PostgresFolder.below(embedded_data).cluster / "postmaster.pid"
    text = stale.read_text() if stale.exists() else f"{server}\n"
    stale.write_text(text.replace(str(server), str(os.getpid()), 1))

    with EmbeddedPostgres.start(embedded_data) as held:
        assert query(held.url(), "select fact from facts") == [(42,)]
    abandoned.stop()
    assert not is_running(embedded_data)


def test_a_killed_keeper_takes_its_server_along(embedded_data: Path) -> None:
    """No server is left running without somebody who would stop it."""
    abandoned = EmbeddedPostgres.start(embedded_data)

    os.kill(keeper_pid(embedded_data), signal.SIGKILL)

    assert eventually(lambda: not is_running(embedded_data))
    abandoned.stop()


def test_a_standby_keeper_takes_over_when_the_first_is_killed(embedded_data: Path) -> None:
    """A supervisor that runs a second keeper has its database back without a restart."""
    with EmbeddedPostgres.start(embedded_data) as held:
        standby = subprocess.Popen(held.standby_command(), cwd=ROOT)
        first = keeper_pid(embedded_data)

        os.kill(first, signal.SIGKILL)

        assert eventually(lambda: not answers(held.url()) or postmaster_pid(embedded_data) != first)
        assert eventually(lambda: answers(held.url()))
        assert eventually(lambda: keeper_pid(embedded_data) == standby.pid)
        standby.terminate()
        assert standby.wait(GENEROUS) == 0
    assert not is_running(embedded_data)


def test_a_first_start_that_was_interrupted_is_begun_again(tmp_path: Path) -> None:
    """What an interrupted initdb left behind is thrown away."""
    data = tmp_path / "data"
    half_made = data / "postgres" / "cluster.new-abandoned"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")

    with EmbeddedPostgres.start(data) as held:
        assert answers(held.url())

    assert not half_made.exists()
