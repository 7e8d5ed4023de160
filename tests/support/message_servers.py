"""A mail server and an SMS gateway on loopback that keep what they take, for tests of senders."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from socketserver import BaseServer, StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(slots=True)
class Taken:
    """Where the server listens and what it took; `answer` is what it says to a message.

    Mail to `gone` it takes, and says in a Maildir later that it could not be delivered.
    """

    port: int = 0
    answer: str = ""
    messages: list[dict[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    maildir: Path | None = None


@contextmanager
def _serving(server: BaseServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _MailServer(ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, taken: Taken, certificate: Path | None) -> None:
        super().__init__(("127.0.0.1", 0), _MailHandler)
        self.taken = taken
        self.certificate = certificate
        taken.port = self.server_address[1]

    def handle_error(self, *_: object) -> None:
        """A client that does not trust the certificate hangs up: that is what is tested."""


class _MailHandler(StreamRequestHandler):
    server: _MailServer

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline():
            words = line.decode().strip()
            self.server.taken.said.append(words)
            self._answer(words.split(" ")[0].upper())

    def finish(self) -> None:
        for one in (self.rfile, self.wfile, self.connection):
            with suppress(OSError):  # whoever called has hung up, or never agreed on a cipher
                one.close()

    def _answer(self, verb: str) -> None:
        match verb:
            case "EHLO" if self.server.certificate is not None:
                self._say("250-here\r\n250 STARTTLS")
            case "STARTTLS":
                self._say("220 go on")
                self._encrypt()
            case "RCPT":
                self._say(self.server.taken.answer)
            case "DATA":
                self._say("354 go on")
                self._take(sender=_last_address(self.server.taken.said, "MAIL"))
                self._say("250 taken")
            case _:
                self._say("250 fine")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def _encrypt(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cast("Path", self.server.certificate))
        for former in (self.rfile, self.wfile):
            former.close()
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = cast("Any", self.connection.makefile("wb", buffering=0))

    def _take(self, sender: str) -> None:
        lines = iter(self.rfile.readline, b".\r\n")
        mail = message_from_bytes(b"".join(lines), policy=default)
        body = mail.get_body()
        assert body is not None
        text = str(body.get_content()).strip()
        reference = str(mail["Message-ID"]).strip("<>").split("@")[0]
        sent = {"to": str(mail["To"]), "text": text, "reference": reference}
        taken = self.server.taken
        taken.messages.append(sent | {"subject": str(mail["Subject"]), "sender": sender})
        if sent["to"] in taken.gone and taken.maildir is not None:
            new = taken.maildir / "new"
            new.mkdir(parents=True, exist_ok=True)
            said = a_bounce(sender, sent["to"], str(mail["Message-ID"]))
            (new / f"{len(taken.messages)}.bounce").write_bytes(said)


def _last_address(said: list[str], verb: str) -> str:
    words = [one for one in said if one.upper().startswith(verb)]
    return words[-1].partition("<")[2].partition(">")[0] if words else ""


def a_bounce(sender: str, to: str, message_id: str, *, action: str = "failed") -> bytes:
    """What a mail server sends back when it could not deliver (RFC 3464); our own words."""
    return f"""\
From: MAILER-DAEMON@mx.example
To: {sender}
Subject: Undelivered mail
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

There is nobody here of that name.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {to}
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 no such mailbox

--b
Content-Type: text/rfc822-headers

From: hub@northfield.example
To: {to}
Message-ID: {message_id}

--b--
""".encode()


@contextmanager
def a_mail_server(certificate: Path | None = None, maildir: Path | None = None) -> Iterator[Taken]:
    """Speak SMTP until the block ends; with a certificate it offers STARTTLS."""
    taken = Taken(answer="250 taken", maildir=maildir)
    with _serving(_MailServer(taken, certificate)):
        yield taken


@contextmanager
def an_sms_gateway(token: str) -> Iterator[Taken]:
    """Take messages as the adapter's module documents, from who has the token."""
    taken = Taken(answer="202")

    class _Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            is_known = self.headers["Authorization"] == f"Bearer {token}"
            status = int(taken.answer) if is_known else 401
            if status == 202:
                taken.messages.append(document)
            self.send_response(status)
            if status == 307:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), _Handler)
    taken.port = server.server_port
    with _serving(server):
        yield taken


def a_certificate(folder: Path) -> Path:
    """A certificate of this machine's, signed by itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, SHA256())
    )
    path = folder / "mail-server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path
