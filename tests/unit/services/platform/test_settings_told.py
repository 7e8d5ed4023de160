"""A setting that cannot be used is named, and its value is told to nobody."""

from pathlib import Path

import pytest

from services.cli.commands import build_parser
from services.cli.output import USAGE, exit_code_of, settings_from
from services.platform.errors import SettingsInvalidError
from services.platform.settings import Settings

_CANARY = "Zebediah 9f3c"
# What takes any text at all, or any name of a file.
_ANYTHING = {
    name
    for name, field in Settings.model_fields.items()
    if any(word in repr(field.annotation) for word in ("Path", "Secret"))
    and name not in {"data", "database", "own_database"}
}
_TEXTS = {
    "data",
    "pkcs11_token",
    "database",
    "own_database",
    "bus",
    "council_name",
    "council_address",
    "council_contact",
    "directory_private_feeds",
    "early_programme",
    "family_name",
    "family_telephone",
    "storage_location",
    "ledger_origin",
    "ledger_witnesses",
    "sign_in_contact",
    "smtp_user",
}
_CHECKED = sorted(set(Settings.model_fields) - _ANYTHING - _TEXTS)


def said(error: SettingsInvalidError, capsys: pytest.CaptureFixture[str]) -> str:
    """What whoever typed the command reads."""
    assert exit_code_of(error) == USAGE
    return capsys.readouterr().err


@pytest.mark.parametrize("name", _CHECKED)
def test_it_is_named_and_its_value_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
):
    """In a sentence, with exit code 2."""
    monkeypatch.setenv(f"TELL_ONCE_{name.upper()}", _CANARY)

    with pytest.raises(SettingsInvalidError) as refused:
        Settings()

    told = said(refused.value, capsys)
    assert f"TELL_ONCE_{name.upper()} " in told
    assert "Zebediah" not in told
    assert "runbook 000" in told


def test_all_that_are_wrong_are_named_at_once(monkeypatch: pytest.MonkeyPatch):
    """Nobody mends them one start at a time."""
    monkeypatch.setenv("TELL_ONCE_PORT", "70000")
    monkeypatch.setenv("TELL_ONCE_SMTP_ENCRYPTION", "yes")

    with pytest.raises(SettingsInvalidError, match=r"TELL_ONCE_PORT .*; TELL_ONCE_SMTP_ENCRYPTION"):
        Settings()


def test_what_is_empty_is_not_set_and_never_the_folder_one_stands_in(
    monkeypatch: pytest.MonkeyPatch,
):
    """`TELL_ONCE_SIGN_IN=` is how a settings file says that there is none."""
    may_be_none = [n for n, field in Settings.model_fields.items() if field.default is None]
    assert {"sign_in", "own_database", "backup_state", "workers"} <= set(may_be_none)

    for name in may_be_none:
        monkeypatch.setenv(f"TELL_ONCE_{name.upper()}", "")
        if name != "database":
            assert getattr(Settings(), name) is None
        monkeypatch.delenv(f"TELL_ONCE_{name.upper()}")
    monkeypatch.setenv("TELL_ONCE_DATA", "")
    with pytest.raises(SettingsInvalidError, match="TELL_ONCE_DATA is empty"):
        Settings()


def test_an_empty_option_is_refused(capsys: pytest.CaptureFixture[str]):
    """Nothing typed for the database is no order to begin a new one here."""
    parser = build_parser(["keys"])

    with pytest.raises(SettingsInvalidError, match="TELL_ONCE_DATABASE is empty"):
        settings_from(parser.parse_args(["keys", "show", "--database", ""]))
    with pytest.raises(SystemExit):
        parser.parse_args(["keys", "show", "--data", ""])
    assert "--data: names no folder" in capsys.readouterr().err


def test_a_path_stays_what_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Only nothing is nothing."""
    monkeypatch.setenv("TELL_ONCE_SIGN_IN", str(tmp_path))

    assert Settings().sign_in == tmp_path
