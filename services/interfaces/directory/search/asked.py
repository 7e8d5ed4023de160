"""What somebody looks for. Its text never shows it: it is neither logged nor kept."""

from dataclasses import dataclass, field
from datetime import time
from typing import Final

from services.interfaces.directory.entries.facts import Point
from services.interfaces.directory.entries.needs import Need, PlaceAccess

ON_A_PAGE: Final = 10
METRES_A_MILE: Final = 1609.344


@dataclass(frozen=True, slots=True, repr=False)
class ServicesAsked:
    """What a family or a worker looks for; what is None is not asked for.

    `within` is in miles. Ages are in years. `is_open_to_all` has entries too that are not active.
    """

    need: Need | None = None
    words: str = ""
    age: float | None = None
    origin: Point | None = None
    within: float | None = None
    day: int | None = None
    language: str | None = None
    access: frozenset[PlaceAccess] = frozenset()
    is_free: bool = False
    is_not_there: bool = False
    page: int = 1
    per_page: int = ON_A_PAGE


@dataclass(frozen=True, slots=True, repr=False)
class Filtered:
    """What another system asks for, by the filters of Open Referral UK 3.0."""

    words: str = ""
    terms: tuple[str, ...] = ()
    taxonomies: tuple[str, ...] = ()
    minimum_age: float | None = None
    maximum_age: float | None = None
    day: int | None = None
    opens: time | None = None
    closes: time | None = None
    origin: Point | None = None
    metres: float | None = None
    page: int = 1
    per_page: int = field(default=ON_A_PAGE)
