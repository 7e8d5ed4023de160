"""Messages that wait: sent once they are committed, later where that failed, alarmed in the end."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import CapturingLogger

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Role
from services.platform.errors import ServiceUnavailableError
from services.platform.messages.file import FileMessages
from services.platform.messages.ports import Message, MessageChannel, MessageNotSentError
from services.platform.messages.smtp import Encryption, MailServer, SmtpMessages
from services.work import unit_of_work
from services.workers.relaying import send_due, warn_of_few_officers
from tests.support.message_servers import a_mail_server
from tests.support.people.presence_world import E_MAIL, PresenceWorld, own_contacts
from tests.support.people.relating import works_as

pytestmark = pytest.mark.postgres
SENT, FAILED = LedgerEvent.OUTGOING_MESSAGE_SENT, LedgerEvent.OUTGOING_MESSAGE_FAILED
LATER = "2026-02-20T00:00:00Z"


@dataclass(slots=True)
class _Carrier:
    """Carries everything, once it has failed so many times."""

    failures: int = 0
    is_final: bool = False
    took: list[tuple[Message, str]] = field(default_factory=list)

    @property
    def channels(self) -> Collection[MessageChannel]:
        return frozenset(MessageChannel)

    def send(self, message: Message, *, reference: str) -> None:
        if self.failures:
            self.failures -= 1
            raise MessageNotSentError("away", is_final=self.is_final)
        self.took.append((message, reference))


def test_code_is_sent_once_and_nothing_of_it_is_left(world: PresenceWorld):
    """The entry has its reference and how often it was tried."""
    carrier, log = _Carrier(), CapturingLogger()
    presence = world.begin()
    world.ask(presence)

    assert send_due(world.running.relay, carrier, log) == 1
    assert send_due(world.running.relay, carrier, log) == 0

    [(message, reference)] = carrier.took
    [entry] = world.entries(SENT)
    assert (entry.fields["message"], entry.fields["tries"]) == (reference, 1)
    assert world.running.count("message_out") == 0
    assert message.text[:6].isdigit()
    assert not log.calls


def test_what_waits_is_sealed_and_the_portal_cannot_read_it(world: PresenceWorld):
    """Only the relay sends; the portal only asks."""
    world.ask(world.begin())
    with world.running.outside.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT m::text FROM message_out m").scalars().all()
    assert all(world.mobile.value[-6:] not in row for row in rows)

    with pytest.raises(Exception, match="denied"), unit_of_work(world.running.portal) as work:
        work.messages_out().claim(now=work.now, lease=timedelta(0))

    world.sent()


def test_question_that_reaches_nobody_sends_nothing_and_is_no_alarm(world: PresenceWorld):
    """It waited like any other, so that nobody could tell."""
    carrier = _Carrier()
    world.ask(world.begin(world.father))

    assert send_due(world.running.relay, carrier, CapturingLogger()) == 1

    assert carrier.took == []
    assert world.entries(SENT, FAILED) == []


def test_failed_message_is_tried_again_later_each_time(world: PresenceWorld):
    """And no sooner; the same reference each time."""
    carrier, log = _Carrier(failures=2), CapturingLogger()
    world.ask(world.begin())
    relay = world.running.relay

    assert send_due(relay, carrier, log) == 1
    assert send_due(relay, carrier, log) == 0
    world.clock.pass_by(timedelta(seconds=2))
    assert send_due(relay, carrier, log) == 1
    world.clock.pass_by(timedelta(seconds=4))
    assert send_due(relay, carrier, log) == 0
    world.clock.pass_by(timedelta(seconds=1))
    assert send_due(relay, carrier, log) == 1

    assert [entry.fields["tries"] for entry in world.entries(SENT)] == [3]
    assert world.entries(FAILED) == []


@pytest.mark.parametrize(
    ("is_final", "waits", "because"),
    [(True, (), "away"), (False, (2, 5, 15, 45, 120, 240), "away"), (False, (600,), "expired")],
    ids=["for good", "too often", "too late"],
)
def test_message_that_cannot_be_delivered_alarms(
    world: PresenceWorld, waits: tuple[int, ...], because: str, *, is_final: bool
):
    """On the ledger, in governance's queue and in the log; nothing of it is left."""
    carrier, log = _Carrier(failures=100, is_final=is_final), CapturingLogger()
    world.ask(world.begin())
    send_due(world.running.relay, carrier, log)
    for seconds in waits:
        assert world.entries(FAILED) == []
        world.clock.pass_by(timedelta(seconds=seconds))
        send_due(world.running.relay, carrier, log)

    [entry] = world.entries(FAILED)
    raised = world.entries(LedgerEvent.GOVERNANCE_ITEM_RAISED)
    assert entry.fields["because"] == because
    assert [item.fields["kind"] for item in raised] == ["undelivered"]
    assert [call.method_name for call in log.calls] == ["error"]
    assert world.running.count("message_out") == 0


def test_whoever_dies_while_sending_has_used_a_try(world: PresenceWorld):
    """Another one sends it after the lease: twice rather than never."""
    world.ask(world.begin())
    with unit_of_work(world.running.relay) as work:
        claimed = work.messages_out().claim(now=work.now, lease=timedelta(seconds=60))
    assert claimed is not None
    carrier, log = _Carrier(), CapturingLogger()

    assert send_due(world.running.relay, carrier, log) == 0
    world.clock.pass_by(timedelta(seconds=60))
    assert send_due(world.running.relay, carrier, log) == 1

    assert [reference for _, reference in carrier.took] == [claimed.id]


@pytest.mark.enable_socket
def test_mail_server_that_is_down_and_comes_back_gets_the_code(world: PresenceWorld):
    """Over SMTP, to where the family reads it."""
    world.tell(own_contacts("mother", E_MAIL), at=LATER)
    world.clock.pass_by(timedelta(days=28))
    presence = world.begin()
    world.ask(presence)
    with a_mail_server() as taken:
        server = MailServer("127.0.0.1", taken.port, "codes@council.example", Encryption.NONE)
    send_due(world.running.relay, SmtpMessages(server), CapturingLogger())
    world.clock.pass_by(timedelta(seconds=2))

    with a_mail_server() as taken:
        server = MailServer("127.0.0.1", taken.port, "codes@council.example", Encryption.NONE)
        send_due(world.running.relay, SmtpMessages(server), CapturingLogger())

    assert [one["to"] for one in taken.messages] == ["eva@family.example"]
    assert world.type_in(presence, taken.messages[0]["text"][:6])
    assert world.opened()


def test_message_stays_where_its_sending_cannot_be_entered(own_world: PresenceWorld):
    """It is sent again rather than forgotten without a trace."""
    own_world.ask(own_world.begin())
    own_world.running.break_the_ledger()

    with pytest.raises(ServiceUnavailableError):
        send_due(own_world.running.relay, _Carrier(), CapturingLogger())

    assert own_world.running.count("message_out") == 1


def test_demonstration_shows_what_it_would_send(world: PresenceWorld, tmp_path: Path):
    """In a file, and sends nothing to anybody."""
    world.ask(world.begin())

    send_due(world.running.relay, FileMessages(tmp_path), CapturingLogger())

    assert "We never ring for it." in (tmp_path / "messages.jsonl").read_text()


def test_council_with_fewer_than_two_officers_is_warned(own_world: PresenceWorld):
    """One is ill, or is the one who asks."""
    log = CapturingLogger()
    relay = own_world.running.relay

    assert not warn_of_few_officers(relay, log)
    with unit_of_work(own_world.running.outside) as work:
        for officer, _ in work.memberships.everybody():
            works_as(work, officer.practitioner, role=Role.PRACTITIONER)

    assert warn_of_few_officers(relay, log)
    assert [call.method_name for call in log.calls] == ["warning"]
