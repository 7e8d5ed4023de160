"""The real service behind the page of school lists keeps the port's promises."""

from collections.abc import Iterator

import pytest

from services.people.governance.orders import ask
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from tests.contract.school_lists_contract import SchoolListsContract, World
from tests.support.fakes.in_process import InProcess
from tests.support.messages.school_lists import a_list_question
from tests.support.people.pairs import StewardWorld
from tests.support.portal.steward_world import a_steward_world_on_database


@pytest.mark.postgres
class TestSchoolListsOnDatabase(SchoolListsContract):
    @pytest.fixture
    def world(self, outside: Outside) -> Iterator[StewardWorld[PortalOnDatabase]]:
        with InProcess.running(outside) as self.running:
            yield a_steward_world_on_database(self.running)

    def put(self, world: World) -> str:  # noqa: ARG002 the database is the same
        question = a_list_question()
        with unit_of_work(self.running.connectors) as work:
            told = {"orders": work.orders, "ledger": work.ledger, "at": work.now}
            return ask(question.kind, question.document, by=question.asked_by, **told).id
