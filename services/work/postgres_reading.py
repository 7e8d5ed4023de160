"""What families are read with: connections, what is read ahead on them, and what is kept sealed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

from sqlalchemy import Connection

from services.platform.database.direct import DirectConnection, direct_pool
from services.platform.database.engine import database_failures
from services.platform.database.together import Together
from services.profile.parts.kept.sealed import Keeping, SealedAnswers
from services.profile.reading import Reading
from services.work.postgres_ahead import ReadingAhead, together_ahead
from services.work.transaction import Outside
from services.work.using import UnitOfWork


class ReadingWork(UnitOfWork):
    """What a family is read with: the ports of any unit of work, over what is read ahead."""

    def __init__(self, ahead: ReadingAhead, outside: Outside, kept: SealedAnswers) -> None:
        # It answers what ports ask of a connection when they read.
        super().__init__(cast("Connection", ahead), outside)
        self._inputs = ahead.inputs
        self._kept = kept

    def reading(self) -> Reading:
        """What profiles are read with: what is read from now on is what they are made of."""
        self._inputs.begin()
        keeping = Keeping(self._kept, self.keys.data_key, self._inputs.so_far)
        return replace(super().reading(), keeping=keeping)


class ReadingPool:
    """Connections on which families are read, and what was shown on them, kept sealed.

    How they are read ahead is found out once.
    """

    def __init__(self, outside: Outside, kept: SealedAnswers | None = None) -> None:
        self._outside = outside
        self._kept = SealedAnswers() if kept is None else kept
        self._pool = direct_pool(outside.engine)
        self._made: dict[bool, Together] = {}

    @contextmanager
    def reading_work(
        self, *, token: bytes | None = None, looker: str | None = None
    ) -> Iterator[UnitOfWork]:
        """Read one family: what was entered is durable when the block has ended.

        Each statement sees what was committed before it, as in any transaction here, and all that
        is written is written by one: so none is held open around them. Its ports read as those of
        any unit of work, and write looks and entries of the ledger alone. `token` is the hash of
        the one by which a partner reads, if it does; `looker` whoever is told when they looked
        before. Raises ServiceUnavailableError as `unit_of_work` does, and NoLongerReadByError.
        """
        with database_failures(), self._pool.alone() as connection:
            now = self._outside.clock.now()
            ahead = ReadingAhead(connection, self._ready, token=token, now=now, looker=looker)
            yield ReadingWork(ahead, self._outside, self._kept)
            ahead.write()

    def _ready(self, connection: DirectConnection, with_looks: bool) -> Together:  # noqa: FBT001
        made = self._made.get(with_looks)
        if made is None:
            made = self._made[with_looks] = together_ahead(connection, with_looks=with_looks)
        return made


@contextmanager
def only_reading(outside: Outside) -> Iterator[UnitOfWork]:
    """What is read by a statement or two, each by itself, and on the driver itself.

    Around them a transaction would be five ways there and back more. For whoever writes no more
    than one statement that is whole by itself; what has to be written together needs
    `unit_of_work`. Raises ServiceUnavailableError as that does.
    """
    with database_failures(), direct_pool(outside.engine).alone() as connection:
        # It answers what ports ask of a connection when they read.
        yield UnitOfWork(cast("Connection", connection), outside)
