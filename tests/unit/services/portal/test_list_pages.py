"""The data steward's page of school lists that wait."""

import pytest
from fastapi import FastAPI

from services.people.governance.orders import OrderStatus
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.messages.school_lists import a_list_question
from tests.support.people.pairs import StewardWorld
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_builders import a_practitioner
from tests.support.portal.steward_world import a_fake_steward_world

PAGE = "/school-lists"
World = StewardWorld[FakePortalServices]


@pytest.fixture
def world() -> World:
    """Give the data steward's world, with one list that waits."""
    found = a_fake_steward_world()
    question = a_list_question()
    found.services.school_lists.questions[question.id] = question
    return found


@pytest.fixture
def app(world: World) -> FastAPI:
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
    return create_app(world.services, settings)


@pytest.fixture
def owen(client: PageClient, world: World) -> PageClient:
    """A browser in which the data steward has signed in."""
    client.sign_in(world.steward.id)
    return client


def test_a_list_that_waits_is_told_by_counts(owen: PageClient) -> None:
    """It is reached from the other page of data stewards."""
    page = owen.get(owen.get("/who-may-be-one").links["Lists of schools that wait"])

    assert page.heading == "Lists of schools that wait"
    assert "School 9992001, class 3b" in page.text
    assert "3 of 10 pupils are not on the list of 9 November 2026" in page.text


@pytest.mark.parametrize(
    ("act", "status", "said"),
    [
        ("agree", OrderStatus.CONFIRMED, "They are shown as having left"),
        ("decline", OrderStatus.DECLINED, "Nobody is taken off that list"),
    ],
)
def test_a_steward_says_what_is_so(
    owen: PageClient, world: World, act: str, status: OrderStatus, said: str
) -> None:
    """The question is gone from the list then; asked again, nothing changes."""
    done = owen.send_and_follow(PAGE, f"{PAGE}/question-0001/{act}", {})

    assert said in done.text
    assert "No list waits" in done.text
    assert world.services.school_lists.questions["question-0001"].status is status


def test_nobody_else_is_told_that_lists_wait(client: PageClient, world: World) -> None:
    """It is no page for those who work with families."""
    worker = a_practitioner()
    client.sign_in(next(p.id for p in world.services.people if p.role is worker.role))

    assert client.http.get(PAGE).status_code in {403, 404}
