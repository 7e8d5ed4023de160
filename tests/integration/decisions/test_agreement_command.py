"""`tell-once agreement`, and what a data folder and a database of one's own begin with."""

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from consent.agreement import Agreement
from consent.agreements.reading import agreement_from_json
from consent.ledger import read_entry
from consent.ledger.events import LedgerEvent
from services.__main__ import main
from services.bootstrap import DatabaseRole, opened, standard_agreement
from services.platform.database.engine import open_engine
from services.platform.database.migrating import mark_installation, migrate
from services.platform.settings import Settings
from services.work import unit_of_work
from tests.support.builders import an_agreement
from tests.support.consents.agreements import file_of

pytestmark = pytest.mark.postgres

Command = Callable[..., tuple[int, str, str]]
EVERYTHING_DENIED = "everything is denied. See tell-once agreement adopt --help"


@pytest.fixture
def command(database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run commands where families are invented; gives exit code, output and errors."""
    _make_demonstration(database)
    return _command_on(database, tmp_path, capfd)


def _make_demonstration(database: str) -> None:
    engine = open_engine(database)
    with engine.begin() as connection:
        mark_installation(connection, is_demonstration=True)
    engine.dispose()


@pytest.fixture
def without_agreement(
    fresh_database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> Command:
    """Run commands on a database in which no agreement was ever adopted."""
    engine = open_engine(fresh_database)
    migrate(engine)
    engine.dispose()
    _make_demonstration(fresh_database)
    return _command_on(fresh_database, tmp_path, capfd)


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """Give a folder with a short path, as a socket needs."""
    with tempfile.TemporaryDirectory(prefix="tell-once-agree-") as folder:
        yield Path(folder) / "data"


def _command_on(database: str, data: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    def run(*words: str) -> tuple[int, str, str]:
        code = main([*words, "--data", str(data), "--database", database])
        written = capfd.readouterr()
        return code, written.out, written.err

    return run


def _written(folder: Path, agreement: Agreement) -> str:
    path = folder / f"{agreement.version}.json"
    path.write_bytes(file_of(agreement))
    return str(path)


def _document(answer: tuple[int, str, str]) -> Any:
    code, out, _ = answer
    assert code == 0, answer
    return json.loads(out)


def test_what_is_adopted_is_shown_and_listed(command: Command, tmp_path: Path):
    """With the digest of the very file, and the entry that proves it."""
    path = _written(tmp_path, an_agreement(version="northfield-1"))

    adopted = _document(command("agreement", "adopt", path, "--json"))
    shown = _document(command("agreement", "show", "--json"))
    listed = _document(command("agreement", "list", "--json"))

    assert (adopted["version"], adopted["changed"], adopted["persons"]) == ("northfield-1", True, 0)
    assert adopted["ledger_entry"]
    assert shown["agreement"] == json.loads(Path(path).read_text())
    assert (shown["state"], shown["in_force"]) == ("in-force", True)
    assert [row["version"] for row in listed["adoptions"]] == ["test-1", "northfield-1"]
    assert listed["in_force"] == "northfield-1"
    assert listed["adoptions"][1]["sha256"] == adopted["sha256"]


def test_a_past_version_can_still_be_shown(command: Command, tmp_path: Path):
    """An auditor asks for the version that an entry names."""
    command("agreement", "adopt", _written(tmp_path, an_agreement(version="northfield-1")))

    shown = _document(command("agreement", "show", "--version", "test-1", "--json"))
    unknown = command("agreement", "show", "--version", "test-7")

    assert (shown["agreement"]["version"], shown["in_force"]) == ("test-1", False)
    assert unknown[:2] == (1, "No such version was ever adopted.\n")


def test_adopting_twice_says_that_nothing_changed(command: Command, tmp_path: Path):
    """Exit code 0: what was asked for is so."""
    path = _written(tmp_path, an_agreement(version="northfield-1"))
    command("agreement", "adopt", path)

    code, out, _ = command("agreement", "adopt", path)

    assert (code, out) == (0, "northfield-1 is what was adopted last: nothing changed.\n")


def test_where_families_are_real_it_takes_another_officer(
    database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    """Whoever asked can only take it back; until somebody confirms nothing has changed."""
    command = _command_on(database, tmp_path / "data", capfd)
    path = _written(tmp_path, an_agreement(version="northfield-1"))

    order = _document(command("agreement", "adopt", path, "--json"))
    own, _, why = command("agreement", "confirm", order["order"], path)
    listed = _document(command("agreement", "list", "--json"))
    declined = _document(command("agreement", "decline", order["order"], "--json"))

    assert (order["status"], declined["status"]) == ("asked", "declined")
    assert (own, why) == (3, "tell-once: asked-for-it\n")
    assert [row["version"] for row in listed["adoptions"]] == ["test-1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "agreement: is-not-json"),
        ("{}", "agreement: lacks"),
        (None, "file: cannot-be-read: FileNotFoundError"),
    ],
)
def test_what_cannot_be_adopted_is_told(
    command: Command, tmp_path: Path, text: str | None, message: str
):
    """Exit code 2, and the element, not what stands in it."""
    path = tmp_path / "agreement.json"
    if text is not None:
        path.write_text(text)

    code, out, err = command("agreement", "adopt", str(path))

    assert (code, out) == (2, "")
    assert err.startswith(f"tell-once: {message}")


def test_a_database_of_ones_own_begins_with_none_and_says_so(
    without_agreement: Command, tmp_path: Path
):
    """A council adopts its own; until then everything is denied, and whoever runs it is told."""
    subject = ("--subject", "nhs-number:9990000018")
    what = ("--category", "child-health", "--purpose", "direct-care", "--decided-by", "mother")

    shown = without_agreement("agreement", "show")
    recorded = without_agreement("decision", "record", *subject, *what)
    listed = _document(without_agreement("agreement", "list", "--json"))
    path = _written(tmp_path, an_agreement())
    adopted = _document(without_agreement("agreement", "adopt", path, "--json"))
    withdrawn = without_agreement("decision", "record", *subject, *what)

    assert shown[0] == 1
    assert recorded[0] == 0
    assert recorded[2].endswith(f"{EVERYTHING_DENIED}\n")
    assert listed == {"state": "none", "in_force": None, "adoptions": []}
    assert adopted["persons"] == 1
    assert withdrawn[2] == ""


def test_a_data_folder_begins_with_the_standard_agreement(data_folder: Path):
    """Adopted by a named job, in the ledger, once."""
    for _ in range(2):
        with opened(Settings(data=data_folder)) as application:
            outside = application.outside(DatabaseRole.PORTAL)
            with unit_of_work(outside) as work:
                (adoption,) = work.agreements.adoptions()
                bodies = work.connection.exec_driver_sql("SELECT body FROM ledger_entry").all()

    entries = [read_entry(bytes(row.body)) for row in bodies]
    (entry,) = [entry for entry in entries if entry.event is not LedgerEvent.ROW_BOUND]
    assert adoption.agreement == agreement_from_json(standard_agreement())
    assert adoption.adopted_by == entry.actor == "job:data-folder"
    assert entry.event is LedgerEvent.AGREEMENT_ADOPTED
    assert entry.fields["sha256"] == adoption.sha256
