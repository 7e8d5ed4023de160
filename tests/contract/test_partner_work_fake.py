"""What is behind the partner interfaces in memory keeps the contract."""

from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from schemas.identifiers import PractitionerId
from schemas.records.message import SourceMessage
from schemas.vocabulary import Role
from services.interfaces.partners.ports import Credentials, KnownAs, PartnerId
from tests.contract.partner_publishing_contract import PartnerPublishingContract
from tests.support.clock import StandingClock
from tests.support.fakes.fake_partner_work import FakePartners, FakePartnerWork


class _World:
    def __init__(self) -> None:
        self.partners = FakePartners()
        self.clock: StandingClock = self.partners.clock

    def open_work(self) -> AbstractContextManager[FakePartnerWork]:
        return self.partners.open_work()

    def enter(self, credentials: Credentials) -> None:
        self.partners.enter(credentials)

    def employ(
        self,
        practitioner: PractitionerId,
        agency: str,
        role: Role = Role.PRACTITIONER,
    ) -> None:
        self.partners.employ(practitioner, agency, role)

    def join(self, issuer: str, subject: str, practitioner: PractitionerId) -> None:
        self.partners.join(issuer, subject, practitioner)

    def know_as(self, partner: PartnerId, known_as: KnownAs) -> None:
        self.partners.know_as(partner, known_as)

    def suspend(self, partner: PartnerId) -> None:
        self.partners.suspend(partner)

    def let_pass(self, time: timedelta) -> None:
        self.clock.pass_by(time)

    def permit(self, message: SourceMessage) -> None:
        self.partners.withheld.discard(message.message_id)


class TestFakePartnerWork(PartnerPublishingContract):
    """The contract, in memory."""

    @pytest.fixture
    def world(self) -> _World:
        """Give nobody, and one message that nothing permits."""
        world = _World()
        world.partners.withheld.add("m2")
        return world
