"""Settings: from TELL_ONCE_* variables, overridden by command-line options.

Every secret may lie in a file instead, which `TELL_ONCE_…_FILE` names.
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args
from urllib.parse import quote

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from consent.ledger.fields import NOTICE_VERSION
from services.platform.errors import BadSetting, SecretFileError, SettingsInvalidError

EMBEDDED_BUS = "postgres:"
# Plain http only to this machine, where the tests' sandbox is.
_LOCAL_OR_HTTPS = r"^(https://[^?#\s]+|http://(127\.0\.0\.1|localhost)(:[0-9]+)?(/[^?#\s]*)?)?$"
_MOST_WORKERS_UNTOLD = 4
_MESH_URL = r"^(https://[^/?#\s]+|http://(127\.0\.0\.1|localhost)(:[0-9]+)?)?/?$"

# Secrets from files: `TELL_ONCE_DATABASE_FILE` names the file whose text is `database`.
#
# A secret in the environment is told to every program that a process starts and shown to whoever
# may list processes. systemd, containers and clusters all hand secrets out as files.

MOST_SECRET_BYTES = 64 * 1024
"""Of one secret; a file that is longer is another file."""
_FILE_SUFFIX = "_FILE"


class SecretFiles(PydanticBaseSettingsSource):
    """The secrets that files hold; what was typed wins over them, as over the environment."""

    def __call__(self) -> dict[str, Any]:
        """Each secret that a file is named for, by its setting. Raises SecretFileError.

        A name without a file (`…_FILE=`) is as none: so a part that is started can be told a secret
        in another way than the one that starts it.
        """
        given = {name.upper(): text for name, text in os.environ.items()}
        return dict(self._read_from(given))

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Nothing by itself: all are read at once."""
        del field
        return None, field_name, False

    def _read_from(self, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        prefix = self.config.get("env_prefix", "")
        for name in secret_settings(self.settings_cls.model_fields):
            variable = f"{prefix}{name}".upper()
            file = given.get(variable + _FILE_SUFFIX)
            if not file:
                continue
            if given.get(variable) is not None:
                raise SecretFileError(
                    variable, f"is set, and {variable}{_FILE_SUFFIX} too: keep one"
                )
            if name not in self.current_state:
                yield name, _text_of(Path(file), variable + _FILE_SUFFIX)


def secret_settings(fields: Mapping[str, FieldInfo]) -> Iterator[str]:
    """The names of those that are secrets, by their type."""
    for name, field in fields.items():
        if SecretStr in (field.annotation, *get_args(field.annotation)):
            yield name


def _text_of(path: Path, variable: str) -> str:
    """The file's text without the line's end that editors put there. Raises SecretFileError."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise SecretFileError(variable, "names what is not a file")
        if mode & stat.S_IRWXO:
            raise SecretFileError(variable, "names a file that everybody may use: chmod o-rwx")
        with path.open("rb") as file:
            content = file.read(MOST_SECRET_BYTES + 1)
    except OSError as error:
        raise SecretFileError(variable, f"names no readable file ({error.strerror})") from None
    if len(content) > MOST_SECRET_BYTES:
        raise SecretFileError(variable, f"names a file of more than {MOST_SECRET_BYTES} bytes")
    return _text_in(content, variable)


def _text_in(content: bytes, variable: str) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise SecretFileError(variable, "names a file that is not text in UTF-8") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise SecretFileError(variable, "names an empty file")
    return text


# What there is to be told.

_NEVER_EMPTY = {"data", "database"}


class Settings(BaseSettings):
    """What an installation is told. Defaults are safe in production; secrets have none."""

    model_config = SettingsConfigDict(
        env_prefix="TELL_ONCE_", frozen=True, hide_input_in_errors=True
    )

    environment: Literal["production", "demonstration"] = "production"
    data: Path = Field(default=Path("data"))
    database: SecretStr | None = None
    own_database: SecretStr | None = None
    database_ca: Path | None = None
    unsafe_database_in_the_clear: bool = False
    vault: Literal["files", "pkcs11"] = "files"
    pkcs11_module: Path | None = None
    pkcs11_token: str = ""
    pkcs11_pin: SecretStr | None = None
    bus: str = EMBEDDED_BUS
    bus_security: Literal["", "plaintext", "tls", "scram"] = ""
    bus_ca: Path | None = None
    bus_user: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,100}$")
    bus_password: SecretStr | None = None
    bus_certificate: Path | None = None
    bus_key: Path | None = None
    port: int = Field(default=8000, ge=0, le=65535)
    listen: Literal["loopback", "all"] = "loopback"
    workers: int | None = Field(default=None, ge=1, le=64)
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    metrics_port: int = Field(default=0, ge=0, le=65535)
    metrics_listen: Literal["loopback", "all"] = "loopback"
    traces_url: str = Field(default="", pattern=_LOCAL_OR_HTTPS)
    allowed_hosts: str = Field(default="", pattern=r"^[A-Za-z0-9.,:\[\]-]{0,1000}$")
    public_url: str = Field(default="", pattern=r"^(https?://[^/?#\s]+(/[^?#\s]*)?)?$")
    council_name: str = "Northfield Council"
    council_address: str = ""
    council_contact: str = ""
    privacy_notice: str = Field(default="", pattern=r"^(https?://[^\s]+)?$")
    notice_version: str = ""
    storage_location: str = ""
    ledger_origin: str = "tell-once.example/ledger"
    ledger_witnesses: str = ""
    cookie_secure: bool = True
    session_idle_minutes: int = Field(default=30, ge=5, le=120)
    session_hours: int = Field(default=10, ge=1, le=12)
    sign_in_contact: str = ""
    mesh_url: str = Field(default="", pattern=_MESH_URL)
    mesh_mailbox: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,100}$")
    mesh_password: SecretStr | None = None
    mesh_shared_key: SecretStr | None = None
    mesh_ca: Path | None = None
    mesh_certificate: Path | None = None
    mesh_key: Path | None = None
    mesh_poll_seconds: float = Field(default=60.0, gt=0)
    smtp_host: str = Field(default="", pattern=r"^[A-Za-z0-9.:-]{0,255}$")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_encryption: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr | None = None
    smtp_from: str = Field(default="", pattern=r"^([^@\s]+@[^@\s]+)?$")
    smtp_return_path: str = Field(default="", pattern=r"^([^@\s]+@[^@\s]+)?$")
    bounces_folder: Path | None = None
    sms_gateway_url: str = Field(default="", pattern=_LOCAL_OR_HTTPS)
    sms_gateway_token: SecretStr | None = None
    directory_port: int | None = Field(default=None, ge=0, le=65535)
    directory_url: str = Field(default="", pattern=r"^(https?://[^/?#\s]+)?$")
    directory_private_feeds: str = ""
    connection_open_days: int = Field(default=3, ge=1, le=20)
    connection_answer_days: int = Field(default=5, ge=1, le=40)
    connection_chase_days: str = Field(default="2,4", pattern=r"^([1-9][0-9]?(,[1-9][0-9]?)*)?$")
    bank_holidays: Path | None = None
    alarm_number: str = Field(default="", pattern=r"^(\+[1-9][0-9]{6,14})?$")
    alarm_webhook: str = Field(default="", pattern=r"^(https://[^?#\s@]+)?$")
    alarm_webhook_token: SecretStr | None = None
    backup_secrets: Path | None = None
    backup_state: Path | None = None
    schools_folder: Path | None = None
    folder_settle_seconds: float = Field(default=10.0, ge=0)
    retention_rules: Path | None = None
    unusual_rules: Path | None = None
    link_weights: Path | None = None
    sign_in: Path | None = None
    family_port: int = Field(default=0, ge=0, le=65535)
    family_url: str = Field(default="", pattern=_LOCAL_OR_HTTPS)
    early_programme: str = Field(default="Start for Life", max_length=60)
    family_name: str = "Family hub"
    family_telephone: str = ""
    family_ages: Path | None = None
    family_sign_in: Path | None = None
    answering_port: int = Field(default=0, ge=0, le=65535)
    answering_url: str = Field(default="", pattern=_LOCAL_OR_HTTPS)
    answering_worry: str = Field(default="", pattern=r"^[0-9+ ()-]{0,40}$")

    def __init__(self, **typed: Any) -> None:
        """Take them all, or raise SettingsInvalidError, which names each that cannot be used."""
        try:
            super().__init__(**typed)
        except ValidationError as error:
            raise SettingsInvalidError(_faults_of(error)) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What was typed, secrets in files, the environment: nothing else is ever read."""
        del dotenv_settings, file_secret_settings
        return init_settings, SecretFiles(settings_cls), env_settings

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_not_set(cls, told: object, info: ValidationInfo) -> object:
        """`TELL_ONCE_SIGN_IN=` names no file: an empty path would be the folder one stands in.

        Where something has to be named, nothing is refused: an empty `database` would quietly
        begin a new one here.
        """
        name = info.field_name or ""
        kind = cls.model_fields[name].annotation
        if told == "" and name in _NEVER_EMPTY:
            raise ValueError("is empty; name one, or leave it out")
        return None if told == "" and NoneType in get_args(kind) else told

    @field_validator("notice_version")
    @classmethod
    def _can_be_entered(cls, told: str) -> str:
        """The ledger keeps which notice a family had: no whole date, which may be a birth."""
        if told and not re.fullmatch(NOTICE_VERSION, told):
            raise ValueError("a version such as 2026-03 or v2, and no whole date")
        return told

    def address_of(self, database: SecretStr) -> str:
        """A database's URL: by TLS whom `database_ca` vouches for, unless it says how by itself."""
        url = database.get_secret_value()
        if self.database_ca is None or "sslmode=" in url:
            return url
        mark = "&" if "?" in url else "?"
        return f"{url}{mark}sslmode=verify-full&sslrootcert={quote(str(self.database_ca))}"

    @property
    def worker_count(self) -> int:
        """How many workers serve a port: one a core that we may use, unless told, at most four."""
        return self.workers or min(_MOST_WORKERS_UNTOLD, _cores())

    @property
    def served_at(self) -> str:
        """The address by which other systems know us, without a slash at its end."""
        return self.public_url.rstrip("/") or f"http://127.0.0.1:{self.port}"

    @property
    def family_page_at(self) -> str:
        """Where families have pages of their own; empty where they have none."""
        if not self.family_port:
            return ""
        return self.family_url.rstrip("/") or f"http://127.0.0.1:{self.family_port}"

    @property
    def answering_at(self) -> str:
        """Where partners without a system answer; empty where they do not."""
        if not self.answering_port:
            return ""
        return self.answering_url.rstrip("/") or f"http://127.0.0.1:{self.answering_port}"


def _faults_of(error: ValidationError) -> list[BadSetting]:
    """Which settings, and what of them: pydantic's words name what is asked for, no value."""
    told = error.errors(include_url=False, include_context=False, include_input=False)
    return [BadSetting(str(one["loc"][0]), _said_of(one["type"], one["msg"])) for one in told]


def _said_of(kind: str, message: str) -> str:
    if kind == "string_pattern_mismatch":  # a pattern says little to whoever has to mend it
        return "is not in the form that runbook 000 gives"
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    return message[:1].lower() + message[1:]


def _cores() -> int:
    """Those that this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
