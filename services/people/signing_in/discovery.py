"""How a provider describes itself, and the keys by which it signs: asked for, checked, and kept.

Sources: OpenID Connect Discovery 1.0 sections 3 and 4.3, RFC 7517 (keys), RFC 9207 (issuer).
"""

import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from services.people.signing_in.fetching import AskingError, Fetcher, HttpQuestion, Monotonic
from services.people.signing_in.ports import ProviderRefusal
from services.people.signing_in.providers import LOOPBACK
from services.people.signing_in.tokens import Signs, read_json

_SECONDS_KEPT: Final = 3600.0
_SECONDS_BETWEEN: Final = 5.0
_MOST_KEYS: Final = 50
_FEWEST_BITS: Final = 2048
_LONGEST_ADDRESS: Final = 2048
_OK: Final = 200
_FAILED: Final = 500
_ASK_LATER: Final = frozenset({408, 429})
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KEY_KINDS: Final[Mapping[str, type[RSAKey] | type[ECKey]]] = {"RSA": RSAKey, "EC": ECKey}

_Asked = TypeVar("_Asked")


class AskedProvider(Signs, Protocol):
    """A provider as far as it is asked for anything: where, and as whom."""

    @property
    def name(self) -> str:
        """As the settings name it."""

    @property
    def discovery_address(self) -> str:
        """Where it describes itself."""

    @property
    def key_id(self) -> str:
        """By what it finds our key."""

    @property
    def key_file(self) -> Path:
        """Where our key lies."""

    @property
    def assertion_audience(self) -> str:
        """To which of its names we say who we are."""


@dataclass(frozen=True, slots=True)
class Description:
    """Where a provider is asked what; `tells_issuer` if it names itself in what it sends back."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    sign_out: str | None
    tells_issuer: bool
    assertion_algorithms: frozenset[str] | None


class Acquaintance:
    """One provider as far as it is known: what it says of itself and its keys, for an hour each.

    What failed is not tried again for some seconds, so that a provider that is away keeps nobody
    waiting but the first who asks. Safe to use from several threads.
    """

    def __init__(
        self,
        provider: AskedProvider,
        fetcher: Fetcher,
        *,
        is_demonstration: bool,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        self.provider = provider
        self._fetcher = fetcher
        self._is_demonstration = is_demonstration
        self._description = KeptAnswer(self._describe, monotonic)
        self._keys = KeptAnswer(self._fetch_keys, monotonic)

    def description(self, over: float) -> Description:
        """What it says of itself. Raises AskingError."""
        return self._description.known(over)

    def keys(self, over: float) -> KeySet:
        """By what it signs, as we know it. Raises AskingError."""
        return self._keys.known(over)

    def newer_keys(self, than: KeySet, over: float) -> KeySet:
        """The same, asked for once more unless that was just done."""
        return self._keys.newer(than, over)

    def _describe(self, over: float) -> Description:
        found = self._json(self.provider.discovery_address, over)
        return read_description(found, self.provider, is_demonstration=self._is_demonstration)

    def _fetch_keys(self, over: float) -> KeySet:
        return read_keys(self._json(self.description(over).keys, over))

    def _json(self, url: str, over: float) -> Mapping[str, Any]:
        answer = self._fetcher.ask(HttpQuestion(url), seconds=over - time.monotonic())
        if answer.status != _OK:
            raise AskingError(refusal_of_status(answer.status), f"status-{answer.status}")
        return json_in(answer.content)


def refusal_of_status(status: int) -> ProviderRefusal:
    """What an answer of a status that was not hoped for comes to; no redirect is followed."""
    is_away = status >= _FAILED or status in _ASK_LATER
    return ProviderRefusal.AWAY if is_away else ProviderRefusal.NOT_AS_DESCRIBED


def json_in(content: bytes) -> Mapping[str, Any]:
    """A JSON object, each name in it once. Raises AskingError."""
    try:
        found = read_json(content)
    except (ValueError, RecursionError):
        raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "answer-no-json") from None
    if not isinstance(found, dict):
        raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "answer-no-object")
    return found


def read_description(
    found: Mapping[str, Any], provider: AskedProvider, *, is_demonstration: bool
) -> Description:
    """What a provider says of itself, if it is that provider. Raises AskingError."""
    if found.get("issuer") != provider.issuer:
        raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "issuer-differs")

    def address(name: str) -> str:
        told = found.get(name)
        if not isinstance(told, str) or not _is_safe(told, is_demonstration=is_demonstration):
            raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, f"{name.replace('_', '-')}-unsafe")
        return told

    def address_if_any(name: str) -> str | None:
        return address(name) if name in found else None

    algorithms = found.get("token_endpoint_auth_signing_alg_values_supported")
    return Description(
        address("authorization_endpoint"),
        address("token_endpoint"),
        address("jwks_uri"),
        address_if_any("userinfo_endpoint"),
        address_if_any("end_session_endpoint"),
        found.get("authorization_response_iss_parameter_supported") is True,
        frozenset(one for one in algorithms if isinstance(one, str))
        if isinstance(algorithms, list)
        else None,
    )


def _is_safe(url: str, *, is_demonstration: bool) -> bool:
    """With https and of one host; in a demonstration http will do on this machine."""
    if len(url) > _LONGEST_ADDRESS or not all("!" <= letter <= "~" for letter in url):
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc or "#" in url or "\\" in url:
        return False
    is_here = is_demonstration and parts.scheme == "http" and parts.hostname in LOOPBACK
    return parts.scheme == "https" or is_here


def read_keys(found: Mapping[str, Any]) -> KeySet:
    """By what a provider signs; kinds that we do not know are left out (RFC 7517 section 5).

    One private key makes all of it worthless: whoever published that is not to be believed.
    Raises AskingError.
    """
    told = found.get("keys")
    if not isinstance(told, list) or not told or len(told) > _MOST_KEYS:
        raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "no-set-of-keys")
    keys: list[RSAKey | ECKey] = []
    for one in told:
        if not isinstance(one, dict) or not _is_named_in_words(one):
            raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "key-malformed")
        if not _PRIVATE.isdisjoint(one):
            raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "key-not-public")
        if one["kty"] in _KEY_KINDS and not _is_weak(one):
            keys.append(_key_in(one))
    if not keys:
        raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "no-key-of-use")
    return KeySet(list(keys))


def _is_named_in_words(told: Mapping[str, Any]) -> bool:
    """What it is and what it is for, which `tokens` compares."""
    named = [told.get(name) for name in ("kid", "use", "alg")]
    return isinstance(told.get("kty"), str) and all(isinstance(one, str | None) for one in named)


def _is_weak(told: Mapping[str, Any]) -> bool:
    """An RSA key of fewer bits than may sign anything (RFC 7518 section 3.3)."""
    if told["kty"] != "RSA":
        return False
    try:
        modulus = told.get("n", "")
        content = urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))
    except (ValueError, TypeError):
        raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "key-malformed") from None
    return int.from_bytes(content).bit_length() < _FEWEST_BITS


def _key_in(told: Mapping[str, Any]) -> RSAKey | ECKey:
    try:
        found = _KEY_KINDS[told["kty"]].import_key(dict(told))
        _ = found.public_key  # which is read only then
    except (JoseError, ValueError, TypeError, KeyError):
        raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "key-malformed") from None
    return found


class KeptAnswer(Generic[_Asked]):
    """What was asked for: known for an hour; a failure for a few seconds."""

    def __init__(self, ask: Callable[[float], _Asked], monotonic: Monotonic) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._lock = Lock()
        self._asked_at = self._found_at = -_SECONDS_KEPT
        self._found: _Asked | None = None
        self._failure: AskingError | None = None

    def known(self, over: float) -> _Asked:
        """What is known waits for nobody: a stranger's key can make another thread ask slowly."""
        found = self._still_known()
        if found is not None:
            return found
        with self._asking(over):
            found = self._still_known()
            if found is not None:
                return found
            now = self._monotonic()
            if self._failure is not None and now - self._asked_at < _SECONDS_BETWEEN:
                raise AskingError(self._failure.refusal, self._failure.why)
            return self._anew(over)

    def newer(self, than: _Asked, over: float) -> _Asked:
        """If it fails now, what was known stays known: a stranger's key can make us ask."""
        with self._asking(over):
            is_soon = self._monotonic() - self._asked_at < _SECONDS_BETWEEN
            if self._found is None or self._found is not than or is_soon:
                return self._found or than
            with suppress(AskingError):
                return self._anew(over)
            return than

    def _still_known(self) -> _Asked | None:
        found, at = self._found, self._found_at
        return found if self._monotonic() - at < _SECONDS_KEPT else None

    def _anew(self, over: float) -> _Asked:
        self._asked_at = self._monotonic()
        self._failure = None
        try:
            found = self._ask(over)
        except AskingError as error:
            self._failure = error
            raise
        self._found, self._found_at = found, self._asked_at
        return found

    @contextmanager
    def _asking(self, over: float) -> Iterator[None]:
        """One asks, the others wait for what it finds, and no longer than they may."""
        if not self._lock.acquire(timeout=max(over - time.monotonic(), 0.0)):
            raise AskingError(ProviderRefusal.AWAY, "too-slow")
        try:
            yield
        finally:
            self._lock.release()
