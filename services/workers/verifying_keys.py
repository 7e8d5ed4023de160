"""After a restore: whatever was destroyed is destroyed again, and every other key opens.

A database that is restored has rows of persons who were erased since; a vault that is restored
has what opens their keys. Neither alone opens anything. Both restored are two copies from before
the erasure: then only a ledger export that is kept elsewhere knows who was erased.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from schemas.identifiers import PersonId
from services.adapters.erasing import PostgresErasures
from services.adapters.key_rows import KeyRow, PostgresKeyRows
from services.adapters.unit_of_work import Outside, unit_of_work
from services.aggregation.erasing import ErasePerson
from services.aggregation.erasing_ports import ErasureGround, ErasureRefusal
from services.errors import KeyUnusableError
from services.workers.erasing import erase, finish_erasures

_ACTOR = "job:key-verification"
_BATCH = 1000


@dataclass(slots=True)
class KeysVerified:
    """How many keys open; whose do not; what was finished, destroyed and erased again."""

    opened: int = 0
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
    report.finished = finish_erasures(outside)
    report.destroyed_again = _destroy_again(outside)
    # (3) Who is in the database and should not be, for a database that was restored.
    elsewhere = set(destroyed_elsewhere)
    for rows in _batches(outside):
        for row in rows:
            if row.person in elsewhere or outside.vault.is_destroyed(row.wrapped):
                _erase_again(row.person, outside, report)
            else:
                _open(row, outside, report)
        tell(report.opened)
    return report


def _destroy_again(outside: Outside) -> int:
    with unit_of_work(outside) as work:
        erasures = PostgresErasures.of(work, outside.vault)
        return outside.vault.destroy(erasures.handles())


def _batches(outside: Outside) -> Iterator[Sequence[KeyRow]]:
    after = ""
    while True:
        with unit_of_work(outside) as work:
            rows = PostgresKeyRows(work.connection).read(after, most=_BATCH)
        if not rows:
            return
        yield rows
        after = rows[-1].person


def _erase_again(person: PersonId, outside: Outside, report: KeysVerified) -> None:
    command = ErasePerson(person, ErasureGround.RESTORED_BACKUP, _ACTOR, None)
    answer = erase(command, outside=outside)
    if isinstance(answer, ErasureRefusal):
        report.refused.append((person, answer))
    else:
        report.erased_again.append(person)


def _open(row: KeyRow, outside: Outside, report: KeysVerified) -> None:
    try:
        outside.vault.unwrap(row.wrapped, holder=row.person)
        report.opened += 1
    except KeyUnusableError:
        report.unusable.append(row.person)
