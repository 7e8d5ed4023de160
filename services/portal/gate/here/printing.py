"""What a worker hands over on paper: who can see what and who has looked, as that person sees it.

Whoever makes it knows families' own pages (services.interfaces.family_door); here is its shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from services.people.practitioners.permissions import Permission
from services.portal.frame.addresses import HereAddresses, PresenceInPath
from services.portal.frame.guard import guarded_router
from services.portal.frame.visit import CurrentVisit

router = guarded_router(Permission.FAMILY_RECORDS)


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One service: what it can see, in sentences."""

    service: str
    said: str
    sentences: Sequence[str]


@dataclass(frozen=True, slots=True)
class PrintedLook:
    """One look, by service and role."""

    who: str
    when: str
    saw: str
    why: str


@dataclass(frozen=True, slots=True, repr=False)
class PrintedPart:
    """What is about one person."""

    name: str
    is_own_part: bool
    rows: Sequence[PrintedRow]
    looks: Sequence[PrintedLook]


@dataclass(frozen=True, slots=True, repr=False)
class OwnPagePrinted:
    """The whole of it. `since` is from when looks are written down."""

    hub: str
    printed_on: str
    since: str
    held_back: str
    parts: Sequence[PrintedPart]


@router.get("/here/{presence}/on-paper")
def show_on_paper(visit: CurrentVisit, presence: PresenceInPath) -> Response:
    """Show what is printed; nothing where nobody else has said that it is them. Entered."""
    make = visit.portal.settings.print_own_page
    found = None if make is None else make(visit.who, presence)
    if found is None:
        return visit.show_nothing()
    return visit.show("here_on_paper.html", paper=found, back=HereAddresses(presence).ways)
