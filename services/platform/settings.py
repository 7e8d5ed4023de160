"""Settings: from TELL_ONCE_* variables, overridden by command-line options."""

import os
import re
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from consent.ledger.fields import NOTICE_VERSION

EMBEDDED_BUS = "postgres:"
# Plain http only to this machine, where the tests' sandbox is.
_LOCAL_OR_HTTPS = r"^(https://[^?#\s]+|http://(127\.0\.0\.1|localhost)(:[0-9]+)?(/[^?#\s]*)?)?$"
_MOST_WORKERS_UNTOLD = 4
_MESH_URL = r"^(https://[^/?#\s]+|http://(127\.0\.0\.1|localhost)(:[0-9]+)?)?/?$"


class Settings(BaseSettings):
    """What an installation is told. Defaults are safe in production; secrets have none."""

    model_config = SettingsConfigDict(
        env_prefix="TELL_ONCE_", frozen=True, hide_input_in_errors=True
    )

    environment: Literal["production", "demonstration"] = "production"
    data: Path = Field(default=Path("data"))
    database: SecretStr | None = None
    own_database: SecretStr | None = None
    bus: str = EMBEDDED_BUS
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int | None = Field(default=None, ge=1, le=64)
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
    sms_gateway_url: str = Field(default="", pattern=_LOCAL_OR_HTTPS)
    sms_gateway_token: SecretStr | None = None
    alarm_number: str = Field(default="", pattern=r"^(\+[1-9][0-9]{6,14})?$")
    alarm_webhook: str = Field(default="", pattern=r"^(https://[^?#\s@]+)?$")
    alarm_webhook_token: SecretStr | None = None
    backup_state: Path | None = None
    schools_folder: Path | None = None
    folder_settle_seconds: float = Field(default=10.0, ge=0)
    retention_rules: Path | None = None
    unusual_rules: Path | None = None
    link_weights: Path | None = None
    sign_in: Path | None = None

    @field_validator("notice_version")
    @classmethod
    def _can_be_entered(cls, told: str) -> str:
        """The ledger keeps which notice a family had: no whole date, which may be a birth."""
        if told and not re.fullmatch(NOTICE_VERSION, told):
            raise ValueError("a version such as 2026-03 or v2, and no whole date")
        return told

    @property
    def worker_count(self) -> int:
        """How many workers serve a port: one a core that we may use, unless told, at most four."""
        return self.workers or min(_MOST_WORKERS_UNTOLD, _cores())

    @property
    def served_at(self) -> str:
        """The address by which other systems know us, without a slash at its end."""
        return self.public_url.rstrip("/") or f"http://127.0.0.1:{self.port}"


def _cores() -> int:
    """Those that this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
