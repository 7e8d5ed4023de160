"""Services in the community that were asked for a family, and what became of it, in words."""

from collections.abc import Iterator, Mapping
from typing import Final

from schemas.records.payloads import ConnectionReport, ReportedStatus
from services.interfaces.connections.life import DeclineReason, EndReason
from services.interfaces.connections.telling.said import StepAhead
from services.portal.family.writing.words import SupportLine
from services.portal.words.cards import Tag
from services.portal.words.dates import day_in_words
from services.portal.words.people import names_in
from services.profile.merging.connections import ConnectionView
from services.profile.model import Profile

_TAGS: Final[Mapping[ReportedStatus, Tag]] = {
    ReportedStatus.ACCEPTED: Tag("Said yes", "blue"),
    ReportedStatus.CONTACTED: Tag("In touch", "green"),
    ReportedStatus.STARTED: Tag("Helping", "green"),
    ReportedStatus.FINISHED: Tag("Finished", "grey"),
    ReportedStatus.DECLINED: Tag("Said no", "red"),
    ReportedStatus.LAPSED: Tag("No answer", "red"),
    ReportedStatus.WITHDRAWN: Tag("Stopped", "grey"),
}
_WHY: Final[Mapping[str, str]] = {
    **{one.value: one.label for one in (*DeclineReason, *EndReason)},
    DeclineReason.OTHER.value: "Another reason",
}
_STEPS: Final[Mapping[str, str]] = {one.value: one.label for one in StepAhead}


def connection_lines(profile: Profile) -> tuple[SupportLine, ...]:
    """Write a line for each service that was asked, those that help first."""
    names = names_in(profile)
    return tuple(
        SupportLine(
            view.report.service,
            _TAGS[view.report.status],
            ". ".join(_about(view, names.of(view.person), profile)),
            _asked(view.report),
            "",
        )
        for view in profile.connections
    )


def _about(view: ConnectionView, name: str, profile: Profile) -> Iterator[str]:
    told = view.report
    when = f"Since {day_in_words(told.since)}"
    yield when if view.person == profile.child else f"{when}, for {name}"
    if told.reason_code is not None:
        yield _WHY.get(told.reason_code, told.reason_code.replace("-", " "))
    if told.contacted_on is not None:
        yield f"Last in touch with the family on {day_in_words(told.contacted_on)}"
    if told.next_step is not None:
        yield f"Next: {_STEPS.get(told.next_step, told.next_step)}"


def _asked(told: ConnectionReport) -> str:
    offers = f"{told.partner}. " if told.partner and told.partner != told.service else ""
    return f"{offers}Asked by {told.asked_by} on {day_in_words(told.asked_on)}"
