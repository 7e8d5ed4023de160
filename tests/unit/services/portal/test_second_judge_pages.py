"""The page on which a second professional judges that a child below 13 can decide."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI

from consent.circumstances import CompetenceQuestion
from consent.model import DeciderKind, Proposal, SharingAct
from schemas.identifiers import DecisionId
from services.portal.decisions.orders import HowDecided
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import a_permit_for
from tests.unit.services.portal.conftest import Fake

ALL_FIVE = [question.value for question in CompetenceQuestion]


@pytest.fixture
def tom(app: FastAPI, world: Fake) -> PageClient:
    """A browser in which somebody of a school who works with the child has signed in."""
    teacher = world.services.people[1]
    world.services.relationships.add((teacher.id, CHILD))
    client = PageClient(app)
    client.sign_in(teacher.id)
    return client


@pytest.fixture
def waiting(world: Fake) -> DecisionId:
    """Give a yes of a child that the health visitor judged and that nobody has judged besides."""
    form = replace(
        a_permit_for(CHILD),
        decider_kind=DeciderKind.YOUNG_PERSON,
        decider_reference="young-person",
        decider_name=None,
        how=HowDecided(competence=frozenset(CompetenceQuestion)),
    )
    recorded = world.record(form).decision_id
    now, services = world.services.now(), world.services
    by, until = world.practitioner.actor, now + timedelta(days=14)
    proposal = Proposal(SharingAct.RECORD, by, now, until)
    decision = replace(services.on_record[recorded], proposed=proposal, confirmed_at=None)
    services.on_record[recorded] = decision
    return recorded


def _page(decision: DecisionId) -> str:
    return f"/families/{CHILD}/consent/{decision}"


def test_the_decision_says_for_whom_it_waits(priya: PageClient, waiting: DecisionId) -> None:
    """Until then nothing changes."""
    page = priya.get(_page(waiting))

    assert "a second professional who already works with the child and judges too" in page.text


def test_the_second_answers_the_five_questions(tom: PageClient, waiting: DecisionId) -> None:
    """The page says why two are asked, and who judged is on the decision afterwards."""
    ask = f"{_page(waiting)}/confirm"

    asked = tom.get(ask)
    done = tom.send_and_follow(ask, ask, {"competence": ALL_FIVE})

    assert asked.heading == "Do you judge this too, as the second professional?"
    assert "The child is below 13" in asked.text
    assert done.heading == "Confirmed"
    decision = tom.get(_page(waiting)).text
    assert "Judged able to decide this by Priya Nair" in decision
    assert "Judged able to decide this by Tom Ellis" in decision


@pytest.mark.parametrize("ticked", [[], ALL_FIVE[:4], ["clever"], [*ALL_FIVE, "clever"]])
def test_less_than_all_five_is_told_beside_the_questions(
    tom: PageClient, waiting: DecisionId, ticked: Sequence[str]
) -> None:
    """What was ticked stays ticked."""
    ask = f"{_page(waiting)}/confirm"

    page = tom.send(ask, ask, {"competence": ticked})

    assert len(page.errors) == 1
    kept = page.tree.xpath("//input[@name='competence'][@checked]/@value")
    assert kept == [code for code in ticked if code in ALL_FIVE]


def test_the_first_is_not_the_second(priya: PageClient, waiting: DecisionId) -> None:
    """The page says who is."""
    ask = f"{_page(waiting)}/confirm"

    page = priya.send(ask, ask, {"competence": ALL_FIVE}, 403)

    assert "You cannot be the second person for this." in page.text
    assert "of another service than the first" in page.text


def test_whatever_else_waits_asks_no_question(
    tom: PageClient, world: Fake, waiting: DecisionId
) -> None:
    """A parent's yes is confirmed, not judged."""
    decision = world.services.on_record[waiting]
    told = replace(decision.circumstances, competence=None)
    world.services.on_record[waiting] = replace(decision, circumstances=told)

    page = tom.get(f"{_page(waiting)}/confirm")

    assert page.heading == "Do you confirm this as the second person?"
    assert page.tree.xpath("//input[@name='competence']") == []
