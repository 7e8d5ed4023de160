"""Long lists a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item_co = TypeVar("Item_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item_co]):
    """Some of a long list, and where the next page begins; None when there is no more now."""

    items: Sequence[Item_co]
    next: str | None
