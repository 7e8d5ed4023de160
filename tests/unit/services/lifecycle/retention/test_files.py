"""Files that were read go after a time; those of which something waits, later."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from services.workers.files.done_folder import sweep_files

TODAY = datetime.now(UTC).date()  # noqa: TID251 the time that the file system stamps
LATER = TODAY + timedelta(days=2)  # also where midnight passes meanwhile


def _swept(
    folder: Path, *, before: date, waiting: tuple[Path, ...] = (), dry_run: bool = False
) -> int:
    return sweep_files(
        folder, before=before, waiting=waiting, waiting_before=TODAY, dry_run=dry_run
    )


def test_a_file_goes_when_it_was_read_before_that_day(tmp_path: Path):
    """However old the file itself is: that is its owner's affair."""
    file = tmp_path / "a.csv"
    file.write_text("x")
    os.utime(file, (0, 0))

    assert _swept(tmp_path, before=TODAY) == 0
    assert file.exists()
    assert _swept(tmp_path, before=LATER) == 1
    assert not file.exists()


def test_a_file_of_which_something_waits_stays(tmp_path: Path):
    """It may be permitted yet."""
    waiting, read = tmp_path / "a.csv", tmp_path / "b.csv"
    waiting.write_text("x")
    read.write_text("y")

    assert _swept(tmp_path, before=LATER, waiting=(waiting,)) == 1
    assert waiting.exists()
    assert not read.exists()


def test_a_dry_run_only_counts(tmp_path: Path):
    """Nothing goes."""
    (tmp_path / "a.csv").write_text("x")

    assert _swept(tmp_path, before=LATER, dry_run=True) == 1
    assert (tmp_path / "a.csv").exists()


def test_only_files_in_the_folder_itself_go(tmp_path: Path):
    """No link is followed and no folder entered; one that is not there has none."""
    outside = tmp_path / "other.csv"
    outside.write_text("x")
    done = tmp_path / "done"
    (done / "inner").mkdir(parents=True)
    (done / "inner" / "b.csv").write_text("y")
    (done / "link.csv").symlink_to(outside)

    assert _swept(done, before=LATER) == 0
    assert _swept(tmp_path / "none", before=LATER) == 0
    assert outside.exists()
    assert (done / "inner" / "b.csv").exists()
