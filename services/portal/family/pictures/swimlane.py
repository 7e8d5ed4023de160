"""Who has been involved in the last twelve months, as a picture, and the same as a table.

Own SVG in presentation attributes alone, as the page's policy lets no style through: one for a
wide screen and one for a narrow one, of which the style sheet shows one. Labels come after the
lines, so that no line crosses a word. The same family on the same day gives the same bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from schemas.records.payloads import FactStatus, Period
from schemas.uk_time import uk_day
from schemas.vocabulary import Source
from services.portal.family.pictures.drawing import (
    BAR,
    GREY,
    INK,
    LINE,
    cut,
    diamond,
    rect,
    rule,
    svg,
    text,
)
from services.portal.words.dates import day_in_words
from services.portal.words.statuses import (
    involved_in_words,
    status_of_occurrence,
    title_with_status,
)
from services.profile.model import PractitionerView, Profile

_DAYS = 365
_BANDS = (
    ("Everyday life", frozenset({Source.SCHOOLS})),
    ("Help and support", frozenset({Source.HEALTH_VISITING, Source.FAMILY_HUB, Source.COMMUNITY})),
    ("Worry about safety", frozenset({Source.SOCIAL_CARE})),
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_BAND, _EVENT = "#f3f2f1", "#7a1420"
_MOST_EVENTS = 12
_NOT_HAPPENED = frozenset({FactStatus.NOT_DONE, FactStatus.PLANNED, FactStatus.IN_ERROR})


@dataclass(frozen=True, slots=True, repr=False)
class Lane:
    """One service: whether it goes on, from when until when, and what happened on which days.

    `start` is None where no source says it, or it was before the twelve months.
    """

    band: str
    service: str
    start: date | None
    end: date | None
    is_open: bool
    has_bar: bool
    events: tuple[tuple[date, str], ...]
    told: str

    @property
    def happened(self) -> str:
        """What happened, as the table says it."""
        said = (f"{what}, {day_in_words(day.isoformat())}" for day, what in self.events)
        return "; ".join(said) or "Nothing with a day"


@dataclass(frozen=True, slots=True, repr=False)
class InvolvementView:
    """The lanes, by band, and both pictures of them; no picture where there is no lane."""

    lanes: tuple[Lane, ...]
    wide: Markup
    narrow: Markup


def involvement(profile: Profile) -> InvolvementView:
    """Draw who has been involved with the family, as far as the viewer may see."""
    today = uk_day(profile.as_of)
    lanes = tuple(_lanes(profile, today))
    if not lanes:
        return InvolvementView((), Markup(""), Markup(""))
    return InvolvementView(lanes, _drawn(lanes, today, _WIDE), _drawn(lanes, today, _NARROW))


def _lanes(profile: Profile, today: date) -> Iterator[Lane]:
    """Each service once, in the order of bands; what happened stands by its source's first."""
    first = today - timedelta(days=_DAYS)
    happened = _happened(profile, first, today)
    counted = [view for view in reversed(profile.practitioners) if _counts(view, first)]
    # What a service sends of itself stands before what one of its workers says.
    counted.sort(key=lambda view: not view.is_first_hand)
    views = {_title(view): view for view in counted}
    for band, sources in _BANDS:
        for title, view in sorted(views.items()):
            if view.provenance.source in sources:
                yield _lane(band, title, view, happened.pop(view.provenance.source, ()))
        for source in sorted(sources & happened.keys()):
            events = happened.pop(source)
            yield Lane(band, source.label, None, None, False, False, events, "No dates given")


def _title(view: PractitionerView) -> str:
    return view.agency_name or view.service


def _counts(view: PractitionerView, first: date) -> bool:
    is_known = view.status not in (FactStatus.IN_ERROR, FactStatus.NOT_DONE, FactStatus.PLANNED)
    until = _day(view.until)
    return is_known and (view.is_current or (until is not None and until >= first))


def _lane(
    band: str, title: str, view: PractitionerView, events: tuple[tuple[date, str], ...]
) -> Lane:
    told = involved_in_words(view.status, Period(view.since, view.until))
    return Lane(
        band,
        title,
        _day(view.since),
        _day(view.until),
        view.is_current,
        True,
        events,
        told[:1].upper() + told[1:],
    )


def _happened(
    profile: Profile, first: date, today: date
) -> dict[Source, tuple[tuple[date, str], ...]]:
    """What happened within the year to the child, the latest of each source.

    Not what was called off, was not given or is yet to come.
    """
    found: dict[Source, list[tuple[date, str]]] = {}
    for entry in profile.timeline:
        day = _day(entry.date)
        if day is None or not first <= day <= today or entry.person != profile.child:
            continue
        if status_of_occurrence(entry.occurrence) in _NOT_HAPPENED:
            continue
        of_source = found.setdefault(entry.provenance.source, [])
        if len(of_source) < _MOST_EVENTS:
            of_source.append((day, title_with_status(entry.occurrence, today)))
    return {source: tuple(reversed(events)) for source, events in found.items()}


def _day(text: str | None) -> date | None:
    """The day; None where less is told than a day."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


# The pictures.


@dataclass(frozen=True, slots=True)
class _Room:
    """How much room there is: `names` left of the bars, or above them where it is nothing."""

    name: str
    width: int
    names: int
    row: int
    text: int
    every: int

    @property
    def left(self) -> int:
        """Where the year begins."""
        return self.names + 8

    @property
    def letters(self) -> int:
        """For how much of a name there is room."""
        return (self.names or self.width) // _LETTER

    @property
    def right(self) -> int:
        """Where today is."""
        return self.width - 24


_WIDE = _Room("wide", 960, 290, 40, 15, 1)
_NARROW = _Room("narrow", 360, 0, 56, 14, 2)
_TOP = 30
_LETTER = 9
_BAND_HIGH = 26
_BAR_HIGH = 22


def _drawn(lanes: Sequence[Lane], today: date, room: _Room) -> Markup:
    lines: list[Markup] = []
    labels = [*_months(today, room)]
    y, band = _TOP, ""
    for lane in lanes:
        if lane.band != band:
            band = lane.band
            lines.append(rect(0, y, room.width, _BAND_HIGH - 2, fill=_BAND))
            labels.append(text((8, y + 17), band, 14, fill=GREY))
            y += _BAND_HIGH
        bar = y + room.row - _BAR_HIGH - 8
        at = bar + 16 if room.names else y + 15
        labels.append(text((8, at), cut(lane.service, room.letters), room.text, bold=True))
        lines += _row(lane, today, bar, room)
        y += room.row
    lines.append(rule((room.right, 24), (room.right, y), INK, 2))
    labels.append(text((room.right, y + 16), "Today", 14, bold=True, anchor="end"))
    said = ". ".join(f"{lane.service}: {lane.told}" for lane in lanes)
    return svg(
        f"lane-{room.name}",
        (room.width, y + 24),
        ("Who has been involved, last 12 months", f"{said}."),
        lines,
        labels,
        classes=f"app-lane app-lane--{room.name}",
    )


def _row(lane: Lane, today: date, y: int, room: _Room) -> Iterator[Markup]:
    foot = y + _BAR_HIGH + 2
    yield rule((room.left, foot), (room.right, foot), LINE, 1)
    if lane.has_bar:
        start = _x(lane.start, today, room)
        end = room.right if lane.is_open else _x(lane.end, today, room)
        width = max(6, end - start)
        if lane.is_open:
            yield rect(start, y, width, _BAR_HIGH, fill=BAR)
            yield _arrow(room.right, y)
        else:
            yield _hollow(start, y, width)
    for day, _ in lane.events:
        yield diamond(_x(day, today, room), y + _BAR_HIGH // 2, _EVENT)


def _x(day: date | None, today: date, room: _Room) -> int:
    """Where a day lies; what is not known, or was before, lies where the year begins."""
    if day is None:
        return room.left
    ago = min(_DAYS, max(0, (today - day).days))
    return room.right - (room.right - room.left) * ago // _DAYS


def _months(today: date, room: _Room) -> Iterable[Markup]:
    for back in range(11, -1, -1):
        number = today.month - 1 - back
        first = date(today.year + number // 12, number % 12 + 1, 1)
        if back % room.every == 0 and (back or today.day > _LATE):
            yield text((_x(first, today, room), 18), _MONTHS[first.month - 1], 14, fill=GREY)


_LATE = 15
"""From this day on there is room for the name of the month before today's line."""


def _hollow(x: int, y: int, width: int) -> Markup:
    return Markup(
        '<rect x="{}" y="{}" width="{}" height="{}" fill="#ffffff" stroke="{}" stroke-width="2" '
        'stroke-dasharray="5 3"/>'
    ).format(x, y + 1, width, _BAR_HIGH - 2, BAR)


def _arrow(x: int, y: int) -> Markup:
    return Markup('<path d="M{} {}l10 {}l-10 {}z" fill="{}"/>').format(
        x, y, _BAR_HIGH // 2, _BAR_HIGH // 2, BAR
    )
