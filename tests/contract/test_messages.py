"""The file, the mail server and the SMS gateway keep the contract of messages."""

import json
import socket
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from services.platform.errors import SettingsInvalidError
from services.platform.messages.file import FileMessages
from services.platform.messages.gateways import SmsGateway, Webhook
from services.platform.messages.ports import Message, MessageChannel, MessageNotSentError, Messages
from services.platform.messages.smtp import Encryption, MailServer, SmtpMessages
from services.platform.settings import Settings
from tests.contract.messages_contract import REFERENCE, TEXT, MessagesContract
from tests.support.message_servers import Taken, a_certificate, a_mail_server, an_sms_gateway

SENDER = "codes@northfield.example"
MAIL = Message(MessageChannel.EMAIL, "eva@family.example", TEXT)
SMS = Message(MessageChannel.SMS, "+447700900123", TEXT)
TOKEN = "not a real token"


def _nobody_listens() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _rows(taken: Taken) -> Sequence[tuple[str, str, str]]:
    return [(one["to"], one["text"], one["reference"]) for one in taken.messages]


class TestFile(MessagesContract):
    """In a folder that is made when it is first needed."""

    channel = MessageChannel.SMS
    to = SMS.to

    @pytest.fixture
    def messages(self, tmp_path: Path) -> Messages:
        """Give one that writes below the test's folder."""
        self._file = tmp_path / "messages" / "messages.jsonl"
        return FileMessages(self._file.parent)

    def arrived(self) -> Sequence[tuple[str, str, str]]:
        """A line each; nobody else on the machine may read it."""
        assert self._file.stat().st_mode & 0o077 == 0
        lines = [json.loads(line) for line in self._file.read_text().splitlines()]
        return [(line["to"], line["text"], line["reference"]) for line in lines]

    def away(self) -> Messages:
        """Give one whose folder would lie below a file."""
        return FileMessages(Path("/dev/null/messages"))


@pytest.mark.enable_socket
class TestMailServer(MessagesContract):
    """Over SMTP that is encrypted before anything is said."""

    channel = MessageChannel.EMAIL
    to = MAIL.to

    @pytest.fixture
    def messages(self, tmp_path: Path) -> Iterator[Messages]:
        """Give one that trusts the test's own server."""
        certificate = a_certificate(tmp_path)
        context = ssl.create_default_context(cafile=str(certificate))
        with a_mail_server(certificate) as self._taken:
            server = MailServer("127.0.0.1", self._taken.port, SENDER, context=context)
            yield SmtpMessages(server)

    def arrived(self) -> Sequence[tuple[str, str, str]]:
        """What the server was given after STARTTLS."""
        assert "STARTTLS" in self._taken.said
        return _rows(self._taken)

    def away(self) -> Messages:
        """Give one at an address where nobody listens."""
        return SmtpMessages(MailServer("127.0.0.1", _nobody_listens(), SENDER))


@pytest.mark.enable_socket
class TestSmsGateway(MessagesContract):
    """Over HTTP, as the adapter's module documents it."""

    channel = MessageChannel.SMS
    to = SMS.to

    @pytest.fixture
    def messages(self) -> Iterator[Messages]:
        """Give one with the token that the gateway knows."""
        with an_sms_gateway(TOKEN) as self._taken:
            yield SmsGateway(f"http://127.0.0.1:{self._taken.port}/messages", TOKEN)

    def arrived(self) -> Sequence[tuple[str, str, str]]:
        """What came with the token."""
        return _rows(self._taken)

    def away(self) -> Messages:
        """Give one at an address where nobody listens."""
        return SmsGateway(f"http://127.0.0.1:{_nobody_listens()}/", TOKEN)


@pytest.mark.enable_socket
class TestWebhook(MessagesContract):
    """Over HTTP to the address that the message names, which is sent to nobody."""

    channel = MessageChannel.WEBHOOK
    to = "http://127.0.0.1:9/alarms"

    @pytest.fixture
    def messages(self) -> Iterator[Messages]:
        """Give one with the token that the machine knows."""
        with an_sms_gateway(TOKEN) as self._taken:
            self.to = f"http://127.0.0.1:{self._taken.port}/messages"
            yield Webhook(TOKEN)

    def arrived(self) -> Sequence[tuple[str, str, str]]:
        """What came with the token, without the address."""
        assert all("to" not in one for one in self._taken.messages)
        return [(self.to, one["text"], one["reference"]) for one in self._taken.messages]

    def away(self) -> Messages:
        """Give one for an address where nobody listens."""
        return Webhook(TOKEN)


@pytest.mark.parametrize("address", ["http://listens.example/", "https://a@b.example/", "ftp://x"])
def test_an_alarm_goes_over_https_alone(address: str):
    """And the address holds nobody's password."""
    assert Settings(alarm_webhook="https://listens.example/alarms").alarm_webhook
    with pytest.raises(SettingsInvalidError):
        Settings(alarm_webhook=address)


@pytest.mark.enable_socket
def test_mail_is_not_sent_to_a_server_that_cannot_show_who_it_is(tmp_path: Path):
    """Its certificate is signed by nobody whom this machine trusts; nor without any encryption."""
    with a_mail_server(a_certificate(tmp_path)) as stranger, a_mail_server() as plain:
        for taken in (stranger, plain):
            with pytest.raises(MessageNotSentError) as raised:
                SmtpMessages(MailServer("127.0.0.1", taken.port, SENDER)).send(
                    MAIL, reference=REFERENCE
                )

            assert not raised.value.is_final
            assert taken.messages == []


@pytest.mark.enable_socket
@pytest.mark.parametrize(("answer", "is_final"), [("450 later", False), ("550 no such", True)])
def test_refused_recipient_is_tried_again_only_where_that_may_help(answer: str, *, is_final: bool):
    """RFC 5321 section 4.2.1: 4yz is transient, 5yz is not."""
    with a_mail_server() as taken:
        taken.answer = answer
        sender = SmtpMessages(MailServer("127.0.0.1", taken.port, SENDER, Encryption.NONE))
        with pytest.raises(MessageNotSentError) as raised:
            sender.send(MAIL, reference=REFERENCE)

    assert raised.value.is_final is is_final
    assert MAIL.to not in str(raised.value)


@pytest.mark.parametrize("to", ["eva@family.example\r\nBcc: all@family.example", "not an address"])
@pytest.mark.enable_socket
def test_address_that_no_header_can_hold_is_final(to: str):
    """And adds no recipient."""
    with a_mail_server() as taken:
        sender = SmtpMessages(MailServer("127.0.0.1", taken.port, SENDER, Encryption.NONE))
        taken.answer = "501 not an address"
        with pytest.raises(MessageNotSentError) as raised:
            sender.send(Message(MessageChannel.EMAIL, to, TEXT), reference=REFERENCE)

    assert raised.value.is_final
    assert taken.messages == []


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("answer", "is_final"), [("429", False), ("503", False), ("400", True), ("307", True)]
)
def test_gateway_s_answer_says_whether_to_try_again(answer: str, *, is_final: bool):
    """A redirect is followed nowhere: the token and the number would go there too."""
    with an_sms_gateway(TOKEN) as taken:
        taken.answer = answer
        with pytest.raises(MessageNotSentError) as raised:
            SmsGateway(f"http://127.0.0.1:{taken.port}/", TOKEN).send(SMS, reference=REFERENCE)

    assert raised.value.is_final is is_final


@pytest.mark.enable_socket
def test_gateway_takes_nothing_without_its_token():
    """Trying again would not help."""
    with an_sms_gateway(TOKEN) as taken, pytest.raises(MessageNotSentError) as raised:
        SmsGateway(f"http://127.0.0.1:{taken.port}/", "another").send(SMS, reference=REFERENCE)

    assert raised.value.is_final
    assert taken.messages == []


@pytest.mark.parametrize("message", [MAIL, SMS], ids=["mail", "text message"])
def test_what_an_adapter_does_not_carry_is_not_carried(message: Message):
    """Whoever routes messages has made a mistake; nothing is sent anywhere."""
    others: dict[MessageChannel, Messages] = {
        MessageChannel.EMAIL: SmsGateway("http://127.0.0.1:1/", TOKEN),
        MessageChannel.SMS: SmtpMessages(MailServer("127.0.0.1", 1, SENDER)),
    }

    with pytest.raises(MessageNotSentError) as raised:
        others[message.channel].send(message, reference=REFERENCE)

    assert raised.value.is_final
