"""A file that was read keeps a name that can be read again, and loses only its own old one."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from services.workers.files.done_folder import (
    DoneFolder,
    FinishedFiles,
    FolderUnavailableError,
    SeenFile,
)

TEXT = b"<CTfile></CTfile>\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file that came in on a day in November."""
    path = tmp_path / "school.xml"
    path.write_bytes(TEXT)
    os.utime(path, (1_795_160_000, 1_795_160_000))
    return path


@pytest.fixture
def done(tmp_path: Path) -> DoneFolder:
    """Give the folder beside it."""
    return DoneFolder.below(tmp_path)


def seen(path: Path) -> SeenFile:
    """The file as it stands now."""
    files = FinishedFiles(path.parent, 0.0, lambda: 0.0)
    return next(found for found in files.look() if found.path == path)


def test_a_file_has_both_names_until_it_is_let_go(file: Path, done: DoneFolder):
    """With its time, which versions what has no date."""
    before = seen(file)

    kept = done.keep(before)
    assert kept is not None
    assert (file.read_bytes(), kept.read_bytes()) == (TEXT, TEXT)
    assert done.keep(before) == kept
    done.let_go(before)

    assert not file.exists()
    assert kept.read_bytes() == TEXT
    assert kept.stat().st_mtime_ns == before.modified_ns
    assert kept.name == "20261120T073320Z-" + kept.name[17:29] + "-school.xml"


def test_same_file_in_the_same_second_again_is_kept_beside_the_first(file: Path, done: DoneFolder):
    """A school may go back to what it said before; it was never read."""
    first = seen(file)
    before = done.keep(first)
    done.let_go(first)
    file.write_bytes(TEXT)
    os.utime(file, ns=(first.modified_ns + 1_000_000, first.modified_ns + 1_000_000))
    again = seen(file)

    kept = done.keep(again)

    assert kept is not None
    assert kept != before
    assert kept.stat().st_mtime_ns == again.modified_ns
    assert done.keep(again) == kept


def test_a_file_put_there_meanwhile_stays(file: Path, done: DoneFolder):
    """Under the same name, in the moment between reading and letting go."""
    before = seen(file)
    done.keep(before)
    (file.parent / "draft").write_bytes(b"<CTfile>new</CTfile>\n")
    (file.parent / "draft").rename(file)

    done.let_go(before)

    (left,) = [path for path in file.parent.iterdir() if path.suffix == ".xml"]
    assert left.read_bytes() == b"<CTfile>new</CTfile>\n"


def test_a_file_that_changed_since_it_was_looked_at_is_not_kept(file: Path, done: DoneFolder):
    """It was not finished after all."""
    before = seen(file)
    file.write_bytes(TEXT + b"more")

    assert done.keep(before) is None
    assert list(done.path.iterdir()) == []


def test_a_file_that_is_gone_is_nothing_to_keep_or_to_let_go(file: Path, done: DoneFolder):
    """Somebody else took it."""
    before = seen(file)
    file.unlink()

    assert done.keep(before) is None
    done.let_go(before)


def test_files_of_one_name_do_not_overwrite_each_other(file: Path, done: DoneFolder):
    """A school that sends `school.xml` every day."""
    first = done.keep(seen(file))
    file.unlink()
    file.write_bytes(TEXT.replace(b"><", b"> <"))
    os.utime(file, (1_795_160_000, 1_795_160_000))

    second = done.keep(seen(file))

    assert first != second
    assert len(list(done.path.iterdir())) == 2


def test_where_no_second_name_can_be_given_a_copy_is_kept(file: Path, done: DoneFolder):
    """Where links are not known, or the file is somebody else's."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    before = seen(file)
    kept = replace(done, link=refuse).keep(before)

    assert kept is not None
    assert kept.read_bytes() == TEXT
    assert kept.stat().st_ino != before.inode
    assert kept.stat().st_mtime_ns == before.modified_ns
    assert list(done.path.iterdir()) == [kept]


def test_a_folder_that_cannot_be_written_in_is_told(tmp_path: Path):
    """Before anything is read: what is read must be kept."""
    (tmp_path / "done").write_text("a file in the way")

    with pytest.raises(FolderUnavailableError, match="cannot"):
        DoneFolder.below(tmp_path)
