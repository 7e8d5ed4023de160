"""Which files of a folder are taken for finished, and what is left alone."""

import os
from pathlib import Path

import pytest

from services.workers.files.done_folder import FinishedFiles, FolderUnavailableError

WHOLE = b"<CTfile></CTfile>\n"


class Looks:
    """A folder that is looked at, at times that the test sets."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self._files = FinishedFiles(folder, 10.0, lambda: self.now)

    def at(self, seconds: float) -> list[str]:
        """The names of what is finished then."""
        self.now = seconds
        return [seen.path.name for seen in self._files.look()]


@pytest.fixture
def looks(tmp_path: Path) -> Looks:
    """Give an empty folder to be looked at."""
    return Looks(tmp_path)


def test_a_file_is_finished_when_nothing_about_it_changes_for_a_while(looks: Looks, tmp_path: Path):
    """Growing begins the while anew."""
    file = tmp_path / "school.xml"
    file.write_bytes(b"<CTfile>")

    assert looks.at(0) == []
    file.write_bytes(WHOLE)
    assert looks.at(9) == []
    assert looks.at(11) == []
    assert looks.at(19) == ["school.xml"]


def test_a_file_that_does_not_end_as_whole_files_do_is_given_longer(looks: Looks, tmp_path: Path):
    """Its writer may only be slow."""
    (tmp_path / "cut.xml").write_bytes(b"<CTfile><Header>")
    (tmp_path / "cut.csv").write_bytes(b"CHILD_FIRST_NAME,CHILD_LAST")
    (tmp_path / "whole.csv").write_bytes(b"CHILD_FIRST_NAME\r\n")

    assert looks.at(0) == []
    assert looks.at(10) == ["whole.csv"]
    assert looks.at(59) == ["whole.csv"]
    assert sorted(looks.at(60)) == ["cut.csv", "cut.xml", "whole.csv"]


def test_the_oldest_comes_first(looks: Looks, tmp_path: Path):
    """What was said first is read first."""
    for name, modified in (("b.xml", 2), ("a.xml", 3), ("c.XML", 1)):
        (tmp_path / name).write_bytes(WHOLE)
        os.utime(tmp_path / name, (modified, modified))

    looks.at(0)
    assert looks.at(10) == ["c.XML", "b.xml", "a.xml"]


def test_odd_files_are_left_alone(looks: Looks, tmp_path: Path):
    """Links, pipes, folders, drafts, what is hidden, empty or of another kind."""
    (tmp_path / "real.xml").write_bytes(WHOLE)
    (tmp_path / "link.xml").symlink_to(tmp_path / "real.xml")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.xml").mkdir()
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "earlier.xml").write_bytes(WHOLE)
    (tmp_path / "empty.csv").touch()
    for name in (".hidden.xml", "~lock.csv", "upload.xml.part", "notes.txt", "list.xlsx"):
        (tmp_path / name).write_bytes(WHOLE)

    looks.at(0)
    assert looks.at(1000) == ["real.xml"]


def test_a_folder_that_is_not_there_is_told(looks: Looks, tmp_path: Path):
    """Its source does not answer then."""
    tmp_path.rmdir()

    with pytest.raises(FolderUnavailableError, match="FileNotFoundError"):
        looks.at(0)
