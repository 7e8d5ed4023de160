"""A command speaks for somebody (`--as`) where families are invented and nowhere else."""

from pathlib import Path

import pytest

from consent.ledger.events import LedgerEvent
from services.__main__ import main
from services.cli.output import USAGE
from services.work import Outside
from tests.support.builders import CHILD, VISITOR
from tests.support.demonstrating import mark
from tests.support.fakes.in_process import InProcess

pytestmark = pytest.mark.postgres

_OPENS = (
    ("profile", "show", "--person", CHILD, "--purpose", "direct-care"),
    ("story", "show", "--person", CHILD),
    ("story", "confirm", "--person", CHILD, "--told-by", "Mum"),
    ("officer", "list"),
    ("decision", "confirm", CHILD),
)


@pytest.mark.parametrize("words", _OPENS, ids=lambda words: " ".join(words[:2]))
def test_where_families_are_real_nothing_is_opened_in_somebodys_name(
    outside: Outside, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
):
    """DESIGN.md section 16, commands: `--as` is for a demonstration; the try is entered."""
    database = outside.engine.url.render_as_string(hide_password=False)
    mark(database, is_demonstration=False)
    where = ("--data", str(tmp_path / "data"), "--database", database)

    code = main([*words, "--as", VISITOR, *where])

    assert code == USAGE
    assert "only-in-a-demonstration" in capsys.readouterr().err
    with InProcess.running(outside) as running:
        (entry,) = running.ledger(LedgerEvent.ACCESS_EVALUATION_REFUSED)
    assert entry.actor.startswith("operator:")
