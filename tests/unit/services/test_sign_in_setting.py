"""The setting that names the providers of sign-in: read when the portal starts, or not at all."""

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.bootstrap import Application
from services.cli.output import exit_code_of
from services.people.signing_in.providers import ProviderKind, SignInSettingsError
from services.platform.clock import SystemClock
from services.platform.keys.files import FileKeyVault
from services.platform.settings import Settings
from tests.support.provider_server import begun_with
from tests.support.signing_in import issuer_of, settings_of, write_settings

_ENTRA = ProviderKind.ENTRA_ID


def an_application(folder: Path, **told: Any) -> Application:
    """Give one of whose database nothing is asked."""
    settings = Settings(data=folder, **told)
    vault = FileKeyVault.open(folder / "root.key")
    return Application(settings, vault, SystemClock(), "postgresql://nowhere", None)


def in_production(folder: Path, file: Path) -> Application:
    """Give one with a name of its own."""
    return an_application(folder, sign_in=file, public_url="https://tell-once.example")


def test_without_it_there_is_no_provider(tmp_path: Path):
    """Which pages say."""
    application = an_application(tmp_path)

    assert application.sign_in_client.providers() == ()
    application.close()


def test_one_client_is_kept_for_the_process(tmp_path: Path):
    """It knows what providers were asked before."""
    file = write_settings(tmp_path, settings_of(_ENTRA), settings_of(ProviderKind.NHS_CIS2))
    application = in_production(tmp_path, file)

    client = application.sign_in_client

    assert application.sign_in_client is client
    assert [one.name for one in client.providers()] == ["entra-id", "nhs-cis2"]
    application.close()


def test_file_that_cannot_be_used_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Which setting of it, and never what it says."""
    file = write_settings(tmp_path, settings_of(_ENTRA, 'algorithms = ["HS256"]'))

    with pytest.raises(SignInSettingsError) as told:
        _ = in_production(tmp_path, file).sign_in_client

    assert exit_code_of(told.value) != 0
    said = capsys.readouterr().err
    assert "sign-in providers: provider.0.algorithms.0" in said
    assert "HS256" not in said


def test_file_that_is_not_there_is_told_too(tmp_path: Path):
    """A mistyped path is no reason to let nobody in for a day."""
    with pytest.raises(SignInSettingsError, match="file: cannot be read"):
        _ = in_production(tmp_path, tmp_path / "nowhere.toml").sign_in_client


@pytest.mark.parametrize("profile", list(ProviderKind))
def test_key_that_is_gone_is_told(tmp_path: Path, profile: ProviderKind):
    """The file beside it."""
    file = write_settings(tmp_path, settings_of(profile))
    (tmp_path / "ours.pem").unlink()

    with pytest.raises(SignInSettingsError, match="key_file"):
        _ = in_production(tmp_path, file).sign_in_client


def test_secret_of_the_roles_api_is_not_empty(tmp_path: Path):
    """Anybody could sign with an empty one."""
    file = write_settings(tmp_path, settings_of(ProviderKind.DFE_SIGN_IN))
    (tmp_path / "secret.txt").write_text("\n")

    with pytest.raises(SignInSettingsError, match="secret_file: is empty"):
        _ = in_production(tmp_path, file).sign_in_client


@pytest.mark.parametrize("public_url", ["", "http://tell-once.example"])
def test_production_is_found_by_https(tmp_path: Path, public_url: str):
    """Codes come back over it."""
    file = write_settings(tmp_path, settings_of(_ENTRA))

    with pytest.raises(SignInSettingsError, match="setting public_url"):
        _ = an_application(tmp_path, sign_in=file, public_url=public_url).sign_in_client


def test_http_is_for_demonstrations_on_this_machine(tmp_path: Path):
    """In production an issuer has https, wherever it is."""
    text = settings_of(_ENTRA).replace(issuer_of(_ENTRA), "http://127.0.0.1:1/entra")
    file = write_settings(tmp_path, text)
    demonstration = an_application(tmp_path, sign_in=file, environment="demonstration")

    assert [one.name for one in demonstration.sign_in_client.providers()] == ["entra-id"]
    with pytest.raises(SignInSettingsError, match="issuer"):
        _ = in_production(tmp_path, file).sign_in_client
    demonstration.close()


@pytest.mark.enable_socket
def test_operator_is_told_why_a_provider_does_not_answer(tmp_path: Path):
    """In the log, by its name and a code; the test's provider is a port where nobody listens."""
    text = settings_of(_ENTRA).replace(issuer_of(_ENTRA), "http://127.0.0.1:1/entra")
    file = write_settings(tmp_path, text)
    application = an_application(tmp_path, sign_in=file, environment="demonstration")

    with capture_logs() as logged:
        application.sign_in_client.address_to_begin(begun_with(_ENTRA))

    application.close()
    (line,) = logged
    assert line == {
        "event": "sign_in_provider_failed",
        "log_level": "warning",
        "provider": "entra-id",
        "why": "ConnectionRefusedError",
    }
