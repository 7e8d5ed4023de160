"""Which adapter carries what, as the settings say."""

from collections.abc import Collection, Sequence

from services.platform.messages.file import FileMessages
from services.platform.messages.gateways import SmsGateway, Webhook
from services.platform.messages.ports import Message, MessageChannel, MessageNotSentError, Messages
from services.platform.messages.smtp import Encryption, MailServer, SmtpMessages
from services.platform.settings import Settings

FOLDER = "messages"
"""Below the data folder, where the demonstration shows what it would send."""


class RoutedMessages:
    """Messages by whichever of several carries their channel; by none where none does."""

    def __init__(self, carriers: Sequence[Messages]) -> None:
        self._by_channel = {channel: each for each in carriers for channel in each.channels}

    @property
    def channels(self) -> Collection[MessageChannel]:
        """Those of all of them."""
        return frozenset(self._by_channel)

    def send(self, message: Message, *, reference: str) -> None:
        """Hand it to whoever carries its channel."""
        carrier = self._by_channel.get(message.channel)
        if carrier is None:
            raise MessageNotSentError("channel-not-carried", is_final=True)
        carrier.send(message, reference=reference)


def open_messages(settings: Settings) -> RoutedMessages:
    """What these settings send with: a file in the demonstration, else what they name.

    The demonstration sends nothing to anybody, whatever the settings name.
    """
    if settings.environment == "demonstration":
        return RoutedMessages([FileMessages(settings.data / FOLDER)])
    carriers: list[Messages] = []
    if settings.smtp_host:
        carriers.append(SmtpMessages(_mail_server(settings)))
    if settings.sms_gateway_url:
        token = settings.sms_gateway_token
        secret = "" if token is None else token.get_secret_value()
        carriers.append(SmsGateway(settings.sms_gateway_url, secret))
    if settings.alarm_webhook:
        token = settings.alarm_webhook_token
        carriers.append(Webhook("" if token is None else token.get_secret_value()))
    return RoutedMessages(carriers)


def _mail_server(settings: Settings) -> MailServer:
    password = settings.smtp_password
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_from,
        Encryption(settings.smtp_encryption),
        settings.smtp_user,
        "" if password is None else password.get_secret_value(),
        return_path=settings.smtp_return_path,
    )
