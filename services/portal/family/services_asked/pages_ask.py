"""Pages on which a practitioner finds a service with a family, and asks it as the family agrees.

What would be told is read aloud before it is sent; it goes from page to page in the form alone,
and comes back filled in where a session ended meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import Depends
from starlette.responses import Response

from consent.errors import DecisionInvalidError
from schemas.identifiers import PersonId
from services.interfaces.connections.model import Ask, AskedService, NotAsked
from services.interfaces.directory.entries.needs import Need
from services.people.practitioners.permissions import Permission
from services.portal.decisions.refused import note_refused
from services.portal.family.services_asked.form import (
    PERIOD_WORDS,
    ROOM,
    USUAL_PERIOD,
    MayAgree,
    carried,
    may_be_told,
    read_ask,
    read_sought,
    story_items,
)
from services.portal.family.services_asked.pages import (
    SERVICES,
    connections_of,
    listed_service,
    profile_of,
    services_at,
)
from services.portal.family.services_asked.words import WHY_NOT, service_words
from services.portal.frame.addresses import PersonInPath
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.words.cards import Item, options_of
from services.portal.words.frame import FamilyPage
from services.portal.words.people import short_name
from services.profile.model import Profile, ProfileRefused, StoryView

router = guarded_router(Permission.FAMILY_RECORDS)
_ASK = f"{SERVICES}/ask/{{service}}"


@router.get(f"{SERVICES}/find")
def show_find(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Ask what they want help with."""
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    return _find_page(visit, person, visit.typed(), FormErrors())


@router.post(f"{SERVICES}/find", dependencies=[Depends(FormCheck(FormPurpose.FIND_SERVICE))])
def find(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """List the services that can be asked; nothing of it is kept, and no address has it."""
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    errors = FormErrors()
    sought = read_sought(form, errors)
    found = None if sought is None else connections_of(visit).find(sought)
    return _find_page(visit, person, form, errors, found)


@router.get(_ASK)
def begin_ask(visit: CurrentVisit, person: PersonInPath, service: UUID) -> Response:
    """Ask what the service would be told."""
    asking = _asking(visit, person, service)
    return asking if isinstance(asking, Response) else asking.page(visit.typed(), FormErrors())


@router.post(_ASK, dependencies=[Depends(FormCheck(FormPurpose.ASK_SERVICE))])
def ask(visit: CurrentVisit, person: PersonInPath, service: UUID, form: Form) -> Response:
    """Read it aloud, then ask it; or change it once more."""
    asking = _asking(visit, person, service)
    if isinstance(asking, Response):
        return asking
    errors = FormErrors()
    if form.text("step") == "change":
        return asking.page(form, errors)
    command = asking.read(form, errors)
    if command is None:
        return asking.page(form, errors)
    if form.text("step") != "agree":
        return asking.read_aloud(form, command)
    return _sent(asking, form, command, errors)


def _sent(asking: "_AskingService", form: Submitted, command: Ask, errors: FormErrors) -> Response:
    """The request's own page; or the form again, with why the service was not asked."""
    visit = asking.visit
    try:
        asked = connections_of(visit).ask(visit.who, command)
    except DecisionInvalidError as error:
        note_refused(errors, error)
        return asking.page(form, errors)
    if isinstance(asked, NotAsked):
        errors.add("name", WHY_NOT[asked])
        return asking.page(form, errors)
    if isinstance(asked, ProfileRefused):
        return visit.show_refused(asking.person, asked)
    return go_to(services_at(visit, asking.person).asked(asked.connection.id))


def _asking(visit: Visit, person: PersonId, service: UUID) -> "_AskingService | Response":
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    listed = listed_service(visit, service)
    profile = profile_of(visit, person)
    may_agree = _may_agree(visit, person, profile)
    return _AskingService(visit, person, listed, profile, may_agree)


def _may_agree(visit: Visit, person: PersonId, profile: Profile | None) -> MayAgree:
    """Who is here to be asked: by who may be asked about, and by who may decide for the child."""
    people = profile.people if profile else ()
    names = {one.id: short_name(one) for one in people if one.names}
    open_to = connections_of(visit).may_agree(visit.who, [one.id for one in people])
    listed = visit.services.deciders_to_choose(visit.who, [person])
    parents = tuple(one for one in listed or () if not one.is_manager)
    adults = [(one, name) for one, name in names.items() if one in open_to and one != person]
    own = [] if parents else [(person, names.get(person, "The person of this record"))]
    return MayAgree((*adults, *own), person, names.get(person, "the child"), parents)


def _find_page(
    visit: Visit,
    person: PersonId,
    form: Submitted,
    errors: FormErrors,
    found: Sequence[AskedService] | None = None,
) -> Response:
    addresses = services_at(visit, person)
    lines = None if found is None else [(service_words(s), addresses.ask(s.id)) for s in found]
    return visit.show_family(
        "services_find.html",
        FamilyPage.SERVICES,
        person,
        status=422 if errors else 200,
        form=form,
        errors=errors,
        found=lines,
        needs=options_of(
            [(one.value, one.label) for one in Need], form.text("need"), "Select a need"
        ),
        action=addresses.find,
        token=visit.token(FormPurpose.FIND_SERVICE),
    )


@dataclass(frozen=True, slots=True, repr=False)
class _AskingService:
    """One family and one service, and the two pages on which it is asked."""

    visit: Visit
    person: PersonId
    service: AskedService
    profile: Profile | None
    may_agree: MayAgree

    @property
    def story(self) -> list[StoryView]:
        """The entries that can be told, of those shown to whoever asks."""
        return may_be_told(self.profile.story) if self.profile else []

    def read(self, form: Submitted, errors: FormErrors) -> Ask | None:
        """What is asked; or what is wrong with the form."""
        listed, may_agree = self.service.id, self.may_agree
        return read_ask(form, errors, service=listed, may_agree=may_agree, story=self.story)

    def page(self, form: Submitted, errors: FormErrors) -> Response:
        """The form, filled in as it was."""
        addresses, visit = services_at(self.visit, self.person), self.visit
        return visit.show_family(
            "services_ask.html",
            FamilyPage.SERVICES,
            self.person,
            self.profile,
            status=422 if errors else 200,
            form=form,
            errors=errors,
            service=service_words(self.service),
            whom=self.may_agree.items(form.text("whom")),
            story=story_items(self.story, form.chosen("story")),
            room=_radios(ROOM, form.text("room")),
            periods=_radios(PERIOD_WORDS, form.text("period") or USUAL_PERIOD),
            action=addresses.ask(self.service.id),
            back=addresses.find,
            token=visit.token(FormPurpose.ASK_SERVICE),
        )

    def read_aloud(self, form: Submitted, command: Ask) -> Response:
        """All that would be told, before it is."""
        addresses, visit = services_at(self.visit, self.person), self.visit
        chosen = form.text("whom")
        agrees = [item["text"] for item in self.may_agree.items(chosen) if item["checked"]]
        return visit.show_family(
            "services_check.html",
            FamilyPage.SERVICES,
            self.person,
            self.profile,
            form=form,
            story=command.told.story,
            service=service_words(self.service),
            agrees=agrees[0],
            period=PERIOD_WORDS[form.text("period")].lower(),
            room=ROOM[form.text("room")],
            carried=carried(form),
            action=addresses.ask(self.service.id),
            back=addresses.all,
            token=visit.token(FormPurpose.ASK_SERVICE),
        )


def _radios(words: Mapping[str, str], chosen: str) -> list[Item]:
    return [
        {"value": value, "text": text, "checked": value == chosen} for value, text in words.items()
    ]
