"""Rotating the wrapping key beside everything that runs; data stays as it is encrypted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from consent.ledger import LedgerEntry, entry_id_for, ledger_entry
from consent.ledger_events import LedgerEvent
from schemas.identifiers import PersonId
from services.adapters.key_rows import PostgresKeyRows
from services.adapters.unit_of_work import Outside, unit_of_work
from services.key_vault import BEFORE_VERSIONS

_ACTOR = "job:keys-command"
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Rotated:
    """Under which version every key lies now, and whether that version was begun before."""

    version: int
    persons: int
    was_resumed: bool


def rotate_keys(
    outside: Outside, *, tell: Callable[[int], object] = lambda _: None, batch: int = _BATCH
) -> Rotated:
    """Wrap every data key under a new wrapping key, as the database's owner.

    One transaction a batch: killed at any point, the next call goes on where that stopped, under
    the same version. All processes open both versions meanwhile. `tell` is told how many are done.
    """
    vault = outside.vault
    with unit_of_work(outside) as work:
        counts = PostgresKeyRows(work.connection).count()
    newest = vault.versions()[-1]
    is_unfinished = any(version < newest for version in counts)
    if not is_unfinished:
        newest = vault.add_version()
    done, after = 0, ""
    while moved := _rewrap_next(after, newest, outside, batch):
        after, done = moved[-1], done + len(moved)
        tell(done)
    with unit_of_work(outside) as work:
        work.ledger.append([_entry(LedgerEvent.WRAPPING_KEY_ROTATED, newest, outside)])
    return Rotated(newest, done, is_unfinished)


def _rewrap_next(after: str, newest: int, outside: Outside, batch: int) -> Sequence[PersonId]:
    with unit_of_work(outside) as work:
        rows = PostgresKeyRows(work.connection)
        return rows.rewrap_next(after, newest=newest, vault=outside.vault, most=batch)


def retire_keys(outside: Outside) -> list[int]:
    """Destroy every wrapping key but the newest; gives which. Raises KeyUnusableError.

    Backups that were made while keys lay under one of them do not open any more. (1) The
    database takes no key under an old version from now on. (2) None may lie there. (3) The vault
    forgets. (4) That is entered, also for what a killed command has destroyed before.
    """
    vault = outside.vault
    *old, newest = vault.versions()
    with unit_of_work(outside) as work:  # (1)
        PostgresKeyRows(work.connection).forbid_before(newest)
    with unit_of_work(outside) as work:  # (2)
        PostgresKeyRows(work.connection).require_none_before()
    for version in old:  # (3)
        vault.destroy_version(version)
    gone = sorted({*old, *range(BEFORE_VERSIONS + 1, newest)})
    with unit_of_work(outside) as work:  # (4)
        entries = [_entry(LedgerEvent.WRAPPING_KEY_DESTROYED, version, outside) for version in gone]
        work.ledger.append(entries)
    return old


def _entry(event: LedgerEvent, version: int, outside: Outside) -> LedgerEntry:
    fields = {"version": version}
    entry_id = entry_id_for(event.value, str(version))
    return ledger_entry(event, fields, at=outside.clock.now(), actor=_ACTOR, entry_id=entry_id)
