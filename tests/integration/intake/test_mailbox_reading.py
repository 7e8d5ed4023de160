"""What is in a mailbox comes in whole, leaves it only then, and comes in once."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from services.intake.parked.postgres import ParkedMessages
from services.platform.errors import ServiceError
from services.platform.keys.vault import SecretName
from services.platform.mailbox.ports import MailboxUnavailableError
from services.work import Outside, unit_of_work
from services.workers.mailbox import MailboxReading
from tests.support.fakes.fake_mailbox import FakeMailbox
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_json import as_json
from tests.support.messages.nems_messages import professional_contact, vaccination

pytestmark = pytest.mark.postgres

PERMITTED = APerson(nhs_number="9990000018", born="2024-05-03")
UNDECIDED = APerson(nhs_number="9990000026", born="2023-01-02")


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job, with one child of whom everything is permitted."""
    with InProcess.running(outside) as found:
        found.decide(by_number("9990000018"))
        found.settle()
        yield found


@pytest.fixture
def mailbox() -> FakeMailbox:
    """Give an empty mailbox."""
    return FakeMailbox()


@pytest.fixture
def reading(mailbox: FakeMailbox, running: InProcess) -> MailboxReading:
    """Give a process that reads the mailbox, with the connectors' rights; each look is a day on."""
    days = count(step=86_400.0)
    return MailboxReading(mailbox, running.connectors, seconds=lambda: next(days))


def outcomes_in(running: InProcess) -> list[str]:
    """What became of the messages that are in."""
    with running.outside.engine.connect() as connection:
        rows = connection.execute(text("SELECT disposition FROM message_outcome ORDER BY 1"))
        return list(rows.scalars())


def parked_in(running: InProcess) -> list[tuple[str, str]]:
    """Field and reason of what is parked."""
    key = running.outside.vault.secret(SecretName.PARKED)
    with unit_of_work(running.connectors) as work:
        return sorted((m.field, m.reason) for m in ParkedMessages(work.connection, key).list())


def failing_since(running: InProcess) -> object:
    """Since when health visiting does not answer."""
    with unit_of_work(running.portal) as work:
        heard = work.directory.last_heard()
    return next((h.failing_since for h in heard.values()), None)


def test_everything_leaves_the_mailbox_published_withheld_or_parked(
    running: InProcess, mailbox: FakeMailbox, reading: MailboxReading
):
    """In XML, in JSON, compressed; what nobody can read is kept with its reason."""
    mailbox.put(professional_contact(PERMITTED), workflow="PROFESSIONALCONTACTS_1")
    mailbox.put(as_json(vaccination(PERMITTED)))
    mailbox.put(gzip.compress(vaccination(UNDECIDED)))
    mailbox.put(b"<Bundle/>")
    mailbox.put(vaccination(PERMITTED, number="2"), workflow="SOMETHING_ELSE_1")

    assert reading.round() == 5

    assert mailbox.waiting == []
    assert outcomes_in(running) == ["parked", "parked", "published", "published", "withheld"]
    assert parked_in(running) == [("Bundle", "wrong-root"), ("mailbox.workflow", "unknown")]
    assert reading.round() == 0


def test_message_that_comes_again_changes_nothing(
    running: InProcess, mailbox: FakeMailbox, reading: MailboxReading
):
    """Its acknowledgement was lost on the way, or we died before it."""
    mailbox.forgets = False
    for message in (vaccination(PERMITTED), vaccination(UNDECIDED), b"<Bundle/>"):
        mailbox.put(message)
    reading.round()
    entries = running.ledger()
    rows = [running.count(t) for t in ("message_outcome", "parked", "outbox")]

    for _ in range(2):
        assert reading.round() == 3

    assert running.ledger() == entries
    assert [running.count(t) for t in ("message_outcome", "parked", "outbox")] == rows
    assert running.count("holding_health_visiting.held_message") == 1


def test_what_was_withheld_comes_once_permitted_though_the_mailbox_has_forgotten_it(
    running: InProcess, mailbox: FakeMailbox, reading: MailboxReading
):
    """It waited in its own agency's store."""
    mailbox.put(vaccination(UNDECIDED))
    reading.round()
    assert running.person(by_number("9990000026", "2023-01-02")) is None

    decided = running.decide(by_number("9990000026", "2023-01-02"))
    running.settle()

    assert running.stored(*decided.decision.subjects)
    assert running.count("holding_health_visiting.held_message") == 0


def test_nothing_is_acknowledged_that_is_not_durable(
    running: InProcess, mailbox: FakeMailbox, reading: MailboxReading
):
    """Without the ledger nothing is written, so nothing leaves the mailbox."""
    mailbox.put(vaccination(PERMITTED))
    running.break_the_ledger()

    with pytest.raises(ServiceError):
        reading.round()

    assert len(mailbox.waiting) == 1
    assert outcomes_in(running) == []


def test_message_that_cannot_be_had_stays_there_and_is_told_of_once(
    running: InProcess, mailbox: FakeMailbox, reading: MailboxReading
):
    """The others come in; nothing of it is ours, so nothing of it is acknowledged."""
    gone = mailbox.put(vaccination(PERMITTED))
    mailbox.put(vaccination(PERMITTED, number="2"))
    mailbox.gone.add(gone)

    assert reading.round() == 1
    assert reading.round() == 0

    assert mailbox.waiting == [gone]
    assert parked_in(running) == [("mailbox.message", "gone")]
    assert len(running.ledger(LedgerEvent.MESSAGE_PARKED)) == 1


def test_message_that_can_be_had_after_all_is_told_of_no_longer(
    running: InProcess, mailbox: FakeMailbox, reading: MailboxReading
):
    """What stood for it goes when it comes."""
    late = mailbox.put(vaccination(PERMITTED))
    mailbox.gone.add(late)
    reading.round()
    mailbox.gone.clear()

    assert reading.round() == 1

    assert parked_in(running) == []
    assert outcomes_in(running) == ["published"]
    assert mailbox.waiting == []


def test_silence_about_one_message_is_told_of_only_when_it_lasts(
    running: InProcess, mailbox: FakeMailbox, reading: MailboxReading
):
    """A mailbox may have a bad moment; the others come in meanwhile."""
    silent = mailbox.put(vaccination(PERMITTED))
    mailbox.put(vaccination(PERMITTED, number="2"))
    mailbox.silent.add(silent)

    told = []
    for _ in range(4):
        reading.round()
        told.append(parked_in(running))

    assert told == [[], [], *[[("mailbox.message", "no-answer")]] * 2]
    assert mailbox.waiting == [silent]


def test_mailbox_that_is_away_is_shown_as_not_answering(
    running: InProcess, mailbox: FakeMailbox, reading: MailboxReading
):
    """Since when, until it answers again; nothing is lost meanwhile."""
    mailbox.put(vaccination(PERMITTED))
    mailbox.is_away = True

    for _ in range(2):
        with pytest.raises(MailboxUnavailableError):
            reading.round()
    away_since = failing_since(running)
    mailbox.is_away = False
    reading.round()

    assert away_since == running.outside.clock.now()
    assert failing_since(running) is None
    assert mailbox.waiting == []


def test_many_messages_come_in_batches(
    running: InProcess, mailbox: FakeMailbox, reading: MailboxReading
):
    """Each in one transaction; the order of versions decides, not that of arrival."""
    later = AHeader(event="vaccinations-1", updated="2026-10-01T09:00:00+00:00")
    for number in range(120):
        mailbox.put(vaccination(replace(PERMITTED, family="Marlow"), number=str(number)))
    mailbox.put(vaccination(PERMITTED, later, number="0", given=False))

    assert [reading.round(), reading.round(), reading.round()] == [100, 21, 0]

    assert outcomes_in(running) == ["published"] * 121
