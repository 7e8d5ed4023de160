"""Every port as it was at a moment that is past: by what was known then, and by nothing since.

Whatever answers are made from is kept a row a state, and each row says when it became known. For a
question about the past the same code reads the same tables through views (migration
`0051_where_reviews_stand`) that leave out what was not known yet, and its clock stands at that
moment. Nothing is written, and nothing is guessed:
before the history of a kind begins, what was known then cannot be told.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection, Engine, text

from services.ledger.bound_tables import BOUND
from services.platform.database.engine import database_failures, open_engine
from services.platform.errors import ServiceError
from services.work.transaction import Outside
from services.work.using import UnitOfWork

# By table: what kind of history it is, and the column that says when a state became known. Whoever
# makes another history, by which anything is answered, adds it here, with a view in `past`; it
# counts once it is bound.
HISTORIES = {
    "sharing_decision": ("decisions", "recorded_at"),
    "data_sharing_agreement": ("agreements", "adopted_at"),
    "relationship": ("relationships", "known_at"),
    "membership": ("memberships", "known_at"),
    "safeguarding_lead": ("leads", "known_at"),
    "cover_rota": ("covers", "known_at"),
    "restriction": ("restrictions", "known_at"),
    "exclusion": ("exclusions", "known_at"),
    "person_join": ("joins", "said_at"),
}
"""Read through views of the same names and columns in the schema `past`."""
_KEPT = {one.name: HISTORIES[one.name] for one in BOUND if one.name in HISTORIES}
_BEGINS = text("SELECT table_name, bound_at FROM rows_bound")
_PATH = "past,public"
_READ_THROUGH_VIEWS = text("SELECT set_config('search_path', :path, true)")
_KNOWN_BY = text("SELECT set_config('tell_once.known_by', :at, true)")
_READ_ONLY = text("SET TRANSACTION READ ONLY")


class CannotBeToldError(ServiceError):
    """What was known at a moment is not kept of these kinds, or of one only since later."""

    def __init__(self, kinds: Collection[str], begins_at: datetime | None = None) -> None:
        since = "" if begins_at is None else f"; it is since {begins_at.isoformat()}"
        super().__init__(f"what was known then cannot be told ({', '.join(sorted(kinds))}){since}")
        self.kinds = tuple(sorted(kinds))
        self.begins_at = begins_at


@dataclass(frozen=True, slots=True)
class _Standing:
    """A clock that stands at one moment."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


def open_past(url: str, role: str | None) -> Engine:
    """Connections that read through the views alone: so each statement is planned once for them.

    Planning costs more here than what is planned.
    """
    options = f"-c search_path={_PATH} -c plan_cache_mode=force_generic_plan"
    return open_engine(url, role=role, pool_size=2, options=options)


@contextmanager
def looking_back(outside: Outside) -> Iterator["Past"]:
    """What was known at moments that are past, in one transaction that writes nothing."""
    engine = outside.engine if outside.past is None else outside.past
    with database_failures(), engine.connect() as connection:
        try:
            yield Past(connection, outside)
        finally:
            connection.rollback()


class Past:
    """Moments that are past, one after another; what was made for one is not used for the next."""

    def __init__(self, connection: Connection, outside: Outside) -> None:
        self._connection = connection
        self._outside = outside
        connection.execute(_READ_THROUGH_VIEWS, {"path": _PATH})
        connection.execute(_READ_ONLY)

    @cached_property
    def _begins(self) -> Mapping[str, datetime | None]:
        """Since when the history of each kind is whole; None where it is not at all yet."""
        found = {row.table_name: row.bound_at for row in self._connection.execute(_BEGINS)}
        return {kind: found.get(table) for table, (kind, _) in _KEPT.items()}

    def at(self, moment: datetime) -> UnitOfWork:
        """Every port as it was then. Raises CannotBeToldError before any history begins."""
        untold = [k for k, begins in self._begins.items() if begins is None or moment < begins]
        if untold:
            begun = [begins for kind in untold if (begins := self._begins[kind]) is not None]
            is_known = len(begun) == len(untold)
            raise CannotBeToldError(untold, max(begun) if is_known else None)
        self._connection.execute(_KNOWN_BY, {"at": moment.isoformat()})
        return UnitOfWork(self._connection, replace(self._outside, clock=_Standing(moment)))
