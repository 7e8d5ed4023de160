"""In which threads a worker does blocking work: a few for reads, many for everything else.

Every `def` endpoint and dependency runs in a thread of AnyIO's pool, forty at once in a worker.
Many are right for what waits (a provider of sign-in, a lock, a mail server): waiting threads cost
nothing, and a slow one stands in nobody's way. They are wrong for reads, which hardly wait:
Python runs one thread at a time, so more of them than two only take turns, each with a connection
of its own, and every read takes as long as the slowest (deploy/decisions,
2026-11-30-connections-are-passed.md). And while the forty wait for a provider that is away, a
family is still to be read.

So reads have a limit of their own: `READS_AT_ONCE` at a time, whatever the others do. What waits
for the tick of a refusal holds no thread at all (services/platform/ticks.py).
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar

READS_AT_ONCE = 2
"""Reads at once in a worker: one computes while the other waits for the database."""

_P = ParamSpec("_P")
_Answer = TypeVar("_Answer")

_limiter: RunVar[CapacityLimiter] = RunVar("tell_once_reads")


async def run_read(read: Callable[[], _Answer]) -> _Answer:
    """Run a read in a thread, when one of the worker's few is free; whatever it raises is raised.

    Everything that belongs to it should be in it, its transaction too: what is opened before
    holds a connection while it waits for its turn.
    """
    return await anyio.to_thread.run_sync(read, limiter=_reads())


def reading(endpoint: Callable[_P, _Answer]) -> Callable[_P, Any]:
    """For a `def` endpoint that reads: `@router.get(…)` above, `@reading` below it.

    FastAPI sees the same parameters. Its dependencies run where they always do; see `run_read` for
    what that means for one that opens a transaction.
    """

    @wraps(endpoint)
    async def in_its_turn(*args: _P.args, **told: _P.kwargs) -> _Answer:
        return await run_read(partial(endpoint, *args, **told))

    return in_its_turn


def _reads() -> CapacityLimiter:
    """One for each loop, and so one for each worker; a limit belongs to the loop it waits in."""
    limiter = _limiter.get(None)
    if limiter is None:
        limiter = CapacityLimiter(READS_AT_ONCE)
        _limiter.set(limiter)
    return limiter
