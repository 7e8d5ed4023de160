"""Whether a vault is the one that a database was made with: noted once, asked at every start.

Of each named secret the database holds a keyed hash of its name, and for each wrapping key a data
key of nobody's that lies under it. So the check is a few rows, however many persons there are;
also that of `erasable-secrets`, without which no wrapped key opens. Keys are made where the
database is new, and nowhere else: a fresh key opens nothing of what there is, and whatever is
written under it beside that can never be put together again.
"""

import hmac
import secrets
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto
from hashlib import blake2b
from pathlib import Path

from sqlalchemy import Connection, text

from services.platform.database.migrating import DatabaseTooOldError
from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.place import KeysPlace
from services.platform.keys.vault import BEFORE_VERSIONS, KeyVault, SecretName

_DATA_KEY_BYTES = 32
_HOLDER = "key-check"
_SECRET, _WRAPPING, _TOLD = "secret ", "wrapping-key ", "told unusable"
# Persons are tried until one opens: of those that a backup brought back some were erased since.
_TRIED = 50

_WHAT_IT_IS = text("""
    SELECT to_regclass('person') IS NOT NULL AS has_persons,
        to_regclass('key_check') IS NOT NULL AS has_checks,
        EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('person')
                AND attname = 'wrapped_under') AS has_versions
""")
_READ = text("SELECT name, value FROM key_check")
_MAY_NOTE = text("SELECT has_table_privilege(current_user, 'key_check', 'INSERT')")
_IS_USED = text("SELECT EXISTS (SELECT FROM person) OR EXISTS (SELECT FROM ledger_entry)")
_NOTE = text("INSERT INTO key_check (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING")
_FORGET = text("DELETE FROM key_check WHERE name = :name")
_UNDER = text("SELECT DISTINCT wrapped_under FROM person WHERE wrapped_key IS NOT NULL")
_SOME = text("""
    SELECT person_id, wrapped_key FROM person
    WHERE wrapped_key IS NOT NULL AND wrapped_under = :version LIMIT :most
""")
_SOME_BEFORE_VERSIONS = text("SELECT person_id, wrapped_key FROM person LIMIT :most")


class Uses(Enum):
    """What a database already holds that keys were used for."""

    NOTHING = auto()
    BEFORE_VERSIONS = auto()
    NOT_NOTED = auto()
    NOTED = auto()


def uses_of(connection: Connection) -> Uses:
    """What it holds. Raises DatabaseTooOldError for a user who may not note what is not noted."""
    found = connection.execute(_WHAT_IT_IS).one()
    if not found.has_persons:
        return Uses.NOTHING
    if not found.has_checks:
        return Uses.NOT_NOTED if found.has_versions else Uses.BEFORE_VERSIONS
    if _noted(connection):
        return Uses.NOTED
    # Migrated, and killed before its keys were noted.
    _require_owner(connection)
    return Uses.NOT_NOTED if connection.execute(_IS_USED).scalar_one() else Uses.NOTHING


def open_vault(
    connection: Connection, place: KeysPlace, *, may_lack: bool = False
) -> tuple[Uses, KeyVault]:
    """What the database holds, and its keys: made if nothing was ever kept under any.

    With `may_lack` wrapping keys and secrets of data keys may be missing or too old: for commands
    that say so. Raises KeyUnusableError, which names what is to be restored; then nothing was made.
    """
    uses = uses_of(connection)
    try:
        is_first = uses is Uses.BEFORE_VERSIONS and place.is_from_before_versions
        vault = place.open() if uses is Uses.NOTHING or is_first else place.open_known()
    except KeyUnusableError as error:
        raise keys_unusable([str(error)]) from None
    except OSError as error:
        name = Path(str(error.filename)).name
        raise keys_unusable([f"{name} cannot be used: {error.strerror}"]) from error
    if uses is Uses.NOTED:
        require_keys(connection, vault, may_lack=may_lack)
    elif uses is not Uses.NOTHING:
        _require_persons_open(connection, vault, has_versions=uses is Uses.NOT_NOTED)
    return uses, vault


def require_keys(connection: Connection, vault: KeyVault, *, may_lack: bool = False) -> None:
    """Compare with what is noted. Raises KeyUnusableError, which names what is to be restored."""
    noted = _noted(connection)
    secrets_told = {name: value for name, value in noted.items() if name.startswith(_SECRET)}
    faults = []
    if any(
        name in secrets_told and not hmac.compare_digest(value, secrets_told[name])
        for name, value in _secrets(vault)
    ):
        faults.append(
            "root.key (and kept-secrets.json, where keys were retired) is not the one that is noted"
        )
    if not may_lack:
        faults += [
            _fault(vault, version)
            for version, wrapped in _versions(noted).items()
            if not _opens(vault, wrapped)
        ]
    if faults:
        raise keys_unusable(faults)


def note_keys(connection: Connection, vault: KeyVault) -> None:
    """Note what is not noted yet, as the owner; other users leave that to the owner.

    What is noted is compared afterwards: of two who began a new database at once with folders of
    their own, the second is refused. Raises KeyUnusableError, and DatabaseTooOldError where
    nothing is noted and this user may not.
    """
    noted = _noted(connection)
    named = [(name, value) for name, value in _secrets(vault) if name not in noted]
    versions = [
        version
        for version in vault.versions()
        if version != BEFORE_VERSIONS and f"{_WRAPPING}{version}" not in noted
    ]
    if not named and not versions:
        return
    if noted and not connection.execute(_MAY_NOTE).scalar_one():
        return
    _require_owner(connection)
    for name, value in named:
        connection.execute(_NOTE, {"name": name, "value": value})
    for version in versions:
        _note_version(connection, vault, version)
    require_keys(connection, vault, may_lack=True)


def forget_version(connection: Connection, version: int) -> bool:
    """Let everything start without this wrapping key; says whether it was noted."""
    return connection.execute(_FORGET, {"name": f"{_WRAPPING}{version}"}).rowcount > 0


def note_again(
    connection: Connection, vault: KeyVault, *, opened: Mapping[int, int], lost: Mapping[int, int]
) -> None:
    """Note wrapping keys anew after all data keys were tried; told how many opened, and did not.

    `erasable-secrets` may have been restored from before what was noted. A version of which
    nothing opens stays as it is noted, and is asked for; one under which nobody lies is forgotten.
    """
    there = vault.versions()
    for version, wrapped in _versions(_noted(connection)).items():
        is_of_use = opened.get(version, 0) > 0 or not lost.get(version, 0)
        if is_of_use and not _opens(vault, wrapped):
            forget_version(connection, version)
            if version in there:
                _note_version(connection, vault, version)
    note_keys(connection, vault)


def may_note(connection: Connection) -> bool:
    """Whether this user is the owner, who keeps what is noted."""
    return bool(connection.execute(_MAY_NOTE).scalar_one())


def note_told(connection: Connection, unusable: int) -> None:
    """Note that whoever verified every key was told how many do not open; none is nothing."""
    connection.execute(_FORGET, {"name": _TOLD})
    if unusable:
        connection.execute(_NOTE, {"name": _TOLD, "value": str(unusable).encode()})


def is_told(connection: Connection) -> bool:
    """Whether somebody was told, since when what does not open stops no start."""
    return _TOLD in _noted(connection)


def _note_version(connection: Connection, vault: KeyVault, version: int) -> None:
    data_key = secrets.token_bytes(_DATA_KEY_BYTES)
    wrapped = vault.wrap(data_key, holder=_HOLDER, under=version)
    told = {"name": f"{_WRAPPING}{version}", "value": wrapped.content}
    connection.execute(_NOTE, told)


def _noted(connection: Connection) -> Mapping[str, bytes]:
    return {row.name: bytes(row.value) for row in connection.execute(_READ)}


def _versions(noted: Mapping[str, bytes]) -> Mapping[int, bytes]:
    """The noted wrapped keys by version, in order."""
    named = sorted(
        (int(name.removeprefix(_WRAPPING)), value)
        for name, value in noted.items()
        if name.startswith(_WRAPPING)
    )
    return dict(named)


def _secrets(vault: KeyVault) -> Iterator[tuple[str, bytes]]:
    for name in SecretName:
        told = f"{_SECRET}{name}"
        yield told, blake2b(told.encode(), key=vault.secret(name), person=b"key-check").digest()


def _opens(vault: KeyVault, wrapped: bytes, holder: str = _HOLDER) -> bool:
    try:
        vault.unwrap(wrapped, holder=holder)
    except (KeyUnusableError, KeyDestroyedError):
        return False
    return True


def _require_owner(connection: Connection) -> None:
    if not connection.execute(_MAY_NOTE).scalar_one():
        raise DatabaseTooOldError("the database's keys are not noted yet; run tell-once migrate")


# Where nothing is noted yet, persons tell: once, while their keys are about to be noted.


def _require_persons_open(connection: Connection, vault: KeyVault, *, has_versions: bool) -> None:
    """Of each version somebody opens. Raises KeyUnusableError."""
    versions = [BEFORE_VERSIONS]
    if has_versions:
        versions = sorted(connection.execute(_UNDER).scalars())
    faults = [
        _fault(vault, version)
        for version in versions
        if not _somebody_opens(connection, vault, version, has_versions=has_versions)
    ]
    if faults:
        raise keys_unusable(faults)


def _somebody_opens(
    connection: Connection, vault: KeyVault, version: int, *, has_versions: bool
) -> bool:
    statement = _SOME if has_versions else _SOME_BEFORE_VERSIONS
    values: dict[str, object] = {"most": _TRIED}
    rows = connection.execute(statement, values | ({"version": version} if has_versions else {}))
    kept = [row for row in rows if not _is_destroyed(vault, bytes(row.wrapped_key))]
    return not kept or any(
        _opens(vault, bytes(row.wrapped_key), holder=row.person_id) for row in kept
    )


def _is_destroyed(vault: KeyVault, wrapped: bytes) -> bool:
    try:
        return vault.is_destroyed(wrapped)
    except KeyUnusableError:  # an older or another file of secrets
        return False


def _fault(vault: KeyVault, version: int) -> str:
    if version == BEFORE_VERSIONS:
        return "root.key does not open what was wrapped under it"
    if version not in vault.versions():
        return f"wrapping-keys/{version}.key is not there"
    return f"wrapping-keys/{version}.key or erasable-secrets is another one, older or damaged"


def keys_unusable(faults: Sequence[str]) -> KeyUnusableError:
    """The error that says what is wrong with which files, and what to do."""
    return KeyUnusableError(
        f"the keys in this data folder are not those of the database: {'; '.join(faults)}. Nothing "
        "was made or changed. Restore these files of keys/ from their newest backup that belongs "
        "to the database (root.key, kept-secrets.json and wrapping-keys/ are kept offline, "
        "erasable-secrets daily), or name the right data folder: runbook 007, 'When it does not "
        "start for want of keys'"
    )
