"""A request by somebody who is signed in, and the pages one can answer it with."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from schemas.identifiers import PersonId
from schemas.uk_time import uk_day
from schemas.vocabulary import Purpose, Source
from services.people.practitioners.people import Session, SignedInPractitioner, is_fresh
from services.people.practitioners.permissions import Permission, allows
from services.platform.ticks import refused
from services.portal.frame.addresses import FamilyAddresses, own_address
from services.portal.frame.forms import Submitted
from services.portal.frame.guard import session_of
from services.portal.frame.portal import Portal, portal_of
from services.portal.frame.session import FormPurpose, form_token
from services.portal.gate.here.services import HereServices
from services.portal.gate.services import GateServices
from services.portal.gate.words import bar_in_words, lines_to_ring, own_label_in_words
from services.portal.ports import PortalServices
from services.portal.words.frame import (
    FamilyPage,
    decisions_are_open,
    known_of,
    record_header,
    why_refused,
)
from services.portal.words.people import record_reference
from services.profile.model import Profile, ProfileRefused


@dataclass(frozen=True, slots=True, repr=False)
class Visit:
    """One request by a signed-in practitioner. `purpose` is set when it is not their usual one."""

    request: Request
    portal: Portal
    session: Session
    chosen_purpose: Purpose | None

    @property
    def who(self) -> SignedInPractitioner:
        """Who is looking."""
        return self.session.practitioner

    @property
    def services(self) -> PortalServices:
        """What the pages may ask."""
        return self.portal.services

    @property
    def here(self) -> HereServices:
        """What the pages may ask about a family that is there."""
        return self.portal.services.here

    @property
    def gate(self) -> GateServices:
        """What the pages may ask that open and close."""
        return self.portal.services.gate

    @property
    def purpose(self) -> Purpose:
        """For what they look: what they chose, or what they usually look for."""
        return self.chosen_purpose or self.who.purpose

    @property
    def today(self) -> date:
        """The day it is."""
        return uk_day(self.services.now())

    @property
    def is_fresh(self) -> bool:
        """Whether whoever is looking has shown who they are within the last minutes."""
        return is_fresh(self.session.authenticated_at, self.services.now())

    def addresses(self, person: PersonId) -> FamilyAddresses:
        """Give the addresses of a family's pages, for the purpose of this visit."""
        return FamilyAddresses(person, self.chosen_purpose)

    def token(self, purpose: FormPurpose) -> str:
        """Make the hidden token of a form on this page."""
        return form_token(self.session.csrf_secret, purpose)

    def typed(self) -> Submitted:
        """What was being typed on this page when a session ended, once; else nothing.

        It is for the same account in the same browser, and is sent by nobody but its reader.
        """
        secret = self.portal.browser.read(self.request)
        if secret is None:
            return Submitted()
        address = own_address(self.request)
        found = self.services.sessions.typed(self.who.id, address, secret)
        self.request.state.is_given_back = found is not None
        return Submitted(found or {})

    def show(self, template: str, status: int = 200, **words: object) -> HTMLResponse:
        """Answer with a page of its own words in the frame of the signed-in person."""
        frame: dict[str, object] = {
            "who": self.who,
            "works_with_families": allows(Permission.FAMILY_RECORDS, self.who.role),
            "is_of_hub": self.who.agency_kind is Source.FAMILY_HUB,
            "says_who_is_who": allows(Permission.WHO_IS_WHO, self.who.role),
            "ends_sessions": allows(Permission.ACCOUNTS, self.who.role),
            "is_second_hand": allows(Permission.SECOND_HAND, self.who.role),
            "is_auditor": allows(Permission.AUDIT, self.who.role),
            "sees_figures": allows(Permission.FIGURES, self.who.role),
            "sees_staff": allows(Permission.STAFF, self.who.role),
            "sign_out_token": self.token(FormPurpose.SIGN_OUT),
            "has_other_accounts": len(self.session.accounts) > 1,
            "is_given_back": getattr(self.request.state, "is_given_back", False),
        }
        return self.portal.templates.page(self.request, template, frame | words, status)

    def show_family(
        self,
        template: str,
        current: FamilyPage,
        person: PersonId,
        profile: Profile | None = None,
        *,
        status: int = 200,
        **words: object,
    ) -> HTMLResponse:
        """Answer with a page of one family, under its record header.

        Every page names whose it is and says first that they have died, as far as may be known.
        """
        addresses = self.addresses(person)
        known = known_of(profile) if profile else self.services.before_contact(self.who, person)
        header = record_header(addresses, current, known, self.today, profile)
        bar = bar_in_words(self.gate.passing(self.who, person), self.today)
        frame = {"header": header, "addresses": addresses, "bar": bar}
        close_token = self.token(FormPurpose.CLOSE_FAMILY)
        return self.show(template, status, **frame, close_token=close_token, **words)

    def show_nothing(self) -> HTMLResponse:
        """Answer that there is nothing to show: the same bytes, whoever is asked about and why."""
        return self.show_alike("refused.html", 403)

    def show_alike(self, template: str, status: int = 200, **words: object) -> HTMLResponse:
        """Answer with a page that is the same whoever it is about; it leaves at a tick."""
        refused(self.request)
        return self.show(template, status, **words)

    def show_refused(self, person: PersonId | None, why: ProfileRefused) -> HTMLResponse:
        """Answer that nothing is shown, to who works with the person also why.

        `person` is who the address names; None where a form was about somebody by number.
        """
        if person is None or not decisions_are_open(why):
            return self.show_nothing()
        return self.show(
            "nothing_shared.html",
            403,
            reasons=why_refused(why),
            ring=lines_to_ring(self.services.duty_lines()),
            label=own_label_in_words(self.gate.own_label(self.who, person), self.today),
            reference=record_reference(person),
            addresses=self.addresses(person),
        )


async def visit(request: Request, purpose: Purpose | None = None) -> Visit:
    """Give the visit that the guard let pass; `purpose` is the page's query parameter.

    It waits for nothing: a plain function would be handed to a thread and back, which costs more
    than all that it does. Raises NotSignedInError where no guard asked for a session.
    """
    session = session_of(request)
    chosen = None if purpose is session.practitioner.purpose else purpose
    return Visit(request, portal_of(request), session, chosen)


CurrentVisit = Annotated[Visit, Depends(visit)]
"""The visit behind a signed-in page."""


def go_to(address: str) -> RedirectResponse:
    """Send the browser on with a GET (303), so that going back does not send a form again."""
    return RedirectResponse(address, 303)
