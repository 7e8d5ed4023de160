"""Settings: from TELL_ONCE_* variables, overridden by command-line options."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

EMBEDDED_BUS = "postgres:"


class Settings(BaseSettings):
    """What an installation is told. Defaults are safe in production; secrets have none."""

    model_config = SettingsConfigDict(
        env_prefix="TELL_ONCE_", frozen=True, hide_input_in_errors=True
    )

    environment: Literal["production", "demonstration"] = "production"
    data: Path = Field(default=Path("data"))
    database: SecretStr | None = None
    bus: str = EMBEDDED_BUS
    port: int = Field(default=8000, ge=0, le=65535)
    council_name: str = "Northfield Council"
    ledger_origin: str = "tell-once.example/ledger"
    cookie_secure: bool = True
