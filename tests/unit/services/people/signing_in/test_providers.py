"""The file of providers: taken as a whole or not at all, with all that is wrong, never a value."""

from pathlib import Path

import pytest

from schemas.vocabulary import Role
from services.people.signing_in.providers import (
    ProviderKind,
    SignInSettingsError,
    read_providers,
)
from tests.support.signing_in import settings_of, write_settings

_CIS2 = settings_of(ProviderKind.NHS_CIS2)
_CANARY = "canary-value"

# What somebody wrote, and where the fault is.
_WRONG = {
    "no provider": ("", "provider"),
    "a setting that is misspelt": (_CIS2.replace("key_id", "keyid"), "provider.0.keyid"),
    "a setting too few": (_CIS2.replace('key_id = "ours"', ""), "provider.0.key_id"),
    "plain http": (_CIS2.replace("https://nhs", "http://nhs"), "provider.0.issuer"),
    "a query": (_CIS2.replace(".example", ".example?a=b"), "provider.0.issuer"),
    "no address": (_CIS2.replace("https://", "file://"), "provider.0.issuer"),
    "a name with a line end": (_CIS2.replace('"nhs-cis2"', '"nhs\\n"', 1), "provider.0.name"),
    "a name that stands for none": (_CIS2.replace('"nhs-cis2"', '"none"', 1), "provider.0.name"),
    "a profile that there is not": (
        _CIS2.replace('profile = "nhs-cis2"', f'profile = "{_CANARY}"'),
        "provider.0.profile",
    ),
    "a role that there is not": (
        _CIS2.replace('"practitioner"', f'"{_CANARY}"'),
        "provider.0.role.0.role",
    ),
    "a key that is not there": (_CIS2.replace("ours.pem", "gone.pem"), "provider.0.key_file"),
    "a key that is none": (_CIS2.replace("ours.pem", "secret.txt"), "provider.0.key_file"),
    "everybody's nurses": (
        _CIS2.replace(', organisation = "A9A5A"', ""),
        "provider.0.role.0",
    ),
    "a shared secret": (settings_of(ProviderKind.NHS_CIS2, 'algorithms = ["HS256"]'), "algorithms"),
    "no signature": (settings_of(ProviderKind.NHS_CIS2, 'algorithms = ["none"]'), "algorithms"),
    "a number in text": (
        settings_of(ProviderKind.NHS_CIS2, 'max_auth_age = "300"'),
        "max_auth_age",
    ),
    "a level that there is not": (
        settings_of(ProviderKind.NHS_CIS2, "minimum_assurance = 4"),
        "minimum_assurance",
    ),
    "no openid": (settings_of(ProviderKind.NHS_CIS2, 'scopes = ["profile"]'), "provider.0"),
    "no tenant": (settings_of(ProviderKind.ENTRA_ID).replace("tenant =", "#"), "provider.0"),
    "no address for roles": (
        settings_of(ProviderKind.DFE_SIGN_IN).replace("[provider.roles_api]", "[provider.x]"),
        "provider.0",
    ),
    "one issuer twice": (_CIS2 + _CIS2.replace('"nhs-cis2"', '"other"', 1), "provider.1.issuer"),
    "one name twice": (
        _CIS2 + _CIS2.replace("https://nhs", "https://other"),
        "provider.1.name",
    ),
    "no TOML": ("[[provider", "file"),
}


@pytest.mark.parametrize("profile", list(ProviderKind))
def test_a_provider_is_read_with_what_its_kind_needs(tmp_path: Path, profile: ProviderKind):
    """What is left out is as that kind of provider needs it."""
    (provider,) = read_providers(write_settings(tmp_path, settings_of(profile)))

    assert provider.scopes is not None
    assert "openid" in provider.scopes
    assert provider.algorithms == ["RS256"]
    assert provider.max_auth_age == (300 if profile is ProviderKind.NHS_CIS2 else 0)
    assert provider.role[0].role is Role.PRACTITIONER
    assert provider.discovery_address == (
        f"https://{profile.value}.example/.well-known/openid-configuration"
    )


def test_a_file_with_a_fault_is_not_taken(tmp_path: Path):
    """Each fault is named by where it is, and what was written there is not repeated."""
    found = {}
    for name, (settings, _) in _WRONG.items():
        path = write_settings(tmp_path, settings)
        with pytest.raises(SignInSettingsError) as refused:
            read_providers(path)
        found[name] = refused.value

    unnamed = {
        name: str(error)
        for name, error in found.items()
        if not any(_WRONG[name][1] in fault.at for fault in error.faults)
    }
    assert unnamed == {}
    assert [name for name, error in found.items() if _CANARY in str(error)] == []


def test_every_fault_is_told_at_once(tmp_path: Path):
    """Whoever mends the file need not try it again for each."""
    both = _CIS2.replace("ours.pem", "gone.pem").replace("https://nhs", "http://nhs")

    with pytest.raises(SignInSettingsError) as refused:
        read_providers(write_settings(tmp_path, both))

    assert {fault.at for fault in refused.value.faults} == {
        "provider.0.issuer",
        "provider.0.key_file",
    }


def test_http_will_do_on_this_machine_in_a_demonstration(tmp_path: Path):
    """Nowhere else, and never where people are real."""
    local = _CIS2.replace("https://nhs-cis2.example", "http://127.0.0.1:9000")
    path = write_settings(tmp_path, local)

    (provider,) = read_providers(path, is_demonstration=True)
    with pytest.raises(SignInSettingsError):
        read_providers(path)

    assert provider.issuer == "http://127.0.0.1:9000"
