"""What is put into a watched folder comes in whole, is put away only then, and can come again."""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.records.message import Demographics, Subject
from schemas.records.payloads import Involvement, Occurrence, Relationship
from schemas.vocabulary import IdentifierScheme, Source
from services.people.persons.subjects import identifier_of
from services.work import Outside
from services.workers.files.done_folder import FinishedFiles, FolderUnavailableError
from services.workers.files.watched_folder import WatchedFolder
from tests.support.fakes.in_process import InProcess
from tests.support.messages.ctf import AContact, APupil, AYear, ctf

pytestmark = pytest.mark.postgres

EDIE = APupil()
NELL = APupil(upn="Y999200116021", forename="Nell")
LIST = b"CHILD_FIRST_NAME,CHILD_LAST_NAME,CHILD_DATE_OF_BIRTH,CHILD_NHS_NUMBER\n"
OTTO = b"Otto,Marlow,2014-03-05,9990000018\n"


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job, with nobody of whom anything is permitted."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give an empty folder that schools put files in."""
    path = tmp_path / "from-schools"
    path.mkdir()
    return path


def watching(
    running: InProcess, folder: Path, *, source: Source = Source.SCHOOLS, stops_after: int = 10**9
) -> WatchedFolder:
    """A process that watches the folder, for which every second is another look."""
    seconds = count()
    asked = count()
    return WatchedFolder(
        source,
        folder,
        running.connectors,
        FinishedFiles(folder, 1.0, lambda: float(next(seconds))),
        lambda: next(asked) >= stops_after,
        structlog.get_logger(),
        lambda: 0.0,
    )


def rounds(watched: WatchedFolder, times: int = 8) -> int:
    """Go round so often; gives how many files were put away."""
    return sum(watched.round() for _ in range(times))


def by_upn(upn: str | None, born: str | None) -> Subject:
    """A pupil as somebody decides about them."""
    assert upn is not None
    number = identifier_of(IdentifierScheme.UPN, upn)
    return Subject("pupil", (number,), Demographics(date_of_birth=born))


def outcomes(running: InProcess) -> dict[str, int]:
    """How many messages became what."""
    with running.outside.engine.connect() as connection:
        found = connection.execute(
            text("SELECT disposition, count(*) FROM message_outcome GROUP BY disposition")
        )
        return {row.disposition: row.count for row in found}


def coming_in(folder: Path) -> list[str]:
    """The names of the files that are not put away."""
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_files_of_both_kinds_come_in_and_are_put_away(running: InProcess, folder: Path):
    """Each once, however long the folder is watched."""
    (folder / "school.xml").write_bytes(ctf(EDIE, NELL))
    (folder / "list.csv").write_bytes(LIST + OTTO)

    assert rounds(watching(running, folder)) == 2

    assert outcomes(running) == {"withheld": 3}
    assert coming_in(folder) == []
    assert len(list((folder / "done").iterdir())) == 2


def test_what_was_withheld_comes_again_from_where_it_was_put_away(running: InProcess, folder: Path):
    """Once it is permitted; the other pupil stays with the school."""
    (folder / "school.xml").write_bytes(ctf(EDIE, NELL))
    (folder / "list.csv").write_bytes(LIST + OTTO)
    rounds(watching(running, folder))

    running.decide(by_upn(EDIE.upn, EDIE.born))
    running.settle()

    person = running.person(by_upn(EDIE.upn, EDIE.born))
    assert person is not None
    assert any(isinstance(record.payload, Involvement) for record in running.stored(person))
    assert outcomes(running) == {"published": 1, "withheld": 2}


def test_the_same_file_again_changes_nothing(running: InProcess, folder: Path):
    """It is read, found to say nothing new, and put away beside the first."""
    for name in ("monday.xml", "again.xml"):
        (folder / name).write_bytes(ctf(EDIE, NELL))
        rounds(watching(running, folder))

    assert outcomes(running) == {"withheld": 2}
    assert len(running.ledger(LedgerEvent.PUBLICATION_WITHHELD)) == 2
    assert len(list((folder / "done").iterdir())) == 2


def test_a_full_file_takes_back_what_it_no_longer_says(running: InProcess, folder: Path):
    """A part does not; attendance that was stays either way."""
    mother, father = AContact(), AContact(relationship="PAF", forename="Ben", order="2")
    first = replace(EDIE, contacts=(mother, father), attendance=(AYear(),))
    running.decide(by_upn(EDIE.upn, EDIE.born))
    kept: list[list[str]] = []

    for day, pupil, qualifier in (
        ("14", first, b"full"),
        ("15", replace(EDIE, contacts=(mother,)), b"partial"),
        ("16", replace(EDIE, contacts=(mother,)), b"full"),
    ):
        text = ctf(pupil, at=f"2026-09-{day}T07:30:00").replace(b">partial<", b">%b<" % qualifier)
        (folder / "school.xml").write_bytes(text)
        rounds(watching(running, folder))
        running.settle()
        person = running.person(by_upn(EDIE.upn, EDIE.born))
        assert person is not None
        payloads = [record.payload for record in running.stored(person)]
        assert any(isinstance(payload, Occurrence) for payload in payloads)
        kept.append(sorted(p.kind.value for p in payloads if isinstance(p, Relationship)))

    assert kept == [["father", "mother"], ["father", "mother"], ["mother"]]


def test_a_broken_file_parks_as_one_and_stops_no_other(running: InProcess, folder: Path):
    """Whatever is wrong with it."""
    (folder / "a-broken.xml").write_bytes(b"<CTfile><Header>")
    (folder / "b-other.csv").write_bytes(b"Dear colleague\n")
    (folder / "c-school.xml").write_bytes(ctf(EDIE))
    for number, name in enumerate(coming_in(folder)):
        os.utime(folder / name, (number, number))

    assert rounds(watching(running, folder)) == 3

    assert outcomes(running) == {"parked": 2, "withheld": 1}
    assert coming_in(folder) == []
    assert names(folder / "failed") == [
        "a-broken.xml",
        "a-broken.xml.txt",
        "b-other.csv",
        "b-other.csv.txt",
    ]
    assert names(folder / "done") == ["c-school.xml"]
    told = (folder / "failed" / _only(folder / "failed", "b-other.csv.txt")).read_text()
    assert "reason: no-known-column" in told
    assert "colleague" not in told


def test_what_of_a_file_could_not_be_read_is_told_beside_it(running: InProcess, folder: Path):
    """It stays where it was put away, for what was withheld of it; nobody is named."""
    bad = replace(NELL, born="2014-13-40")
    (folder / "school.xml").write_bytes(ctf(EDIE, bad))

    rounds(watching(running, folder))

    assert outcomes(running) == {"parked": 1, "withheld": 1}
    assert names(folder / "done") == ["school.xml", "school.xml.txt"]
    assert not (folder / "failed").exists()
    told = (folder / "done" / _only(folder / "done", "school.xml.txt")).read_text()
    assert "1 of 2 messages could not be read" in told
    assert "message 1" in told
    assert "not-a-date" in told
    assert not {"Nell", "Marlow", "2014-13-40", "school.xml"} & set(told.split())


def test_a_file_that_was_put_back_is_read_like_any_other(running: InProcess, folder: Path):
    """Once it is mended, under whatever name; then nothing is told beside it any more."""
    (folder / "school.xml").write_bytes(b"<CTfile></Wrong></CTfile>\n")
    watched = watching(running, folder)
    rounds(watched)
    (failed,) = [path for path in (folder / "failed").iterdir() if path.suffix == ".xml"]
    failed.write_bytes(ctf(EDIE))
    failed.rename(folder / failed.name)

    assert rounds(watched) == 1

    assert outcomes(running) == {"parked": 1, "withheld": 1}
    assert names(folder / "done") == ["school.xml"]


def names(folder: Path) -> list[str]:
    """The names that files came in by, in order."""
    return sorted(path.name[30:] for path in folder.iterdir())


def _only(folder: Path, name: str) -> str:
    (found,) = [path.name for path in folder.iterdir() if path.name.endswith(name)]
    return found


def test_a_file_that_cannot_be_taken_is_told_of_once_and_left(running: InProcess, folder: Path):
    """A fault of ours; the file waits, and what was told goes when it comes in after all."""
    (folder / "school.xml").write_bytes(ctf(EDIE))
    watched = watching(running, folder, source=Source.COMMUNITY)

    assert rounds(watched) == 0

    assert outcomes(running) == {"parked": 1}
    assert coming_in(folder) == ["school.xml"]

    watched.source = Source.SCHOOLS
    watched.seconds = lambda: 3600.0
    assert rounds(watched) == 1
    assert outcomes(running)["withheld"] == 1


def test_it_stops_between_batches_and_reads_the_file_again(running: InProcess, folder: Path):
    """What was durable is not done twice."""
    (folder / "school.xml").write_bytes(ctf(EDIE, NELL))

    assert rounds(watching(running, folder, stops_after=1)) == 0
    assert coming_in(folder) == ["school.xml"]

    assert rounds(watching(running, folder)) == 1
    assert outcomes(running) == {"withheld": 2}
    assert len(running.ledger(LedgerEvent.PUBLICATION_WITHHELD)) == 2


def test_a_folder_that_is_gone_shows_that_the_source_does_not_answer(
    running: InProcess, folder: Path
):
    """Until it is there again."""
    watched = watching(running, folder)
    folder.rmdir()

    with pytest.raises(FolderUnavailableError):
        watched.round()
    assert running.count("source_status WHERE failing_since IS NOT NULL") == 1

    folder.mkdir()
    watched.round()
    assert running.count("source_status WHERE failing_since IS NOT NULL") == 0
