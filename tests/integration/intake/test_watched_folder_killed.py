"""The connector is killed with a school's file half read: nothing is lost, nothing is doubled.

A real PostgreSQL, the real process as `serve` starts it, kill -9.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from deploy.bench.invented.schools import generate_pupils, generated_ctf
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import IdentifierScheme, Source
from services.bootstrap import Application, DatabaseRole, opened
from services.people.persons.subjects import identifier_of
from services.platform.database.engine import Engine
from services.platform.settings import Settings
from tests.support.checkout import ROOT
from tests.support.fakes.in_process import InProcess
from tests.support.waiting import GENEROUS, eventually

pytestmark = pytest.mark.postgres

_PUPILS = 1500
_PERMITTED_EACH = 10


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a large file, a small one and one that nobody can read."""
    path = tmp_path / "from schools"
    path.mkdir()
    (path / "large.xml").write_bytes(b"".join(generated_ctf(_PUPILS)))
    (path / "broken.xml").write_bytes(b"<CTfile></Wrong></CTfile>\n")
    (path / "list.csv").write_text(
        "CHILD_FIRST_NAME,CHILD_LAST_NAME,CHILD_DATE_OF_BIRTH\nEdie,Marlow,2014-03-05\n"
    )
    return path


@pytest.fixture
def application(tmp_path: Path, database: str, folder: Path) -> Iterator[Application]:
    """Give an installation on a real database that watches the folder."""
    settings = Settings(
        data=tmp_path / "data",
        database=SecretStr(database),
        schools_folder=folder,
        folder_settle_seconds=0.2,
    )
    with opened(settings) as found:
        yield found


def test_killed_half_way_through_a_file(application: Application, folder: Path):
    """What was durable is not done again, the rest comes in, all of it is put away."""
    pupils = [
        (pupil.upn, pupil.date_of_birth)
        for pupil in islice(generate_pupils(_PUPILS), 0, None, _PERMITTED_EACH)
    ]
    with InProcess.running(application.outside(DatabaseRole.OWNER)) as running:
        for upn, born in pupils:
            number = identifier_of(IdentifierScheme.UPN, upn)
            running.decide(Subject("pupil", (number,), Demographics(date_of_birth=born)))
        engine = running.outside.engine

        with connector(application.settings) as process:
            assert eventually(lambda: 0 < handled(engine) < _PUPILS)
            process.kill()
            process.wait()
        assert 0 < handled(engine) < _PUPILS
        assert (folder / "large.xml").exists()

        with connector(application.settings) as process:
            assert eventually(
                lambda: {path.name for path in folder.iterdir()} == {"done", "failed"}
            )
            process.terminate()
            assert process.wait(GENEROUS) == 0

        assert counts(engine) == {
            "published": len(pupils),
            "withheld": _PUPILS - len(pupils) + 1,
            "parked": 1,
        }
        assert len(running.ledger(LedgerEvent.PUBLICATION_PERMITTED)) == len(pupils)
        assert len(running.ledger(LedgerEvent.PUBLICATION_WITHHELD)) == _PUPILS - len(pupils) + 1
        assert len(running.ledger(LedgerEvent.MESSAGE_PARKED)) == 1
        assert running.count("(SELECT DISTINCT id FROM outbox) AS o") == running.count("outbox")
        assert sorted(path.suffix for path in (folder / "failed").iterdir()) == [".txt", ".xml"]
        remembered = paths_to_reread(engine)
        assert len(remembered) == 2
        assert all(Path(path).is_file() for path in remembered)


@contextmanager
def connector(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """The process that watches the folder, as `serve` starts it."""
    assert settings.database is not None
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "services", "connect", Source.SCHOOLS.value, "--folder"),
            *("--data", str(settings.data)),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "TELL_ONCE_DATABASE": settings.database.get_secret_value(),
            "TELL_ONCE_SCHOOLS_FOLDER": str(settings.schools_folder),
            "TELL_ONCE_FOLDER_SETTLE_SECONDS": str(settings.folder_settle_seconds),
        },
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def counts(engine: Engine) -> dict[str, int]:
    """How many messages became what."""
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT disposition, count(*) FROM message_outcome GROUP BY disposition")
        )
        return {row.disposition: row.count for row in found}


def handled(engine: Engine) -> int:
    """How many messages there is an outcome of."""
    return sum(counts(engine).values())


def paths_to_reread(engine: Engine) -> list[str]:
    """The files that are remembered for what was withheld of them."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT DISTINCT path FROM file_to_reread"))
        return [row.path for row in rows]
