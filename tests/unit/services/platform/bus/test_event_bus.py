"""The small rules of the event bus that need no bus."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.platform.bus.kafka import topic_settings
from services.platform.bus.ports import MAX_MESSAGE_BYTES, BusMessage, TopicSpec, refuse_oversized
from services.platform.bus.postgres_subscription import fair_share, lock_key
from services.platform.errors import MessageTooLarge


@pytest.mark.parametrize("key", ["", "a\x00b"])
def test_a_key_that_some_bus_cannot_carry_is_refused(key: str):
    """At once, not when it is published."""
    with pytest.raises(ValueError, match=r"to a\.topic"):
        BusMessage(topic="a.topic", key=key, headers=(), value=b"")


def test_headers_count_towards_the_size():
    """A message may be too large without a large value."""
    message = BusMessage("a.topic", "k", (("name", "x" * MAX_MESSAGE_BYTES),), b"")

    with pytest.raises(MessageTooLarge, match=r"a\.topic.*with key k"):
        refuse_oversized([message])


@given(logs=st.integers(0, 60), members=st.integers(1, 20))
def test_fair_shares_add_up_and_differ_by_one_at_most(logs: int, members: int):
    """Every log has one owner."""
    shares = [fair_share(logs, members, rank) for rank in range(members)]

    assert sum(shares) == logs
    assert max(shares) - min(shares) <= 1


def test_lock_keys_tell_names_apart_where_they_meet():
    """A group "a" on topic "bc" is not a group "ab" on topic "c"."""
    assert lock_key("a", "bc", 0) != lock_key("ab", "c", 0)


@pytest.mark.parametrize(
    ("retention", "compacted", "policy", "milliseconds"),
    [
        (timedelta(days=14), False, "delete", "1209600000"),
        (None, False, "delete", "-1"),
        (None, True, "compact", "-1"),
        (timedelta(days=7), True, "compact,delete", "604800000"),
    ],
)
def test_a_topic_says_in_kafkas_words_what_it_keeps(
    *, retention: timedelta | None, compacted: bool, policy: str, milliseconds: str
):
    """Nothing is left to the broker's defaults."""
    settings = topic_settings(TopicSpec("t", 1, retention, compacted))

    assert settings == {"cleanup.policy": policy, "retention.ms": milliseconds}
