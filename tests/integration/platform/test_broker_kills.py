"""What test_kill.py kills, with Kafka as the bus, and the broker besides.

Killing is for deploy/tell-once test --faults and --soak, which say how often: half a minute and a
broker of its own. Beside it test_kill.py kills the same processes on the other bus in every run,
and test_bus_kafka_failures.py the broker.
"""

import os

import pytest

from tests.support.kafka_broker import LocalBroker
from tests.support.killing.ended_well import an_installation, require_clean_stop, verified_entries
from tests.support.killing.kill_preparation import Prepared
from tests.support.killing.kill_rounds import kill_and_finish, kill_folder, prepared, undisturbed
from tests.support.killing.kill_state import Everything, count_of_entries, everything_in

__all__ = ["kill_folder", "prepared", "undisturbed"]

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.enable_socket]


@pytest.mark.skipif(
    "TELL_ONCE_KILL_ROUNDS" not in os.environ,
    reason="half a minute: deploy/tell-once test --faults walks it",
)
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_killing_anything_or_the_broker_changes_nothing(
    prepared: Prepared, undisturbed: Everything, own_kafka: LocalBroker
) -> None:
    """On Kafka, and what comes out is what comes out on the bus in PostgreSQL."""
    with an_installation(prepared, own_kafka) as installation:
        kill_and_finish(installation)

        own_kafka.kill()
        require_clean_stop(installation)

        assert verified_entries(installation) == count_of_entries(installation.data)
        assert not undisturbed.differences(everything_in(installation.data))


def test_a_command_that_works_alone_on_kafka_leaves_nothing_undone(
    prepared: Prepared, undisturbed: Everything, own_kafka: LocalBroker
) -> None:
    """It waits until the group has given it every partition."""
    with an_installation(prepared, own_kafka) as installation:
        installation.finish_ingesting()

        assert not undisturbed.differences(everything_in(installation.data))
