"""A mailbox of the NHS's Message Exchange for Social Care and Health, by the NHS's own client.

Source: MESH API 2.0; the package mesh-client 5.
"""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from mesh_client import MeshClient, Message
from pydantic import SecretStr
from requests.exceptions import HTTPError, RequestException
from urllib3.exceptions import HTTPError as TransportError

from services.platform.errors import ServiceError
from services.platform.mailbox.ports import (
    Delivery,
    DeliveryUnreadableError,
    Mailbox,
    MailboxUnavailableError,
)
from services.platform.settings import Settings

_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31
_FEWEST_LISTED = 10
_MOST_LISTED = 500
_TIMEOUT_SECONDS = 30.0
_RETRIES = 2
_NOT_ONE_MESSAGES_FAULT = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
)
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@dataclass(frozen=True, slots=True)
class MeshAccess:
    """Where the mailbox is and what opens it; the secrets are not shown when it is printed."""

    url: str
    mailbox: str
    password: str = field(repr=False)
    shared_key: str = field(repr=False)
    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


class MeshMailbox:
    """One mailbox, open until closed."""

    def __init__(self, access: MeshAccess) -> None:
        certificate = None
        if access.certificate is not None and access.key is not None:
            certificate = (str(access.certificate), str(access.key))
        self._client = MeshClient(
            access.url,
            access.mailbox,
            access.password,
            shared_key=access.shared_key.encode(),
            cert=certificate,
            verify=None if access.authority is None else str(access.authority),
            max_retries=_RETRIES,
            timeout=_TIMEOUT_SECONDS,
            application_name="tell-once",
        )

    def list(self, most: int) -> Sequence[str]:
        """The ids of up to `most` messages that wait."""
        page = min(max(most, _FEWEST_LISTED), _MOST_LISTED)
        with _failures():
            return self._client.list_messages(max_results=page)[:most]

    def fetch(self, message_id: str, *, most_bytes: int) -> Delivery:
        """One message, its chunks joined and both kinds of compression undone.

        MESH compresses on the way, and senders may have compressed before: what the header says
        of the latter cannot be told from the former, so the content itself is looked at.
        """
        try:
            with _failures(), closing(self._client.retrieve_message(message_id)) as message:
                content = _read(message, most_bytes)
                return Delivery(message_id, message.workflow_id or None, content)
        except HTTPError as error:
            raise DeliveryUnreadableError(_reason(error)) from None
        except zlib.error:
            raise DeliveryUnreadableError("not-decodable") from None

    def acknowledge(self, message_id: str) -> None:
        """Let MESH forget a message, which it then does at once."""
        try:
            with _failures():
                self._client.acknowledge_message(message_id)
        except HTTPError as error:
            if _status(error) not in _GONE:
                raise MailboxUnavailableError(
                    f"the mailbox does not take an acknowledgement (HTTP {_status(error)})"
                ) from None

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()


@contextmanager
def _failures() -> Iterator[None]:
    """Raise MailboxUnavailableError but for an answer that is about one message alone.

    The client's own errors are not passed on: they tell URLs and headers.
    """
    try:
        yield
    except HTTPError as error:
        status = _status(error)
        if error.response is not None:
            error.response.close()  # its body was never read, so the connection hangs on it
        if status in _NOT_ONE_MESSAGES_FAULT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise MailboxUnavailableError(
                f"the mailbox answers with HTTP {status}; it keeps its messages, try later"
            ) from None
        raise
    except (RequestException, TransportError, OSError) as error:
        raise MailboxUnavailableError(
            f"the mailbox does not answer ({type(error).__name__}); try later"
        ) from None


def _read(message: Message, most_bytes: int) -> bytes:
    content = message.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise DeliveryUnreadableError("too-large")
    return _unzipped(content, most_bytes) if content.startswith(_GZIP) else content


def _unzipped(content: bytes, most_bytes: int) -> bytes:
    """What a sender had compressed; as it came where it is broken, so that it parks whole."""
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    try:
        plain = inflater.decompress(content, most_bytes + 1)
    except zlib.error:
        return content
    if len(plain) > most_bytes:
        raise DeliveryUnreadableError("too-large")
    return plain if inflater.eof else content


def _reason(error: HTTPError) -> str:
    return "gone" if _status(error) in _GONE else "refused"


def _status(error: HTTPError) -> int:
    return 0 if error.response is None else error.response.status_code


# From settings to an open mailbox, or what the settings lack.


class MailboxNotNamedError(ServiceError):
    """The settings do not say all that opens the mailbox; runbook 000 lists them."""


def open_mesh_mailbox(settings: Settings) -> Mailbox:
    """Open the mailbox that the settings name. Raises MailboxNotNamedError.

    Nothing is asked of the mailbox yet, so it need not answer.
    """
    for name in ("mesh_url", "mesh_mailbox"):
        if not getattr(settings, name):
            raise MailboxNotNamedError(f"no mailbox is named: set TELL_ONCE_{name.upper()}")
    if (settings.mesh_certificate is None) != (settings.mesh_key is None):
        raise MailboxNotNamedError(
            "set both TELL_ONCE_MESH_CERTIFICATE and TELL_ONCE_MESH_KEY, or neither"
        )
    access = MeshAccess(
        url=settings.mesh_url,
        mailbox=settings.mesh_mailbox,
        password=_secret(settings.mesh_password, "MESH_PASSWORD"),
        shared_key=_secret(settings.mesh_shared_key, "MESH_SHARED_KEY"),
        authority=settings.mesh_ca,
        certificate=settings.mesh_certificate,
        key=settings.mesh_key,
    )
    try:
        return MeshMailbox(access)
    except OSError as error:  # also what OpenSSL has to say of a file
        raise MailboxNotNamedError(
            "TELL_ONCE_MESH_CA, _CERTIFICATE or _KEY names a file that cannot be used "
            f"({type(error).__name__})"
        ) from None


def _secret(secret: SecretStr | None, name: str) -> str:
    """The client signs with ASCII only, and falls back to a key that everybody knows for none."""
    value = "" if secret is None else secret.get_secret_value()
    if not value or not value.isascii():
        raise MailboxNotNamedError(f"set TELL_ONCE_{name}, in ASCII characters")
    return value
