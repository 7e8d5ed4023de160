"""One transaction with every port in it: opened and committed at the edge.

In: what lives longer than a transaction (`Outside`): database, keys, clock.
Out: the ports bound to one transaction, and what each use case works with in it (`UnitOfWork`).
Families are read ahead, a few statements for all of it (`ReadingPool`). A page of a family's own is
one transaction, in which each row is read once (`OwnPages`).
Rule: state, ledger entries and news are written in one `using.unit_of_work`, or none of them.
"""

from services.work.postgres_page import OwnPages
from services.work.postgres_reading import ReadingPool, only_reading
from services.work.transaction import Outside
from services.work.using import UnitOfWork, considering, unit_of_work

__all__ = [
    "Outside",
    "OwnPages",
    "ReadingPool",
    "UnitOfWork",
    "considering",
    "only_reading",
    "unit_of_work",
]
