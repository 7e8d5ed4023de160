"""A fault of ours with one message of a mailbox keeps none of the others from coming in."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.intake.parked.postgres import ParkedMessages
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside, unit_of_work
from services.workers.mailbox import MailboxReading
from tests.support.fakes.fake_mailbox import FakeMailbox
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.nems import APerson
from tests.support.messages.nems_messages import vaccination
from tests.support.reading import nems, the_message

pytestmark = pytest.mark.postgres

CHILD = APerson(nhs_number="9990000018", born="2024-05-03")


class FaultyHasher(KeyedHasher):
    """Cannot hash one message's id."""

    def __init__(self, key: bytes, faulty: str) -> None:
        super().__init__(key)
        self._faulty = faulty

    def opaque(self, kind: str, *parts: str) -> str:
        """As its parent, but for that id."""
        if self._faulty in parts:
            raise ZeroDivisionError
        return super().opaque(kind, *parts)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job, with one child of whom everything is permitted."""
    with InProcess.running(outside) as found:
        found.decide(by_number("9990000018"))
        yield found


def test_fault_with_one_message_leaves_it_there_and_takes_the_others(running: InProcess):
    """It is told of with its kind, and comes in once it can."""
    mailbox = FakeMailbox()
    messages = [vaccination(CHILD, number=str(number)) for number in range(3)]
    ids = [mailbox.put(message) for message in messages]
    key = running.outside.vault.secret(SecretName.LINKING)
    hasher = FaultyHasher(key, the_message(nems, messages[1]).message_id)
    reading = MailboxReading(mailbox, replace(running.connectors, hasher=hasher))

    assert [reading.round(), reading.round()] == [2, 0]

    assert mailbox.waiting == [ids[1]]
    with unit_of_work(running.connectors) as work:
        parking_key = running.outside.vault.secret(SecretName.PARKED)
        parked = ParkedMessages(work.connection, parking_key).list()
    assert [(p.field, p.reason) for p in parked] == [
        ("mailbox.message", "failed:ZeroDivisionError")
    ]
    assert MailboxReading(mailbox, running.connectors).round() == 1
    assert running.count("message_outcome") == 4
