"""Who has looked, as data for whoever is signed in: `GET /families/me/looks`.

In the shape in which Estonia's data tracker is asked (`logtime`, `action`, `receiverName`), with
what Article 9 of Regulation (EU) 2025/327 wants told: who, when, which data, without delay. A
second address says since when there is any. What pages hold back is not here either.
"""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field

from schemas.identifiers import reference_of
from schemas.uk_time import uk_day
from schemas.vocabulary import Category
from services.interfaces.family_door.frame import FamilyVisit, FamilyVisitor, own_router
from services.interfaces.family_door.looking.services import FamilyLooking
from services.interfaces.family_door.words import HELD_BACK, looked_line
from services.platform.ticks import leaves_out
from services.profile.families.own_page.months import LookOf

router = own_router()
MOST = 1000
_SYSTEM = "tell-once"


class LookToFamily(BaseModel):
    """One look: when, by which service, at what, and why it was allowed, in words."""

    model_config = ConfigDict(frozen=True)

    logtime: datetime = Field(description="When the look began or was refused (UTC).")
    action: str = Field(description="What was done and why it was allowed, in words.")
    receiver_name: str = Field(alias="receiverName", description="The service, never a person.")
    receiver_system: str = Field(alias="receiverSystem", description="Through which system.")
    about_me: bool = Field(alias="aboutMe", description="False for a look at a child of theirs.")
    permitted: bool = Field(description="False where the look was refused and nothing was shown.")
    parts: list[Category] = Field(description="Which parts of the page were shown.")
    decision: str | None = Field(
        description="The number of the reader's own decision that let it through, if one did."
    )


class LooksAnswer(BaseModel):
    """One page of looks, the newest first. `total` is counted after what is held back was out."""

    model_config = ConfigDict(frozen=True)

    total: int
    offset: int
    limit: int
    looks: list[LookToFamily]


class LooksPeriod(BaseModel):
    """For what time there are looks: all since then, but for what is held back until reviewed."""

    model_config = ConfigDict(frozen=True)

    period_start: datetime | None = Field(alias="periodStart")
    period_end: datetime = Field(alias="periodEnd")
    held_back: str = Field(alias="heldBack", description="The same sentence for every family.")


@router.get("/families/me/looks", summary="Who has looked at me", tags=["The family itself"])
def read_looks(
    visit: FamilyVisitor,
    period_start: Annotated[date | None, Query(alias="periodStart")] = None,
    period_end: Annotated[date | None, Query(alias="periodEnd")] = None,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> LooksAnswer:
    """Who has looked at whoever is signed in and their children, the newest first.

    Days are those of the United Kingdom, both ends included.
    """
    leaves_out(visit.request)
    told = FamilyLooking(visit.services.outside).told(visit.session)
    first, last = period_start or date.min, period_end or date.max
    wanted = [one for one in told.looks if first <= uk_day(one.at) <= last]
    shown = wanted[offset : offset + limit]
    looks = [_told(one, visit) for one in shown]
    return LooksAnswer(total=len(wanted), offset=offset, limit=limit, looks=looks)


@router.get(
    "/families/me/looks/period", summary="Since when looks are kept", tags=["The family itself"]
)
def read_period(visit: FamilyVisitor) -> LooksPeriod:
    """For what time there are looks, and what is not among them."""
    leaves_out(visit.request)
    told = FamilyLooking(visit.services.outside).told(visit.session)
    now = visit.services.now()
    return LooksPeriod(periodStart=told.since, periodEnd=now, heldBack=HELD_BACK)


def described() -> dict[str, Any]:
    """These two addresses as an OpenAPI document, from an application that is never served."""
    app = FastAPI(title="Tell Once for families", version="1")
    app.include_router(router)
    document = app.openapi()
    schemes = {"family": {"type": "apiKey", "in": "cookie", "name": "__Host-family"}}
    document["components"]["securitySchemes"] = schemes
    for path in document["paths"].values():
        path["get"]["security"] = [{"family": []}]
        path["get"]["responses"] = {
            "200": path["get"]["responses"]["200"],
            "303": {"description": "Nobody is signed in: sign in first, by a code."},
            "404": {"description": "What was asked for cannot be read."},
        }
    for unused in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unused, None)
    return document


def _told(one: LookOf, visit: FamilyVisit) -> LookToFamily:
    look, line = one.told.look, looked_line(one.told)
    because = one.told.because
    return LookToFamily(
        logtime=look.at,
        action=f"{line.saw} {line.why}",
        receiverName=str(line.who),
        receiverSystem=_SYSTEM,
        aboutMe=one.person == visit.session.person,
        permitted=look.permitted,
        parts=list(look.categories) if look.permitted else [],
        decision=None if because is None else reference_of(because.id),
    )
