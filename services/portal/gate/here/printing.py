"""What a worker hands over on paper: who can see what and who has looked, as that person sees it.

Whoever makes it knows families' own pages (services.interfaces.family_door); here is its shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from markupsafe import Markup
from starlette.responses import Response

from services.people.practitioners.permissions import Permission
from services.portal.frame.addresses import HereAddresses, PresenceInPath
from services.portal.frame.guard import guarded_router
from services.portal.frame.visit import CurrentVisit

router = guarded_router(Permission.FAMILY_RECORDS)


@dataclass(frozen=True, slots=True)
class PaperLanguage:
    """A language in which it can be printed, by its code (BCP 47) and its own name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, repr=False)
class OwnPagePrinted:
    """The whole of it, made in one language: what of it is not released is English.

    `offered` are English and what else there is a choice of; nothing where there is none.
    """

    body: Markup
    code: str
    direction: str
    offered: Sequence[PaperLanguage] = ()


@router.get("/here/{presence}/on-paper")
def show_on_paper(
    visit: CurrentVisit,
    presence: PresenceInPath,
    language: Annotated[str, Query(pattern="^[a-zA-Z-]{2,5}$")] = "",
) -> Response:
    """Show what is printed; nothing where nobody else has said that it is them. Entered."""
    make = visit.portal.settings.print_own_page
    found = None if make is None else make(visit.who, presence, language)
    if found is None:
        return visit.show_nothing()
    return visit.show("here_on_paper.html", paper=found, here=HereAddresses(presence))
