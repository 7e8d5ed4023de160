"""What `serve` tells the parts that it starts: what was typed, and no secret that they know."""

import argparse
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest

from services.cli.serving import _children
from services.platform.processes.port import ADDRESSES, Listen
from services.platform.settings import Settings

_FILE, _DATABASE = "TELL_ONCE_DATABASE_FILE", "TELL_ONCE_DATABASE"


def told(tmp_path: Path, typed: str | None) -> list[dict[str, str]]:
    """The environment of each part."""
    more = {} if typed is None else {"database": typed}
    settings = Settings(data=tmp_path, **more)  # type: ignore[arg-type]
    application = SimpleNamespace(settings=settings, embedded=None)
    args = argparse.Namespace(aggregators=2, database=typed)
    children = _children(args, application, 8000, 8001)  # type: ignore[arg-type]
    return [dict(child.environment) for child in children]


def test_a_secret_in_a_file_stays_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Each part reads it itself: it is in no environment."""
    secret = tmp_path / "secret"
    secret.write_text("postgresql+psycopg://Zebediah@db/tell_once")
    secret.chmod(0o400)
    monkeypatch.setenv(_FILE, str(secret))

    environments = told(tmp_path, None)

    assert len(environments) == 8
    assert "Zebediah" not in str(environments)
    assert not any({_FILE, _DATABASE} & each.keys() for each in environments)


def test_what_was_typed_wins_in_each_part_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The file of the environment, which they have from us, is not asked."""
    monkeypatch.setenv(_FILE, str(tmp_path / "none"))

    for environment in told(tmp_path, "typed"):
        assert environment[_DATABASE] == "typed"
        assert environment[_FILE] == ""


def test_a_port_answers_this_machine_alone_unless_told():
    """The setting's words are the port's."""
    listen = Settings.model_fields["listen"]

    assert get_args(listen.annotation) == get_args(Listen) == tuple(ADDRESSES)
    assert ADDRESSES[listen.default] == "127.0.0.1"
