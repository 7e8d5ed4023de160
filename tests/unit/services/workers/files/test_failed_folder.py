"""A file of which nothing could be read is somewhere at every instant, and is told of by codes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.vocabulary import Source
from services.workers.files.failed_folder import (
    Failure,
    put_into_failed,
    tell_beside,
    tell_nothing_beside,
)

AT = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
TEXT = b"Ottoline Quillfeather\n"
FAILURES = [Failure(0, "row[2]/CHILD_DATE_OF_BIRTH: not-a-date")]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Give a file that was read and put away."""
    (tmp_path / "done").mkdir()
    path = tmp_path / "done" / "list.csv"
    path.write_bytes(TEXT)
    return path


def tell(kept: Path) -> None:
    """Tell what could not be read of it."""
    tell_beside(kept, FAILURES, source=Source.SCHOOLS, messages=1, at=AT)


def test_what_is_told_is_when_where_why_and_what_to_do(kept: Path):
    """And nothing of the file, nor its name."""
    tell(kept)

    told = (kept.parent / "list.csv.txt").read_text()
    for said in ("2026-11-30 at 09:30 UTC", "message 0", "CHILD_DATE_OF_BIRTH", "not-a-date"):
        assert said in told, said
    assert "Ask the source" in told
    assert not {"Ottoline", "Quillfeather", "list.csv"} & set(told.split())


def test_it_is_put_aside_to_the_same_end_wherever_that_was_broken_off(kept: Path, tmp_path: Path):
    """Killed after the new name was given, or after the text was moved: it is done again."""
    failed = tmp_path / "failed"
    failed.mkdir()
    for link_is_there, text_is_there in ((True, False), (True, True), (False, True)):
        kept.write_bytes(TEXT)
        tell(kept)
        if link_is_there:
            (failed / kept.name).unlink(missing_ok=True)
            (failed / kept.name).hardlink_to(kept)
        if text_is_there:
            (kept.parent / "list.csv.txt").replace(failed / "list.csv.txt")

        put_into_failed(kept, tmp_path)

        assert sorted(path.name for path in failed.iterdir()) == ["list.csv", "list.csv.txt"]
        assert (failed / "list.csv").read_bytes() == TEXT
        assert list(kept.parent.iterdir()) == []


def test_what_was_told_goes_once_it_is_read(kept: Path):
    """And is not missed where nothing was told."""
    tell(kept)

    for _ in range(2):
        tell_nothing_beside(kept)

    assert [path.name for path in kept.parent.iterdir()] == ["list.csv"]


def test_of_very_many_only_the_first_are_told(kept: Path):
    """The list has them all."""
    many = [Failure(n, "Pupil/DOB: not-a-date") for n in range(1500)]

    tell_beside(kept, many, source=Source.SCHOOLS, messages=1500, at=AT)

    told = (kept.parent / "list.csv.txt").read_text()
    assert "message 999" in told
    assert "message 1000" not in told
    assert "and 500 more" in told
