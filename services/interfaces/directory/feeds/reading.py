"""All services of a feed, page by page, each whole: by itself where the list has only its head.

A feed of 3.0 lists services with what there is one of, and gives the rest at an address of each; so
does version 1. Of one that has not changed since it was last read only the list is asked for.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from services.interfaces.directory.entries.checking import FieldFault
from services.interfaces.directory.feeds.fetching import (
    FeedFailure,
    FeedUnreadableError,
    Fetching,
)
from services.interfaces.directory.feeds.page_counts import check_page
from services.interfaces.directory.feeds.version_1 import FromVersion1

PER_PAGE: Final = 100
MOST_SERVICES: Final = 50_000
_NESTED: Final = frozenset(
    {
        "schedules",
        "service_at_locations",
        "attributes",
        "cost_options",
        "contacts",
        "regular_schedules",
        "service_taxonomys",
        "eligibilitys",
    }
)

_OF_ONE: Final = {FeedFailure.GONE, FeedFailure.REFUSED, FeedFailure.NOT_A_FEED}
# What read a record is part of its mark: after a change of it, all are read anew.
_RULES: Final = "2"


class FeedVersion(StrEnum):
    """How a feed is written."""

    V1 = "1.0"
    V3 = "3.0"


@dataclass(frozen=True, slots=True)
class Read:
    """One service of a feed: as what it is known there, and itself in the shape of 3.0.

    `is_as_before` says that it is as it was when `mark` was its mark; then there is no document.
    """

    record: str
    mark: str | None
    document: object
    is_as_before: bool = False


Known = Callable[[str, str], bool]
"""Whether a record is held already as it was at that mark."""


NoteCounts = Callable[[int, Sequence[FieldFault]], None]
"""Told what the first page that counts wrongly says of itself, by its number."""


def no_note(page: int, faults: Sequence[FieldFault]) -> None:
    """Tell nobody."""
    del page, faults


def read_all(
    fetching: Fetching,
    feed: str,
    version: FeedVersion,
    known: Known,
    note: NoteCounts = no_note,
) -> Iterator[Read]:
    """Every service, once as it is listed. Raises FeedUnreadableError."""
    old = FromVersion1(feed)
    for number, head in enumerate(_listed(fetching, version, note)):
        if number >= MOST_SERVICES:
            raise FeedUnreadableError(FeedFailure.TOO_LARGE)
        record = _record(head, number)
        mark = _mark(head)
        if mark is not None and known(record, mark):
            yield Read(record, mark, None, is_as_before=True)
            continue
        whole = _whole(fetching, head)
        if version is FeedVersion.V1 and isinstance(whole, Mapping):
            whole = old.service(whole)
        yield Read(record, mark, whole)


def _listed(fetching: Fetching, version: FeedVersion, note: NoteCounts) -> Iterator[Any]:
    is_noted = version is FeedVersion.V1
    name, last = ("contents", "last_page") if version is FeedVersion.V3 else ("content", "last")
    page = 1
    while True:
        found = fetching.get(f"/services?page={page}&per_page={PER_PAGE}").document
        if not isinstance(found, Mapping) or not isinstance(found.get(name), list):
            raise FeedUnreadableError(FeedFailure.NOT_A_FEED)
        faults = () if is_noted else check_page(found)
        if faults:
            note(page, faults)
            is_noted = True
        yield from found[name]
        if found.get(last) is not False or not found[name]:
            return
        page += 1


def _record(head: object, number: int) -> str:
    """As what it is known: its id if that is a plain one, else its number in the feed."""
    known = head.get("id") if isinstance(head, Mapping) else None
    is_plain = isinstance(known, (str, int)) and str(known).replace("-", "").isalnum()
    return str(known)[:64] if is_plain and str(known).isascii() else f"number {number + 1}"


def _mark(head: object) -> str | None:
    said = head.get("last_modified") if isinstance(head, Mapping) else None
    return f"{_RULES}:{said}" if isinstance(said, str) and said.isascii() else None


def _whole(fetching: Fetching, head: Any) -> object:
    if not isinstance(head, Mapping) or not isinstance(head.get("id"), (str, int)):
        return head
    if not _NESTED.isdisjoint(head):
        return dict(head)
    try:
        return fetching.get(f"/services/{quote(str(head['id']), safe='')}").document
    except FeedUnreadableError as error:
        if error.failure in _OF_ONE:
            return None  # it alone is parked: there is no object
        raise
