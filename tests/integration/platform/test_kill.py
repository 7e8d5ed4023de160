"""Whatever is killed at whatever moment: nothing is lost, nothing is doubled (DESIGN.md 13).

By default small. TELL_ONCE_KILL_MESSAGES=2000 TELL_ONCE_KILL_ROUNDS=10 is what was promised;
TELL_ONCE_KILL_SEED repeats what a run printed, as far as processes can be repeated.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.support.installation import Installation, Target
from tests.support.kafka_broker import LocalBroker
from tests.support.killing.ended_well import an_installation, require_clean_stop, verified_entries
from tests.support.killing.kill_preparation import Prepared, prepare
from tests.support.killing.kill_state import Everything, count_of_entries, everything_in
from tests.support.killing.killing import ingest_half_way, ingest_while_killing, wait_until_drained
from tests.support.waiting import eventually

pytestmark = pytest.mark.postgres

_MESSAGES = int(os.environ.get("TELL_ONCE_KILL_MESSAGES", "300"))
_KILLS = int(os.environ.get("TELL_ONCE_KILL_ROUNDS", "3"))
_SEED = int(os.environ.get("TELL_ONCE_KILL_SEED", Random().randrange(1_000_000)))


@pytest.fixture(scope="module")
def prepared() -> Iterator[Prepared]:
    """Give a data folder with work under way, and files to come; not to be changed."""
    with tempfile.TemporaryDirectory(prefix="tell-once-kill-") as folder:
        yield prepare(Path(folder), messages=_MESSAGES, seed=1)


@pytest.fixture(scope="module")
def undisturbed(prepared: Prepared) -> Everything:
    """Give what there is after an `ingest` that nothing disturbed, with nobody serving."""
    with an_installation(prepared) as installation:
        read = installation.finish_ingesting()
        everything = everything_in(installation.data)
    assert all(read[disposition] for disposition in ("published", "withheld", "parked"))
    assert not [what for what in everything.rows if what[0] == "outbox"]
    return everything


def test_killing_anything_while_messages_come_in_changes_nothing(
    prepared: Prepared, undisturbed: Everything
) -> None:
    """On the bus in PostgreSQL: every process, the database, the command itself."""
    with an_installation(prepared) as installation:
        _kill_and_finish(installation)

        require_clean_stop(installation)

        assert verified_entries(installation) == count_of_entries(installation.data)
        assert not undisturbed.differences(everything_in(installation.data))


@pytest.mark.kafka
@pytest.mark.enable_socket
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_killing_anything_or_the_broker_changes_nothing(
    prepared: Prepared, undisturbed: Everything, own_kafka: LocalBroker
) -> None:
    """On Kafka, and what comes out is what comes out on the bus in PostgreSQL."""
    with an_installation(prepared, own_kafka) as installation:
        _kill_and_finish(installation)

        own_kafka.kill()
        require_clean_stop(installation)

        assert verified_entries(installation) == count_of_entries(installation.data)
        assert not undisturbed.differences(everything_in(installation.data))


def test_stopping_half_way_and_starting_again_changes_nothing(
    prepared: Prepared, undisturbed: Everything
) -> None:
    """Ctrl-C while messages come in: it stops at once, and starts again from there."""
    with an_installation(prepared) as installation:
        ingest_half_way(installation, random=Random(_SEED))
        require_clean_stop(installation)

        installation.keep_serving()
        installation.finish_ingesting()
        wait_until_drained(installation)
        require_clean_stop(installation)

        assert installation.starts == 2
        assert verified_entries(installation) == count_of_entries(installation.data)
        assert not undisturbed.differences(everything_in(installation.data))


def test_a_part_that_dies_while_serve_starts_is_started_again(prepared: Prepared) -> None:
    """The supervisor looks after its children from the first moment, not once all answer."""
    with an_installation(prepared) as installation:
        installation.begin_serving()
        assert eventually(lambda: bool(installation.process_ids(Target.PORTAL)))
        (first,) = installation.process_ids(Target.PORTAL)
        os.kill(first, signal.SIGKILL)

        assert eventually(lambda: installation.process_ids(Target.PORTAL) not in ([], [first]))


def test_commands_that_work_alone_at_once_leave_nothing_undone(
    prepared: Prepared, undisturbed: Everything
) -> None:
    """With nobody serving, each does what is left; neither ends with work in other hands."""
    with an_installation(prepared) as one:
        another = Installation(one.data, one.files)
        one.keep_ingesting()
        another.keep_ingesting()

        one.finish_ingesting()
        another.finish_ingesting()

        assert (one.runs, another.runs) == ([0], [0])
        assert not undisturbed.differences(everything_in(one.data))


@pytest.mark.kafka
@pytest.mark.enable_socket
def test_a_command_that_works_alone_on_kafka_leaves_nothing_undone(
    prepared: Prepared, undisturbed: Everything, own_kafka: LocalBroker
) -> None:
    """It waits until the group has given it every partition."""
    with an_installation(prepared, own_kafka) as installation:
        installation.finish_ingesting()

        assert not undisturbed.differences(everything_in(installation.data))


def _kill_and_finish(installation: Installation) -> None:
    """Kill, telling what, and let everything come to its end."""
    sys.stdout.write(f"\nseed {_SEED}, {_MESSAGES} messages, kills:\n")
    random = Random(_SEED)
    for kill in ingest_while_killing(installation, kills=_KILLS, random=random):
        sys.stdout.write(f"  {kill}\n")
    installation.finish_ingesting()
    wait_until_drained(installation)
    ended, starts = installation.runs, installation.starts
    sys.stdout.write(f"  ingest ended with {ended}, serve was started {starts} times\n")
