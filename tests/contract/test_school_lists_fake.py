"""The fake behind the page of school lists keeps the port's promises."""

import pytest

from tests.contract.school_lists_contract import SchoolListsContract, World
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.messages.school_lists import a_list_question
from tests.support.people.pairs import StewardWorld
from tests.support.portal.steward_world import a_fake_steward_world


class TestFakeSchoolLists(SchoolListsContract):
    @pytest.fixture
    def world(self) -> StewardWorld[FakePortalServices]:
        self.services = a_fake_steward_world()
        return self.services

    def put(self, world: World) -> str:  # noqa: ARG002 it is the one made above
        question = a_list_question()
        self.services.services.school_lists.questions[question.id] = question
        return question.id
