"""What somebody looks for, read from the form. Nothing typed is repeated in a message."""

import re
from dataclasses import dataclass
from typing import Final

from services.interfaces.directory.entries.facts import Point
from services.interfaces.directory.entries.needs import LANGUAGES, Need, PlaceAccess
from services.interfaces.directory.search.asked import ON_A_PAGE, ServicesAsked
from services.interfaces.directory.search.postcodes import Postcodes
from services.portal.frame.forms import FormErrors, Submitted

_ANY: Final = "any"
DISTANCES: Final = {"1": "1 mile", "2": "2 miles", "5": "5 miles", "10": "10 miles", _ANY: "Any"}
DAYS: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
FREE, NOT_THERE = "free", "not-there"
_PARTS: Final = re.compile(
    r"(\d{1,3}(?:[.,]\d)?)\s*(years?|yrs?|y|months?|mths?|m|weeks?|wks?|w|)\b"
)
_YEARS: Final = {"y": 1.0, "m": 1 / 12, "w": 1 / 52, "": 1.0}
_UNBORN: Final = re.compile(r"pregnan|not born|unborn|expecting|due\b|bump", re.IGNORECASE)
_OLDEST: Final = 120.0
_LONGEST_WORDS: Final = 100
_LAST_PAGE: Final = 500


@dataclass(frozen=True, slots=True, repr=False)
class Sought:
    """What was read: what to look for, and the first part of the postcode, to say it back."""

    asked: ServicesAsked
    near: str | None


def read_sought(form: Submitted, errors: FormErrors, postcodes: Postcodes) -> Sought:
    """Read the form; what is wrong is noted, and then nothing is looked for."""
    need = _choice(form, errors, "need", {one.value for one in Need})
    day = _choice(form, errors, "day", {str(number) for number in range(len(DAYS))})
    language = _choice(form, errors, "language", set(LANGUAGES))
    within = _choice(form, errors, "within", set(DISTANCES))
    must = frozenset(form.chosen("must"))
    if not must <= {FREE, NOT_THERE, *(one.value for one in PlaceAccess)}:
        errors.add("must-free", "Select what it must be from the list")
    origin = _origin(form, errors, postcodes)
    asked = ServicesAsked(
        need=None if need is None else Need(need),
        words=form.text("words")[:_LONGEST_WORDS],
        age=read_age(form.text("age"), errors),
        origin=origin,
        within=None if within in {None, _ANY} or origin is None else float(within or 0),
        day=None if day is None else int(day),
        language=language,
        access=frozenset(one for one in PlaceAccess if one.value in must),
        is_free=FREE in must,
        is_not_there=NOT_THERE in must,
        page=_page(form.text("page")),
        per_page=ON_A_PAGE,
    )
    return Sought(asked, None if origin is None else _first_part(form.text("postcode")))


def read_age(written: str, errors: FormErrors) -> float | None:
    """Read an age as parents say it: "7 months", "1 year 7 months", "2", "not born yet"."""
    if not written:
        return None
    if _UNBORN.search(written):
        return 0.0
    parts = _PARTS.findall(written.casefold())
    rest = _PARTS.sub("", written.casefold()).replace("and", "").replace("old", "").strip(" ,.")
    age = sum(float(n.replace(",", ".")) * _YEARS[unit[:1]] for n, unit in parts)
    if not parts or rest or age > _OLDEST:
        errors.add("age", "Enter an age such as 7 months, or 2")
        return None
    return age


def _origin(form: Submitted, errors: FormErrors, postcodes: Postcodes) -> Point | None:
    written = form.text("postcode")
    if not written:
        return None
    point = postcodes.point(written)
    if point is None:
        errors.add("postcode", "Enter a postcode that we know, or its first part")
    return point


def _choice(form: Submitted, errors: FormErrors, name: str, among: set[str]) -> str | None:
    written = form.text(name)
    if written and written not in among:
        errors.add(name, "Select one from the list")
        return None
    return written or None


def _page(written: str) -> int:
    number = int(written) if written.isascii() and written.isdecimal() and len(written) < 5 else 1  # noqa: PLR2004
    return min(max(number, 1), _LAST_PAGE)


def _first_part(written: str) -> str:
    """Of a postcode the part before its last two letters: what a place is called on the page."""
    code = "".join(written.upper().split())
    if re.fullmatch(r".{2,4}\d[A-Z]{2}", code):
        return f"{code[:-3]} {code[-3]}"
    return " ".join(written.upper().split())
