"""A database restored from an older backup is found out by the copy beside the key."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url

from consent.errors import LedgerBrokenError, LedgerUnavailableError
from consent.transparency.checkpoint import Checkpoint, LedgerSigner, open_checkpoint
from services.ledger.postgres_access import LedgerAccess, SignedCopy
from tests.support.fixtures.fixtures_postgres import create_database, drop_database
from tests.support.ledger.ledger_builders import ORIGIN, SIGNER, an_entry

pytestmark = pytest.mark.postgres

_numbers = itertools.count(1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give where the copy lies."""
    (tmp_path / "keys").mkdir()
    return tmp_path / "keys" / "ledger.checkpoint"


@pytest.fixture
def access(ledger_engine: Engine, path: Path) -> LedgerAccess:
    """Give a ledger of 10 entries, signed."""
    return _filled(_access(ledger_engine, path), 0, 10)


def _access(engine: Engine, path: Path) -> LedgerAccess:
    return LedgerAccess(engine, signer=SIGNER, copy=SignedCopy(path))


def _filled(access: LedgerAccess, first: int, end: int) -> LedgerAccess:
    access.append([an_entry(number=number) for number in range(first, end)])
    access.integrate()
    return access


@pytest.fixture
def backup(access: LedgerAccess, ledger_engine: Engine) -> Iterator[Engine]:
    """Give the whole database as it is now, restored beside the one that goes on."""
    del access
    name = f"restored_{os.getpid()}_{next(_numbers)}"
    url = ledger_engine.url.render_as_string(hide_password=False)
    ledger_engine.dispose()
    restored = create_engine(create_database(url, name, make_url(url).database))
    yield restored
    restored.dispose()
    drop_database(url, name)


def _kept(path: Path) -> Checkpoint:
    return open_checkpoint(path.read_bytes(), [SIGNER.verifier_key], origin=ORIGIN).checkpoint


def test_what_was_signed_last_is_kept_beside_the_key(access: LedgerAccess, path: Path):
    """Readable by its owner only, and always the newest."""
    assert _kept(path).size == 10

    _filled(access, 10, 13)

    assert _kept(path).size == 13
    assert path.stat().st_mode & 0o077 == 0


def test_a_database_from_an_older_backup_is_not_signed(
    access: LedgerAccess, backup: Engine, path: Path
):
    """Not as it stands, and not after more entries came; the sizes are told."""
    _filled(access, 10, 25)
    restored = _access(backup, path)

    with pytest.raises(LedgerBrokenError, match=r"tree of 10 entries, but 25 were signed.*004"):
        restored.integrate()
    restored.append([an_entry(number=number) for number in range(100, 130)])
    with pytest.raises(LedgerBrokenError, match="nothing is signed"):
        restored.integrate()

    with restored.snapshot() as reader:
        assert reader.size() == 10
    assert _kept(path).size == 25


def test_a_database_that_went_another_way_since_is_not_signed(
    access: LedgerAccess, backup: Engine, path: Path, tmp_path: Path
):
    """Somebody signed other entries elsewhere meanwhile, more than there were."""
    _filled(access, 10, 25)
    _filled(_access(backup, tmp_path / "elsewhere"), 200, 240)

    with pytest.raises(LedgerBrokenError, match="first 25 of the database's 50 entries"):
        _access(backup, path).integrate()


def test_a_database_restored_to_just_what_was_signed_goes_on(backup: Engine, path: Path):
    """Nothing that was signed is missing."""
    restored = _access(backup, path)

    _filled(restored, 10, 12)

    assert _kept(path).size == 12


def test_an_older_copy_is_no_hindrance(access: LedgerAccess, path: Path, ledger_engine: Engine):
    """The process died between the commit and the copy: it is brought up to date."""
    older = path.read_bytes()
    _filled(access, 10, 25)
    path.write_bytes(older)

    _access(ledger_engine, path).integrate()

    assert _kept(path).size == 25


def test_the_copy_never_goes_back(access: LedgerAccess, path: Path):
    """Two processes sign in turn; the one that keeps its copy late changes nothing."""
    late = path.read_text()
    _filled(access, 10, 25)

    SignedCopy(path).keep(late)

    assert _kept(path).size == 25


@pytest.mark.parametrize("what", ["another key", "another log", "nonsense", "cut off"])
@pytest.mark.usefixtures("access")
def test_a_copy_that_is_not_ours_stops_the_signing(path: Path, ledger_engine: Engine, what: str):
    """It would prove nothing; a person decides what it is."""
    stranger = LedgerSigner(ORIGIN, bytes(32))
    elsewhere = LedgerSigner("elsewhere.example/ledger", SIGNER.private_key)
    content = {
        "another key": stranger.sign_checkpoint(size=1, root=bytes(32)),
        "another log": elsewhere.sign_checkpoint(size=1, root=bytes(32)),
        "nonsense": "nonsense",
        "cut off": path.read_text()[:-9],
    }[what]
    path.write_text(content)

    with pytest.raises(LedgerBrokenError, match="beside the key is not ours"):
        _access(ledger_engine, path).integrate()


@pytest.mark.usefixtures("access")
def test_a_copy_that_cannot_be_written_is_told(path: Path, ledger_engine: Engine):
    """The next signing tries again, so that it is never behind for long."""
    path.unlink()
    path.mkdir()

    with pytest.raises(LedgerUnavailableError):
        _access(ledger_engine, path).integrate()

    path.rmdir()
    _access(ledger_engine, path).integrate()
    assert _kept(path).size == 10
