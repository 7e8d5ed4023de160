"""What became of what a partner sent: its own messages only."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from services.partners.calling import CallerHere, scoped_router
from services.partners.ports import KeptDisposition
from services.partners.routes.paging import PLACE, Limit, Since, moment, page_after
from services.partners.scopes import Scope
from services.partners.working import Work

router = scoped_router(Scope.DISPOSITIONS_READ)


class DispositionRow(BaseModel):
    """What became of one message."""

    source: str
    receipt: str = Field(description="As it was given when the message was sent.")
    disposition: str = Field(description="published, withheld, duplicate or parked.")
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
