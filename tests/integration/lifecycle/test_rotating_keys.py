"""The wrapping key is rotated beside everything that runs, and whatever is killed goes on."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from services.platform.errors import KeyUnusableError
from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.postgres import PostgresKeyRows
from services.platform.keys.vault import SecretName
from services.work import Outside, unit_of_work
from services.workers.keys import retire_keys, rotate_keys
from tests.support.builders import NOW
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.source_messages import a_message, a_record, the_child

pytestmark = pytest.mark.postgres

_NUMBERS = [
    *("9990000018", "9990000026", "9990000034", "9990000042", "9990000050", "9990000069"),
    *("9990000077", "9990000085", "9990000093", "9990000107", "9990000115", "9990000123"),
]
_LATE = "9990000131"
_WRAP_OLD = text(
    "UPDATE person SET wrapped_key = :key, wrapped_under = 0 WHERE person_id = :person"
)


class Stopped(Exception):  # noqa: N818 - no error
    """As far as it got."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Say where the keys are."""
    return tmp_path / "keys" / "root.key"


@pytest.fixture
def outside(outside: Outside, path: Path) -> Outside:
    """Give keys of this test's own."""
    return _with(outside, FileKeyVault.open(path))


@pytest.fixture
def keys(outside: Outside) -> dict[PersonId, bytes]:
    """Make twelve persons; gives their data keys."""
    with unit_of_work(outside) as work:
        persons = [work.persons.create(by_number(number), at=NOW) for number in _NUMBERS]
        return {person: work.keys.data_key(person) for person in persons}


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def test_every_key_lies_under_the_new_version_and_is_the_same(
    outside: Outside, keys: dict[PersonId, bytes]
):
    """No data is touched."""
    done = rotate_keys(outside, batch=5)

    assert (done.version, done.persons, done.was_resumed) == (2, len(keys), False)
    assert _counts(outside) == {2: len(keys)}
    assert _data_keys(outside, keys) == keys


def test_running_processes_read_and_make_persons_meanwhile(
    outside: Outside, keys: dict[PersonId, bytes], path: Path
):
    """They open both versions, and what they make lies under the newest."""
    other = _with(outside, FileKeyVault.open(path))
    stop, reads, wrong = threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            found = _data_keys(other, keys)
            reads.append(found)
            wrong.extend(person for person in keys if found[person] != keys[person])

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(4):
        rotate_keys(outside, batch=2)
    stop.set()
    reader.join()
    with unit_of_work(other) as work:
        work.persons.create(by_number(_LATE), at=NOW)

    assert reads
    assert wrong == []
    assert _counts(outside) == {5: len(keys) + 1}


def test_a_rotation_that_was_killed_goes_on_where_it_was(
    outside: Outside, keys: dict[PersonId, bytes]
):
    """Under the same version; nothing is wrapped twice."""

    def stop(done: int) -> None:
        if done >= 6:
            raise Stopped

    with pytest.raises(Stopped):
        rotate_keys(outside, tell=stop, batch=3)
    half_way = _counts(outside)
    done = rotate_keys(outside, batch=3)

    assert half_way == {1: 6, 2: 6}
    assert (done.version, done.persons, done.was_resumed) == (2, 6, True)
    assert _data_keys(outside, keys) == keys


def test_a_rotation_that_was_killed_just_after_the_new_key_was_made_goes_on(
    outside: Outside, keys: dict[PersonId, bytes]
):
    """There is no third version."""
    outside.vault.add_version()

    assert rotate_keys(outside).version == 2
    assert _data_keys(outside, keys) == keys


def test_the_old_key_goes_only_when_nothing_lies_under_it(
    outside: Outside, keys: dict[PersonId, bytes]
):
    """Half way it is refused, and stays."""
    outside.vault.add_version()

    with pytest.raises(KeyUnusableError, match="rotate"):
        retire_keys(outside)
    refused = list(outside.vault.versions())
    rotate_keys(outside)
    gone = retire_keys(outside)

    assert refused == [1, 2]
    assert gone == [1]
    assert outside.vault.versions() == [2]
    assert _data_keys(outside, keys) == keys


@pytest.mark.usefixtures("keys")
def test_nobody_who_is_late_writes_under_a_key_that_was_retired(outside: Outside):
    """The database refuses it: their person could never be read again."""
    rotate_keys(outside)
    retire_keys(outside)

    with pytest.raises(Exception, match="person_wrapped_under_kept"), unit_of_work(outside) as work:
        work.connection.execute(text("UPDATE person SET wrapped_under = 1"))


def test_it_is_entered_once(outside: Outside, running: InProcess):
    """That every key is under the new version, and that the old one is destroyed."""
    running.decide(the_child())
    rotate_keys(outside)
    for _ in range(2):
        retire_keys(outside)

    found = running.ledger(LedgerEvent.WRAPPING_KEY_ROTATED, LedgerEvent.WRAPPING_KEY_DESTROYED)

    assert [(entry.event, entry.fields) for entry in found] == [
        (LedgerEvent.WRAPPING_KEY_ROTATED, {"version": 2}),
        (LedgerEvent.WRAPPING_KEY_DESTROYED, {"version": 1}),
    ]


def test_a_data_folder_from_before_versions_is_moved_over(
    outside: Outside, keys_folder: Path, tmp_path: Path
):
    """It works on as it is; the first rotation moves its keys under version 1 at once."""
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "root.key").write_bytes((keys_folder / "root.key").read_bytes())
    vault = FileKeyVault.open(tmp_path / "old" / "root.key")
    old = _with(outside, vault)
    with InProcess.running(old) as running:
        (person,) = running.decide(the_child()).decision.subjects
        _wrap_as_before(old, person, vault)
        running.receive(a_message("m1", a_record("r1")))
        running.settle()
        before = vault.secret(SecretName.LEDGER)

        done = rotate_keys(old)
        gone = retire_keys(old)

        assert (done.version, done.was_resumed, gone) == (1, True, [0])
        assert len(running.stored(person)) == 1
        again = FileKeyVault.open(tmp_path / "old" / "root.key")
        assert again.secret(SecretName.LEDGER) == before
        assert list(again.versions()) == [1]


def _wrap_as_before(outside: Outside, person: PersonId, vault: FileKeyVault) -> None:
    with unit_of_work(outside) as work:
        bare = aes_key_wrap(vault._root.wrapping_key(), work.keys.data_key(person))
        work.connection.execute(_WRAP_OLD, {"key": bare, "person": person})


def _with(outside: Outside, vault: FileKeyVault) -> Outside:
    return replace(outside, vault=vault, hasher=KeyedHasher(vault.secret(SecretName.LINKING)))


def _counts(outside: Outside) -> dict[int, int]:
    with unit_of_work(outside) as work:
        return dict(PostgresKeyRows(work.connection).count())


def _data_keys(outside: Outside, persons: dict[PersonId, bytes]) -> dict[PersonId, bytes]:
    with unit_of_work(outside) as work:
        work.keys.load(persons)
        return {person: work.keys.data_key(person) for person in persons}
