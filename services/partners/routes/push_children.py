"""Children's social care as local authorities already send it: only the address changes.

Source: the protocol of DfE's children's social care API as data-to-insight's senders speak it
(DOMAIN section 2.3.1). Their `SupplierKey` header means nothing here and is passed over.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Path
from fastapi.responses import JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from connectors.limits import IDENTIFIER_CHARACTERS
from services.partners.bodies import BodyUpTo
from services.partners.calling import CallerHere, scoped_router
from services.partners.errors import ContentNotTakenError
from services.partners.problem_details import PROBLEM, UNREADABLE, problem_response
from services.partners.pushing_children import (
    ChildFault,
    ChildrenRefused,
    PushChildren,
    push_children,
)
from services.partners.scopes import Scope
from services.partners.settings import PUSH_BYTES
from services.partners.working import Work

router = scoped_router(Scope.EVENTS_SOCIAL_CARE)

_JSON = "application/json"
_NOTHING_TAKEN = "Nothing of this batch was taken: mend these and send all of it again."
_NUMBER = {
    "type": "string",
    "maxLength": IDENTIFIER_CHARACTERS,
    "pattern": r"^[^\x00]*[^\s\x00][^\x00]*$",
}
_CHILD = {
    "type": "object",
    "required": ["la_child_id"],
    "properties": {
        "la_child_id": {
            "anyOf": [_NUMBER, {"type": "integer"}],
            "description": "The authority's own number for the child.",
        },
        "purge": {
            "type": ["boolean", "null"],
            "description": "Takes back everything that was said of the child.",
        },
    },
    "description": "One child's payload; blocks, items and fields that are not there say nothing.",
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {_JSON: {"schema": {"type": "array", "items": _CHILD}}},
    }
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": list[str],
        "description": "A receipt for each child, in their order, once all of it is durable.",
    },
    204: {"description": "There was no child in it."},
    400: {
        "description": "Nothing was taken; `detail` names the children that cannot be read: `[3]`.",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
}


@router.post(
    "/partners/csc/children_social_care_data/{la_code}/children",
    operation_id="push-children",
    response_model=None,
    responses=_ANSWERS,
    openapi_extra=_BODY,
)
def push(
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
