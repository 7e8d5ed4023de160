"""What a family keeps of a decision can be read by a child of nine."""

from dataclasses import replace

import pytest
from lxml import html

from consent.circumstances import CompetenceQuestion
from consent.lawfulness import Basis
from consent.model import DeciderKind, Response
from services.portal.decisions.orders import DecisionForm, HowDecided
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import a_duty_for, a_permit_for
from tests.support.portal.readability import AGE_NINE, reading_year, too_hard
from tests.unit.services.portal.conftest import Fake

_PERMIT = a_permit_for(CHILD)
_BY_WORKER = {"decider_kind": DeciderKind.PRACTITIONER, "decider_reference": "priya-nair"}
_YOUNG = {"decider_kind": DeciderKind.YOUNG_PERSON, "decider_reference": "child"}
_JUDGED = HowDecided(competence=frozenset(CompetenceQuestion), parents_are_not_told=True)
RECEIPTS = {
    "agreed": _PERMIT,
    "refused": replace(_PERMIT, response=Response.REFUSED),
    "public task": replace(_PERMIT, basis=Basis.PUBLIC_TASK, **_BY_WORKER),
    "young person": replace(_PERMIT, how=_JUDGED, **_YOUNG),
}


@pytest.mark.parametrize("form", [*RECEIPTS.values(), None], ids=[*RECEIPTS, "duty"])
def test_a_receipt_can_be_read_at_nine(priya: PageClient, world: Fake, form: DecisionForm | None):
    """Whatever was decided, on whatever ground."""
    recorded = world.record(form or a_duty_for(CHILD, by=world.practitioner.id))

    page = priya.get(f"/families/{CHILD}/consent/{recorded.decision_id}/receipt")

    (body,) = page.tree.xpath("//main//div[@dir]")
    assert too_hard(body, AGE_NINE) == []


def test_what_a_lawyer_writes_is_too_hard():
    """The check can fail: also where a table stands beside it."""
    law = (
        "Personal data processed for any purpose shall not be retained for longer than necessary "
        "for that purpose, notwithstanding statutory obligations of the responsible authority. "
    )
    lines = "".join("<tr><td>Yes</td><td>No</td></tr>" for _ in range(60))

    hard = html.fromstring(f"<div><p>{law * 6}</p></div>")
    hidden = html.fromstring(f"<div><p>{law * 6}</p><table>{lines}</table></div>")

    assert len(too_hard(hard, AGE_NINE)) == 2
    assert [one.partition(":")[0] for one in too_hard(hidden, AGE_NINE)][-1] == "its sentences"
    assert reading_year(["The cat sat on the mat."]) < 1
