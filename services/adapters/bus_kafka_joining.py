"""Works round a fault of kafka-python 3.0.12 in joining a consumer group.

A join goes on in the background when `poll` runs out of time. If it ends before the next `poll`,
that one does not take its result: it joins again, and so makes the whole group join again; or,
where new metadata was the reason to join, it takes the matter for settled and never reads again.
Here the result is kept, and wanted, until a `poll` takes it.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer


@dataclass(frozen=True, slots=True)
class _Join:
    assignment: bytes
    generation: object
    at: float


def keep_finished_joins(consumer: KafkaConsumer, session_seconds: float) -> None:
    """Let every join of `consumer` count, however short its polls.

    A result is good as long as the broker still knows the member: nothing beats for it meanwhile.
    """
    coordinator: Any = consumer._coordinator  # noqa: SLF001
    coordinator._do_join_and_sync_async, coordinator._on_join_complete_async = _keeping(  # noqa: SLF001
        coordinator, session_seconds
    )


def _keeping(
    coordinator: Any, session_seconds: float
) -> tuple[Callable[[], Awaitable[bytes]], Callable[..., Awaitable[None]]]:
    join_anew = coordinator._do_join_and_sync_async  # noqa: SLF001
    complete = coordinator._on_join_complete_async  # noqa: SLF001
    kept: list[_Join] = []

    def is_good(join: _Join) -> bool:
        is_same = join.generation is coordinator._generation  # noqa: SLF001
        return is_same and time.monotonic() - join.at < session_seconds

    async def join_once() -> bytes:
        coordinator.rejoin_needed = True  # until a poll has taken the result
        if not (kept and is_good(kept[0])):
            assignment = await join_anew()
            kept[:] = [_Join(assignment, coordinator._generation, time.monotonic())]  # noqa: SLF001
        return kept[0].assignment

    async def complete_and_forget(*result: object) -> None:
        kept.clear()
        await complete(*result)

    return join_once, complete_and_forget
