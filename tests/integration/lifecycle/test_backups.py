"""Backup and restore: nobody who was erased is read from any pair of copies, nor a fork signed."""

import itertools
import json
import os
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config

from consent.errors import LedgerBrokenError
from consent.transparency.verifier_key import VerifierKey
from schemas.identifiers import PersonId
from services.__main__ import main
from services.audit.integrity.backups import MARK
from services.bootstrap import DatabaseRole
from services.cli.lifecycle.backups import ABOUT, DUMP
from services.ledger.postgres_access import LedgerAccess
from services.lifecycle.erasure.erasing import ErasureGround
from services.platform.database.dumping import dump_database, restore_database
from services.platform.database.engine import open_engine
from services.platform.durable_files import create_durably
from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.copies import copies_in
from services.platform.keys.files import FileKeyVault
from services.workers.witnesses import ask_witnesses_once
from tests.support.checkout import ROOT
from tests.support.erasing import erased
from tests.support.fixtures.fixtures_postgres import create_database, drop_database
from tests.support.ledger.witness_process import NAME, make_key, running_witness
from tests.support.made_with_keys import Made, execute, make_persons, opened_on, three_persons

pytestmark = pytest.mark.postgres

Run = Callable[..., tuple[int, Any]]
_names = itertools.count(1)
_A_LATER_ONE = "9990000042"
SCRIPTS = ROOT / "services/platform/database/migrations"


@pytest.fixture
def world(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Give a database with three persons and its keys, and a folder for copies of secrets."""
    made = Made(database, tmp_path / "keys")
    three_persons(made)
    monkeypatch.setenv("TELL_ONCE_BACKUP_SECRETS", str(tmp_path.parent / f"{tmp_path.name}-safe"))
    return made


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """Say where copies of secrets are kept."""
    return tmp_path.parent / f"{tmp_path.name}-safe"


@pytest.fixture
def run(world: Made, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command there; gives the code, and the document or what was said instead."""

    def run(*words: str, url: str = world.url, data: Path = tmp_path) -> tuple[int, Any]:
        code = main([*words, "--json", "--data", str(data), "--database", url])
        written = capfd.readouterr()
        return code, json.loads(written.out) if written.out else written.err

    return run


@pytest.fixture
def empty(embedded_postgres_url: str) -> Iterator[Callable[[], str]]:
    """Give empty databases, as many as are asked for."""
    made: list[str] = []

    def another() -> str:
        made.append(f"restored_{os.getpid()}_{next(_names)}")
        return create_database(embedded_postgres_url, made[-1])

    yield another
    for name in made:
        drop_database(embedded_postgres_url, name)


def persons(url: str) -> Sequence[tuple[PersonId, bytes | None]]:
    """Who is in a database, and their wrapped key."""
    rows = execute(url, "SELECT person_id, wrapped_key FROM person ORDER BY person_id")
    return [(PersonId(who), None if key is None else bytes(key)) for who, key in rows]


def erase_one(world: Made, tmp_path: Path) -> PersonId:
    """Erase one of them as `serve` does it, by the keys that know of the copies."""
    person = persons(world.url)[0][0]
    told = {"because": ErasureGround.RESTORED_BACKUP, "actor": "job:test", "order": None}
    with opened_on(world, tmp_path) as application:
        erased(person, application.outside(DatabaseRole.OWNER), **told)
    return person


def test_who_was_erased_is_read_from_no_pair_of_copies_that_remain(
    world: Made, run: Run, empty: Callable[[], str], secrets: Path, tmp_path: Path
):
    """Each database with each copy of secrets, and with those that are in use."""
    place, offline = tmp_path / "backups", tmp_path / "offline"
    assert run("backup", "keys", str(offline))[0] == 0
    assert run("backup", "make", str(place))[0] == 0
    before = (copies_in(secrets)[0]).read_bytes()
    gone = erase_one(world, tmp_path)
    assert run("backup", "make", str(place))[0] == 0
    assert run("keys", "rotate")[0] == 0
    dumps, copies = sorted(place.glob("*/database.dump")), copies_in(secrets)
    assert (len(dumps), len(copies)) == (2, 2)
    assert copies[0].read_bytes() != before, "the copy from before was written over"

    read: list[tuple[PersonId, bool]] = []
    for number, (dump, copy) in enumerate(
        itertools.product(dumps, [*copies, tmp_path / "keys" / "erasable-secrets"])
    ):
        keys = tmp_path / f"pair-{number}"
        for file in (path for path in offline.rglob("*") if path.is_file()):
            create_durably(keys / file.relative_to(offline), file.read_bytes())
        create_durably(keys / "erasable-secrets", copy.read_bytes())
        vault, url = FileKeyVault.open_known(keys / "root.key"), empty()
        restore_database(url, dump)
        for who, wrapped in persons(url):
            read.append((who, wrapped is not None and opens(vault, who, wrapped)))

    assert (gone, True) not in read
    assert [is_read for who, is_read in read if who != gone] == [True] * 2 * 2 * 3


def opens(vault: FileKeyVault, who: PersonId, wrapped: bytes) -> bool:
    """Whether this person's data can be read."""
    try:
        vault.unwrap(wrapped, holder=who)
    except KeyDestroyedError:
        return False
    return True


def test_a_restored_backup_says_of_which_moment_it_is(
    world: Made, run: Run, empty: Callable[[], str], tmp_path: Path
):
    """With all keys lost but their copies; a second backup of a quiet hour is as good."""
    place, offline, new = tmp_path / "backups", tmp_path / "offline", tmp_path / "new"
    assert run("backup", "keys", str(offline))[0] == 0
    code, made = run("backup", "make", str(place), "--keep", "1")
    url = empty()

    restored, told = run("restore", made["backup"], "--keys", str(offline), url=url, data=new)
    again, refused = run("restore", made["backup"], url=url, data=new)

    assert (code, restored) == (0, 0)
    assert json.loads((tmp_path / MARK).read_bytes()) == {"made_at": made["made_at"]}
    assert told["entries"] == made["entries"]
    assert told["covers_until"] is not None
    assert (told["opened"], told["unusable"], told["later"]) == (3, [], {})
    assert persons(url) == persons(world.url)
    assert again == 4
    assert "not empty" in refused
    assert run("ledger", "verify", url=url, data=new)[0] == 0


def test_an_older_backup_is_refused_and_signs_nothing_if_it_is_restored(
    world: Made, run: Run, empty: Callable[[], str], tmp_path: Path
):
    """The checkpoint beside the key, and a newer backup, know a later head; so does who is gone."""
    place, offline, new = tmp_path / "backups", tmp_path / "offline", tmp_path / "new"
    assert run("backup", "keys", str(offline))[0] == 0
    _, made = run("backup", "make", str(place))
    gone = erase_one(world, tmp_path)
    _, newer = run("backup", "make", str(place))
    url = empty()

    beside, refused = run("restore", made["backup"], url=url)
    lost, told = run("restore", made["backup"], "--keys", str(offline), url=url, data=new)
    older = ["restore", made["backup"], "--keys", str(offline), "--older"]
    code, restored = run(*older, url=url, data=new)

    assert (beside, lost, code) == (3, 3, 0)
    assert "the checkpoint beside the key" in refused["later"]
    name = f"backup {Path(newer['backup']).name}"
    assert told["later"] == {name: newer["entries"]} == restored["later"]
    assert restored["erased_again"] == [gone]
    assert (gone, None) in persons(url)
    with (
        opened_on(Made(url, new / "keys"), new) as application,
        pytest.raises(LedgerBrokenError, match="nothing is signed"),
    ):
        LedgerAccess(
            application.engine, signer=application.ledger_signer, copy=application.ledger_copy
        ).integrate()


@pytest.mark.enable_socket
def test_a_witness_knows_a_later_head_where_nothing_else_is_left(
    world: Made,
    run: Run,
    empty: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    """The machine is lost, and the newest backup with it; one that is away cannot be passed by."""
    place, offline, new = tmp_path / "backups", tmp_path / "offline", tmp_path / "new"
    assert run("backup", "keys", str(offline))[0] == 0
    _, made = run("backup", "make", str(place))
    witness_folder = tmp_path / "witness"
    witness_folder.mkdir()
    make_key(witness_folder)
    erase_one(world, tmp_path)
    log = VerifierKey.parse(run("ledger", "checkpoint")[1]["verifier_key"])
    back = ["restore", made["backup"], "--keys", str(offline)]
    with running_witness(witness_folder, log=log) as witness:
        told = f"{witness.address.key} {witness.address.url}"
        monkeypatch.setenv("TELL_ONCE_LEDGER_WITNESSES", told)
        with opened_on(world, tmp_path) as application:
            assert ask_witnesses_once(application) == 1

        code, refused = run(*back, url=empty(), data=new)
    away, said = run(*back, url=empty(), data=new)

    assert (code, away) == (3, 4)
    assert list(refused["later"]) == [f"witness {NAME}"]
    assert refused["later"][f"witness {NAME}"] > made["entries"]
    assert "cannot be told" in said
    assert not new.exists()


def test_what_is_not_as_it_was_written_is_not_restored(
    world: Made, run: Run, empty: Callable[[], str], tmp_path: Path
):
    """Named by its file; `backup list` says so before anybody needs it."""
    place = tmp_path / "backups"
    _, made = run("backup", "make", str(place))
    folder = Path(made["backup"])
    whole = run("backup", "list", str(place))
    file = folder / "ledger.jsonl.zst"
    file.write_bytes(file.read_bytes()[:-1])

    code, listed = run("backup", "list", str(place))
    refused, said = run("restore", str(folder), url=empty())

    assert whole[0] == 0
    assert (code, refused) == (1, 4)
    assert "ledger.jsonl.zst" in listed["backups"][0]["fault"]
    assert "ledger.jsonl.zst" in said
    assert world.url


def test_an_erasure_waits_for_copies_that_cannot_be_reached(
    world: Made, run: Run, secrets: Path, tmp_path: Path
):
    """It is not entered as done while a copy opens what it destroyed."""
    assert run("backup", "make", str(tmp_path / "backups"))[0] == 0
    away = secrets.rename(secrets.with_name(f"{secrets.name}-away"))
    with pytest.raises(KeyUnusableError, match="backup_secrets"):
        erase_one(world, tmp_path)
    _, waiting = run("keys", "show")
    away.rename(secrets)

    assert run("keys", "verify")[0] == 0

    assert waiting["unfinished_erasures"] == 1
    assert run("keys", "show")[1]["unfinished_erasures"] == 0
    assert bytes(32) in copies_in(secrets)[0].read_bytes()


@pytest.mark.parametrize("where", ["same", "inside", "data"])
def test_one_place_for_both_is_refused(
    world: Made, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
):
    """Whoever has both reads everything."""
    place = tmp_path.parent / f"{tmp_path.name}-place"
    folders = {"same": place, "inside": place / "secrets", "data": tmp_path / "secrets"}
    monkeypatch.setenv("TELL_ONCE_BACKUP_SECRETS", str(folders[where]))

    code, said = run("backup", "make", str(place))

    assert code == 4
    assert "backup_secrets" in said or "one place" in said
    assert world.url


def test_persons_who_came_after_the_copy_of_secrets_are_named(
    world: Made, run: Run, empty: Callable[[], str], secrets: Path, tmp_path: Path
):
    """A database that is newer than the secrets: their keys do not open, and it says whose."""
    place, offline, new = tmp_path / "backups", tmp_path / "offline", tmp_path / "new"
    assert run("backup", "keys", str(offline))[0] == 0
    assert run("backup", "make", str(place))[0] == 0
    with world.outside() as outside:
        make_persons(outside, [_A_LATER_ONE, *(f"99900000{n}" for n in (50, 69, 77, 85, 93))])
    _, made = run("backup", "make", str(place))
    copies_in(secrets)[-1].unlink()

    code, told = run("restore", made["backup"], "--keys", str(offline), url=empty(), data=new)

    assert code == 1
    assert len(told["unusable"]) >= 1


def test_a_backup_of_an_older_version_is_restored_and_brought_up_to_this_one(
    world: Made, run: Run, empty: Callable[[], str], tmp_path: Path
):
    """What it held is there, its ledger holds, its keys open, and this version works on it."""
    place, offline, new = tmp_path / "backups", tmp_path / "offline", tmp_path / "new"
    assert run("backup", "keys", str(offline))[0] == 0
    made = run("backup", "make", str(place))[1]
    held = persons(world.url)
    _as_made_by("0063_family_access", world.url, Path(made["backup"]))
    url = empty()

    code, told = run("restore", made["backup"], "--keys", str(offline), url=url, data=new)

    assert code == 0, told
    assert (told["entries"], told["opened"], told["unusable"]) == (made["entries"], len(held), [])
    assert persons(url) == held
    assert run("ledger", "verify", url=url, data=new)[0] == 0
    assert run("community", "list", url=url, data=new)[0] == 0


def _as_made_by(version: str, url: str, folder: Path) -> None:
    """The database in it is as that version had it; all else has the same form."""
    engine, config = open_engine(url), Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, version)
    engine.dispose()
    (folder / DUMP).unlink()
    dump_database(url, folder / DUMP)
    about = json.loads((folder / ABOUT).read_text())
    about["files"][DUMP] = sha256((folder / DUMP).read_bytes()).hexdigest()
    (folder / ABOUT).write_text(json.dumps(about))
