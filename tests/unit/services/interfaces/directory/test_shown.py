"""What is kept of entries that were written out: by version, for a day, and not too many."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from services.interfaces.directory.search.postgres import FoundPlace, FoundService
from services.interfaces.directory.serving.frame import load_templates
from services.interfaces.directory.serving.shown import ShownServices, lines_of

TODAY = date(2026, 12, 1)


templates = cache(load_templates)


def an_entry(name: str) -> FoundService:
    return FoundService(
        id=name,
        document={"name": f"<{name}>", "status": "active"},
        is_withheld=False,
        needs=(),
        ways=(),
        access=(),
        languages=(),
        is_free=None,
        assured_on=TODAY - timedelta(days=3),
        capacity=None,
        capacity_words=None,
        capacity_on=None,
        is_local=True,
    )


class Reading:
    """Entries by ids that are their versions, and which were read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, ids: Sequence[str]) -> dict[str, FoundService]:
        self.read += ids
        return {one: an_entry(one) for one in ids if one != "gone"}


def places(*ids: str) -> list[FoundPlace]:
    return [FoundPlace(one, one, None, None) for one in ids]


@settings(max_examples=25)
@given(st.lists(st.lists(st.sampled_from("abcde"), unique=True), max_size=8))
def test_an_entry_is_read_once_and_always_shown_as_itself(pages: list[list[str]]) -> None:
    """Whatever is found, in whatever order."""
    shown, reading = ShownServices(templates()), Reading()

    for page in pages:
        found = shown.of(places(*page), TODAY, reading)
        assert [one.shown.name for one in lines_of(places(*page), found, first=1)] == [
            f"<{one}>" for one in page
        ]
        assert all(f"&lt;{one}&gt;" in found[one].what for one in page)

    assert sorted(reading.read) == sorted({one for page in pages for one in page})


def test_on_the_next_day_it_is_written_anew() -> None:
    """How long ago it was checked is in its words."""
    shown, reading = ShownServices(templates()), Reading()

    before = shown.of(places("a"), TODAY, reading)["a"]
    after = shown.of(places("a"), TODAY + timedelta(days=1), reading)["a"]

    assert "Checked 3 days ago" in before.rest
    assert "Checked 4 days ago" in after.rest


def test_an_entry_that_went_meanwhile_is_not_shown() -> None:
    """It was found, and then it was not there to be read."""
    found = ShownServices(templates()).of(places("a", "gone"), TODAY, Reading())

    assert set(found) == {"a"}


def test_no_more_are_kept_than_there_is_room_for() -> None:
    """Those that were shown last stay."""
    shown, reading = ShownServices(templates(), most=3), Reading()
    for one in "abcd":
        shown.of(places("first", one), TODAY, reading)
    reading.read.clear()

    shown.of(places("first", "b", "d"), TODAY, reading)

    assert reading.read == ["b"]
