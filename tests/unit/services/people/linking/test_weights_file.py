"""Weights that an installation trained on records of its own."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from services.bootstrap import Application
from services.people.linking.scoring import WeightsInvalidError, shipped_weights
from services.platform.clock import SystemClock
from services.platform.keys.files import FileKeyVault
from services.platform.settings import Settings


def _application(folder: Path, **more: object) -> Application:
    settings = Settings(data=folder, **more)
    vault = FileKeyVault.open(folder / "root.key")
    return Application(settings, vault, SystemClock(), "", None)


def test_the_shipped_weights_are_used_unless_a_file_is_named(tmp_path: Path) -> None:
    """Nothing need be trained to begin with."""
    assert _application(tmp_path).weights == shipped_weights()


def test_a_file_of_weights_is_used_where_it_is_named(tmp_path: Path) -> None:
    """In the form in which `link train` writes it."""
    document = json.loads((files("services.people.linking") / "weights.json").read_text("utf-8"))
    own = tmp_path / "weights.json"
    own.write_text(json.dumps(document | {"version": "ours-1"}), encoding="utf-8")

    assert _application(tmp_path, link_weights=own).weights.version == "ours-1"


def test_a_file_that_holds_no_weights_is_refused(tmp_path: Path) -> None:
    """Nobody is compared by something else than was meant."""
    own = tmp_path / "weights.json"
    own.write_text("{}", encoding="utf-8")

    with pytest.raises(WeightsInvalidError, match=r"weights\.fields: is-missing"):
        _ = _application(tmp_path, link_weights=own).weights
