"""What the bus still has and retention has taken from the profile stays taken."""

from collections.abc import Sequence
from datetime import date

from consent.ports import Clock
from schemas.identifiers import PersonId
from services.adapters.rebuild_shadow import NothingToEnter
from services.adapters.rebuild_swap import only_in_shadow
from services.adapters.retention import PostgresKept
from services.adapters.unit_of_work import UnitOfWork
from services.aggregation.retention import RetentionRules
from services.aggregation.retention_sweep import KeptBatch, KeptRecord, Sweeping, sweep_batch
from services.workers.sweeping import FIRST


class _Restored:
    """services.aggregation.retention_sweep.Kept over what came from the bus and is not live.

    What is live goes when its own sweep comes, and is entered in the ledger then.
    """

    def __init__(self, work: UnitOfWork) -> None:
        self._connection = work.connection
        self._kept = PostgresKept(work.connection, work.clusters, work.case_loads)

    def batch(self, after: PersonId, *, today: date) -> KeptBatch | None:
        """All that is stored under the next persons: each is judged by what is said beside it."""
        return self._kept.batch(after, today=today)

    def purge(self, records: Sequence[KeptRecord]) -> Sequence[KeptRecord]:
        """Of these, delete what is not live."""
        places = [(r.persons[0], r.source.value, r.key) for r in records]
        restored = only_in_shadow(self._connection, places)
        return self._kept.purge(
            [r for r, place in zip(records, places, strict=True) if place in restored]
        )


def sweep_restored(work: UnitOfWork, rules: RetentionRules, clock: Clock) -> None:
    """Take from the shadow what is past its time and is not live."""
    sweeping = Sweeping(
        kept=_Restored(work), announce=lambda _: None, ledger=NothingToEnter(), clock=clock
    )
    after: PersonId | None = FIRST
    while after is not None:
        swept = sweep_batch(after, rules, dry_run=False, sweeping=sweeping)
        after = None if swept is None else swept.last
