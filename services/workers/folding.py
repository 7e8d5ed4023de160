"""Folding beside aggregation: records into parts, while there is nothing else to do."""

from schemas.identifiers import PersonId
from services.platform.loops import Every
from services.profile.parts.postgres_folding import NOBODY_YET
from services.work import Outside, unit_of_work

_PERSONS_AT_ONCE = 100
_LOOK_EVERY = 5.0


class FoldingOfRecords:
    """Folds the next persons at each call; once round, it looks again after some seconds."""

    def __init__(self) -> None:
        self._after: PersonId = NOBODY_YET
        self._looking = Every(_LOOK_EVERY)

    def __call__(self, outside: Outside) -> None:
        """Fold a few, in a transaction of their own, with aggregation's rights."""
        if self._after == NOBODY_YET and not self._looking.is_due():
            return
        with unit_of_work(outside) as work:
            folded = work.folding.fold_next(self._after, most=_PERSONS_AT_ONCE)
        self._after = NOBODY_YET if folded.last is None else folded.last


def fold_all(outside: Outside) -> int:
    """Fold everybody's; gives how many records. With aggregation's rights."""
    after, total = NOBODY_YET, 0
    while True:
        with unit_of_work(outside) as work:
            folded = work.folding.fold_next(after, most=_PERSONS_AT_ONCE)
        total += folded.records
        if folded.last is None:
            return total
        after = folded.last
