"""One batch from the bus in one transaction: effect exactly once, whoever dies when."""

from collections.abc import Callable, Mapping, Sequence

from schemas.envelope import Event, event_from_message
from schemas.errors import UnreadableEventError
from services.adapters.consumer_state import ConsumerPositions, PositionLostError
from services.adapters.unit_of_work import Outside, UnitOfWork, unit_of_work
from services.event_bus import EventBus, ReceivedMessage, Subscription, TopicPartition

Handle = Callable[[Sequence[Event], UnitOfWork], None]


class Consumer:
    """A member of a consumer group whose positions lie with its effects in the database."""

    def __init__(
        self, bus: EventBus, group: str, topics: Sequence[str], outside: Outside, handle: Handle
    ) -> None:
        self._outside = outside
        self._handle = handle
        self._name = f"{group}@{bus.log_id()}"
        self._subscription: Subscription = bus.subscribe(group, topics, self._positions)

    def consume(self, *, most: int, timeout: float) -> int:
        """Handle the next batch; gives how many messages it had. Raises what the handler raises.

        After a failure the same messages come again.
        """
        messages = self._subscription.poll(most, timeout)
        if not messages:
            return 0
        firsts, followings = _bounds(messages)
        try:
            with unit_of_work(self._outside) as work:
                self._handle([e for m in messages if (e := _event(m)) is not None], work)
                positions = ConsumerPositions(work.connection, self._name)
                for partition, first in sorted(firsts.items(), key=lambda item: str(item[0])):
                    positions.advance(partition, first=first, following=followings[partition])
        except PositionLostError:
            return len(messages)
        except BaseException:
            self._subscription.rewind(firsts)
            raise
        return len(messages)

    def lag(self) -> int:
        """How many messages are waiting."""
        return self._subscription.lag()

    def close(self) -> None:
        """Leave the group."""
        self._subscription.close()

    def _positions(self, _: object) -> Mapping[TopicPartition, int]:
        with unit_of_work(self._outside) as work:
            return ConsumerPositions(work.connection, self._name).read()


def _bounds(
    messages: Sequence[ReceivedMessage],
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
    firsts: dict[TopicPartition, int] = {}
    followings: dict[TopicPartition, int] = {}
    for message in messages:
        partition = TopicPartition(message.topic, message.partition)
        firsts.setdefault(partition, message.offset)
        followings[partition] = message.offset + 1
    return firsts, followings


def _event(message: ReceivedMessage) -> Event | None:
    """None for a tombstone and for what is not a CloudEvent of ours: it says nothing to us."""
    if not message.value:
        return None
    try:
        return event_from_message(message.topic, message.key, message.headers, message.value)
    except UnreadableEventError:
        return None
