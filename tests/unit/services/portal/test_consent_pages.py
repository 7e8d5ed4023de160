from dataclasses import replace

import pytest

from consent.model import Decider, DeciderKind, Response
from schemas.vocabulary import SERVICES_HERE, Category
from services.portal.words.codes import decider_in_words, recipient_in_words
from services.profile.model import ProfileRefused
from tests.support.portal.pages import Page, PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import A_CHILD, A_PERMIT, a_permit_for
from tests.unit.services.portal.conftest import Fake

CONSENT = f"/families/{CHILD}/consent"
RECORD = f"{CONSENT}/new"


def test_no_decision_is_said_in_words(priya: PageClient) -> None:
    """And that nothing is shared without one."""
    page = priya.get(CONSENT)

    assert "No sharing decision is recorded about this family." in page.text


def test_a_decision_is_confirmed_listed_and_in_force(priya: PageClient) -> None:
    """The confirmation leads to the list, the list tells what was decided."""
    confirmation = priya.send_and_follow(RECORD, RECORD, A_PERMIT)
    page = priya.get(confirmation.links["See every decision"])

    assert confirmation.heading == "Decision recorded"
    assert "Agreed to share In force" in page.text
    assert "Decided by Mother, who has parental responsibility" in page.text
    assert "Which services Every service that works with the family" in page.text
    assert priya.get(f"/families/{CHILD}").heading == "Overview"


def test_the_form_comes_back_with_everything_that_was_ticked(priya: PageClient) -> None:
    """One mistake does not cost the other answers."""
    page = priya.send(RECORD, RECORD, {**A_PERMIT, "basis": ""})

    assert page.errors == ["Select the legal basis"]
    ticked = page.tree.xpath("//input[@checked]/@value")
    assert {"mother", "given", "story", "early-help", "everyone", "every-source"} <= set(ticked)


def test_a_withdrawal_is_asked_confirmed_and_in_force_for_the_next_page(
    priya: PageClient, world: Fake
) -> None:
    """The very next page refuses; the list keeps the decision."""
    recorded = world.record(a_permit_for(CHILD))
    ask = f"{CONSENT}/{recorded.decision_id}/withdraw"

    question = priya.get(ask)
    confirmation = priya.send_and_follow(ask, ask, {})
    refused = priya.get(f"/families/{CHILD}", 403)
    listed = priya.get(CONSENT)

    assert question.heading == "Does the family withdraw this decision?"
    assert confirmation.heading == "Decision withdrawn"
    assert "The family withdrew its agreement." in refused.text
    assert "Agreed to share Withdrawn" in listed.text
    assert not [text for text in listed.links if text.startswith("Withdraw")]


def test_a_decision_that_does_not_hold_cannot_be_withdrawn(priya: PageClient, world: Fake) -> None:
    """There is nothing to ask."""
    recorded = world.record(a_permit_for(CHILD))
    world.services.withdraw_decision(world.practitioner, recorded.decision_id)

    page = priya.get(f"{CONSENT}/{recorded.decision_id}/withdraw", 404)

    assert page.heading == "Page not found"


@pytest.mark.parametrize("query", ["", "?proof=made-up"])
def test_a_confirmation_cannot_be_made_up(priya: PageClient, query: str) -> None:
    """A link in a letter does not make a professional believe in a decision."""
    address = f"{CONSENT}/decision-1/recorded{query}"

    assert priya.http.get(address).status_code in {404, 422}


def test_a_first_decision_is_recorded_by_number_and_date_of_birth(
    priya: PageClient, world: Fake
) -> None:
    """Of somebody with whom one works."""
    form = {**A_CHILD, "identifier": world.child_entry.value, **A_PERMIT}

    page = priya.send_and_follow("/record-a-decision", "/record-a-decision", form)

    assert page.heading == "Decision recorded"
    assert [set(d.subjects) for d in world.services.on_record.values()] == [{CHILD}]


def test_a_first_decision_asks_for_everything_at_once(priya: PageClient) -> None:
    """Mistakes about the person and about the decision come back together."""
    page = priya.send("/record-a-decision", "/record-a-decision", {})

    assert page.errors[0] == "Select which kind of number you have"
    assert page.errors[-1] == "Select whose records it is about"


def test_an_end_in_the_past_is_not_accepted(priya: PageClient) -> None:
    """The message is beside the date."""
    past = {"until-day": "1", "until-month": "1", "until-year": "2020"}

    page = priya.send(RECORD, RECORD, {**A_PERMIT, **past})

    assert page.errors == ["The last day must be in the future"]


def test_a_paper_form_says_when_it_was_decided_and_recorded(priya: PageClient) -> None:
    """Two times are listed where there are two, and one where there is one."""
    on_paper = {"decided-on-day": "30", "decided-on-month": "6", "decided-on-year": "2020"}

    dated = priya.send_and_follow(RECORD, RECORD, {**A_PERMIT, **on_paper})
    listed = priya.get(CONSENT).text

    assert dated.heading
    assert "When 30 June 2020" in listed
    assert "Recorded, and holds from" in listed
    priya.send_and_follow(RECORD, RECORD, A_PERMIT)
    assert priya.get(CONSENT).text.count("Recorded, and holds from") == 1


def test_who_has_looked_lists_looks_and_refusals(priya: PageClient, world: Fake) -> None:
    """With organisation, purpose and parts."""
    priya.get(f"/families/{CHILD}", 403)
    world.record(a_permit_for(CHILD))
    priya.get(f"/families/{CHILD}")

    page = priya.get(f"/families/{CHILD}/who-has-looked")

    assert "Priya Nair Exbury health visiting Early help Seen" in page.text
    assert "Early help Refused Nothing was shown" in page.text


def test_nobody_has_looked_is_said_in_words(priya: PageClient) -> None:
    """An empty list is not a blank page."""
    page = priya.get(f"/families/{CHILD}/who-has-looked")

    assert "Nobody has looked at this family’s record yet." in page.text


@pytest.mark.parametrize(
    ("recipient", "words"),
    [
        ("agency:schools", "School"),
        ("agency:police", "police"),
        ("role:lead-practitioner", "Lead practitioner"),
        ("practitioner:7d0c", "One named practitioner"),
    ],
)
def test_recipients_are_named_without_ids(recipient: str, words: str) -> None:
    """A practitioner's id is not for reading."""
    assert recipient_in_words(recipient) == words


def test_a_decider_from_elsewhere_is_named_by_capacity(world: Fake) -> None:
    """A reference that another program wrote is left out."""
    world.record(a_permit_for(CHILD))
    decisions = world.services.decisions(world.practitioner, CHILD)
    assert not isinstance(decisions, ProfileRefused)
    by_another = Decider(DeciderKind.PARENT, "R-77")

    words = decider_in_words(replace(decisions[0].said, decided_by=by_another))

    assert words == "Person with parental responsibility"


def _cells(page: Page) -> dict[tuple[str, str], str]:
    """The word of each cell, by category and service."""
    (table,) = page.tree.find_class("app-matrix")
    services = [th.text_content() for th in table.xpath("./thead//th")][1:]
    return {
        (row.find("th").text_content(), service): cell.find_class("app-word")[0].text_content()
        for row in table.xpath("./tbody/tr")
        for service, cell in zip(services, row.findall("td"), strict=True)
    }


def test_what_is_shared_with_whom_stands_above_what_was_decided(
    priya: PageClient, world: Fake
) -> None:
    """A cell for each category and service, each with a sentence that says why."""
    world.record(replace(a_permit_for(CHILD), recipients=frozenset({"agency:health-visiting"})))

    page = priya.get(CONSENT)

    cells = _cells(page)
    assert len(cells) == len(Category) * len(SERVICES_HERE)
    assert cells["Their story", "Health visiting"] == "Shared"
    assert cells["Their story", "School"] == "Not shared"
    assert cells["School", "School"] == "Its own record"
    assert all(p.text_content() for p in page.tree.xpath("//table//details/p"))
    assert page.text.index("What is shared now") < page.text.index("Agreed to share")


def test_a_yes_over_which_a_no_wins_is_not_said_to_be_simply_in_force(
    priya: PageClient, world: Fake
) -> None:
    """It says over what, and where two do not agree only what comes of it."""
    world.record(a_permit_for(CHILD))
    no = replace(
        a_permit_for(CHILD),
        response=Response.REFUSED,
        categories=frozenset({Category.STORY}),
        existence_may_be_shown=True,
        decider_reference="father",
    )
    world.record(no)

    page = priya.get(CONSENT)

    assert _cells(page)["Their story", "School"] == "Not shared"
    assert "Their story is not shared: not everybody who may decide agrees." in page.text
    assert "We do not show who said what." in page.text
    assert "Agreed to share Partly overridden by a no" in page.text
    assert "A no wins for Their story (health visiting, school, social care and" in page.text
