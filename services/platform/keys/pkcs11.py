"""The key vault in a hardware security module, by PKCS#11: its keys never leave the token.

In the token lie a root key and a wrapping key for each version, all for HMAC-SHA-256 and none to be
read: what a data key is wrapped under is what a wrapping key makes of the secret of its slot and
its holder. Those secrets, which have to be forgotten one by one, lie in `erasable-secrets` as with
the vault in files: the file without the token opens nothing, the token without the file neither.
One token belongs to one database. The package is optional: `pip install python-pkcs11`.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import RLock
from typing import Any

from services.platform.durable_files import FileLock
from services.platform.errors import KeysAwayError, KeyUnusableError
from services.platform.keys.files_secrets import ErasableSecrets
from services.platform.keys.slotted import SlottedKeyVault
from services.platform.keys.vault import SecretName

_ROOT = "tell-once root"
_WRAPPING = "tell-once wrapping "
_VERSION = re.compile(re.escape(_WRAPPING) + r"([1-9][0-9]{0,4})", re.ASCII)
_FIRST = 1
_KEY_BITS = 256


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """Which token, by whose library, and what opens it."""

    module: Path
    label: str
    pin: str

    def __repr__(self) -> str:
        """Without what opens it."""
        return f"TokenAddress({self.label!r})"


class TokenSession:
    """One session with a token, shared by the threads of a process and never by two processes."""

    def __init__(self, address: TokenAddress) -> None:
        self._address = address
        self._lock = RLock()
        self._process = os.getpid()
        self._session = self._open(is_fork=False)
        self._keys: dict[str, Any] = {}

    def labels(self) -> list[str]:
        """Of all keys that are in it."""
        with self._using() as (pkcs11, session):
            of_keys = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY}
            return sorted(str(key.label) for key in session.get_objects(of_keys))

    def has(self, label: str) -> bool:
        """Whether the token has such a key now."""
        with self._using() as (pkcs11, session):
            return next(iter(self._found(pkcs11, session, label)), None) is not None

    def make(self, label: str) -> None:
        """Make a key that is kept in the token, may be read by nobody and only signs."""
        with self._using() as (pkcs11, session):
            attribute = pkcs11.Attribute
            session.generate_key(
                pkcs11.KeyType.GENERIC_SECRET,
                _KEY_BITS,
                label=label,
                store=True,
                template={
                    attribute.EXTRACTABLE: False,
                    attribute.SENSITIVE: True,
                    attribute.SIGN: True,
                    attribute.DERIVE: False,
                },
            )

    def destroy(self, label: str) -> None:
        """Have the token forget a key; again is no error."""
        with self._using() as (pkcs11, session):
            self._keys.pop(label, None)
            for key in list(self._found(pkcs11, session, label)):
                key.destroy()

    def mac(self, label: str, content: bytes) -> bytes:
        """The 32 bytes that a key makes of this. Raises KeyUnusableError when it is not there."""
        with self._using() as (pkcs11, session):
            key = self._keys.get(label)
            if key is None:
                key = next(iter(self._found(pkcs11, session, label)), None)
                if key is None:
                    raise _missing(label)
                self._keys[label] = key
            try:
                return bytes(key.sign(content, mechanism=pkcs11.Mechanism.SHA256_HMAC))
            except (pkcs11.ObjectHandleInvalid, pkcs11.KeyHandleInvalid):
                self._keys.pop(label, None)
                raise _missing(label) from None

    @contextmanager
    def _using(self) -> Iterator[tuple[Any, Any]]:
        """The library and our session with it. What goes wrong there is a KeysAwayError."""
        pkcs11 = _library()
        with self._lock:
            if self._process != os.getpid():  # a library may not be used across a fork
                session = self._open(is_fork=True)
                self._process, self._keys, self._session = os.getpid(), {}, session
            try:
                yield pkcs11, self._session
            except pkcs11.PKCS11Error as error:
                raise KeysAwayError(str(self._failed(error))) from error

    def _open(self, *, is_fork: bool) -> Any:
        pkcs11, told = _library(), self._address
        try:
            library = pkcs11.lib(str(told.module))
            if is_fork:
                library.reinitialize()
            token = library.get_token(token_label=told.label)
            try:
                return token.open(rw=True, user_pin=told.pin)
            except pkcs11.UserAlreadyLoggedIn:  # by another session of this process
                return token.open(rw=True)
        except (pkcs11.PKCS11Error, RuntimeError) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> KeyUnusableError:
        # The library's own text may quote what it was given.
        return KeyUnusableError(
            f"the token {self._address.label!r} cannot be used ({type(error).__name__}); "
            "look at the security module, and at pkcs11_module, pkcs11_token and pkcs11_pin"
        )

    @staticmethod
    def _found(pkcs11: Any, session: Any, label: str) -> Any:
        attribute = pkcs11.Attribute
        told = {attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY, attribute.LABEL: label}
        return list(session.get_objects(told))


class Pkcs11KeyVault(SlottedKeyVault):
    """Keys in a token, and beside it the secrets of data keys."""

    def __init__(self, token: TokenSession, erasable: ErasableSecrets, folder: Path) -> None:
        super().__init__(erasable)
        self._token = token
        self._lock_path = folder / "token.lock"
        self._newest_known = _FIRST
        self._secrets: dict[SecretName, bytes] = {}

    @classmethod
    def open(
        cls, address: TokenAddress, folder: Path, copies: Path | None = None
    ) -> "Pkcs11KeyVault":
        """Make what is missing of a token and a folder that hold nothing yet, then read them.

        The first wrapping key is made last: a token that has one was complete once.
        """
        token = TokenSession(address)
        if not token.has(_label(_FIRST)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock.open(folder / "token.lock") as lock:
                lock.wait_exclusive()
                if not any(map(_VERSION.fullmatch, token.labels())):
                    cls._make_all(token, folder)
        return cls.open_known(address, folder, copies, token=token)

    @classmethod
    def open_known(
        cls,
        address: TokenAddress,
        folder: Path,
        copies: Path | None = None,
        *,
        token: TokenSession | None = None,
    ) -> "Pkcs11KeyVault":
        """Read a token and a folder that were complete once; makes nothing.

        Raises KeyUnusableError, which names what is missing.
        """
        token = token or TokenSession(address)
        labels, erasable = token.labels(), _erasable(folder)
        there = {
            f"key {_ROOT!r} of the token": _ROOT in labels,
            f"a key {_WRAPPING + 'N'!r} of the token": any(map(_VERSION.fullmatch, labels)),
            erasable.name: erasable.exists(),
        }
        missing = [name for name, is_there in there.items() if not is_there]
        if missing:
            raise KeyUnusableError(f"{', '.join(missing)}: not there; restore it")
        return cls(token, ErasableSecrets(erasable, copies), folder)

    @staticmethod
    def _make_all(token: TokenSession, folder: Path) -> None:
        if not token.has(_ROOT):
            token.make(_ROOT)
        ErasableSecrets.create(_erasable(folder))
        token.make(_label(_FIRST))

    def versions(self) -> Sequence[int]:
        """The wrapping keys that there are, the newest last."""
        found = (_VERSION.fullmatch(label) for label in self._token.labels())
        return sorted({int(one[1]) for one in found if one})

    def add_version(self) -> int:
        """Make a new wrapping key; two who do it at once make two."""
        with FileLock.open(self._lock_path) as lock:
            lock.wait_exclusive()
            version = self._newest() + 1
            self._token.make(_label(version))
        return version

    def destroy_version(self, version: int) -> None:
        """Forget a wrapping key that is not the newest. Raises KeyUnusableError for that."""
        if version == self._newest():
            raise KeyUnusableError(f"wrapping key {version} is the newest; rotate first")
        self._token.destroy(_label(version))

    def secret(self, name: SecretName) -> bytes:
        """The 32 bytes of a named secret, which the root key makes of its name."""
        if name not in self._secrets:
            self._secrets[name] = self._token.mac(_ROOT, f"tell-once:secret:{name}".encode())
        return self._secrets[name]

    def _newest(self) -> int:
        while self._token.has(_label(self._newest_known + 1)):
            self._newest_known += 1
        if not self._token.has(_label(self._newest_known)):  # those before it were destroyed
            self._newest_known = max(self.versions(), default=_FIRST)
        return self._newest_known

    def _key_of(self, under: int, secret: bytes, holder: str) -> bytes:
        # The secret is always as long, so no two of these texts are the same.
        return self._token.mac(_label(under), f"tell-once:data-key:{holder}:".encode() + secret)


def _erasable(folder: Path) -> Path:
    return folder / "erasable-secrets"


def _label(version: int) -> str:
    return f"{_WRAPPING}{version}"


def _missing(label: str) -> KeyUnusableError:
    return KeyUnusableError(f"key {label!r} of the token is not there; was it destroyed?")


def _library() -> Any:
    try:
        return import_module("pkcs11")
    except ModuleNotFoundError:
        raise KeyUnusableError(
            "keys in a token need the package python-pkcs11; pip install python-pkcs11"
        ) from None
