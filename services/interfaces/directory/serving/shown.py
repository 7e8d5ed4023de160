"""Entries written out for the list: what is the same for everybody is kept, by its version.

Kept is what is public of an entry, and nothing of who looked for it or how: neither words, nor a
postcode, nor how far it is.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any, Final

from jinja2 import Environment
from markupsafe import Markup

from services.interfaces.directory.search.postgres import FoundPlace, FoundService
from services.interfaces.directory.serving.words import line_of, miles

_MOST_KEPT: Final = 2_000


@dataclass(frozen=True, slots=True)
class ShownService:
    """An entry of the list, before how far it is and after it."""

    name: str
    what: Markup
    rest: Markup


@dataclass(frozen=True, slots=True)
class ShownLine:
    """An entry as it is found: numbered where it has a point in the picture."""

    number: int | None
    distance: str | None
    shown: ShownService


Versions = Mapping[str, FoundService]
"""Entries by their versions."""


class ShownServices:
    """Those written out last, of one day: how long ago an entry was checked is in its words."""

    def __init__(self, environment: Environment, *, most: int = _MOST_KEPT) -> None:
        self._module: Any = environment.get_template("service-line.html").module
        self._most = most
        self._lock = Lock()
        self._day: date | None = None
        self._kept: OrderedDict[str, ShownService] = OrderedDict()

    def of(
        self,
        places: Sequence[FoundPlace],
        today: date,
        read: Callable[[Sequence[str]], Versions],
    ) -> dict[str, ShownService]:
        """Write out what was found, by version; `read` gives entries by their ids."""
        versions = [place.version for place in places]
        found = self._known(versions, today)
        missing = [place.id for place in places if place.version not in found]
        if missing:
            new = {version: self._written(one, today) for version, one in read(missing).items()}
            self._keep(new, today)
            found |= new
        return found

    def _known(self, versions: Sequence[str], today: date) -> dict[str, ShownService]:
        with self._lock:
            if self._day != today:
                self._day = today
                self._kept.clear()
            for version in versions:
                if version in self._kept:
                    self._kept.move_to_end(version)
            return {version: self._kept[version] for version in versions if version in self._kept}

    def _keep(self, new: Mapping[str, ShownService], today: date) -> None:
        with self._lock:
            if self._day == today:
                self._kept.update(new)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)

    def _written(self, service: FoundService, today: date) -> ShownService:
        line = line_of(service, today)
        what, rest = self._module.what(line), self._module.rest(line)
        return ShownService(line.name, Markup(what), Markup(rest))  # noqa: S704 of our template


def lines_of(
    places: Sequence[FoundPlace], shown: Mapping[str, ShownService], *, first: int
) -> tuple[ShownLine, ...]:
    """The entries of a page; numbered are those that have a point in the picture."""
    numbers = iter(range(first, first + len(places)))
    return tuple(
        ShownLine(
            next(numbers) if place.at is not None else None,
            None if place.miles is None else miles(place.miles),
            shown[place.version],
        )
        for place in places
    )
