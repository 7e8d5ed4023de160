"""Where the keys of an installation are: in files of its data folder, or in a token beside it."""

from dataclasses import dataclass
from pathlib import Path

from services.platform.durable_files import shut_others_out
from services.platform.errors import BadSetting, KeyUnusableError, SettingsInvalidError
from services.platform.keys.files import FileKeyVault
from services.platform.keys.pkcs11 import Pkcs11KeyVault, TokenAddress
from services.platform.keys.vault import KeyVault
from services.platform.settings import Settings


@dataclass(frozen=True, slots=True)
class KeysPlace:
    """The folder of keys, and the token that holds what would else lie there as files.

    `copies` is where copies of `erasable-secrets` are kept.
    """

    folder: Path
    token: TokenAddress | None = None
    copies: Path | None = None

    @property
    def root_key(self) -> Path:
        """The file that a folder has which began before there were tokens."""
        return self.folder / "root.key"

    @property
    def is_from_before_versions(self) -> bool:
        """Whether a database from before versions may have its keys here; never in a token."""
        return self.token is None and self.root_key.exists()

    def open(self) -> KeyVault:
        """Read the keys, made the first time: for a new database. Raises KeyUnusableError."""
        if self.token is not None:
            vault: KeyVault = Pkcs11KeyVault.open(self.token, self.folder, self.copies)
        else:
            vault = FileKeyVault.open(self.root_key, self.copies)
        self.require_private()
        return vault

    def open_known(self) -> KeyVault:
        """Read keys that were complete once; makes none. Raises KeyUnusableError."""
        self.require_private()
        if self.token is not None:
            return Pkcs11KeyVault.open_known(self.token, self.folder, self.copies)
        return FileKeyVault.open_known(self.root_key, self.copies)

    def require_private(self) -> None:
        """Mend what others may use of the folder. Raises KeyUnusableError where that is not ours.

        Keys in an archive or on another machine's disk come back with whatever mode they had.
        """
        if not self.folder.exists():
            return
        open_to_all = shut_others_out(self.folder)
        if open_to_all:
            names = ", ".join(sorted(path.name for path in open_to_all))
            raise KeyUnusableError(
                f"everybody may use {names}, which belongs to another user: chmod o-rwx"
            )


def keys_place(settings: Settings) -> KeysPlace:
    """Where the settings say that they are. Raises SettingsInvalidError."""
    folder, copies = settings.data / "keys", settings.backup_secrets
    if settings.vault == "files":
        return KeysPlace(folder, copies=copies)
    told = {
        "pkcs11_module": settings.pkcs11_module,
        "pkcs11_token": settings.pkcs11_token,
        "pkcs11_pin": settings.pkcs11_pin,
    }
    missing = [
        BadSetting(name, "is not set; vault=pkcs11 needs it") for name in told if not told[name]
    ]
    if missing or settings.pkcs11_module is None or settings.pkcs11_pin is None:
        raise SettingsInvalidError(missing)
    pin = settings.pkcs11_pin.get_secret_value()
    token = TokenAddress(settings.pkcs11_module, settings.pkcs11_token, pin)
    return KeysPlace(folder, token, copies)
