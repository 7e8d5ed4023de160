"""From kafka-python's errors to ours."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from kafka.errors import (
    KafkaConfigurationError,
    KafkaError,
    MessageSizeTooLargeError,
    UnknownTopicOrPartitionError,
)

from services.errors import BusUnavailable, MessageTooLarge, UnknownTopic

UNKNOWN: Final = "Kafka has no such topic. Make it with ensure_topics, then try again."


@contextmanager
def translated(servers: Sequence[str], doing: str) -> Iterator[None]:
    """Raise our error for whatever kafka-python raises inside; a wrong setting stays a bug."""
    try:
        yield
    except KafkaConfigurationError:
        raise
    except UnknownTopicOrPartitionError as error:
        raise UnknownTopic(f"Kafka could not {doing}: {UNKNOWN}") from error
    except MessageSizeTooLargeError as error:
        raise MessageTooLarge(
            "A message is over the broker's limit. Park it, or raise message.max.bytes."
        ) from error
    except KafkaError as error:
        raise BusUnavailable(
            f"Kafka at {','.join(servers)} could not {doing} ({type(error).__name__}). "
            "Look whether the broker runs, then try again."
        ) from error
