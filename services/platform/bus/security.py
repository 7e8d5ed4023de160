"""How a bus is spoken to: in the clear on this machine, elsewhere by TLS and as somebody."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import SecretStr

from services.platform.errors import BusNotSecureError
from services.platform.settings import Settings

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_MECHANISM: Final = "SCRAM-SHA-512"


class _TidySSLSocket(ssl.SSLSocket):
    """Closes itself when it cannot agree; kafka-python 3.0.12 leaves that to chance."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 as inherited
        """As far as it goes now."""
        try:
            super().do_handshake(block)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except OSError:
            self.close()
            raise


@dataclass(frozen=True, slots=True)
class BusSecurity:
    """As the settings say; without a word of them only this machine is spoken to in the clear."""

    kind: Literal["", "plaintext", "tls", "scram"] = ""
    ca: str | None = None
    user: str = ""
    password: SecretStr | None = field(default=None, repr=False)
    certificate: str | None = None
    key: str | None = None

    @classmethod
    def as_set(cls, settings: Settings) -> "BusSecurity":
        """What the settings say."""
        ca, certificate, key = (
            None if path is None else str(path)
            for path in (settings.bus_ca, settings.bus_certificate, settings.bus_key)
        )
        told = (settings.bus_user, settings.bus_password, certificate, key)
        return cls(settings.bus_security, ca, *told)

    def client_settings(self, servers: Sequence[str]) -> dict[str, object]:
        """For Kafka's clients. Raises BusNotSecureError, which says what to set."""
        match self.kind:
            case "plaintext":
                return {"security_protocol": "PLAINTEXT"}
            case "":
                _require_loopback(servers)
                return {"security_protocol": "PLAINTEXT"}
            case "tls":
                return {"security_protocol": "SSL", "ssl_context": self._context()}
            case "scram":
                return self._by_scram()

    def _by_scram(self) -> dict[str, object]:
        if not self.user or self.password is None:
            raise BusNotSecureError("bus_security is scram: set bus_user and bus_password")
        return {
            "security_protocol": "SASL_SSL",
            "ssl_context": self._context(),
            "sasl_mechanism": _MECHANISM,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password.get_secret_value(),
        }

    def _context(self) -> ssl.SSLContext:
        """Whom the authority vouches for, by the name that was asked for; TLS 1.2 or later."""
        if (self.certificate is None) != (self.key is None):
            raise BusNotSecureError("bus_certificate and bus_key go together: set both or none")
        try:
            context = ssl.create_default_context(cafile=self.ca)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.sslsocket_class = _TidySSLSocket
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key)
        except OSError:  # ssl.SSLError is one
            raise BusNotSecureError(
                "bus_ca, bus_certificate or bus_key names no file that can be used"
            ) from None
        return context


def _require_loopback(servers: Sequence[str]) -> None:
    if not all(server.rpartition(":")[0] in _LOOPBACK for server in servers):
        raise BusNotSecureError(
            "the bus is on another machine and would be spoken to in the clear: "
            "set bus_security to scram or tls, or to plaintext if that is meant"
        )
