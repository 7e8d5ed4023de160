"""How long lists are asked for: a page at a time."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query

from services.partners.errors import Fault, RequestFaultyError
from services.partners.event_attributes import TIME, time_of

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
