"""What a page of a feed counts wrongly is named by its field, and refuses no service."""

from typing import Any

import pytest

from services.interfaces.directory.feeds.page_counts import check_page
from services.interfaces.directory.feeds.reading import FeedVersion, read_all
from tests.support.open_referral import MOCKS, WHY_NOT, mock

THREE: list[Any] = [{"id": str(number), "schedules": []} for number in range(3)]
PAGE: dict[str, Any] = {
    "total_items": 3,
    "total_pages": 1,
    "page_number": 1,
    "size": 3,
    "first_page": True,
    "last_page": True,
    "empty": False,
    "contents": THREE,
}


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({}, set()),
        ({"size": 1}, {"size"}),
        ({"total_items": 1}, {"total_items"}),
        ({"total_items": 10}, {"total_items"}),
        ({"total_items": "3"}, {"total_items"}),
        ({"total_items": True}, {"total_items"}),
        ({"total_pages": 10, "total_items": 30}, {"last_page"}),
        ({"total_pages": 10, "total_items": 30, "last_page": False}, set()),
        ({"last_page": False}, {"total_pages", "last_page"}),
        ({"page_number": 2}, {"page_number", "first_page"}),
        ({"page_number": 0}, {"page_number", "first_page", "last_page"}),
        ({"empty": True}, {"empty"}),
        ({"contents": {}}, {"contents"}),
        ({"contents": [], "size": 0, "total_items": 0, "total_pages": 0, "empty": True}, set()),
    ],
)
def test_each_count_that_is_not_so_is_named(wrong: dict[str, Any], fields: set[str]):
    """Of a page that says how many there are, and where it stands among them."""
    assert {fault.field for fault in check_page(PAGE | wrong)} == fields


def test_what_a_page_does_not_say_is_not_wrong():
    """Version 1 and small feeds have less."""
    assert check_page({"contents": THREE}) == []


class _Pages:
    """A feed of two pages, each of which counts wrongly."""

    def get(self, path: str) -> Any:
        number = 2 if "page=2" in path else 1
        page = PAGE | {"page_number": number, "last_page": number == 2, "size": 9}
        return type("Fetched", (), {"document": page})


def test_services_of_such_a_page_are_read_and_it_is_told_once():
    """The first page of a feed that counts wrongly, and no other."""
    told: list[tuple[int, set[str]]] = []
    feed: Any = _Pages()

    read = list(
        read_all(
            feed,
            "exbury",
            FeedVersion.V3,
            lambda *_: False,
            lambda page, faults: told.append((page, {one.field for one in faults})),
        )
    )

    assert len(read) == 6
    assert told == [(1, {"size", "total_pages", "last_page"})]


@pytest.mark.skipif(MOCKS is None, reason=WHY_NOT)
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("service_list.json", {"size", "total_items"}),
        # A first page of ten of which nothing by itself is wrong: the others are not there.
        ("service_at_location_list.json", set()),
        # Letter for letter as *Default*, or but for an id.
        ("taxonomy_list.json", set()),
        ("taxonomy_term_list.json", set()),
    ],
)
def test_the_validator_s_mock_pages_pass_and_fail_as_theirs_do(name: str, fields: set[str]):
    """*Default* counts as it should; of *Fail* what it counts wrongly is named."""
    assert check_page(mock("V3.0-UK-Default", name)) == []
    assert {fault.field for fault in check_page(mock("V3.0-UK-Fail", name))} == fields
