"""Keys beside everything that runs: rotated, data staying as it is encrypted, and checked."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from secrets import token_hex

from consent.ledger import LedgerEntry, entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from services.lifecycle.erasure.erasing import ErasePerson, ErasureGround, ErasureRefusal
from services.lifecycle.erasure.postgres import PostgresErasures
from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.postgres import KeyRow, PostgresKeyRows
from services.platform.keys.postgres_checks import (
    forget_version,
    is_told,
    may_note,
    note_again,
    note_keys,
    note_told,
)
from services.platform.keys.vault import BEFORE_VERSIONS
from services.work import Outside, unit_of_work
from services.workers.erasure import erase, finish_erasures

_ACTOR = "job:keys"
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Rotated:
    """Under which version every key lies now, and whether that version was begun before."""

    version: int
    persons: int
    was_resumed: bool


def rotate_keys(
    outside: Outside,
    *,
    by: str = _ACTOR,
    tell: Callable[[int], object] = lambda _: None,
    batch: int = _BATCH,
) -> Rotated:
    """Wrap every data key under a new wrapping key, as the database's owner.

    One transaction a batch: killed at any point, the next call goes on where that stopped, under
    the same version. All processes open both versions meanwhile. `tell` is told how many are done.
    Raises KeyUnusableError when somebody lies under a version that is not there.
    """
    vault = outside.vault
    with unit_of_work(outside) as work:
        counts = PostgresKeyRows(work.connection).count()
    newest = vault.versions()[-1]
    if max(counts, default=newest) > newest:  # the next one made would be a second of its number
        raise KeyUnusableError(f"wrapping-keys/{max(counts)}.key is not there; restore it")
    is_unfinished = any(version < newest for version in counts)
    if not is_unfinished:
        newest = vault.add_version()
    with unit_of_work(outside) as work:
        note_keys(work.connection, vault)
    done, after = 0, ""
    while moved := _rewrap_next(after, newest, outside, batch):
        after, done = moved[-1], done + len(moved)
        tell(done)
    with unit_of_work(outside) as work:
        work.ledger.append([_entry(LedgerEvent.WRAPPING_KEY_ROTATED, newest, outside, by)])
    return Rotated(newest, done, is_unfinished)


def _rewrap_next(after: str, newest: int, outside: Outside, batch: int) -> Sequence[PersonId]:
    with unit_of_work(outside) as work:
        rows = PostgresKeyRows(work.connection)
        return rows.rewrap_next(after, newest=newest, vault=outside.vault, most=batch)


def retire_keys(outside: Outside, *, by: str = _ACTOR) -> list[int]:
    """Destroy every wrapping key but the newest; gives which. Raises KeyUnusableError.

    Backups that were made while keys lay under one of them do not open any more. (1) The
    database takes no key under an old version from now on. (2) None may lie there, and no start
    asks for these versions any more. (3) The vault forgets. (4) That is entered, also for what a
    killed command has destroyed before.
    """
    vault = outside.vault
    *old, newest = vault.versions()
    with unit_of_work(outside) as work:  # (1)
        PostgresKeyRows(work.connection).forbid_before(newest)
    with unit_of_work(outside) as work:  # (2)
        PostgresKeyRows(work.connection).require_none_before()
        for version in old:
            forget_version(work.connection, version)
    for version in old:  # (3)
        vault.destroy_version(version)
    gone = sorted({*old, *range(BEFORE_VERSIONS + 1, newest)})
    with unit_of_work(outside) as work:  # (4)
        destroyed = LedgerEvent.WRAPPING_KEY_DESTROYED
        work.ledger.append([_entry(destroyed, version, outside, by) for version in gone])
    return old


def _entry(event: LedgerEvent, version: int, outside: Outside, by: str) -> LedgerEntry:
    fields = {"version": version}
    entry_id = entry_id_for(event.value, str(version))
    return ledger_entry(event, fields, at=outside.clock.now(), actor=by, entry_id=entry_id)


# After a restore: whatever was destroyed is destroyed again, and every other key opens.
#
# A database that is restored has rows of persons who were erased since; a vault that is restored
# has what opens their keys. Neither alone opens anything. Both restored are two copies from before
# the erasure: then only a ledger export that is kept elsewhere knows who was erased.

_VERIFYING_ACTOR = "job:key-verification"
_VERIFYING_BATCH = 1000


@dataclass(slots=True)
class KeysVerified:
    """How many keys open; whose do not; what was finished, destroyed and erased again."""

    opened: int = 0
    opened_under: Counter[int] = field(default_factory=Counter)
    unusable_under: Counter[int] = field(default_factory=Counter)
    unusable: list[PersonId] = field(default_factory=list)
    finished: int = 0
    destroyed_again: int = 0
    erased_again: list[PersonId] = field(default_factory=list)
    refused: list[tuple[PersonId, ErasureRefusal]] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Whether nothing is left that somebody has to look at."""
        return not self.unusable and not self.refused


def verify_keys(
    outside: Outside,
    *,
    destroyed_elsewhere: Collection[PersonId] = (),
    tell: Callable[[int], object] = lambda _: None,
) -> KeysVerified:
    """Open every key and destroy again what was destroyed, as the database's owner.

    `destroyed_elsewhere` are persons whose keys were destroyed by an export of the ledger.
    """
    report = KeysVerified()
    # (1) What an erasure began. (2) What one destroyed, for a vault that was restored.
    _destroy_again(outside, report)
    # (3) Who is in the database and should not be, for a database that was restored.
    elsewhere = set(destroyed_elsewhere)
    for rows in _batches(outside):
        given_out = (outside.vault.handle_of(row.wrapped) for row in rows)
        outside.vault.keep_clear_of([handle for handle in given_out if handle is not None])
        for row in rows:
            if row.person in elsewhere:
                _erase_again(row.person, outside, report)
            else:
                _open(row, outside, report)
        tell(report.opened)
    # (4) What every start compares, where that was older or newer than the keys.
    with unit_of_work(outside) as work:
        told = {"opened": report.opened_under, "lost": report.unusable_under}
        note_again(work.connection, outside.vault, **told)
        note_told(work.connection, len(report.unusable))
    return report


_MOST_TRIED = 1000


def verify_before_start(outside: Outside) -> KeysVerified | None:
    """The quick form, before every start: what was destroyed, and at most a thousand keys.

    Those are all where there are no more; else half the newest, which a restored file of secrets
    lacks first, and half from anywhere. Nothing for a user who is not the database's owner. Raises
    KeyUnusableError where one does not open, until `verify_keys` has told somebody how many.
    """
    with unit_of_work(outside) as work:
        if not may_note(work.connection):
            return None
    report = KeysVerified()
    _destroy_again(outside, report)
    with unit_of_work(outside) as work:
        rows = PostgresKeyRows(work.connection)
        tried = {row.person: row for row in rows.read_newest(most=_MOST_TRIED // 2)}
        tried |= {row.person: row for row in rows.read(token_hex(16), most=_MOST_TRIED // 2)}
        if len(tried) < _MOST_TRIED:
            tried |= {row.person: row for row in rows.read("", most=_MOST_TRIED)}
    vault = outside.vault
    given_out = (vault.handle_of(row.wrapped) for row in tried.values())
    vault.keep_clear_of([handle for handle in given_out if handle is not None])
    for row in tried.values():
        _open(row, outside, report)
    with unit_of_work(outside) as work:
        if report.unusable and not is_told(work.connection):
            raise KeyUnusableError(
                f"of {len(tried)} data keys that were tried {len(report.unusable)} do not open: "
                "restore the newest erasable-secrets; with none, run tell-once keys verify, which "
                "says whose they are (runbook 007)"
            )
    return report


def _destroy_again(outside: Outside, report: KeysVerified) -> None:
    handles = _handles_of_erased(outside)
    outside.vault.keep_clear_of(handles)
    report.finished = finish_erasures(outside)
    report.destroyed_again = outside.vault.destroy(handles)


def give_up_version(outside: Outside, version: int, *, by: str) -> None:
    """Enter that no copy of a wrapping key is left; what lies under it stays unreadable for good.

    From then on everything starts without it. Raises KeyUnusableError for one that is there.
    """
    if version in outside.vault.versions():
        raise KeyUnusableError(f"wrapping key {version} is there; nothing is given up")
    with unit_of_work(outside) as work:
        if not forget_version(work.connection, version):
            raise KeyUnusableError(f"nothing asks for wrapping key {version}; nothing is given up")
        destroyed = LedgerEvent.WRAPPING_KEY_DESTROYED
        work.ledger.append([_entry(destroyed, version, outside, by)])


def _handles_of_erased(outside: Outside) -> Sequence[bytes]:
    with unit_of_work(outside) as work:
        return PostgresErasures.of(work, outside.vault).handles()


def _batches(outside: Outside) -> Iterator[Sequence[KeyRow]]:
    after = ""
    while True:
        with unit_of_work(outside) as work:
            rows = PostgresKeyRows(work.connection).read(after, most=_VERIFYING_BATCH)
        if not rows:
            return
        yield rows
        after = rows[-1].person


def _erase_again(person: PersonId, outside: Outside, report: KeysVerified) -> None:
    command = ErasePerson(person, ErasureGround.RESTORED_BACKUP, _VERIFYING_ACTOR, order=None)
    answer = erase(command, outside=outside)
    if isinstance(answer, ErasureRefusal):
        report.refused.append((person, answer))
    else:
        report.erased_again.append(person)


def _open(row: KeyRow, outside: Outside, report: KeysVerified) -> None:
    try:
        outside.vault.unwrap(row.wrapped, holder=row.person)
        report.opened += 1
        report.opened_under[row.under] += 1
    except KeyDestroyedError:
        _erase_again(row.person, outside, report)
    except KeyUnusableError:
        report.unusable.append(row.person)
        report.unusable_under[row.under] += 1
