"""The route of a dry run: what would be read of events; nothing is stored, asked for or kept."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import islice
from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, Field

from connectors.ports import Received, Unreadable
from connectors.registry import read_messages
from services.intake.checked import CheckedFault, faults_of
from services.intake.parked.remedies import WhoMends
from services.interfaces.partners.calling import CallerHere, scoped_router
from services.interfaces.partners.described.openapi import EVENTS_BODY
from services.interfaces.partners.errors import BodyTooLargeError, ScopeMissingError
from services.interfaces.partners.ports import PUSHING, Caller, scope_of
from services.interfaces.partners.push.events import PushedEvent
from services.interfaces.partners.push.pushing import MOST_MESSAGES
from services.interfaces.partners.push.routes import pushed_events
from services.platform.clock import SystemClock

_MEND = "Put it right in your system, and try it again here before you send it."
"""What stewards are told to ask of the source, said to the source."""

checks_router = scoped_router(*sorted(PUSHING))


class FaultFound(BaseModel):
    """One place that cannot be read: by name, never what stands there."""

    field: str
    reason: str = Field(description="Why, as a code.")
    costs: str = Field(
        description="message: nothing of it would be taken; part: only this would be left out."
    )
    wrong: str = Field(description="What it means, in words.")
    remedy: str = Field(description="What to do.")


class CheckedMessage(BaseModel):
    """What would be read of one message."""

    event: int = Field(description="Which event of the request, from 0.")
    index: int = Field(description="Which message of the event, from 0.")
    is_readable: bool
    faults: list[FaultFound]


class Checked(BaseModel):
    """Of every message in the request, in its order."""

    messages: list[CheckedMessage]


@checks_router.post(
    "/partners/v1/checks",
    operation_id="check-events",
    summary="Dry run",
    openapi_extra={"requestBody": EVENTS_BODY},
)
def check_events(
    caller: CallerHere, events: Annotated[Sequence[PushedEvent], Depends(pushed_events)]
) -> Checked:
    """Send events for a dry run; told is what of each message could not be read, and a remedy."""
    found = list(islice(_messages(events, caller), MOST_MESSAGES + 1))
    if len(found) > MOST_MESSAGES:
        raise BodyTooLargeError(f"at most {MOST_MESSAGES} messages are taken in one request")
    return Checked(messages=[_told(event, received) for event, received in found])


def _messages(events: Sequence[PushedEvent], caller: Caller) -> Iterator[tuple[int, Received]]:
    now = SystemClock().now()
    for number, event in enumerate(events):
        if scope_of(event.source) not in caller.scopes:
            raise ScopeMissingError(f"the token lacks the scope of {event.source}")
        for received in read_messages(event.source, BytesIO(event.data), received_at=now):
            yield number, received


def _told(event: int, received: Received) -> CheckedMessage:
    return CheckedMessage(
        event=event,
        index=received.index,
        is_readable=not isinstance(received.outcome, Unreadable),
        faults=[_fault(one) for one in faults_of(received)],
    )


def _fault(one: CheckedFault) -> FaultFound:
    remedy = one.remedy
    return FaultFound(
        field=one.field,
        reason=one.reason,
        costs=one.costs.value,
        wrong=remedy.wrong,
        remedy=_MEND if remedy.who is WhoMends.SOURCE else remedy.todo,
    )
