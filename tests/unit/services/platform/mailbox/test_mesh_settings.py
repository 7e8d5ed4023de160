"""What opens a mailbox is said whole, or it stays shut."""

from pathlib import Path

import pytest

from services.platform.errors import SettingsInvalidError
from services.platform.mailbox.mesh import MailboxNotNamedError, open_mesh_mailbox
from services.platform.settings import Settings

WHOLE = {
    "mesh_url": "https://mesh.example",
    "mesh_mailbox": "X9HOT001",
    "mesh_password": "Zebediah",
    "mesh_shared_key": "Canary",
}


def test_whole_settings_open_a_mailbox():
    """Nothing is asked of it yet."""
    open_mesh_mailbox(Settings(**WHOLE)).close()


@pytest.mark.parametrize("missing", WHOLE)
def test_nothing_stands_in_for_what_is_missing(missing: str):
    """The client would take a key that everybody knows."""
    settings = Settings(**{name: text for name, text in WHOLE.items() if name != missing})

    with pytest.raises(MailboxNotNamedError, match=missing.upper()):
        open_mesh_mailbox(settings)


@pytest.mark.parametrize("secret", ["mesh_password", "mesh_shared_key"])
def test_secret_that_cannot_be_signed_with_is_not_shown(secret: str):
    """The client's own error would show a part of it."""
    with pytest.raises(MailboxNotNamedError) as caught:
        open_mesh_mailbox(Settings(**WHOLE | {secret: "Zebediäh"}))

    assert "Zeb" not in str(caught.value)


def test_certificate_and_key_go_together():
    """One of them opens nothing."""
    with pytest.raises(MailboxNotNamedError, match="MESH_KEY"):
        open_mesh_mailbox(Settings(**WHOLE, mesh_certificate=Path("client.pem")))


# The client warns when it is let go of unclosed, also when it could not be opened.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_files_that_cannot_be_used_are_told_of(tmp_path: Path):
    """Before anything is sent anywhere."""
    broken = tmp_path / "client.pem"
    broken.write_text("no certificate")

    for files in ({"mesh_ca": tmp_path / "none"}, {"mesh_certificate": broken, "mesh_key": broken}):
        with pytest.raises(MailboxNotNamedError, match="MESH_CA"):
            open_mesh_mailbox(Settings(**WHOLE, **files))


@pytest.mark.parametrize("url", ["http://mesh.example", "ftp://mesh.example", "http://127.0.0.1.x"])
def test_plain_http_only_to_this_machine(url: str):
    """Messages about children do not travel in the clear."""
    with pytest.raises(SettingsInvalidError):
        Settings(mesh_url=url)


def test_secrets_do_not_show():
    """Nor when settings are printed."""
    assert "Zebediah" not in repr(Settings(**WHOLE))
