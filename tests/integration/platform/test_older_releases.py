"""What older versions left behind opens with this one (tests/data/releases/README.md)."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.release_data import DUMP, KEYS, ReleaseDataError, restore, save
from schemas.vocabulary import Disposition
from services.__main__ import main
from tests.support.checkout import ROOT
from tests.support.sending_again import (
    SAMPLES,
    built_anew,
    opened_folder,
    profile_in,
    said_again_later,
    send,
)

pytestmark = pytest.mark.postgres

Command = Callable[..., tuple[int, dict[str, Any]]]
RELEASES = sorted(path for path in (ROOT / "tests/data/releases").iterdir() if path.is_dir())


@dataclass(frozen=True, slots=True)
class OlderRelease:
    """A data folder as an older version left it, and what must be found in it.

    `held` is the ledger's checkpoint that the older version signed last.
    """

    data: Path
    held: Path
    expected: dict[str, Any]


@pytest.fixture(scope="module", params=RELEASES, ids=lambda release: release.name)
def older(request: pytest.FixtureRequest) -> Iterator[OlderRelease]:
    """Give each release's data folder in turn, served by nobody: the first command migrates it."""
    release: Path = request.param
    with _folder() as folder:
        data, held = folder / "data", folder / "held"
        restore(release, data)
        shutil.copyfile(data / "keys" / "ledger.checkpoint", held)
        expected = json.loads((release / "expected.json").read_text(encoding="utf-8"))
        yield OlderRelease(data, held, expected)


@pytest.fixture
def command(older: OlderRelease, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run a `tell-once` command on the data folder; gives exit code and document."""

    def run(*words: str) -> tuple[int, dict[str, Any]]:
        code = main([*words, "--json", "--data", str(older.data)])
        told = capfd.readouterr()
        assert told.out, told.err
        return code, json.loads(told.out)

    return run


def test_there_are_data_of_an_older_version():
    """Without any, the tests below would ask nothing."""
    assert RELEASES


def test_the_ledger_goes_on_from_what_the_older_version_signed(
    older: OlderRelease, command: Command
):
    """Every entry and checkpoint of then still holds, under the same key."""
    code, report = command("ledger", "verify", "--held", str(older.held))

    assert code == 0, report
    assert report["valid"]
    assert report["entries"] >= older.expected["ledger_entries"]


def test_who_works_with_a_child_finds_them_by_number_and_reads_their_name(
    older: OlderRelease, command: Command
):
    """Numbers are hashed and names sealed under the keys of then."""
    child = older.expected["child"]

    code, profile = command(*_profile_of(child["number"], older.expected["may_read"]))

    assert code == 0, profile
    assert profile["child"] == child["person"]
    (names,) = [person["names"] for person in profile["people"] if person["id"] == child["person"]]
    shown = [(name["given_names"], name["family_name"]) for name in names]
    assert (child["given_names"], child["family_name"]) in shown


def test_who_does_not_work_with_the_child_is_refused(older: OlderRelease, command: Command):
    """No migration gives anybody a right that they had not."""
    child = older.expected["child"]

    code, answer = command(*_profile_of(child["person"], older.expected["may_not_read"]))

    assert code == 3, answer
    assert answer["refused"]
    assert "people" not in answer


def test_samples_that_come_again_change_nothing(older: OlderRelease, tmp_path: Path):
    """As they were, and said anew another day: nothing stands twice, comes back or is left behind.

    Records, what was taken back and what stories refer to are found by keys made of what the
    samples say; the profile built from the bus has the same.
    """
    later = said_again_later(tmp_path / "later")
    with opened_folder(older.data) as application:
        before = profile_in(application)
        assert before.versions

        send(application, SAMPLES)
        again = profile_in(application)
        sent = send(application, later)
        after = profile_in(application)

        assert sent[Disposition.PUBLISHED]
        assert not sent[Disposition.DUPLICATE]
        for found in (again, after):
            assert found.counts == before.counts
            assert found.removed >= before.removed
            assert not found.removed & before.versions.keys()  # nothing that stood is gone
            assert found.links == before.links
        assert not after.left_behind(before)
        compared = built_anew(application)
        assert compared.is_identical, compared.some


def test_what_is_restored_and_saved_again_is_the_same():
    """Else a data set would say something else than the version that made it."""
    release = RELEASES[-1]

    with _folder() as folder:
        restore(release, folder / "data")
        save(folder / "data", folder / "release")

        assert (folder / "release" / KEYS).read_bytes() == (release / KEYS).read_bytes()
        assert _statements(folder / "release" / DUMP) == _statements(release / DUMP)


def test_nothing_but_a_demonstration_is_saved(tmp_path: Path):
    """Real keys would lie beside what they open, in the clear."""
    with pytest.raises(ReleaseDataError, match="no demonstration"):
        save(tmp_path, tmp_path / "release")

    assert not list(tmp_path.iterdir())


def test_nothing_is_restored_over_other_data(tmp_path: Path):
    """Whose keys it would overwrite."""
    with pytest.raises(ReleaseDataError, match="is there already"):
        restore(RELEASES[-1], tmp_path)


@contextmanager
def _folder() -> Iterator[Path]:
    """Give a folder, and not pytest's own: the path of a socket must be short."""
    with tempfile.TemporaryDirectory(prefix="tell-once-release-") as folder:
        yield Path(folder)


def _statements(dump: Path) -> list[str]:
    """All but the comments: they say by which PostgreSQL it was made, and that moves on."""
    lines = dump.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("--")]


def _profile_of(person: str, who: dict[str, str]) -> list[str]:
    words = ["profile", "show", "--person", person]
    return [*words, "--as", who["practitioner"], "--purpose", who["purpose"]]
