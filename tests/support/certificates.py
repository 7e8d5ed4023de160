"""An authority and certificates of a day, for servers on this machine that speak TLS."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)
Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Authority:
    """Whoever is asked to trust it trusts what it signs."""

    folder: Path
    key: Key
    certificate: x509.Certificate

    @classmethod
    def made(cls, folder: Path) -> "Authority":
        """Make one, whose certificate is `ca.crt` in the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        made = cls._signed("authority", key, "authority", key, is_authority=True)
        (folder / "ca.crt").write_bytes(_pem(made))
        return cls(folder, key, made)

    @property
    def file(self) -> Path:
        """Its own certificate."""
        return self.folder / "ca.crt"

    def server(self, name: str) -> tuple[Path, Path]:
        """A certificate for this machine's addresses and its key, as files; `name` is its CN."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._signed(name, key, "authority", self.key, is_authority=False)
        certificate, secret = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        certificate.write_bytes(_pem(made))
        secret.touch(mode=0o600)
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate, secret

    @staticmethod
    def _signed(
        name: str, key: Key, by: str, signer: Key, *, is_authority: bool
    ) -> x509.Certificate:
        now = datetime.now(UTC)  # noqa: TID251 certificates are of the machine's own day
        names = x509.SubjectAlternativeName(
            [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        )
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
            .add_extension(names, critical=False)
            .sign(signer, hashes.SHA256())
        )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
