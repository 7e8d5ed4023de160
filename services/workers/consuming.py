"""One batch from the bus in one transaction: effect exactly once, whoever dies when."""

from collections.abc import Callable, Collection, Mapping, Sequence

from schemas.envelope import Event, event_from_message
from schemas.errors import UnreadableEventError
from services.platform.bus.ports import EventBus, ReceivedMessage, Subscription, TopicPartition
from services.platform.bus.postgres_positions import ConsumerPositions, PositionLostError
from services.profile.storing import entries_for_parked
from services.work import Outside, UnitOfWork, unit_of_work

Handle = Callable[[Sequence[Event], UnitOfWork], None]


class Consumer:
    """A member of a consumer group whose positions lie with its effects in the database."""

    def __init__(
        self, bus: EventBus, group: str, topics: Sequence[str], outside: Outside, handle: Handle
    ) -> None:
        self._topics = topics
        self._outside = outside
        self._handle = handle
        self._name = f"{group}@{bus.log_id()}"
        self._actor = f"job:{group}"
        self._stored: dict[TopicPartition, int | None] = {}
        self._subscription: Subscription = bus.subscribe(group, topics, self._positions)

    def consume(self, *, most: int, timeout: float) -> int:
        """Handle the next batch; gives how many messages it had. Raises what the handler raises.

        After a failure the same messages come again; after another member was found to have gone
        on from here, what it left.
        """
        messages = self._subscription.poll(most, timeout)
        if not messages:
            return 0
        firsts, followings = _bounds(messages)
        try:
            with unit_of_work(self._outside) as work:
                events, unreadable = _read(messages)
                self._handle(events, work)
                self._park(unreadable, work)
                self._store(followings, work)
        except BaseException as error:
            # The other partitions of the batch were rolled back as well: none of it is done.
            self._subscription.rewind(firsts)
            if not isinstance(error, PositionLostError):
                raise
            self._subscription.rewind(self._positions(firsts))
            return len(messages)
        self._stored.update(followings)
        return len(messages)

    def lag(self) -> int:
        """How many messages are waiting in the partitions that this member has."""
        return self._subscription.lag()

    def has_all(self, partitions: int) -> bool:
        """Whether this member has every partition, of `partitions` a topic."""
        return len(self._subscription.assignment()) == partitions * len(self._topics)

    def close(self) -> None:
        """Leave the group."""
        self._subscription.close()

    def _park(self, unreadable: Sequence[ReceivedMessage], work: UnitOfWork) -> None:
        work.outbox.park(unreadable)
        for message in unreadable:
            place = f"{self._name}/{message.partition}/{message.offset}"
            entries = entries_for_parked(message.topic, [place], at=work.now, actor=self._actor)
            work.ledger.append(entries)

    def _positions(self, wanted: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        with unit_of_work(self._outside) as work:
            found = ConsumerPositions(work.connection, self._name).read()
        self._stored.update({partition: found.get(partition) for partition in wanted})
        return {partition: found[partition] for partition in wanted if partition in found}

    def _store(self, followings: Mapping[TopicPartition, int], work: UnitOfWork) -> None:
        positions = ConsumerPositions(work.connection, self._name)
        for partition in sorted(followings, key=str):
            stored = self._stored.get(partition)
            positions.advance(partition, stored=stored, following=followings[partition])


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


def _read(
    messages: Sequence[ReceivedMessage],
) -> tuple[Sequence[Event], Sequence[ReceivedMessage]]:
    """The events, and what is none of ours, which is parked as it came; tombstones say nothing."""
    events, unreadable = [], []
    for message in messages:
        if not message.value:
            continue
        try:
            event = event_from_message(message.topic, message.key, message.headers, message.value)
            events.append(event)
        except UnreadableEventError:
            unreadable.append(message)
    return events, unreadable
