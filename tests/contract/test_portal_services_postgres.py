"""The real service behind the pages keeps the port's promises."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from consent.model import LegitimateRelationship, RelationshipGround
from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.adapters.clock import SystemClock
from services.adapters.portal_services import PortalOnDatabase
from services.adapters.unit_of_work import Outside, unit_of_work
from tests.contract.portal_services_contract import PortalServicesContract
from tests.support.builders import VISITOR
from tests.support.in_process import InProcess, by_number
from tests.support.portal_world import PortalWorld, an_nhs_number

_CHILD, _UNRELATED, _PROTECTED, _UNKNOWN = (
    "9990000018",
    "9990000026",
    "9990000034",
    "9990000042",
)


@pytest.mark.postgres
class TestPortalOnDatabase(PortalServicesContract):
    @pytest.fixture
    def world(self, outside: Outside) -> Iterator[PortalWorld[PortalOnDatabase]]:
        with InProcess.running(replace(outside, clock=SystemClock())) as self.running:
            services = PortalOnDatabase(self.running.portal, demonstration=True)
            child, unrelated, protected = map(self.known, (_CHILD, _UNRELATED, _PROTECTED))
            self.relate(child)
            self.running.restrict(protected)
            practitioner = next(
                p
                for p in services.demonstration_people()
                if p.agency_kind is Source.HEALTH_VISITING
            )
            yield PortalWorld(
                services,
                practitioner,
                child,
                an_nhs_number(_CHILD),
                unrelated,
                an_nhs_number(_UNRELATED),
                protected,
                an_nhs_number(_PROTECTED),
                PersonId("0" * 32),
                an_nhs_number(_UNKNOWN),
            )

    def known(self, number: str) -> PersonId:
        """Make somebody known about whom nothing is decided."""
        with unit_of_work(self.running.portal) as work:
            return work.persons.resolve_or_create(by_number(number), at=work.now)

    def relate(self, child: PersonId) -> None:
        """Put the child on the health visitor's list."""
        with unit_of_work(self.running.portal) as work:
            work.case_loads.claim(
                LegitimateRelationship(VISITOR, child, RelationshipGround.REFERRAL, work.now)
            )

    def settle(self, world: object) -> None:  # noqa: ARG002 one database a test
        self.running.settle()
