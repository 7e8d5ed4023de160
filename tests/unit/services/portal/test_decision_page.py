"""One decision's page, and the list of those that are due."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from consent.circumstances import (
    Channel,
    CompetenceQuestion,
    InvalidationReason,
    NotAskedReason,
)
from consent.lawfulness import Article9, Basis
from consent.model import DeciderKind, Response
from schemas.identifiers import DecisionId
from services.portal.decisions.orders import DecisionForm, HowDecided
from tests.support.portal.pages import Page, PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import a_duty_for, a_permit_for
from tests.unit.services.portal.conftest import Fake

PERMIT = a_permit_for(CHILD)
BY_PRIYA = {"decider_kind": DeciderKind.PRACTITIONER, "decider_reference": "priya-nair"}
DUTY = a_duty_for(CHILD, by="priya-nair")
TASK = replace(PERMIT, basis=Basis.PUBLIC_TASK, **BY_PRIYA)
YOUNG_PERSON = replace(
    PERMIT,
    decider_kind=DeciderKind.YOUNG_PERSON,
    decider_reference="young-person",
    how=HowDecided(Channel.IN_PERSON, competence=frozenset(CompetenceQuestion)),
)

Show = Callable[[DecisionForm], Page]


@pytest.fixture
def show(priya: PageClient, world: Fake) -> Show:
    """Record a decision and open its page."""

    def shown(form: DecisionForm) -> Page:
        recorded = world.record(form)
        return priya.get(f"/families/{CHILD}/consent/{recorded.decision_id}")

    return shown


def test_it_says_what_how_and_on_what_ground(show: Show) -> None:
    """With who wrote it down."""
    page = show(
        replace(
            PERMIT,
            article_9=Article9.EXPLICIT_CONSENT,
            review=date(2027, 3, 1),
            how=HowDecided(Channel.TELEPHONE, "pl", "2026-03"),
        )
    )

    for words in (
        "Agreed to share In force",
        "Lawful basis Consent to the processing (UK GDPR Art. 6(1)(a))",
        "Explicit consent (UK GDPR Art. 9(2)(a))",
        "How By telephone, after checking who they are",
        "Interpreter Polish",
        "Privacy notice Version 2026-03",
        "Written down by Priya Nair, Health visitor",
        "Ask again 1 March 2027",
    ):
        assert words in page.text


def test_what_was_not_told_is_said_in_words(show: Show) -> None:
    """Nothing is left blank."""
    page = show(PERMIT)

    for words in ("No condition stated", "Law None stated", "How Not recorded"):
        assert words in page.text


@pytest.mark.parametrize(
    ("form", "offered"),
    [
        (PERMIT, ["Withdraw it", "Replace it", "Mark it"]),
        (TASK, ["Record that", "End it", "Replace it", "Mark it"]),
        (DUTY, ["End it", "Replace it", "Mark it"]),
        (replace(TASK, decider_reference="0b" * 16), ["Record that", "End it", "Mark it"]),
        (replace(PERMIT, basis=Basis.PUBLIC_TASK), ["Withdraw", "Record", "Replace", "Mark"]),
        (replace(PERMIT, response=Response.REFUSED), ["Withdraw it", "Replace it", "Mark it"]),
    ],
)
def test_it_offers_what_can_be_done(show: Show, form: DecisionForm, offered: list[str]) -> None:
    """Consent is withdrawn, a public task objected to; a practitioner ends their own."""
    page = show(form)

    links = [text for text in page.links if text.startswith(("With", "Rec", "End", "Rep", "Mark"))]
    assert len(links) == len(offered)
    assert all(link.startswith(start) for link, start in zip(links, offered, strict=True))


def test_a_duty_is_said_to_be_nobodys_to_withdraw(show: Show) -> None:
    """Plainly, and with the law it rests on."""
    page = show(DUTY)

    assert "The family can neither withdraw it nor object to it." in page.text
    assert "Children Act 2004 s.11: safeguarding" in page.text


@pytest.mark.parametrize("page_of", ["withdraw", "object"])
def test_a_duty_has_no_page_to_withdraw_or_object(
    priya: PageClient, world: Fake, page_of: str
) -> None:
    """Nor has a decision that there is not."""
    duty = world.record(DUTY).decision_id

    for decision in (duty, DecisionId("decision-9")):
        page = priya.get(f"/families/{CHILD}/consent/{decision}/{page_of}", 404)
        assert page.heading == "Page not found"


def test_who_judged_a_young_person_is_told(show: Show) -> None:
    """By name, or that nobody had to."""
    judged = show(YOUNG_PERSON)
    presumed = show(replace(YOUNG_PERSON, how=HowDecided(presumed_competent=True)))

    assert "Judged able to decide this by Priya Nair, Health visitor" in judged.text
    assert "16 or 17, so able to decide unless judged otherwise" in presumed.text


def test_why_nobody_was_asked_is_told(show: Show) -> None:
    """The reason is part of the decision."""
    page = show(replace(TASK, response=Response.NOT_ASKED, because=NotAskedReason.WOULD_RAISE_RISK))

    assert "Why Asking could put somebody at risk" in page.text


def test_what_has_become_of_it_is_told(priya: PageClient, world: Fake, show: Show) -> None:
    """Invalid with why, replaced with a link to what stands in its place."""
    services = world.services
    old = world.record(PERMIT).decision_id
    new = show(replace(PERMIT, supersedes=old))
    replaced = priya.get(f"/families/{CHILD}/consent/{old}")
    services.invalidate_decision(world.practitioner, old, InvalidationReason.WRONG_PERSON)
    invalid = priya.get(f"/families/{CHILD}/consent/{old}")

    assert "Stands in the place of Decision" in new.text
    assert "Agreed to share Replaced" in replaced.text
    assert "Replaced by Decision" in replaced.text
    assert "Agreed to share Marked as invalid" in invalid.text
    assert "Why it is invalid Recorded about the wrong person" in invalid.text
    assert not [text for text in invalid.links if text.startswith(("Withdraw", "Mark"))]


def test_without_a_relationship_there_is_no_decision(client: PageClient, world: Fake) -> None:
    """As with every page of a family."""
    recorded = world.record(PERMIT)
    client.sign_in("tom-ellis")

    page = client.get(f"/families/{CHILD}/consent/{recorded.decision_id}", 403)

    assert page.heading == "You cannot see this page"


def test_what_is_due_is_listed_without_names(priya: PageClient, world: Fake) -> None:
    """By the family's reference, with a link to the decision."""
    services = world.services
    world.record(replace(PERMIT, review=date(2026, 11, 23)))
    before = priya.get("/due-for-review")
    later = services.clock() + timedelta(days=1)
    services.clock = lambda: later

    page = priya.get("/due-for-review")

    assert "Nothing is due for review." in before.text
    assert "WREN01" in page.text
    assert "23 November 2026" in page.text
    assert "Ava" not in page.text
    assert any("Agreed to share" in link for link in page.links)
    assert "Decisions that are due for review" in priya.get("/").links
