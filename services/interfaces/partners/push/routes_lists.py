"""The routes of lists: what became of what a partner sent, and what it is asked to send again."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from services.interfaces.partners.calling import CallerHere, Work, scoped_router
from services.interfaces.partners.errors import Fault, RequestFaultyError
from services.interfaces.partners.ports import KeptDisposition, Scope, ToResend
from services.interfaces.partners.push.events import TIME, time_of

# How long lists are asked for: a page at a time.

PLACE = "^[0-9]{1,19}-[0-9]{1,18}$"
RECEIPT = "^[0-9a-f]{32}$"


def page_after(pattern: str) -> Any:
    """The parameter that asks for the page after another: any of this form is taken."""
    return Query(pattern=pattern, description="`next` of the page before.")


Since = Annotated[
    str | None,
    Query(
        pattern=TIME,
        description="From this moment on (RFC 3339).",
        json_schema_extra={"format": "date-time"},
    ),
]
Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]


def moment(since: str | None) -> datetime | None:
    """The moment meant; None for none. Raises RequestFaultyError for one on no calendar."""
    found = time_of(since)
    if found is None and since is not None:
        raise RequestFaultyError([Fault("query.since", "is-not-a-time")])
    return found


router = scoped_router(Scope.DISPOSITIONS_READ)


class DispositionRow(BaseModel):
    """What became of one message."""

    source: str
    receipt: str = Field(description="As it was given when the message was sent.")
    disposition: str = Field(
        description="published, withheld, duplicate (nothing newer came in between) or parked."
    )
    reason: str | None
    field: str | None = Field(description="Where a parked message could not be read.")
    at: datetime


class DispositionsPage(BaseModel):
    """Some of them, the oldest first."""

    dispositions: list[DispositionRow]
    next: str | None = Field(description="Ask again with it as `cursor`; null: no more for now.")


@router.get("/partners/v1/dispositions", operation_id="list-dispositions")
def list_dispositions(
    caller: CallerHere,
    work: Work,
    since: Since = None,
    cursor: Annotated[str | None, page_after(PLACE)] = None,
    limit: Limit = 100,
) -> DispositionsPage:
    """What became of what you sent, the oldest first."""
    page = work.dispositions.page(caller.partner, since=moment(since), cursor=cursor, most=limit)
    return DispositionsPage(dispositions=[_row(kept) for kept in page.items], next=page.next)


def _row(kept: KeptDisposition) -> DispositionRow:
    return DispositionRow(
        source=kept.source.value,
        receipt=kept.receipt,
        disposition=kept.disposition.value,
        reason=kept.reason,
        field=kept.field,
        at=kept.at,
    )


# What was withheld and may be permitted now: only its partner has it, so it is asked for.


class ResendRow(BaseModel):
    """One message to send again."""

    source: str
    receipt: str = Field(description="As it was given when the message was sent.")
    withheld_at: datetime
    asked_at: datetime = Field(description="Since when it may be permitted.")


class ResendPage(BaseModel):
    """Some of them, in the order of receipts."""

    messages: list[ResendRow]
    next: str | None = Field(description="Ask again with it as `cursor`; null: no more.")


@router.get("/partners/v1/resend", operation_id="list-what-to-resend")
def list_what_to_resend(
    caller: CallerHere,
    work: Work,
    cursor: Annotated[str | None, page_after(RECEIPT)] = None,
    limit: Limit = 100,
) -> ResendPage:
    """What to send again. It leaves the list when it has come, whatever is decided then."""
    page = work.resending.page(caller.partner, cursor=cursor, most=limit)
    return ResendPage(messages=[_row_to_resend(one) for one in page.items], next=page.next)


def _row_to_resend(one: ToResend) -> ResendRow:
    return ResendRow(
        source=one.source.value,
        receipt=one.receipt,
        withheld_at=one.withheld_at,
        asked_at=one.asked_at,
    )
