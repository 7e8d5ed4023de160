"""The story's merge: order-free, whatever is corrected and confirmed by whom."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import Payload, StoryConfirmation, StoryEntry
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from services.portal.story.words import whole_story_confirmed
from services.profile.model import StoryView
from services.profile.story.entries import entries_in_chain, story

CHILD = PersonId("c0" * 16)
KEYS = ("a", "b", "c", "d")
DAYS = tuple(f"2026-11-{day:02d}T09:00:00Z" for day in range(1, 5))


def said(key: str, day: int, corrects: str | None = None, by: str = "Mum") -> PublishedRecord:
    return _record(key, StoryEntry(f"Words of {key}.", by, "Visitor", DAYS[day], corrects), day)


def confirmed(key: str, day: int, *keys: str) -> PublishedRecord:
    return _record(key, StoryConfirmation(keys, "Mum", "Visitor", DAYS[day]), day)


def _record(key: str, payload: Payload, day: int) -> PublishedRecord:
    hub, about = Source.FAMILY_HUB, Category.STORY
    return PublishedRecord(RecordKey(key), hub, about, (CHILD,), DAYS[day], payload)


entries = st.builds(
    said, st.sampled_from(KEYS), st.integers(0, 3), st.none() | st.sampled_from(KEYS)
)
confirmations = st.builds(
    lambda day, keys: confirmed(f"z{day}", day, *sorted(keys)),
    st.integers(0, 3),
    st.sets(st.sampled_from(KEYS), min_size=1),
)


@given(st.lists(entries | confirmations, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_order_and_repetition_do_not_matter(records: list[PublishedRecord], random: Random):
    """Shuffled and doubled, the same story; also where entries correct one another in a ring."""
    unique = list({(r.key, r.version): r for r in records}.values())
    doubled = [*unique, *unique]
    random.shuffle(doubled)

    assert story(doubled) == story(unique)


def test_a_correction_may_come_before_what_it_corrects():
    """Until then it stands by itself and names nothing; then the old words are struck through."""
    correction, first = said("b", 1, corrects="a", by="Dad"), said("a", 0)

    alone, both = _by_key(correction), _by_key(correction, first)

    assert alone["b"].corrections == ()
    assert alone["b"].entry.corrects is None
    assert both["b"].entry.corrects == "a"
    assert both["a"].corrected_by == "b"
    assert (both["a"].corrections[0].told_by, both["a"].corrections[0].written_at) == (
        "Dad",
        DAYS[1],
    )


def test_two_corrections_of_the_same_both_stand():
    """Two people wrote at the same time: the entry names both, the latest first."""
    views = _by_key(said("a", 0), said("b", 1, corrects="a"), said("c", 2, corrects="a"))

    assert [found.key for found in views["a"].corrections] == ["c", "b"]
    assert views["b"].corrections == views["c"].corrections == ()


def test_a_corrected_correction_is_struck_through_as_well():
    """Only the last words stand."""
    views = _by_key(said("a", 0), said("b", 1, corrects="a"), said("c", 2, corrects="b"))

    assert [key for key, view in views.items() if not view.corrections] == ["c"]


def test_nothing_corrects_itself():
    """Somebody made it up; it is shown as it is."""
    assert _by_key(said("a", 0, corrects="a"))["a"].corrections == ()


def test_what_was_confirmed_and_then_corrected_keeps_both():
    """The confirmation was of the old words, and stays with them."""
    records = [confirmed("z", 1, "a"), said("b", 2, corrects="a"), said("a", 0)]

    views = _by_key(*records)

    assert [c.written_at for c in views["a"].confirmations] == [DAYS[1]]
    assert views["b"].confirmations == ()


def test_a_confirmation_names_nothing_that_is_not_shown():
    """What was confirmed with it was kept to others later: not even its key is told."""
    (view,) = story([said("a", 0), confirmed("z", 2, "a", "b")])

    (confirmation,) = view.confirmations
    assert confirmation.confirms == ("a",)


@pytest.mark.parametrize(
    ("records", "words"),
    [
        pytest.param([said("a", 0)], None, id="never"),
        pytest.param(
            [said("a", 0), said("b", 1), confirmed("z", 2, "a", "b")],
            "Nothing has changed: confirmed on 3 November 2026 by Mum, with Visitor.",
            id="all of it",
        ),
        pytest.param([said("a", 0), said("b", 1), confirmed("z", 2, "a")], None, id="a part"),
        pytest.param(
            [said("a", 0), said("b", 3), confirmed("z", 2, "a")],
            "Nothing has changed: confirmed on 3 November 2026 by Mum, with Visitor. "
            "1 entry was written down since.",
            id="and something was said since",
        ),
        pytest.param(
            [said("a", 0), said("b", 0), confirmed("y", 2, "a"), confirmed("z", 2, "b")],
            "Nothing has changed: confirmed on 3 November 2026 by Mum, with Visitor.",
            id="in two records of one saying",
        ),
        pytest.param(
            [said("a", 0), confirmed("z", 1, "a"), said("b", 2, corrects="a")],
            None,
            id="what was confirmed was corrected",
        ),
    ],
)
def test_the_whole_story_is_confirmed_when_all_of_it_is(
    records: Sequence[PublishedRecord], words: str | None
):
    """As far as this viewer may read it."""
    assert whole_story_confirmed(story(records)) == words


def test_a_chain_is_all_that_was_said_of_one_thing():
    """Forwards and backwards, and nothing else."""
    corrects = {"a": None, "b": "a", "c": "b", "d": "a", "e": None, "f": "gone"}

    assert entries_in_chain(["b"], corrects) == {"a", "b", "c", "d"}
    assert entries_in_chain(["e"], corrects) == {"e"}
    assert entries_in_chain(["f"], corrects) == {"f", "gone"}


def _by_key(*records: PublishedRecord) -> dict[str, StoryView]:
    return {view.key: view for view in story(records)}
