"""Entries in words: who runs it, for whom, when, what it costs, how far, and when checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, Final

from services.interfaces.directory.entries.needs import LANGUAGES, MeetingWay
from services.interfaces.directory.entries.opening import Times, next_days, times_of
from services.interfaces.directory.search.asked import ServicesAsked
from services.interfaces.directory.search.postgres import FoundService
from services.interfaces.directory.serving.form import DAYS
from services.portal.words.dates import date_in_words

_MONTH: Final = 30.44
_YEAR: Final = 365.25
_FRESH, _STALE = timedelta(days=60), timedelta(days=365)
_FIRST_SENTENCES: Final = 220
_SHOWN_DAYS: Final = 3
_NTH: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
CAPACITY_WORDS: Final = {
    "places": ("Places now", "green"),
    "waiting-list": ("Waiting list", "yellow"),
    "full": ("Full", "red"),
    "assess-first": ("They look first at what is needed", "yellow"),
    "ring-first": ("Ring first", "grey"),
}


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """An entry in a list, whatever was looked for."""

    id: str
    name: str
    organization: str
    about: str
    when: str
    facts: str
    alert: str | None
    capacity: tuple[str, str]
    checked: str
    is_withheld: bool
    is_closed_now: bool


def line_of(found: FoundService, today: date) -> ServiceLine:
    """One entry in words."""
    document = found.document
    return ServiceLine(
        found.id,
        document["name"],
        document.get("organization", {}).get("name", ""),
        ". ".join(filter(None, (_first_sentence(document), ages(document)))),
        when(document),
        " · ".join(_facts(found)),
        document.get("alert") or None,
        capacity(found, today),
        checked(found.assured_on, today),
        found.is_withheld,
        document["status"] == "temporarily closed",
    )


def ages(document: Mapping[str, Any]) -> str:
    """For whom it is, by age; nothing where it does not say."""
    least, most = document.get("minimum_age"), document.get("maximum_age")
    if least is None and most is None:
        return ""
    if most is None:
        return f"From {_age(least)}"
    if not least:
        return f"Up to {_age(most)}"
    return f"{_age(least)} to {_age(most)}"


def when(document: Mapping[str, Any]) -> str:
    """On which days and from when to when, as its rules say; else its own words."""
    schedules = [*document.get("schedules", ())]
    for there in document.get("service_at_locations", ()):
        schedules += there.get("schedules", ())
    told = dict.fromkeys(_rule(one) for one in times_of(schedules))
    if told:
        return "; ".join(list(told)[:_SHOWN_DAYS])
    own = [one.get("description") or one.get("notes") or "" for one in schedules]
    return next(filter(None, own), "")


def coming(document: Mapping[str, Any], today: date) -> tuple[str, ...]:
    """The next days on which it is open."""
    schedules = [*document.get("schedules", ())]
    for there in document.get("service_at_locations", ()):
        schedules += there.get("schedules", ())
    return tuple(
        " ".join(filter(None, (f"{DAYS[day.weekday()]} {date_in_words(day)}", _clock(times))))
        for day, times in next_days(times_of(schedules), today, _SHOWN_DAYS)
    )


def checked(assured_on: date | None, today: date) -> str:
    """When somebody last made sure of it, as one would say it."""
    if assured_on is None or assured_on > today:
        return "Nobody has said when this was checked. Ring first"
    since = today - assured_on
    if since.days == 0:
        return "Checked today"
    if since.days == 1:
        return "Checked yesterday"
    if since <= _FRESH:
        return f"Checked {since.days} days ago"
    months = round(since.days / _MONTH)
    if since <= _STALE:
        return f"Checked {months} months ago"
    told = f"{months} months" if months < 24 else f"{int(since.days / _YEAR)} years"  # noqa: PLR2004
    return f"Not checked for {told}. Ring first"


def capacity(found: FoundService, today: date) -> tuple[str, str]:
    """Whether there are places, and the colour of its tag; what is old is not known any more."""
    if found.is_withheld:
        return CAPACITY_WORDS["ring-first"]
    said_on = found.capacity_on
    if found.capacity not in CAPACITY_WORDS or said_on is None or today - said_on > _FRESH:
        return ("Not known if there are places", "grey")
    words, colour = CAPACITY_WORDS[found.capacity]
    return (f"{words}, {found.capacity_words}" if found.capacity_words else words, colour)


def miles(distance: float) -> str:
    """How far it is."""
    told = f"{distance:.1f}" if distance < 10 else f"{distance:.0f}"  # noqa: PLR2004
    return (
        "less than 0.1 miles" if told == "0.0" else f"{told} {'mile' if told == '1.0' else 'miles'}"
    )


def heading(total: int, asked: ServicesAsked, near: str | None) -> str:
    """How many there are for what was asked, in a sentence without what was typed."""
    count = f"{total:,} {'service' if total == 1 else 'services'}" if total else "No services"
    need = f" for {asked.need.label[0].lower()}{asked.need.label[1:]}" if asked.need else ""
    age = "" if asked.age is None else f", {_age(asked.age)}"
    where = ""
    if near is not None:
        within = asked.within
        unit = "mile" if within == 1 else "miles"
        where = f" near {near}" if within is None else f", within {within:g} {unit} of {near}"
    return f"{count}{need}{age}{where}"


def _rule(times: Times) -> str:
    days = ", ".join(_day(nth, day) for nth, day in times.days)
    if times.frequency == "MONTHLY":
        of_month = ", ".join(f"day {day}" for day in times.days_of_month)
        days = f"{days or of_month} of the month"
        every = "" if times.interval == 1 else f", every {times.interval} months"
    else:
        every = "" if times.interval == 1 else f", every {times.interval} weeks"
    return f"{days}{every}{', ' if _clock(times) else ''}{_clock(times)}"


def _day(nth: int | None, day: int) -> str:
    return DAYS[day] if nth is None else f"{_NTH.get(nth, str(nth))} {DAYS[day]}"


def _clock(times: Times) -> str:
    if times.opens is None:
        return ""
    return _hour(times.opens) + ("" if times.closes is None else f" to {_hour(times.closes)}")


def _hour(at: time) -> str:
    if at == time(12):
        return "midday"
    minutes = f".{at.minute:02d}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"  # noqa: PLR2004


def _age(years: Any) -> str:
    months = round(float(years) * 12)
    if 0 < months < 24 and months % 12:  # noqa: PLR2004 parents count months until two
        return f"{months} {'month' if months == 1 else 'months'}"
    half = "½" if months % 12 == 6 else ""  # noqa: PLR2004 of twelve
    return f"{months // 12}{half} {'year' if months == 12 else 'years'}"  # noqa: PLR2004


def _first_sentence(document: Mapping[str, Any]) -> str:
    text = " ".join((document.get("description") or "").split())
    if len(text) <= _FIRST_SENTENCES:
        return text.rstrip(".")
    return text[:_FIRST_SENTENCES].rpartition(" ")[0] + "…"


def _facts(found: FoundService) -> Iterator[str]:
    if found.is_free is not None or found.document.get("cost_options"):
        yield cost(found)
    yield from (one.label for one in found.access)
    if MeetingWay.HOME in found.ways:
        yield "visits you"
    if MeetingWay.ONLINE in found.ways:
        yield "online"
    if found.languages:
        yield ", ".join(LANGUAGES[code] for code in found.languages)


def cost(found: FoundService) -> str:
    """What it costs."""
    if found.is_free:
        return "Free"
    told = []
    for one in found.document.get("cost_options", ()):
        amount = one.get("amount")
        price = "" if amount is None else f"£{amount:.2f}".removesuffix(".00")
        parts = (price, one.get("amount_description"), one.get("option"))
        told.append(" ".join(filter(None, parts)))
    return "; ".join(filter(None, told)) or found.document.get("fees") or "It may cost something"
