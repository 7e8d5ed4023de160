"""What an authority purges is taken back: child, details, episode, item."""

import pytest

from tests.support.csc import a_child, csc
from tests.support.csc_episodes import ITEMS, full_episode, with_episode
from tests.support.reading import csc as read
from tests.support.reading import removed, the_message, upserted


def test_purged_child_takes_everything_back():
    """Every record that the authority sent about them."""
    message = the_message(read, csc(a_child(purge=True)))

    assert message.removes_subject
    assert message.records == ()
    assert message.subjects[0].identifiers[0].value == "999/NC-1001"


def test_purged_details_take_back_details_and_address():
    """The episodes stand."""
    first = the_message(read, csc(a_child()))

    message = the_message(read, csc(a_child(child_details={"purge": True})))

    assert removed(message) == upserted(first)
    assert not message.removes_subject


@pytest.mark.parametrize("name", ITEMS)
def test_purged_item_takes_back_its_own_records(name: str):
    """And nothing else."""
    item = ITEMS[name]
    stated = the_message(read, with_episode(**{name: [item]}))
    key = next(key for key in item if key.endswith("_id"))

    message = the_message(read, with_episode(**{name: [{key: item[key], "purge": True}]}))

    assert removed(message) == upserted(stated) - upserted(message)
    assert removed(message)


def test_purged_episode_takes_back_all_that_it_names():
    """Referral, worker, assessments, plans, placement."""
    first = the_message(read, full_episode())

    message = the_message(read, full_episode(purge=True))

    assert removed(message) == {i for i in upserted(first) if "/episode/" in i}
