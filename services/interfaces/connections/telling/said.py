"""What a service says beside its answer, and how others are told that a request stands. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from connectors.community.mapper import Reported, SaidByService
from schemas.records.payloads import ReportedStatus
from schemas.uk_time import uk_day
from schemas.vocabulary import LabelledCode
from services.interfaces.connections.life import ConnectionChange, ConnectionStatus
from services.interfaces.connections.model import Happened, ServiceConnection

MOST_ROLE: Final = 60
NOT_LISTED: Final = "A service that is no longer listed"


class StepAhead(LabelledCode):
    """What a service does next."""

    RING_AGAIN = "ring-again", "Rings the family again"
    FIRST_MEETING = "first-meeting", "Meets the family for the first time"
    NEXT_MEETING = "next-meeting", "Meets the family again"
    PLACE_WAITED_FOR = "place-waited-for", "Waits for a place"
    OTHER = "other", "Something else"


@dataclass(frozen=True, slots=True, repr=False)
class SaidBeside:
    """What a service says with an answer or report.

    `words` are its own, and become a record of their own; `role` is who writes them, never a name.
    `happened_on` is the day on which help began or ended, where it is another than today.
    """

    contacted_on: date | None = None
    next_step: StepAhead | None = None
    words: str = ""
    role: str = ""
    happened_on: date | None = None

    @property
    def says_something(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.contacted_on or self.next_step or self.words or self.happened_on)

    @property
    def days(self) -> tuple[date, ...]:
        """The days that it names."""
        return tuple(day for day in (self.contacted_on, self.happened_on) if day is not None)


@dataclass(frozen=True, slots=True, repr=False)
class SaidHere:
    """The same as it is kept: with which change of the request, and when."""

    version: int
    at: datetime
    beside: SaidBeside


@dataclass(frozen=True, slots=True)
class NamedService:
    """What a service and whoever offers it are called."""

    service: str = NOT_LISTED
    partner: str | None = None


_S = ConnectionStatus
REPORTED: Final[Mapping[ConnectionStatus, ReportedStatus]] = MappingProxyType(
    {
        _S.ACCEPTED: ReportedStatus.ACCEPTED,
        _S.CONTACTED: ReportedStatus.CONTACTED,
        _S.STARTED: ReportedStatus.STARTED,
        _S.FINISHED: ReportedStatus.FINISHED,
        _S.DECLINED: ReportedStatus.DECLINED,
        _S.LAPSED: ReportedStatus.LAPSED,
        _S.WITHDRAWN: ReportedStatus.WITHDRAWN,
    }
)
_BY_THE_SERVICE: Final = frozenset(REPORTED) - {_S.LAPSED, _S.WITHDRAWN}


def is_told(connection: ServiceConnection, history: Sequence[Happened]) -> bool:
    """Whether others are told how it stands: once a service has said something, or let it lapse.

    That a family stopped what no service had answered is nobody's business.
    """
    if connection.status not in REPORTED:
        return False
    if connection.status is _S.LAPSED:
        return connection.sent_at is not None
    return any(one.status in _BY_THE_SERVICE for one in history)


def goes_with(connection: ServiceConnection) -> bool:
    """Whether it is a change that a service makes: what it says beside it goes with that."""
    return connection.is_to_ring or connection.status in _BY_THE_SERVICE


def reported(
    connection: ServiceConnection,
    history: Sequence[Happened],
    said: Sequence[SaidHere],
    named: NamedService,
    asked_by: str,
) -> Reported:
    """It as `connectors.community` publishes it."""
    besides = [one.beside for one in said]
    # The day that a service names; where it names none, that on which it said so.
    contacted = [one.contacted_on for one in besides if one.contacted_on is not None] or [
        uk_day(one.at) for one in history if one.change == ConnectionChange.CONTACT
    ]
    came = min(one.at for one in history if one.status is connection.status)
    # Likewise of when help began, or ended.
    on = {one.at: one.beside.happened_on for one in said if one.beside.happened_on is not None}
    because = connection.declined or connection.ended
    others = sorted(set(connection.permits) - {connection.person})
    steps = [one.next_step for one in besides if one.next_step is not None]
    return Reported(
        connection=connection.id,
        counter=connection.version,
        # A clock that was put back must not leave what stood before to stand.
        at=max([connection.changed_at, *(one.at for one in history)]),
        persons=(connection.person, *others),
        service=named.service,
        service_ref=connection.service,
        partner=named.partner,
        asked_by=asked_by,
        asked_on=uk_day(connection.sent_at or history[0].at),
        status=REPORTED[connection.status],
        since=on.get(came, uk_day(came)),
        reason_code=None if because is None else because.value,
        contacted_on=max(contacted, default=None),
        next_step=steps[-1].value if steps and not connection.status.is_over else None,
        words=tuple(
            SaidByService(one.beside.words, one.version, one.beside.role or "Worker", one.at)
            for one in said
            if one.beside.words
        ),
    )
