"""What happened since the first thing that has a day, as a picture: when, and who told it.

A row a source, a sign for each stretch of time in which something happened, with how many there are
in it; hollow where none of them is known to have taken place. The list below it says the same and
more, and counts for those who do not see the picture. Own SVG in presentation attributes alone, for
a wide and for a narrow screen; labels come after lines. The same entries on the same day give the
same bytes.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from markupsafe import Markup

from schemas.records.payloads import FactStatus
from schemas.uk_time import uk_day
from schemas.vocabulary import Source
from services.portal.family.pictures.drawing import BAR, GREY, INK, LINE, cut, rule, sign, svg, text
from services.portal.words.dates import day_in_words
from services.portal.words.statuses import status_of_occurrence
from services.profile.model import Profile

_TOOK_PLACE = frozenset(
    {
        FactStatus.HOLDS,
        FactStatus.UNDER_WAY,
        FactStatus.NOT_FINAL,
        FactStatus.ENDED,
        FactStatus.BROKEN_OFF,
    }
)
_SHORTEST = timedelta(days=365)
# A day that was written down wrongly must not squeeze all the others: it stands at the edge.
_BEFORE, _AFTER = timedelta(days=25 * 365), timedelta(days=2 * 365)


@dataclass(frozen=True, slots=True, repr=False)
class TimelinePicture:
    """Both pictures, and what they leave out; nothing where nothing has a day."""

    wide: Markup
    narrow: Markup
    left_out: str


@dataclass(frozen=True, slots=True)
class _OfSource:
    """What one source told of: each day, and whether what is told of it took place."""

    label: str
    happened: tuple[tuple[date, bool], ...]

    @property
    def told(self) -> str:
        first, last = self.happened[0][0], self.happened[-1][0]
        days = sorted({first, last})
        when = " to ".join(day_in_words(day.isoformat()) for day in days)
        return f"{self.label}: {len(self.happened)}, {when}"


def timeline_picture(profile: Profile, sources: Collection[Source] = ()) -> TimelinePicture:
    """Draw what the timeline lists: of the given sources alone if there are any."""
    today = uk_day(profile.as_of)
    found: dict[Source, list[tuple[date, bool]]] = {}
    without = 0
    for entry in profile.timeline:
        source = entry.provenance.source
        if sources and source not in sources:
            continue
        day = _first_day(entry.date)
        if day is None:
            without += 1
        else:
            took_place = status_of_occurrence(entry.occurrence) in _TOOK_PLACE and day <= today
            found.setdefault(source, []).append((day, took_place))
    if not found:
        return TimelinePicture(Markup(""), Markup(""), "")
    present = [source for source in Source if source in found]
    rows = [_OfSource(source.label, tuple(sorted(found[source]))) for source in present]
    return TimelinePicture(
        _drawn(rows, today, _WIDE), _drawn(rows, today, _NARROW), _left_out(without)
    )


def _first_day(said: str | None) -> date | None:
    """The day, or the first of the month or year that is told; None where nothing is."""
    told = (said or "")[: len(_FIRST)]
    try:
        return date.fromisoformat(told + _FIRST[len(told) :])
    except ValueError:
        return None


_FIRST = "0000-01-01"


def _left_out(without: int) -> str:
    match without:
        case 0:
            return ""
        case 1:
            return "One has no date, and stands in the list alone."
    return f"{without} have no date, and stand in the list alone."


# The pictures.


@dataclass(frozen=True, slots=True)
class _Space:
    """How much room there is: `names` left of the signs, or above them where it is nothing."""

    name: str
    width: int
    names: int
    row: int
    letters: int

    @property
    def left(self) -> int:
        """Where time begins."""
        return self.names + 24

    @property
    def right(self) -> int:
        """Where it ends."""
        return self.width - 24


_WIDE = _Space("wide", 960, 200, 44, 24)
_NARROW = _Space("narrow", 360, 0, 60, 38)
_TOP, _SIGN = 30, 13
_YEAR_APART = 44
"""So far apart have years to be for each to be named."""


@dataclass(frozen=True, slots=True)
class _Time:
    """Which days are drawn where."""

    first: date
    last: date
    room: _Space

    def x(self, day: date) -> int:
        whole, wide = (self.last - self.first).days, self.room.right - self.room.left
        since = min(max(day, self.first), self.last) - self.first
        return self.room.left + wide * since.days // whole


def _drawn(rows: Sequence[_OfSource], today: date, room: _Space) -> Markup:
    days = [day for row in rows for day, _ in row.happened]
    first = max(min(*days, today - _SHORTEST), today - _BEFORE)
    time = _Time(first, min(max(*days, today), today + _AFTER), room)
    foot = _TOP + room.row * len(rows)
    lines: list[Markup] = []
    labels: list[Markup] = []
    for x, year in _years(time):
        for number in range(len(rows)):
            middle = _TOP + room.row * (number + 1) - 20
            lines.append(rule((x, middle - _SIGN), (x, middle + _SIGN), LINE, 1))
        labels.append(text((x, 18), year, 14, fill=GREY, anchor="middle"))
    lines.append(rule((time.x(today), 24), (time.x(today), foot), INK, 2))
    labels.append(text((time.x(today), foot + 18), "Today", 14, bold=True, anchor="end"))
    for number, row in enumerate(rows):
        y = _TOP + room.row * number
        middle = y + room.row - 20  # clear of a name above it, which no line may cross
        at = middle + 5 if room.names else y + 16
        lines.append(rule((room.left, middle), (room.right, middle), LINE, 1))
        labels.append(text((8, at), cut(row.label, room.letters), 15, bold=True))
        for x, times, took_place in _signs(row, time):
            lines.append(sign((x, middle), _SIGN, BAR, is_filled=took_place))
            fill = "#ffffff" if took_place else INK
            labels.append(text((x, middle + 5), str(times), 14, fill=fill, anchor="middle"))
    said = "; ".join(row.told for row in rows)
    size = (room.width, foot + 26)
    words = ("When things happened", f"{said}.")
    classes = f"app-lane--{room.name}"
    return svg(f"when-{room.name}", size, words, lines, labels, classes=classes)


def _signs(row: _OfSource, time: _Time) -> Iterator[tuple[int, int, bool]]:
    """Where each sign stands, of how many it is, and whether any of them took place.

    Signs never touch: what would lie on another sign is counted in it.
    """
    step = 2 * _SIGN + 2
    counted: Counter[int] = Counter()
    took_place: dict[int, bool] = {}
    for day, did in row.happened:
        place = (time.x(day) - time.room.left + step // 2) // step
        counted[place] += 1
        took_place[place] = took_place.get(place, False) or did
    for place, times in sorted(counted.items()):
        yield time.room.left + place * step, times, took_place[place]


def _years(time: _Time) -> Iterator[tuple[int, str]]:
    """Where each year begins, as many of them as can be told apart."""
    starts = [
        (time.x(date(y, 1, 1)), str(y)) for y in range(time.first.year + 1, time.last.year + 1)
    ]
    apart = min((b[0] - a[0] for a, b in pairwise(starts)), default=_YEAR_APART)
    every = -(-_YEAR_APART // max(1, apart))
    yield from starts[::every]
