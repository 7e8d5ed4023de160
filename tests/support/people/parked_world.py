"""A message that contradicts itself and waits, two data stewards, and the pages over them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Purpose, Role, Source
from services.intake.parked.model import ParkedMessage, ParkedState
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import unit_of_work
from services.workers.processes import LookingAfterMessages
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_messages import vaccination
from tests.support.portal.pages import PageClient
from tests.support.portal.steward_world import a_second_steward, a_steward

NUMBER = "9990000018"
ON_RECORD, OWN, ROUTED = "2024-05-03", "2014-05-03", "2014-05-04"
CHILD = APerson(nhs_number=NUMBER, family="Quillfeather", given=("Ottoline",), born=OWN)
DOUBTFUL = vaccination(CHILD, AHeader("vaccinations-1", routing_birth=ROUTED))
PATH = "/could-not-be-read"


@dataclass(slots=True)
class ParkedWorld:
    """The main job over a folder of files, with the child on record under another date."""

    running: InProcess
    folder: Path
    services: PortalOnDatabase
    child: PersonId
    first: SignedInPractitioner
    second: SignedInPractitioner

    @classmethod
    def made(
        cls, running: InProcess, folder: Path, categories: Collection[Category] = Category
    ) -> "ParkedWorld":
        """Let two stewards work here, and all of this be permitted about the child."""
        first, second = a_steward(), a_second_steward()
        with unit_of_work(running.portal) as work:
            for who in (first, second):
                work.directory.save_practitioner(_entry(who))
        running.decide(by_number(NUMBER, ON_RECORD), categories=categories)
        child = running.person(by_number(NUMBER, ON_RECORD))
        assert child is not None
        services = PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)
        return cls(running, folder, services, child, first, second)

    def park(self, text: bytes = DOUBTFUL, name: str = "one.xml") -> ParkedMessage:
        """Bring a message in, which is parked."""
        path = self.folder / name
        path.write_bytes(text)
        (row,) = self.running.ingest(Source.HEALTH_VISITING, path)
        assert row.message.disposition == "parked", row.message
        return next(one for one in self.listed() if one.origin == name)

    def listed(self, *states: ParkedState) -> list[ParkedMessage]:
        """What is parked and stands so, as the database has it."""
        with unit_of_work(self.running.portal) as work:
            return list(work.parked.list(states=states or tuple(ParkedState)))

    def look_after(self) -> None:
        """Do what the connectors' process does about parked messages, and what follows."""
        LookingAfterMessages(sweep=lambda _: None)(self.running.connectors)
        self.running.settle()

    def browser(self, who: SignedInPractitioner) -> PageClient:
        """A browser in which one of them has signed in."""
        settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
        client = PageClient(create_app(self.services, settings))
        client.sign_in(who.id)
        return client

    def say(self, who: SignedInPractitioner, parked: str, act: str, **form: str) -> str:
        """Send one of the forms of a message's page; gives the page that follows, in words."""
        address = f"{PATH}/{parked}"
        fields: Mapping[str, str] = form
        return self.browser(who).send_and_follow(address, f"{address}/{act}", fields).text


def _entry(who: SignedInPractitioner) -> PractitionerEntry:
    more = (Role.DATA_STEWARD, "Data steward", AGENCY, None, None, Purpose.SERVICE_IMPROVEMENT)
    return PractitionerEntry(who.id, who.name, *more)


def renamed(person: APerson = CHILD, **other: str | None) -> APerson:
    """The same child with something else in its message."""
    return replace(person, **other)
