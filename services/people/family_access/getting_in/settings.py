"""The providers by which families may sign in, as one TOML file names them.

Sources: GOV.UK One Login's technical documentation (integrate with the integration environment),
NHS login's interface specification. An example with every setting stands in runbook 027.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from schemas.vocabulary import LabelledCode
from services.people.signing_in.providers import (
    Address,
    Code,
    KeyFile,
    Name,
    SettingsTable,
    SignInSettingsError,
    Words,
    read_settings_of,
    told_twice,
)


class FamilyProviderKind(LabelledCode):
    """How a provider is asked, and what it says of somebody."""

    ONE_LOGIN = "one-login", "GOV.UK One Login: signed in first, then who they are, proved to P2"
    NHS_LOGIN = "nhs-login", "NHS login: proved to P9, with the NHS number"


_SIGNED_BY: Final[Mapping[FamilyProviderKind, tuple[str, ...]]] = {
    FamilyProviderKind.ONE_LOGIN: ("ES256",),
    FamilyProviderKind.NHS_LOGIN: ("RS512",),
}
_SCOPES: Final[Mapping[FamilyProviderKind, tuple[str, ...]]] = {
    FamilyProviderKind.ONE_LOGIN: ("openid",),
    FamilyProviderKind.NHS_LOGIN: ("openid", "profile", "profile_extended"),
}


class FamilyProvider(SettingsTable):
    """One provider; `key_file` signs what shows who we are (RFC 7523).

    `identity_issuer` makes One Login's statement of who somebody is, and `identity_keys` is where
    it publishes by what it signs them (a DID document).
    """

    name: Name
    label: Words
    profile: Annotated[FamilyProviderKind, Field(strict=False)]
    issuer: Address
    client_id: Code
    key_file: Annotated[KeyFile, Field(strict=False)]
    key_id: Code
    assertion_audience: Literal["token-endpoint", "issuer"] = "token-endpoint"
    discovery: Address | None = None
    identity_issuer: Address | None = None
    identity_keys: Address | None = None

    @model_validator(mode="after")
    def _has_what_its_profile_needs(self) -> Self:
        is_one_login = self.profile is FamilyProviderKind.ONE_LOGIN
        if is_one_login and not (self.identity_issuer and self.identity_keys):
            raise ValueError("needs the settings identity_issuer and identity_keys")
        return self

    @property
    def discovery_address(self) -> str:
        """Where it describes itself (OpenID Connect Discovery 1.0 section 4)."""
        return self.discovery or f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"

    @property
    def algorithms(self) -> Sequence[str]:
        """By what its tokens are signed, and by nothing else."""
        return _SIGNED_BY[self.profile]

    @property
    def scopes(self) -> Sequence[str]:
        """What is asked for: no more than matching needs."""
        return _SCOPES[self.profile]

    @property
    def acr_values(self) -> str | None:
        """Neither is asked so: both have vectors of trust (RFC 8485)."""
        return None


class _FamilyProviders(SettingsTable):
    provider: Annotated[list[FamilyProvider], Field(min_length=1, max_length=5)]


def read_family_providers(
    path: Path | None, *, is_demonstration: bool = False
) -> tuple[FamilyProvider, ...]:
    """Those that the file names; none without one. Raises SignInSettingsError with all faults."""
    if path is None:
        return ()
    found = read_settings_of(path, _FamilyProviders, is_demonstration=is_demonstration).provider
    if twice := list(told_twice(found)):
        raise SignInSettingsError(twice)
    return tuple(found)
