"""Nothing starts on a database with other keys than its own, and no key is made beside its data."""

import itertools
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from services.bootstrap import DatabaseRole
from services.platform.database.engine import open_engine
from services.platform.database.migrating import DatabaseTooOldError
from services.platform.errors import KeyUnusableError
from services.platform.keys.files import FileKeyVault
from services.platform.keys.place import KeysPlace
from services.platform.keys.postgres_checks import Uses, note_keys, open_vault
from services.platform.keys.vault import SecretName
from services.workers.keys import retire_keys, rotate_keys
from tests.support.fixtures.fixtures_ledger import acting_as
from tests.support.fixtures.fixtures_postgres import create_database, drop_database
from tests.support.made_with_keys import (
    Made,
    execute,
    opened_on,
    three_persons,
)

pytestmark = pytest.mark.postgres

_names = itertools.count(1)


def _nothing(_: Made) -> None:
    """An agreement is there, and nobody."""


def _half_rotated(made: Made) -> None:
    """As if `keys rotate` had been killed: two lie under the new version, one does not."""
    three_persons(made)

    def stop(_: int) -> None:
        raise InterruptedError

    with made.outside() as outside, pytest.raises(InterruptedError):
        rotate_keys(outside, tell=stop, batch=2)


def _retired(made: Made) -> None:
    """The root was replaced, so that the secrets lie in a file of their own."""
    (made.keys / "root.replaced").unlink()
    three_persons(made)
    with made.outside() as outside:
        rotate_keys(outside)
        retire_keys(outside)


def _not_noted(made: Made) -> None:
    """As an older version left it: rotated half way, and bound rows."""
    _half_rotated(made)
    execute(made.url, "DELETE FROM key_check")


def _not_noted_and_nobody(made: Made) -> None:
    execute(made.url, "DELETE FROM key_check")


_HELD = {
    "an-agreement": _nothing,
    "persons": three_persons,
    "half-rotated": _half_rotated,
    "retired": _retired,
    "not-noted": _not_noted,
    "not-noted-and-nobody": _not_noted_and_nobody,
}


@pytest.fixture(scope="module", params=_HELD)
def made(
    request: pytest.FixtureRequest,
    embedded_postgres_url: str,
    migrated_template: str,
    keys_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Made]:
    """Give a database of each kind; the tests refuse it or look at it, and write nothing there."""
    keys = tmp_path_factory.mktemp("made") / "keys"
    shutil.copytree(keys_folder, keys)
    name = f"lost_keys_{os.getpid()}_{next(_names)}"
    made = Made(create_database(embedded_postgres_url, name, migrated_template), keys)
    _HELD[request.param](made)
    yield made
    drop_database(embedded_postgres_url, name)


def _gone(file: Path) -> None:
    file.unlink()


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:7])


def _of_another(file: Path) -> None:
    """As long as it was and of the same form, as another installation's is."""
    if file.suffix == ".json":
        told = {name: secrets.token_hex(32) for name in json.loads(file.read_bytes())}
        file.write_text(json.dumps(told))
    else:
        head = file.read_bytes()[:32] if file.name == "erasable-secrets" else b""
        file.write_bytes(head + secrets.token_bytes(file.stat().st_size - len(head)))


_HARMS = {"gone": _gone, "cut": _cut, "of-another": _of_another}


@pytest.mark.parametrize("harm", _HARMS)
def test_each_file_that_is_not_the_one_is_named_and_nothing_is_made(
    made: Made, harm: str, tmp_path: Path
):
    """The folder stays byte for byte as it was; what is needed is every file but a mark."""
    files = sorted(path.relative_to(made.keys) for path in made.keys.rglob("*") if path.is_file())
    needed = [file for file in files if file.name not in _proves_nothing(made, harm)]
    assert needed

    for number, file in enumerate(needed):
        data = tmp_path / str(number)
        shutil.copytree(made.keys, data / "keys")
        _HARMS[harm](data / "keys" / file)
        before = _content(data)

        with (
            pytest.raises(KeyUnusableError, match="runbook 007") as refused,
            opened_on(made, data),
        ):
            pass

        assert file.name in str(refused.value) or file.parent.name in str(refused.value)
        assert _content(data) == before, file


@pytest.mark.parametrize("is_made", [True, False], ids=["fresh-folder", "no-folder"])
def test_a_lost_data_folder_is_refused(made: Made, tmp_path: Path, *, is_made: bool):
    """The main case: the database is elsewhere and whole, and the machine with the keys is gone."""
    if is_made:
        FileKeyVault.open(tmp_path / "keys" / "root.key")
    before = _content(tmp_path)

    with pytest.raises(KeyUnusableError, match=r"root\.key"), opened_on(made, tmp_path):
        pass

    assert _content(tmp_path) == before
    assert (tmp_path / "keys").exists() == is_made


def test_a_folder_that_lost_all_but_its_root_key_is_refused(made: Made, tmp_path: Path):
    """So far it was taken for one from before wrapping keys, and got a fresh one."""
    (tmp_path / "keys").mkdir()
    for file in made.keys.glob("*.*"):
        if file.is_file():
            shutil.copyfile(file, tmp_path / "keys" / file.name)
    before = _content(tmp_path)

    with pytest.raises(KeyUnusableError, match="wrapping-keys"), opened_on(made, tmp_path):
        pass

    assert _content(tmp_path) == before


def test_its_own_keys_open_it_also_without_the_mark_and_are_noted(made: Made, tmp_path: Path):
    """Last of all, because it notes what is not noted."""
    shutil.copytree(made.keys, tmp_path / "keys")
    (tmp_path / "keys" / "root.replaced").unlink(missing_ok=True)
    secrets_before = (tmp_path / "keys" / "root.key").read_bytes()

    for _ in range(2):
        with opened_on(made, tmp_path) as application:
            versions = application.vault.versions()

    noted = execute(made.url, "SELECT name FROM key_check WHERE name LIKE 'wrapping-key %'")
    assert {f"wrapping-key {version}" for version in versions if version} == {n for (n,) in noted}
    assert (tmp_path / "keys" / "root.key").read_bytes() == secrets_before


@pytest.mark.parametrize("role", [role for role in DatabaseRole if role is not DatabaseRole.OWN])
def test_every_role_compares_and_none_but_the_owner_notes(
    engine: Engine, keys_folder: Path, role: DatabaseRole
):
    """A portal alone cannot know whether it has the right keys before the owner was here."""
    with acting_as(engine, role.value) as connection:
        uses, vault = open_vault(connection, KeysPlace(keys_folder))
        note_keys(connection, vault)

    assert uses is Uses.NOTED
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM key_check"))
    with acting_as(engine, role.value) as connection:
        if role is DatabaseRole.OWNER:
            assert open_vault(connection, KeysPlace(keys_folder))[0] is Uses.NOT_NOTED
            return
        with pytest.raises(DatabaseTooOldError, match="tell-once migrate"):
            open_vault(connection, KeysPlace(keys_folder))


# A new database, and what was begun there.


@pytest.mark.parametrize("made_so_far", range(4))
def test_what_a_killed_first_start_left_is_gone_on_from(
    fresh_database: str, tmp_path: Path, made_so_far: int
):
    """In the order in which the files are made; and the mark says that nothing lies under root."""
    FileKeyVault.open(tmp_path / "whole" / "root.key")
    order = ["root.replaced", "root.key", "erasable-secrets"][:made_so_far]
    root_key = tmp_path / "keys" / "root.key"
    root_key.parent.mkdir()
    for name in order:
        shutil.copyfile(tmp_path / "whole" / name, root_key.with_name(name))

    engine = open_engine(fresh_database)
    with engine.connect() as connection:
        _, vault = open_vault(connection, KeysPlace(root_key.parent))
    engine.dispose()

    assert vault.versions() == [1]
    assert vault.unwrap(vault.wrap(bytes(32), holder="a").content, holder="a") == bytes(32)


def test_two_who_begin_a_database_with_folders_of_their_own_do_not_both_go_on(
    engine: Engine, tmp_path: Path
):
    """Else each would write what the other cannot read."""
    first, second = (FileKeyVault.open(tmp_path / name / "root.key") for name in ("a", "b"))
    noted = len(SecretName) + len(first.versions())
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM key_check"))
        note_keys(connection, first)

    with engine.begin() as connection:  # as the second saw it, a moment before
        connection.execute(text("DELETE FROM key_check WHERE name LIKE '%sessions'"))
    with (
        pytest.raises(KeyUnusableError, match="not those of the database"),
        engine.begin() as connection,
    ):
        note_keys(connection, second)

    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM key_check")).scalar() == noted - 1


def test_two_at_once_make_the_same_keys(tmp_path: Path):
    """Also where one finds the folder half made by the other."""
    for number in range(20):
        root_key = tmp_path / str(number) / "root.key"
        with ThreadPoolExecutor(3) as pool:
            vaults = list(pool.map(FileKeyVault.open, [root_key] * 3))

        assert {tuple(vault.versions()) for vault in vaults} == {(1,)}
        assert len({vault.secret(SecretName.LEDGER) for vault in vaults}) == 1


def _content(data: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(data)): path.read_bytes() if path.is_file() else None
        for path in data.rglob("*")
    }


def _proves_nothing(made: Made, harm: str) -> set[str]:
    """What another installation's is as good as: of which nothing comes, or nothing came yet."""
    if harm == "of-another" and (made.keys / "kept-secrets.json").exists():
        return {"root.replaced", "root.key"}
    held = "SELECT EXISTS (SELECT FROM person) OR EXISTS (SELECT FROM key_check)"
    if harm == "of-another" and execute(made.url, held) == [(False,)]:
        return {"root.replaced", "1.key", "erasable-secrets"}
    return {"root.replaced"}
