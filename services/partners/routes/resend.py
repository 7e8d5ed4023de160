"""What was withheld and may be permitted now: only its partner has it, so it is asked for."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from services.partners.calling import CallerHere, scoped_router
from services.partners.ports import ToResend
from services.partners.routes.paging import RECEIPT, Limit, page_after
from services.partners.scopes import Scope
from services.partners.working import Work

router = scoped_router(Scope.DISPOSITIONS_READ)


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
    return ResendPage(messages=[_row(one) for one in page.items], next=page.next)


def _row(one: ToResend) -> ResendRow:
    return ResendRow(
        source=one.source.value,
        receipt=one.receipt,
        withheld_at=one.withheld_at,
        asked_at=one.asked_at,
    )
