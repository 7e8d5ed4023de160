"""Words of an agency's rota: its shifts, whom one may choose, and why one is not written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.vocabulary import LabelledCode
from services.people.relationships.cover import LONGEST_PLACEMENT, LONGEST_SHIFT, CoverRefusal
from services.portal.front.staff.services_rota import OnRota, RotaTold, Shift
from services.portal.front.staff.words import agency_address
from services.portal.words.cards import Tag
from services.portal.words.dates import moment_in_words


class ShiftKind(LabelledCode):
    """What stands on a rota."""

    COVER = "cover", "They stand in for somebody"
    PLACEMENT = "placement", "They are a student, and learn with somebody"


def rota_address(agency: str) -> str:
    """Where an agency's rota is."""
    return f"{agency_address(agency)}/rota"


@dataclass(frozen=True, slots=True, repr=False)
class ShiftLine:
    """A shift: who for whom, when, by whom it was written, and where one closes it."""

    who: str
    when: str
    by: str
    tag: Tag
    action: str
    closes: str


def shift_lines(told: RotaTold, now: datetime) -> list[ShiftLine]:
    """Write each shift, the first first."""
    return [_line(one, told.agency.code, now) for one in told.shifts]


def _line(shift: Shift, agency: str, now: datetime) -> ShiftLine:
    cover = shift.cover
    what = "learns with" if cover.is_student else "stands in for"
    is_now = cover.since <= now
    return ShiftLine(
        f"{shift.covering} {what} {shift.covered}",
        f"{moment_in_words(cover.since)} to {moment_in_words(cover.until)}",
        f"Written by {shift.written_by}",
        Tag("Now", "green") if is_now else Tag("To come", "grey"),
        f"{rota_address(agency)}/{cover.id}/close",
        f"Close now: {shift.covering} for {shift.covered}",
    )


def people_to_choose(people: Iterable[OnRota], chosen: str) -> list[dict[str, object]]:
    """Make the items of a list in which one person is chosen."""
    items: list[dict[str, object]] = [{"value": "", "text": "Choose somebody"}]
    for one in people:
        text, is_it = f"{one.name}, {one.job_title}", one.id == chosen
        items.append({"value": one.id, "text": text, "selected": is_it})
    return items


DONE: Mapping[str, str] = {
    "written": "The shift is on the rota.",
    "closed": "The shift has ended.",
    "over": "The shift was over already.",
}
_HOW_LONG = (
    f"It must end after it begins and after now: a shift within {LONGEST_SHIFT.days} days, a "
    f"placement within {LONGEST_PLACEMENT.days}"
)
_WHY: Mapping[CoverRefusal, tuple[str, str]] = {
    CoverRefusal.NOT_KNOWN: ("covering", "Choose two people who work in this agency now"),
    CoverRefusal.ANOTHER_AGENCY: ("covering", "Choose two people who work in this agency now"),
    CoverRefusal.OPENS_NO_RECORDS: ("covering", "Choose two people who work with families"),
    CoverRefusal.OWN_ROTA: (
        "covering",
        "Choose two different people, neither of them you. Somebody else writes a shift of yours",
    ),
    CoverRefusal.NOT_A_TIME: ("until-day", _HOW_LONG),
}


def field_of(why: CoverRefusal) -> str:
    """Beside which field of the form it is said."""
    return _WHY[why][0]


def why_no_shift(why: CoverRefusal) -> str:
    """Write why a shift is not written, and what to do."""
    return _WHY[why][1]
