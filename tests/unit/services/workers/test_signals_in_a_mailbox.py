"""Signals come to a mailbox under a workflow that its owner has named."""

from connectors.ports import Unreadable
from schemas.records.message import SourceMessage
from services.platform.mailbox.ports import Delivery
from services.workers.mailbox import received_from
from tests.support.messages.register import a_patient, a_signal, sent


def test_a_signal_is_read_under_whatever_workflow_it_comes():
    """It is known by what it is."""
    received = received_from(0, Delivery("m-1", "OUR_OWN_WORKFLOW", a_signal()))

    assert isinstance(received.outcome, SourceMessage)
    assert received.origin == "m-1"


def test_anything_else_of_a_workflow_that_nobody_knows_waits():
    """It may be meant for another system of the agency."""
    received = received_from(0, Delivery("m-1", "OUR_OWN_WORKFLOW", sent(a_patient())))

    assert received.outcome == Unreadable("mailbox.workflow", "unknown")
