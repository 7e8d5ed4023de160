"""What all sources together tell of a death, and whether it may be relied on. Pure.

A wrong death and a death that nobody was told of both hurt a family. So a death is never left out
because something contradicts it, and never certain where something does.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from schemas.records.payloads import PersonDetails
from schemas.uk_time import uk_day
from schemas.unchanging import unchanging
from schemas.vocabulary import LabelledCode
from services.profile.merging.claims import Claim, Statement, claims_of

_DAY = len("YYYY-MM-DD")


class DeathStanding(LabelledCode):
    """How far it may be relied on that somebody has died."""

    DIED = "died", "Has died"
    REPORTED = "reported", "A death is reported; dates contradict. Check before contact."
    UNREADABLE = "unreadable", "A death is reported that could not be read. Check before contact."


@unchanging(frozen=True, slots=True, repr=False)
class DeathSaid:
    """What a source says of a death: that there was one or not, and when as far as it knows."""

    has_died: bool
    on: str | None = None
    is_contradicted: bool = False


@unchanging(frozen=True, slots=True, repr=False)
class DeathView:
    """That somebody has died, or that a death is reported and is not certain.

    `on` is the day where nothing contradicts it; None too where no source records one. `said` is
    what every source says, side by side, also that there was no death.
    """

    standing: DeathStanding
    on: str | None = None
    said: tuple[Claim[DeathSaid], ...] = ()


def death_of(
    details: Iterable[Statement[PersonDetails]], births: Iterable[str], today: str
) -> DeathView | None:
    """That somebody died, or that it is reported; None where no source tells of a death.

    `details` come latest first; `births` are the dates of birth that sources state.
    It is only reported where days of death differ, where one comes before a birth, or after its
    source said so, and where another source says of a later day that they had not died. Dates are
    compared as far as both are precise.
    """
    said = list(_said(details))
    deaths = [one for one in said if one.value.has_died]
    if not deaths:
        return None
    claims = claims_of(said, alike=_alike)
    born = list(births)
    if any(_is_contradicted(death, said, born, today) for death in deaths):
        return DeathView(DeathStanding.REPORTED, None, claims)
    days = sorted((one.value.on for one in deaths if one.value.on), key=len, reverse=True)
    return DeathView(DeathStanding.DIED, days[0] if days else None, claims)


def with_unreadable_death(death: DeathView | None) -> DeathView:
    """The same beside a report of a death that could not be read; what could be read stands."""
    return death or DeathView(DeathStanding.UNREADABLE)


def _said(details: Iterable[Statement[PersonDetails]]) -> Iterator[Statement[DeathSaid]]:
    for one in details:
        said = one.value
        if said.says_died or said.has_died is not None:
            death = DeathSaid(said.says_died, said.died, said.death_contradicted)
            yield Statement(death, one.provenance, one.is_verified)


def _alike(said: DeathSaid) -> tuple[object, ...]:
    return said.has_died, said.is_contradicted, None if said.on is None else _day_of(said.on)


def _is_contradicted(
    death: Statement[DeathSaid],
    said: Sequence[Statement[DeathSaid]],
    births: Collection[str],
    today: str,
) -> bool:
    if death.value.is_contradicted or any(_denies(one, death) for one in said):
        return True
    if death.value.on is None:
        return False
    day = _day_of(death.value.on)
    others = (_day_of(one.value.on) for one in said if one.value.on is not None)
    return (
        any(_is_before(day, other) or _is_before(other, day) for other in others)
        or any(_is_before(day, _day_of(birth)) for birth in births)
        or _is_before(_day_of(death.provenance.as_of), day)
        or _is_before(today, day)
    )


def _denies(one: Statement[DeathSaid], death: Statement[DeathSaid]) -> bool:
    """Whether it says, of a day after the death, that there was none.

    Of a death without a date the day is that on which it was told.
    """
    day = death.value.on or death.provenance.as_of
    return not one.value.has_died and _is_before(_day_of(day), _day_of(one.provenance.as_of))


def _is_before(earlier: str, later: str) -> bool:
    shared = min(len(earlier), len(later), _DAY)
    return earlier[:shared] < later[:shared]


def _day_of(text: str) -> str:
    """The day of a date, or of a moment by the clocks of this country; else the text as it is."""
    if "T" not in text:
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text[:_DAY]
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return uk_day(aware).isoformat()
