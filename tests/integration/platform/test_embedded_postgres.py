"""The embedded PostgreSQL: starts anywhere, and is shared by several."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from services.platform.database.embedded.cluster import Account, account_for, initialise
from services.platform.database.embedded.folder import PostgresFolder
from services.platform.database.embedded.postgres import EmbeddedPostgres
from services.platform.durable_files import FileLock
from tests.support.fixtures.fixtures_embedded import answers, is_running, postmaster_pid, query
from tests.support.waiting import GENEROUS, eventually

pytestmark = pytest.mark.postgres


def test_the_first_start_makes_a_database_that_keeps_what_it_was_told(embedded_data: Path) -> None:
    """A row written before a clean stop is there after the next start."""
    with EmbeddedPostgres.start(embedded_data) as first:
        query(first.url(), "create table facts as select 42 as fact")
        assert first.url().startswith("postgresql+psycopg://postgres@/tell_once?host=/")

    with EmbeddedPostgres.start(embedded_data) as second:
        assert query(second.url(), "select fact from facts") == [(42,)]


def test_a_clean_stop_leaves_no_process_and_may_be_repeated(embedded_data: Path) -> None:
    """When the last user has stopped, the server and its keeper are gone."""
    held = EmbeddedPostgres.start(embedded_data)

    held.stop()
    held.stop()

    assert not is_running(embedded_data)
    with FileLock.open(PostgresFolder.below(embedded_data).keeper) as keeper:
        assert keeper.try_exclusive()


def test_safety_is_on(embedded_data: Path) -> None:
    """A commit is on the disk before it is answered, and pages carry checksums."""
    with EmbeddedPostgres.start(embedded_data) as held:
        names = ["fsync", "synchronous_commit", "full_page_writes", "data_checksums"]

        values = [query(held.url(), f"show {name}") for name in names]

    assert values == [[("on",)]] * 4


def test_the_server_listens_on_no_network_address(embedded_data: Path) -> None:
    """The socket is the only way in, and its folder is its owner's alone."""
    with EmbeddedPostgres.start(embedded_data) as held:
        addresses = query(held.url(), "show listen_addresses")
        mode = PostgresFolder.below(embedded_data).socket.resolve().stat().st_mode & 0o777

    assert addresses == [("",)]
    assert mode == 0o700


def test_the_log_holds_no_value_of_a_failing_statement(embedded_data: Path) -> None:
    """Personal data in a statement, a row or a parameter stays out of the server's log."""
    with EmbeddedPostgres.start(embedded_data) as held:
        url = held.url()
        query(url, "create table people (name text primary key, born date)")
        query(url, "insert into people (name) values ('Canary Quillfeather')")

        with pytest.raises(psycopg.errors.UniqueViolation):
            query(url, "insert into people (name) values ('Canary Quillfeather')")
        with pytest.raises(psycopg.errors.InvalidDatetimeFormat):
            query(url, "insert into people (born) values ('Canary Quillfeather')")

    assert "Canary" not in PostgresFolder.below(embedded_data).log.read_text()


def test_a_second_user_connects_and_does_not_stop_the_server_under_the_first(
    embedded_data: Path,
    another_user: Callable[[Path], subprocess.Popen[str]],
) -> None:
    """A command on a served folder comes and goes; the server stays until the last one left."""
    with EmbeddedPostgres.start(embedded_data) as held:
        before = postmaster_pid(embedded_data)
        other = another_user(embedded_data)
        assert other.stdout is not None
        url = other.stdout.readline().strip()

        other.communicate(input="")

        assert url == held.url()
        assert other.returncode == 0
        assert answers(held.url())
        assert postmaster_pid(embedded_data) == before
    assert not is_running(embedded_data)


def test_many_commands_at_once_share_one_server(
    embedded_data: Path,
    another_user: Callable[[Path], subprocess.Popen[str]],
) -> None:
    """Four commands that start and stop together all succeed and leave nothing running."""
    commands = [another_user(embedded_data) for _ in range(4)]

    for command in commands:
        command.communicate(input="", timeout=GENEROUS)

    assert [command.returncode for command in commands] == [0, 0, 0, 0]
    assert eventually(lambda: not is_running(embedded_data))


def test_a_data_folder_with_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    """The socket lies in the temporary folder when its path would not fit (unix(7))."""
    data = tmp_path / ("long-" * 20) / "data with, a comma"

    with EmbeddedPostgres.start(data) as held:
        place = PostgresFolder.below(data).socket.resolve()
        assert answers(held.url())

    assert not place.is_relative_to(data)
    assert place.stat().st_mode & 0o777 == 0o700
    place.rmdir()


def test_the_data_folder_is_closed_to_everybody_else(tmp_path: Path) -> None:
    """Keys and rows lie side by side there, so nobody else may list or enter it."""
    data = tmp_path / "data"

    EmbeddedPostgres.start(data).stop()

    assert data.stat().st_mode & 0o067 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes an account for PostgreSQL")
def test_an_account_that_was_lost_meanwhile_is_made_once_more(embedded_data: Path) -> None:
    """Whatever installs packages at the same time may have written the list of users over."""
    folder = PostgresFolder.below(embedded_data)
    lost = Account(uid=54_321, gid=54_321)

    initialise(folder, lost)

    assert folder.cluster.stat().st_uid == account_for(folder.cluster).uid != lost.uid
