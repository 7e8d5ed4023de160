"""From settings to an open MESH mailbox, or what the settings lack."""

from pydantic import SecretStr

from services.adapters.mesh_mailbox import MeshAccess, MeshMailbox
from services.errors import ServiceError
from services.mailbox import Mailbox
from services.settings import Settings


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
