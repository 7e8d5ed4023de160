"""Reading the bus again from where its logs begin, up to where aggregation has come."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Self
from uuid import uuid4

from schemas.envelope import Event, event_from_message
from schemas.errors import UnreadableEventError
from schemas.topics import PARTITIONS
from services.errors import BusUnavailable
from services.event_bus import EventBus, ReceivedMessage, TopicPartition

Positions = Mapping[TopicPartition, int]

_AT_ONCE = 500
_POLL_SECONDS = 0.2
_JOINING_SECONDS = 60.0
# A compacted log may end in messages that are no longer there, and then is never read to its end.
_QUIET_SECONDS = 3.0


class Reread:
    """A reader of its own: it takes nothing from aggregation and leaves nothing on the bus.

    Reading begins at `begin`, and at the start of the logs that it does not name.
    """

    def __init__(self, bus: EventBus, topics: Collection[str], begin: Positions) -> None:
        self._next = dict(begin)
        self._logs = len(topics) * PARTITIONS
        self._subscription = bus.subscribe(f"rebuild-{uuid4().hex}", topics, self._positions)

    def up_to(self, ends: Positions) -> Iterator[Sequence[ReceivedMessage]]:
        """What there is before these positions, not read so far; nothing of a log not named.

        Raises BusUnavailable, also where the logs are not given to this reader.
        """
        heard = time.monotonic()
        beyond: set[TopicPartition] = set()
        while any(self._next.get(log, 0) < end for log, end in ends.items()):
            messages = self._subscription.poll(_AT_ONCE, _POLL_SECONDS)
            wanted = [m for m in messages if m.offset < ends.get(_log_of(m), 0)]
            self._advance(messages, ends)
            beyond.update(_log_of(m) for m in messages if m.offset >= ends.get(_log_of(m), 0))
            if messages:
                heard = time.monotonic()
            elif self._is_at_the_end(time.monotonic() - heard):
                break
            if wanted:
                yield wanted
        # What was read beyond is for the next time.
        self._subscription.rewind({log: self._next.get(log, 0) for log in beyond})

    def so_far(self) -> int:
        """How many messages it is past, those included that the bus keeps no more."""
        return sum(self._next.values())

    def close(self) -> None:
        """Leave the bus."""
        self._subscription.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _positions(self, wanted: Collection[TopicPartition]) -> Positions:
        return {log: self._next[log] for log in wanted if log in self._next}

    def _advance(self, messages: Sequence[ReceivedMessage], ends: Positions) -> None:
        for message in messages:
            log = _log_of(message)
            following = min(message.offset + 1, ends.get(log, 0))
            self._next[log] = max(self._next.get(log, 0), following)

    def _is_at_the_end(self, quiet: float) -> bool:
        if len(self._subscription.assignment()) == self._logs:
            return quiet > _QUIET_SECONDS or not self._subscription.lag()
        if quiet > _JOINING_SECONDS:
            raise BusUnavailable("the bus gives its logs to nobody new; try again later")
        return False


def events_in(messages: Sequence[ReceivedMessage]) -> Sequence[Event]:
    """The events; what is none of ours was parked when it came, and tombstones say nothing."""
    events = []
    for message in messages:
        if not message.value:
            continue
        try:
            events.append(
                event_from_message(message.topic, message.key, message.headers, message.value)
            )
        except UnreadableEventError:
            continue
    return events


def _log_of(message: ReceivedMessage) -> TopicPartition:
    return TopicPartition(message.topic, message.partition)
