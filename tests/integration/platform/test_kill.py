"""Whatever is killed at whatever moment: nothing is lost, nothing is doubled (DESIGN.md 13).

How much is in tests/support/killing/kill_rounds.py; what is killed with Kafka, in
test_broker_kills.py, which another worker may walk meanwhile.
"""

import os
import signal
from random import Random

import pytest

from tests.support.installation import Installation, Target
from tests.support.killing.ended_well import an_installation, require_clean_stop, verified_entries
from tests.support.killing.kill_preparation import Prepared
from tests.support.killing.kill_rounds import (
    SEED,
    kill_and_finish,
    kill_folder,
    prepared,
    undisturbed,
)
from tests.support.killing.kill_state import Everything, count_of_entries, everything_in
from tests.support.killing.killing import ingest_half_way, wait_until_drained
from tests.support.waiting import eventually

__all__ = ["kill_folder", "prepared", "undisturbed"]

pytestmark = pytest.mark.postgres


def test_killing_anything_while_messages_come_in_changes_nothing(
    prepared: Prepared, undisturbed: Everything
) -> None:
    """On the bus in PostgreSQL: every process, the database, the command itself."""
    with an_installation(prepared) as installation:
        kill_and_finish(installation)

        require_clean_stop(installation)

        assert verified_entries(installation) == count_of_entries(installation.data)
        assert not undisturbed.differences(everything_in(installation.data))


def test_stopping_half_way_and_starting_again_changes_nothing(
    prepared: Prepared, undisturbed: Everything
) -> None:
    """Ctrl-C while messages come in: it stops at once, and starts again from there."""
    with an_installation(prepared) as installation:
        ingest_half_way(installation, random=Random(SEED))
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
