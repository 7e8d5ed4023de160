"""The routes of pushes: CloudEvents of any source, and children as authorities send them."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from connectors.registry import row_of
from schemas.vocabulary import Source
from services.interfaces.partners.calling import BodyUpTo, CallerHere, Work, scoped_router
from services.interfaces.partners.described.openapi import EVENTS_BODY
from services.interfaces.partners.edge import PUSH_BYTES
from services.interfaces.partners.errors import ContentNotTakenError
from services.interfaces.partners.ports import PUSHING, Scope
from services.interfaces.partners.problem_details import PROBLEM, UNREADABLE, problem_response
from services.interfaces.partners.push.children_schema import CHILD
from services.interfaces.partners.push.events import PushedEvent, read_events
from services.interfaces.partners.push.pushing import (
    ChildFault,
    ChildrenRefused,
    EventMessage,
    PushChildren,
    PushEvents,
    push_children,
    push_events,
)

events_router = scoped_router(*sorted(PUSHING))


class MessageDisposition(BaseModel):
    """What became of one message."""

    event: int = Field(description="Which event of the request, from 0.")
    index: int = Field(
        description="Which message of the event, from 0; that of a part that could not be read is "
        "that of the message."
    )
    receipt: str = Field(description="Names the message; the same whenever the same comes.")
    disposition: str = Field(
        description="published, withheld, duplicate (nothing newer came in between) or parked."
    )
    reason: str | None = Field(description="Why, as a code.")
    field: str | None = Field(description="Where a parked message could not be read.")


class Dispositions(BaseModel):
    """What became of everything in the request, in its order."""

    dispositions: list[MessageDisposition]


def pushed_events(
    request: Request,
    body: Annotated[bytes, Depends(BodyUpTo(PUSH_BYTES))],
) -> Sequence[PushedEvent]:
    """The events, read before a transaction is opened."""
    return read_events(request.headers, body)


@events_router.post(
    "/partners/v1/events",
    operation_id="push-events",
    summary="Push",
    openapi_extra={"requestBody": EVENTS_BODY},
)
def receive_events(
    caller: CallerHere,
    events: Annotated[Sequence[PushedEvent], Depends(pushed_events)],
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


# Children's social care as local authorities already send it: only the address changes.
#
# Source: the protocol of DfE's children's social care API as data-to-insight's senders speak it
# (DOMAIN section 2.3.1). Their `SupplierKey` header means nothing here and is passed over.

children_router = scoped_router(Scope(row_of(Source.SOCIAL_CARE).scope))

_JSON = "application/json"
_NOTHING_TAKEN = "Nothing of this batch was taken: mend these and send all of it again."
_BODY = {
    "requestBody": {
        "required": True,
        "content": {_JSON: {"schema": {"type": "array", "items": CHILD}}},
    }
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": list[str],
        "description": (
            "A receipt for each child, in their order, once all of it is durable. A part of a "
            "child that could not be read, as a plan with a wrong date, waits by itself: it is "
            "among the dispositions, parked, with its field and reason."
        ),
    },
    204: {"description": "There was no child in it."},
    400: {
        "description": "Nothing was taken; `detail` names those that have no child's shape: `[3]`.",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
}


@children_router.post(
    "/partners/csc/children_social_care_data/{la_code}/children",
    operation_id="push-children",
    summary="Push",
    response_model=None,
    responses=_ANSWERS,
    openapi_extra=_BODY,
)
def receive_children(
    request: Request,
    caller: CallerHere,
    la_code: Annotated[str, Path(pattern="^[0-9]{3}$", description="The local authority.")],
    body: Annotated[bytes, Depends(BodyUpTo(PUSH_BYTES))],
    work: Work,
) -> Response:
    """Send a batch of children: a JSON array with one child's payload an element."""
    media_type = request.headers.get("Content-Type", _JSON).partition(";")[0].strip().lower()
    if media_type != _JSON:
        raise ContentNotTakenError(f"send {_JSON}")
    answer = push_children(PushChildren(caller, la_code, body), work=work)
    if isinstance(answer, ChildrenRefused):
        return problem_response(UNREADABLE, detail=_detail(answer.faults))
    if not answer.receipts:
        return Response(status_code=204)
    return JSONResponse(list(answer.receipts))


def _detail(faults: Sequence[ChildFault]) -> str:
    """Senders look for the index in brackets."""
    named = "; ".join(f"{_place(fault)}{fault.field}: {fault.reason}" for fault in faults)
    return f"{named}. {_NOTHING_TAKEN}"


def _place(fault: ChildFault) -> str:
    return "" if fault.index is None else f"[{fault.index}] "
