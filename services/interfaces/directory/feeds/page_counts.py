"""Whether what a page of Open Referral UK 3.0 says of itself is so: how many there are, and where.

What a page counts wrongly is told of the feed and refuses none of its services: they are read as
they are listed, until a page says that it is the last. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from services.interfaces.directory.entries.checking import EntryFault, FieldFault

_COUNTS: Final = ("total_items", "total_pages", "page_number", "size")


def check_page(page: Mapping[str, Any]) -> Sequence[FieldFault]:
    """What is wrong with its counts, by field; of what it does not say nothing is wrong here."""
    contents = page.get("contents")
    if not isinstance(contents, list):
        return [FieldFault("contents", EntryFault.NOT_A_LIST)]
    no_numbers = [
        FieldFault(name, EntryFault.NOT_A_NUMBER)
        for name in _COUNTS
        if name in page and not _is_count(page[name])
    ]
    if no_numbers:
        return no_numbers
    return [
        FieldFault(name, EntryFault.NOT_AS_COUNTED)
        for name, is_so in _RULES.items()
        if name in page and not is_so(page, len(contents))
    ]


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _total(page: Mapping[str, Any], here: int) -> bool:
    total, pages = int(page["total_items"]), page.get("total_pages")
    return total >= here and (pages is None or pages > 1 or total == here)


def _pages(page: Mapping[str, Any], _here: int) -> bool:
    return int(page["total_pages"]) > 1 or page.get("last_page") is not False


def _number(page: Mapping[str, Any], _here: int) -> bool:
    pages = page.get("total_pages")
    return int(page["page_number"]) >= 1 and (not pages or int(page["page_number"]) <= pages)


def _first(page: Mapping[str, Any], _here: int) -> bool:
    return bool(page["first_page"] is (page.get("page_number", 1) == 1))


def _last(page: Mapping[str, Any], _here: int) -> bool:
    number, pages = page.get("page_number"), page.get("total_pages")
    if number is None or pages is None:
        return isinstance(page["last_page"], bool)
    return bool(page["last_page"] is (number >= pages))


_RULES: Final[Mapping[str, Callable[[Mapping[str, Any], int], bool]]] = {
    "total_items": _total,
    "total_pages": _pages,
    "page_number": _number,
    "size": lambda page, here: page["size"] == here,
    "first_page": _first,
    "last_page": _last,
    "empty": lambda page, here: page["empty"] is (here == 0),
}
