"""A trust with canaries, looks and refusals, and the workbench over it, for auditors to ask at."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from consent.ledger import LedgerEntry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Source
from services.people.governance.queue import ItemKind, raise_item
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from tests.support.audit.watching import WATCHED
from tests.support.builders import VISITOR
from tests.support.clock import StandingClock
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.messages.source_messages import CHILD_NUMBER
from tests.support.people.auditing import AuditedTrust, an_audited_trust
from tests.support.people.relating import a_colleague, relate
from tests.support.people.staffing import somebody_new
from tests.support.portal.pages import PageClient
from tests.support.traces.canaries import health_visiting_files, the_subject, written_in

OTHER_NUMBER, NOBODY = "9990000026", "9990000131"
STAFF_NUMBER, SHARED_STAFF_NUMBER = "HV-0101", "HV-0202"
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Workbench:
    """What auditors may ask about: a child whom a worker looked at, and others whom they did not.

    `hidden` is somebody of whom only canaries are held, and at whom the worker looked too.
    """

    trust: AuditedTrust
    worker: PractitionerId
    stranger: PersonId
    hidden: PersonId

    @property
    def child(self) -> PersonId:
        """Who was looked at twice."""
        return self.trust.child

    @property
    def auditor(self) -> PractitionerId:
        """Ruth Adeyemi."""
        practitioner = self.trust.auditors[0].practitioner
        assert practitioner is not None
        return practitioner

    @property
    def day(self) -> str:
        """The day on which all of it was."""
        return self.trust.clock.now().date().isoformat()

    def portal(self) -> FastAPI:
        """The portal over it."""
        running = self.trust.running
        services = PortalOnDatabase(
            running.portal, demonstration=True, receipts=AN_ISSUER, watched=WATCHED
        )
        settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
        return create_app(services, settings)

    def browser(self, who: PractitionerId | None = None) -> PageClient:
        """Sign an auditor in, or somebody else."""
        client = PageClient(self.portal())
        client.sign_in(who or self.auditor)
        return client

    def entries(self, *events: LedgerEvent) -> list[LedgerEntry]:
        """What the ledger has of these."""
        return self.trust.running.ledger(*events)

    def look(self, person: PersonId, event: LedgerEvent = LedgerEvent.PROFILE_READ) -> LedgerEntry:
        """The newest look at somebody, or a refused one."""
        return [e for e in self.entries(event) if e.fields["subjects"] == (person,)][-1]


@contextmanager
def a_workbench(outside: Outside, clock: StandingClock) -> Iterator[Workbench]:
    """Fill an empty database: two looks, a refused one, an emergency that is overdue, canaries."""
    with InProcess.running(outside) as running:
        trust = an_audited_trust(running, clock)
        with tempfile.TemporaryDirectory() as folder:
            files = written_in(Path(folder), health_visiting_files())
            running.ingest(Source.HEALTH_VISITING, *map(Path, files))
        running.decide(the_subject())
        running.settle()
        hidden = running.person(the_subject())
        assert hidden is not None
        (stranger,) = running.decide(by_number(OTHER_NUMBER)).decision.subjects
        _staff(trust)
        with unit_of_work(running.portal) as work:
            relate(work, VISITOR, trust.child)
            relate(work, VISITOR, hidden)
        clock.pass_by(_MINUTE)
        for person in (trust.child, trust.child, stranger, hidden):
            running.read(person)
            clock.pass_by(_MINUTE)
        _raise(trust)
        yield Workbench(trust, VISITOR, stranger, hidden)


def _staff(trust: AuditedTrust) -> None:
    """One worker with a number of their own, and two who have the same in two agencies."""
    with unit_of_work(trust.running.outside) as work:
        directory = work.directory
        directory.save_practitioner(
            somebody_new(name="Hana Quist", worker_ref=STAFF_NUMBER, practitioner=VISITOR)
        )
        for agency in (AGENCY, "E06"):
            directory.save_practitioner(somebody_new(agency, worker_ref=SHARED_STAFF_NUMBER))
        a_colleague(work, AGENCY, name="Lena Berg")


def _raise(trust: AuditedTrust) -> None:
    """An emergency whose day is over already, and a question that is not."""
    with unit_of_work(trust.running.portal) as work:
        for kind, ago in ((ItemKind.EMERGENCY, 9), (ItemKind.FAMILY_QUESTION, 0)):
            raise_item(
                kind,
                f"{ago:x}0" * 16,
                by=f"practitioner:{VISITOR}",
                queue=work.queue,
                ledger=work.ledger,
                at=work.now - timedelta(days=ago),
                person=trust.child,
            )


__all__ = ["CHILD_NUMBER", "NOBODY", "OTHER_NUMBER", "Workbench", "a_workbench"]
