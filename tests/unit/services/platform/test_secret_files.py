"""Secrets lie in files that a setting names; none of them is told when it cannot be taken."""

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.cli.output import USAGE, exit_code_of
from services.platform.errors import SecretFileError
from services.platform.settings import MOST_SECRET_BYTES, Settings, secret_settings

SECRETS = list(secret_settings(Settings.model_fields))
_CANARY = "Zebediah-9f3c"


def a_file(folder: Path, content: bytes = _CANARY.encode(), mode: int = 0o400) -> str:
    """A file with a secret in it, as its path."""
    path = folder / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return str(path)


def refusal(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    """What is said of settings in this environment."""
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(SecretFileError) as refused:
        Settings()
    assert exit_code_of(refused.value) == USAGE
    return str(refused.value)


def test_all_that_is_secret_is_found_by_its_type():
    """A new one needs no word here; those that runbook 000 calls secrets are among them."""
    assert {"database", "own_database", "mesh_password", "smtp_password"} <= set(SECRETS)
    assert not {"data", "bus", "public_url"} & set(SECRETS)


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str):
    """Its text is the secret."""
    monkeypatch.setenv(f"TELL_ONCE_{name.upper()}_FILE", a_file(tmp_path))

    secret = getattr(Settings(), name)

    assert isinstance(secret, SecretStr)
    assert secret.get_secret_value() == _CANARY


@pytest.mark.parametrize(
    ("content", "secret"),
    [(b"a\n", "a"), (b"a\r\n", "a"), (b"a\n\n", "a\n"), (b" a ", " a "), ("ä".encode(), "ä")],
)
def test_the_last_end_of_a_line_is_no_part_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, secret: str
):
    """Editors put one there; everything else belongs to the secret."""
    monkeypatch.setenv("TELL_ONCE_SMTP_PASSWORD_FILE", a_file(tmp_path, content))

    found = Settings().smtp_password

    assert found is not None
    assert found.get_secret_value() == secret


def test_the_group_may_read_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Clusters hand secrets to a program by its group."""
    monkeypatch.setenv("TELL_ONCE_DATABASE_FILE", a_file(tmp_path, mode=0o440))

    assert Settings().database is not None


@pytest.mark.parametrize("mode", [0o404, 0o402, 0o401])
def test_a_file_that_everybody_may_use_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mode: int
):
    """Whoever can read it has the secret already."""
    said = refusal(monkeypatch, TELL_ONCE_DATABASE_FILE=a_file(tmp_path, mode=mode))

    assert said == "TELL_ONCE_DATABASE_FILE names a file that everybody may use: chmod o-rwx"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "names an empty file"),
        (b"\n", "names an empty file"),
        (b"Zebediah\xff", "names a file that is not text in UTF-8"),
        (b"Z" * (MOST_SECRET_BYTES + 1), f"names a file of more than {MOST_SECRET_BYTES} bytes"),
    ],
)
def test_what_is_no_secret_is_refused_without_its_content(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, why: str
):
    """The setting is named, and neither the secret nor the file."""
    said = refusal(monkeypatch, TELL_ONCE_SMTP_PASSWORD_FILE=a_file(tmp_path, content))

    assert said == f"TELL_ONCE_SMTP_PASSWORD_FILE {why}"


def test_what_is_not_there_or_no_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A pipe would be waited for without end."""
    os.mkfifo(tmp_path / "pipe")
    name = "TELL_ONCE_DATABASE_FILE"

    assert refusal(monkeypatch, **{name: str(tmp_path / "none")}).startswith(
        f"{name} names no readable file"
    )
    assert refusal(monkeypatch, **{name: str(tmp_path)}) == f"{name} names what is not a file"
    assert refusal(monkeypatch, **{name: str(tmp_path / "pipe")}).endswith("not a file")


@pytest.mark.parametrize("other", [_CANARY, ""])
def test_of_two_secrets_none_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, other: str):
    """Nobody can say which was meant, also where one is empty."""
    said = refusal(monkeypatch, TELL_ONCE_DATABASE=other, TELL_ONCE_DATABASE_FILE=a_file(tmp_path))

    assert said == "TELL_ONCE_DATABASE is set, and TELL_ONCE_DATABASE_FILE too: keep one"


def test_what_was_typed_wins_and_the_file_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """As over the environment."""
    monkeypatch.setenv("TELL_ONCE_DATABASE_FILE", str(tmp_path / "none"))

    assert Settings(database=SecretStr("typed")).database == SecretStr("typed")


def test_a_name_without_a_file_is_as_none(monkeypatch: pytest.MonkeyPatch):
    """So a part of `serve` can be told what was typed instead."""
    monkeypatch.setenv("TELL_ONCE_DATABASE_FILE", "")
    monkeypatch.setenv("TELL_ONCE_DATABASE", "told")

    assert Settings().database == SecretStr("told")


def test_what_is_no_secret_has_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Only secrets are kept from the environment."""
    monkeypatch.setenv("TELL_ONCE_BUS_FILE", a_file(tmp_path))

    assert Settings().bus == "postgres:"
