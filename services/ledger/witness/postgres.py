"""The witnesses of our ledger: asked as c2sp.org/tlog-witness says; what they cosigned is kept."""

import http.client
from dataclasses import dataclass
from typing import Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from sqlalchemy import Connection, text

from consent.errors import NoteMalformedError, NoteUntrustedError
from consent.transparency.signed_note import NoteSignature, parse_note
from consent.transparency.verifier_key import VerifierKey
from consent.transparency.witness import AddCheckpoint, read_cosignature, read_size
from services.platform.errors import ServiceError

_SECONDS = 5.0
_MOST_BYTES = 64 * 1024
_CONFLICT = 409


class WitnessesMisnamedError(ServiceError):
    """The setting that names the witnesses cannot be read; says which part."""


class WitnessUnavailableError(ServiceError):
    """A witness did not answer, or not as a witness does; ask again later."""


class WitnessRefusedError(ServiceError):
    """A witness will not cosign this checkpoint; the status says why, and a person must look."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(f"the witness {name} answered {status}; see runbook 004")
        self.status = status


@dataclass(frozen=True, slots=True)
class WitnessAddress:
    """Where a witness is asked, and the key that it cosigns with."""

    key: VerifierKey
    url: str


@dataclass(frozen=True, slots=True)
class OtherSizeSeen:
    """The witness cosigned a tree of another size last: prove it from there."""

    size: int


class Witness(Protocol):
    """Cosigns our checkpoints, or says what is in the way.

    Raises WitnessUnavailableError when trying again later may help, and WitnessRefusedError when
    it will not. What is given back as a cosignature was checked against the witness' key.
    """

    @property
    def key(self) -> VerifierKey:
        """The key that it cosigns with."""

    def ask(self, request: AddCheckpoint) -> NoteSignature | OtherSizeSeen:
        """Ask for one cosignature."""


def parse_witnesses(text: str) -> tuple[WitnessAddress, ...]:
    """Read `VERIFIER_KEY URL VERIFIER_KEY URL …`; raises WitnessesMisnamedError."""
    words = text.split()
    if len(words) % 2:
        raise WitnessesMisnamedError("witnesses are named in pairs: verifier key, URL")
    return tuple(_parse(*pair) for pair in zip(words[::2], words[1::2], strict=True))


class HttpWitness:
    """A witness behind its URL; one request at a time, no redirects, little patience."""

    def __init__(self, address: WitnessAddress, *, seconds: float = _SECONDS) -> None:
        self.key = address.key
        self._url = f"{address.url.rstrip('/')}/add-checkpoint"
        self._seconds = seconds

    def ask(self, request: AddCheckpoint) -> NoteSignature | OtherSizeSeen:
        """Ask for one cosignature; see Witness."""
        status, content = self._post(str(request).encode())
        try:
            if status == _CONFLICT:
                return OtherSizeSeen(read_size(content))
            if status == http.client.OK:
                return read_cosignature(content, parse_note(request.checkpoint), self.key)
        except (NoteMalformedError, NoteUntrustedError) as error:
            raise WitnessUnavailableError(f"the witness {self.key.name}: {error}") from error
        if http.client.BAD_REQUEST <= status < http.client.INTERNAL_SERVER_ERROR:
            raise WitnessRefusedError(self.key.name, status)
        raise WitnessUnavailableError(f"the witness {self.key.name} answered {status}")

    def _post(self, body: bytes) -> tuple[int, bytes]:
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        request = Request(self._url, data=body, headers=headers)  # noqa: S310 checked when parsed
        try:
            with _opener().open(request, timeout=self._seconds) as answer:
                return answer.status, answer.read(_MOST_BYTES)
        except HTTPError as error:
            with error:
                return error.code, error.read(_MOST_BYTES)
        except (URLError, OSError, http.client.HTTPException) as error:
            raise WitnessUnavailableError(
                f"the witness {self.key.name} does not answer ({type(error).__name__})"
            ) from error


class _NoRedirects(HTTPRedirectHandler):
    """A witness is where the settings say, and nowhere that a stranger says."""

    def redirect_request(self, *_: object) -> None:
        """Follow none; the status is the answer."""


def _opener() -> OpenerDirector:
    return build_opener(_NoRedirects)


def _parse(key: str, url: str) -> WitnessAddress:
    try:
        found = VerifierKey.parse(key)
    except NoteMalformedError as error:
        raise WitnessesMisnamedError(f"a witness' key: {error}") from None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise WitnessesMisnamedError(f"{found.name} has no address that begins with https://")
    return WitnessAddress(found, url)


# What they cosigned, in the database beside the checkpoints it belongs to.

_KEEP = text("""
    INSERT INTO ledger_cosignature (size, witness, line) VALUES (:size, :witness, :line)
    ON CONFLICT (size, witness) DO NOTHING
""")


def keep_cosignature(
    connection: Connection, size: int, key: VerifierKey, line: NoteSignature
) -> None:
    """Put a checked cosignature below the checkpoint of this size; a second one is let go."""
    connection.execute(_KEEP, {"size": size, "witness": key.label, "line": str(line)})
