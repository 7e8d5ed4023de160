"""The providers of sign-in that a TOML file names, and whom each of their roles makes what here.

An example with every setting stands in the runbook on sign-in.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Protocol, Self, TypeVar
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from schemas.vocabulary import LabelledCode, Role
from services.platform.errors import ServiceError

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SECONDS_OF_SIGN_IN: Final = 300


class ProviderKind(LabelledCode):
    """What kind of provider it is: which claims say who somebody is and what they do."""

    NHS_CIS2 = "nhs-cis2", "NHS Care Identity Service 2: the role that was selected"
    ENTRA_ID = "entra-id", "Microsoft Entra ID: the application roles that were assigned"
    DFE_SIGN_IN = "dfe-sign-in", "DfE Sign-in: roles from its public API"


# What may stand in the file. Whatever else stands there is refused: a misspelt setting is none.


@dataclass(frozen=True, slots=True)
class _Context:
    """Where the file lies, and whether people are invented."""

    folder: Path
    is_demonstration: bool


def _context_of(info: ValidationInfo) -> _Context:
    if not isinstance(info.context, _Context):
        raise TypeError("providers are read by read_providers")
    return info.context


def _safe_address(text: str, info: ValidationInfo) -> str:
    """An address with https; in a demonstration http will do on this machine."""
    parts = urlsplit(text)
    is_local = _context_of(info).is_demonstration and parts.hostname in LOOPBACK
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_local)
    if not (is_safe and parts.hostname) or "@" in parts.netloc or "?" in text or "#" in text:
        raise ValueError("is to be an address that begins with https:// and has no query")
    return text


def _file_beside(path: Path, info: ValidationInfo) -> Path:
    found = _context_of(info).folder / path
    if not found.is_file():
        raise ValueError("is not there")
    return found


def _private_key(path: Path) -> Path:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, OSError, UnsupportedAlgorithm) as error:
        raise ValueError("is no private RSA or EC key in PEM") from error
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise ValueError("is no private RSA or EC key in PEM")  # noqa: TRY004 as pydantic wants
    return path


def _name_of_a_provider(name: str) -> str:
    """The ledger says `demonstration` and `none` of sign-ins by no provider."""
    if name in {"demonstration", "none"}:
        raise ValueError("is a word that stands for no provider")
    return name


Name = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}\z"),
    AfterValidator(_name_of_a_provider),
]
Words = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,80}\z")]
Code = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,255}\z")]
Address = Annotated[Code, AfterValidator(_safe_address)]
FileBeside = Annotated[Path, AfterValidator(_file_beside)]
KeyFile = Annotated[FileBeside, AfterValidator(_private_key)]
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"]
"""What may sign a token: neither `none` nor a shared secret (RFC 8725 section 3.1)."""


class SettingsTable(BaseModel):
    """A table of such a file: what it does not know is refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, validate_default=False
    )


class When(SettingsTable):
    """What has to be stated: a role by its code, and whose role it is."""

    role: Code
    organisation: Code | None = None


class RoleRule(SettingsTable):
    """Whoever states `when` is `role` in `agency`; without one, in the organisation's own code."""

    when: When
    role: Annotated[Role, Field(strict=False)]
    agency: Code | None = None

    @model_validator(mode="after")
    def _names_whose_role_it_is(self) -> Self:
        """A role's name alone says nothing of whose it is: everybody's nurses would be ours."""
        if self.agency is not None and self.when.organisation is None:
            raise ValueError("names an agency, so `when` has to name the organisation")
        return self


class RolesApi(SettingsTable):
    """Where a provider tells roles that its tokens do not: the address, and who we are there."""

    address: Address
    service_id: Code
    secret_file: Annotated[FileBeside, Field(strict=False)]


class Provider(SettingsTable):
    """One provider; `key_file` signs what shows who we are (RFC 7523).

    `assertion_audience` is to whom it says so: which of its two names a provider takes differs.
    `max_auth_age` in seconds: how long ago somebody may have shown who they are; 0 is no limit.
    `minimum_assurance` is how sure it has to be that it is them; `tenant` whose directory it is.
    """

    name: Name
    label: Words
    profile: Annotated[ProviderKind, Field(strict=False)]
    issuer: Address
    client_id: Code
    key_file: Annotated[KeyFile, Field(strict=False)]
    key_id: Code
    assertion_audience: Literal["token-endpoint", "issuer"] = "token-endpoint"
    discovery: Address | None = None
    algorithms: Annotated[list[Algorithm], Field(min_length=1)] = ["RS256"]
    scopes: list[Code] | None = None
    acr_values: Code | None = None
    minimum_assurance: Annotated[int, Field(ge=0, le=3)] = 0
    max_auth_age: Annotated[int, Field(ge=0, le=36_000)] = 0
    tenant: Code | None = None
    roles_api: RolesApi | None = None
    role: Annotated[list[RoleRule], Field(min_length=1, max_length=500)]

    @model_validator(mode="before")
    @classmethod
    def _as_its_profile_asks(cls, settings: Any) -> Any:
        """What is left out is as that kind of provider needs it."""
        if not isinstance(settings, dict):
            return settings
        return {**_OF_PROFILE.get(str(settings.get("profile")), {}), **settings}

    @model_validator(mode="after")
    def _has_what_its_profile_needs(self) -> Self:
        if self.profile is ProviderKind.ENTRA_ID and self.tenant is None:
            raise ValueError("needs the setting tenant")
        if self.profile is ProviderKind.DFE_SIGN_IN and self.roles_api is None:
            raise ValueError("needs the table roles_api")
        if "openid" not in (self.scopes or ()):
            raise ValueError("needs openid among its scopes")
        return self

    @property
    def discovery_address(self) -> str:
        """Where it describes itself (OpenID Connect Discovery 1.0 section 4)."""
        return self.discovery or f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"


_OF_PROFILE: Final[Mapping[str, Mapping[str, object]]] = {
    ProviderKind.NHS_CIS2: {
        "scopes": ["openid", "profile", "nationalrbacaccess", "associatedorgs", "selectedrole"],
        "acr_values": "AAL2_OR_AAL3_ANY",
        "minimum_assurance": 2,
        "max_auth_age": _SECONDS_OF_SIGN_IN,
    },
    ProviderKind.ENTRA_ID: {"scopes": ["openid", "profile"]},
    ProviderKind.DFE_SIGN_IN: {"scopes": ["openid", "profile", "organisation"]},
}


class _Providers(SettingsTable):
    provider: Annotated[list[Provider], Field(min_length=1, max_length=20)]


# Reading it.

Shape = TypeVar("Shape", bound=SettingsTable)


class NamedProvider(Protocol):
    """Whatever is known by a name here, and by its issuer in tokens."""

    @property
    def name(self) -> str:
        """As the file names it."""

    @property
    def issuer(self) -> str:
        """As its tokens name it."""


@dataclass(frozen=True, slots=True)
class SettingFault:
    """What is wrong with one setting: where it stands, and what it should be; never its value."""

    at: str
    reason: str

    def __str__(self) -> str:
        """As one line for whoever mends it."""
        return f"{self.at}: {self.reason}"


class SignInSettingsError(ServiceError):
    """The file of providers cannot be used; `faults` has everything that is wrong with it."""

    def __init__(self, faults: Sequence[SettingFault]) -> None:
        super().__init__(f"the file of sign-in providers: {'; '.join(map(str, faults))}")
        self.faults = tuple(faults)


def read_providers(path: Path, *, is_demonstration: bool = False) -> tuple[Provider, ...]:
    """The providers that the file names. Raises SignInSettingsError with all that is wrong."""
    found = read_settings_of(path, _Providers, is_demonstration=is_demonstration).provider
    if twice := list(told_twice(found)):
        raise SignInSettingsError(twice)
    return tuple(found)


def read_settings_of(path: Path, shape: type[Shape], *, is_demonstration: bool) -> Shape:
    """A file of settings in this shape. Raises SignInSettingsError with all that is wrong."""
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SignInSettingsError([SettingFault("file", "cannot be read")]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SignInSettingsError([SettingFault("file", "is not TOML in UTF-8")]) from error
    context = _Context(path.parent, is_demonstration)
    try:
        return shape.model_validate(settings, context=context)
    except ValidationError as error:
        raise SignInSettingsError(list(_faults_of(error))) from error


def _faults_of(error: ValidationError) -> Iterator[SettingFault]:
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        at = ".".join(str(part) for part in one["loc"])
        reason = one["msg"].removeprefix("Value error, ")
        yield SettingFault(at.encode("ascii", "replace").decode(), reason)


def told_twice(found: Sequence[NamedProvider]) -> Iterator[SettingFault]:
    """Two of one name, or of one issuer, cannot be told apart by what comes back from them."""
    for n, one in enumerate(found):
        for name in ("name", "issuer"):
            if any(getattr(one, name) == getattr(other, name) for other in found[:n]):
                yield SettingFault(f"provider.{n}.{name}", "is another provider's too")
