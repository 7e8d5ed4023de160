"""The receipt of a decision, from the decision's page."""

import json
from dataclasses import replace

from consent.circumstances import CompetenceQuestion
from consent.lawfulness import Basis
from consent.model import DeciderKind, Response
from services.portal.decisions.orders import DecisionForm, HowDecided
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import a_permit_for
from tests.support.portal.portal_world import UNRELATED
from tests.unit.services.portal.conftest import Fake

_PERMIT = a_permit_for(CHILD)


def _page_of(world: Fake, form: DecisionForm = _PERMIT) -> str:
    recorded = world.record(form)
    return f"/families/{CHILD}/consent/{recorded.decision_id}"


def test_the_page_of_a_decision_leads_to_its_receipt(priya: PageClient, world: Fake):
    """In words: what was agreed, who may see it, how to get out of it, and one's rights."""
    page = priya.get(priya.get(_page_of(world)).links["Make a receipt"])

    assert page.heading == "What you agreed"
    for words in (
        "You can change your mind at any time",
        "Agreed to share (in force)",
        "Early help",
    ):
        assert words in page.text
    assert "Who can see what" in page.text
    assert "Northfield Council, 01632 960100" in page.text
    assert "See what is held about you" in page.text


def test_what_was_not_agreed_is_not_called_so(priya: PageClient, world: Fake):
    """A refusal is decided too; a practitioner decides for nobody."""
    refused = replace(_PERMIT, response=Response.REFUSED)
    task = replace(
        _PERMIT,
        basis=Basis.PUBLIC_TASK,
        decider_kind=DeciderKind.PRACTITIONER,
        decider_reference="priya-nair",
    )

    assert priya.get(f"{_page_of(world, refused)}/receipt").heading == "What you decided"
    assert priya.get(f"{_page_of(world, task)}/receipt").heading == "What was decided"


def test_a_receipt_is_kept_as_a_file(priya: PageClient, world: Fake):
    """With a name, and what anybody can check it by."""
    page = priya.get(f"{_page_of(world)}/receipt")

    response = priya.http.get(page.links["Download the receipt as a file"])

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["content-disposition"].startswith('attachment; filename="receipt-')
    assert response.headers["cache-control"] == "no-store"
    assert set(json.loads(response.content)) == {"receipt", "signature", "ledger"}


def test_what_parents_are_not_told_is_for_the_young_person(priya: PageClient, world: Fake):
    """Both pages say to whom it is to be given."""
    how = HowDecided(competence=frozenset(CompetenceQuestion), parents_are_not_told=True)
    secret = replace(
        _PERMIT, decider_kind=DeciderKind.YOUNG_PERSON, decider_reference="child", how=how
    )

    address = _page_of(world, secret)

    for page in (priya.get(address), priya.get(f"{address}/receipt")):
        assert "for the young person, and nobody else" in page.text
    assert "and nobody else" not in priya.get(_page_of(world)).text


def test_a_receipt_that_is_not_proved_yet_is_asked_for_again(priya: PageClient, world: Fake):
    """In a few seconds; the page says so and a program is told."""
    address = _page_of(world)
    world.services.is_unproved = True

    page = priya.get(f"{address}/receipt", status=503)

    assert page.heading == "The receipt is not ready yet"
    assert page.links["Try again"] == f"{address}/receipt"
    assert page.response.headers["retry-after"] == "5"


def test_a_stranger_gets_no_receipt(priya: PageClient, world: Fake):
    """Nor one of a decision that is about somebody else."""
    address = _page_of(world)

    assert priya.get(f"/families/{UNRELATED}/consent/x/receipt", status=403).status == 403
    assert priya.get(f"/families/{CHILD}/consent/x/receipt", status=404).status == 404
    world.services.relationships.clear()
    assert priya.get(f"{address}/receipt", status=403).status == 403
