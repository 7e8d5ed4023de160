"""E-mail through the council's own mail server (RFC 5321, RFC 6409)."""

import smtplib
import ssl
from collections.abc import Collection
from contextlib import closing, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum

from services.platform.messages.ports import Message, MessageChannel, MessageNotSentError

_SUBJECT = "A message from Tell Once"
_SECONDS = 10.0
_PERMANENT = 500


class Encryption(StrEnum):
    """How the way to the mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, repr=False)
class MailServer:
    """Where it is and as whom it takes mail. `context` is what certificates are checked with.

    `return_path` is where it says what could not be delivered; without one to the sender.
    """

    host: str
    port: int
    sender: str
    encryption: Encryption = Encryption.STARTTLS
    user: str = ""
    password: str = ""
    context: ssl.SSLContext | None = None
    return_path: str = ""


class SmtpMessages:
    """Messages by SMTP: a connection each, because codes are few and far between."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    @property
    def channels(self) -> Collection[MessageChannel]:
        """E-mail alone."""
        return frozenset({MessageChannel.EMAIL})

    def send(self, message: Message, *, reference: str) -> None:
        """Hand the mail over; to a server that encryption or signing in fails with, nothing."""
        if message.channel is not MessageChannel.EMAIL:
            raise MessageNotSentError("channel-not-carried", is_final=True)
        try:
            mail = self._mail(message, reference)
            with closing(self._connected()) as connection:
                connection.send_message(mail, from_addr=self._envelope_sender(reference))
                with suppress(smtplib.SMTPException, OSError):  # it has taken it by now
                    connection.quit()
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            is_final = all(code >= _PERMANENT for code in codes)
            raise MessageNotSentError("recipient-refused", is_final=is_final) from None
        except smtplib.SMTPAuthenticationError:
            raise MessageNotSentError("sign-in-refused") from None
        except smtplib.SMTPException:
            raise MessageNotSentError("mail-server-refused") from None
        except OSError:  # not there, too slow, or not who its certificate says
            raise MessageNotSentError("mail-server-away") from None
        except ValueError:  # an address or text that no header can hold
            raise MessageNotSentError("address-unusable", is_final=True) from None

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        context = server.context or ssl.create_default_context()
        if server.encryption is Encryption.TLS:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=_SECONDS, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
        try:
            if server.encryption is Encryption.STARTTLS:
                connection.starttls(context=context)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _envelope_sender(self, reference: str) -> str:
        """Of each message its own (a variable return path), so that a bounce names it."""
        local, _, domain = self._server.return_path.rpartition("@")
        return f"{local}+{reference}@{domain}" if local else self._server.sender

    def _mail(self, message: Message, reference: str) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._server.sender
        mail["To"] = message.to
        mail["Subject"] = message.subject or _SUBJECT
        # The same for each try, so that a mail server may notice one that comes twice.
        mail["Message-ID"] = f"<{reference}@{self._server.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine answers it
        mail.set_content(message.text)
        return mail
