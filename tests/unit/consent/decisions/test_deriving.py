"""What a decision rests on in law is filled in, and what was said stands."""

from dataclasses import replace

import pytest

from consent.circumstances import Circumstances
from consent.decisions.recording import with_derived_law
from consent.lawfulness import Article9, Basis, Gateway
from consent.model import RecordDecision, Response
from tests.support.builders import DAY, NOW
from tests.support.consents.deciding_world import an_order


def derived(order: RecordDecision) -> RecordDecision:
    """The order as it is recorded while the notice of March is the newest."""
    return with_derived_law(order, now=NOW, notice_version="2026-03")


def test_what_was_not_said_is_filled_in():
    """A condition for health, the newest notice for a consent, and a day to ask again."""
    found = derived(an_order())

    assert found.article_9 is Article9.EXPLICIT_CONSENT
    assert found.circumstances.notice_version == "2026-03"
    assert found.review_at == NOW.replace(year=2027)


def test_an_obligation_names_its_law_though_nobody_wrote_it():
    """UK GDPR Art. 6(3); no notice is needed for it."""
    found = derived(an_order(basis=Basis.LEGAL_OBLIGATION))

    assert found.gateways == {Gateway.CHILDREN_ACT_2004_S11}
    assert found.circumstances.notice_version is None


@pytest.mark.parametrize("end", ["until", "review_at"])
def test_what_was_said_stands(end: str):
    """Also where another condition would be usual."""
    said = an_order(
        basis=Basis.PUBLIC_TASK,
        article_9=Article9.PUBLIC_HEALTH,
        gateways=frozenset({Gateway.CARE_ACT_2014}),
        circumstances=Circumstances(notice_version="2025-01"),
    )
    ends = replace(said, until=NOW + DAY) if end == "until" else replace(said, review_at=NOW + DAY)

    assert derived(ends) == ends


@pytest.mark.parametrize("response", [r for r in Response if r is not Response.GIVEN])
def test_a_no_needs_no_law(response: Response):
    """It is recorded as it was said, and never has to be asked for again."""
    order = an_order(response=response)

    assert derived(order) == order
