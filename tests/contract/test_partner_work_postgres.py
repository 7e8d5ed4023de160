"""What is behind the partner interfaces on PostgreSQL keeps the contract."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from time import sleep

import pytest

from schemas.identifiers import PractitionerId
from schemas.records.message import SourceMessage
from schemas.vocabulary import Purpose, Role, Source
from services.interfaces.partners.oauth.clients import PublicKey
from services.interfaces.partners.onboarding import (
    NameClient,
    name_client,
    onboarding,
    suspend_at_once,
)
from services.interfaces.partners.ports import Credentials, KnownAs, PartnerId, PartnerWork
from services.interfaces.partners.work import partner_work
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.work import Outside, unit_of_work
from tests.contract.partner_publishing_contract import PartnerPublishingContract
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.people.bringing import join

pytestmark = pytest.mark.postgres


class _World:
    def __init__(self, running: InProcess) -> None:
        self.running = running
        clock = running.outside.clock
        assert isinstance(clock, StandingClock)
        self.clock = clock
        self._open = partner_work(running.connectors)

    def open_work(self) -> AbstractContextManager[PartnerWork]:
        return self._open()

    def enter(self, credentials: Credentials) -> None:
        partner, at = credentials.partner, self.clock.now()
        with onboarding(self.running.outside, by="operator:one") as book:
            book.registry.add(partner, at=at)
            for kid, jwk in credentials.keys.items():
                book.registry.add_key(partner.id, PublicKey(kid, jwk), at=at)
            for secret_hash in credentials.secret_hashes:
                book.registry.add_secret(partner.id, secret_hash, at=at)

    def employ(
        self,
        practitioner: PractitionerId,
        agency: str,
        role: Role = Role.PRACTITIONER,
    ) -> None:
        who = (practitioner, "A worker", role, "Worker", agency, None, None)
        with unit_of_work(self.running.portal) as work:
            work.directory.save_agency(Agency(agency, "An agency", Source.SCHOOLS, None))
            work.directory.save_practitioner(PractitionerEntry(*who, Purpose.DIRECT_CARE))

    def join(self, issuer: str, subject: str, practitioner: PractitionerId) -> None:
        with unit_of_work(self.running.portal) as work:
            join(work, practitioner, issuer, subject)

    def know_as(self, partner: PartnerId, known_as: KnownAs) -> None:
        with onboarding(self.running.outside, by="operator:one") as book:
            name_client(NameClient(partner, known_as), onboarding=book)

    def suspend(self, partner: PartnerId) -> None:
        suspend_at_once(self.running.outside, partner, by="operator:one")

    def let_pass(self, time: timedelta) -> None:
        sleep(time.total_seconds())

    def permit(self, message: SourceMessage) -> None:
        self.running.decide(*message.subjects)


class TestPostgresPartnerWork(PartnerPublishingContract):
    """The contract, with the connectors' rights."""

    @pytest.fixture
    def world(self, outside: Outside) -> Iterator[_World]:
        """Give nobody, on an empty database."""
        with ExitStack() as stack:
            yield _World(stack.enter_context(InProcess.running(outside)))
