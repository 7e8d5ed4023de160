"""Generic push: CloudEvents whose data is what the source's own files would hold."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, Field
from starlette.requests import Request

from services.partners.bodies import BodyUpTo
from services.partners.calling import CallerHere, scoped_router
from services.partners.cloud_events import PushedEvent, read_events
from services.partners.event_schemas import EVENTS_BODY
from services.partners.pushing_events import EventMessage, PushEvents, push_events
from services.partners.scopes import PUSHING
from services.partners.settings import PUSH_BYTES
from services.partners.working import Work

router = scoped_router(*sorted(PUSHING))


class MessageDisposition(BaseModel):
    """What became of one message."""

    event: int = Field(description="Which event of the request, from 0.")
    index: int = Field(description="Which message of the event, from 0.")
    receipt: str = Field(description="Names the message; the same whenever the same comes.")
    disposition: str = Field(description="published, withheld, duplicate or parked.")
    reason: str | None = Field(description="Why, as a code.")
    field: str | None = Field(description="Where a parked message could not be read.")


class Dispositions(BaseModel):
    """What became of everything in the request, in its order."""

    dispositions: list[MessageDisposition]


def _events(
    request: Request,
    body: Annotated[bytes, Depends(BodyUpTo(PUSH_BYTES))],
) -> Sequence[PushedEvent]:
    """The events, read before a transaction is opened."""
    return read_events(request.headers, body)


@router.post(
    "/partners/v1/events",
    operation_id="push-events",
    openapi_extra={"requestBody": EVENTS_BODY},
)
def push(
    caller: CallerHere,
    events: Annotated[Sequence[PushedEvent], Depends(_events)],
    work: Work,
) -> Dispositions:
    """Send events; told is what became of each message in them, once it is durable."""
    told = push_events(PushEvents(caller, events), work=work)
    return Dispositions(dispositions=[_row(one) for one in told])


def _row(one: EventMessage) -> MessageDisposition:
    message = one.message
    return MessageDisposition(
        event=one.event,
        index=message.index,
        receipt=message.receipt,
        disposition=message.disposition.value,
        reason=message.reason,
        field=message.field,
    )
