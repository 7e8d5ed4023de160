"""The data steward's pages: the list, side by side, and the answers."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI

from schemas.identifiers import PersonId
from services.people.linking.facts import LinkFacts
from services.people.linking.ports import ACTOR, ReviewState
from services.people.linking.scoring import Band
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.who_is_who.words import PAGE_LENGTH
from services.profile.model import DeathStanding, DeathView
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.people.pairs import SEEN, InventedPair, StewardWorld, a_pair
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_builders import AT
from tests.support.portal.steward_world import a_fake_steward_world

LIST = "/who-may-be-one"
ALIKE, MISDATED = f"{LIST}/review-0001", f"{LIST}/review-0002"

World = StewardWorld[FakePortalServices]


@pytest.fixture
def world() -> World:
    """Give the data steward's world instead of a health visitor's."""
    return a_fake_steward_world()


@pytest.fixture
def app(world: World) -> FastAPI:
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
    return create_app(world.services, settings)


@pytest.fixture
def owen(client: PageClient, world: World) -> PageClient:
    """A browser in which the data steward has signed in."""
    client.sign_in(world.steward.id)
    return client


def test_a_steward_comes_to_the_list(owen: PageClient) -> None:
    """Home leads there, and so does the navigation; family records are not offered."""
    page = owen.get(owen.http.get("/").headers["location"])

    assert page.heading == "People who may be one"
    assert page.links["People who may be one"] == LIST
    assert "Find a family" not in page.links


def test_the_list_names_nobody(owen: PageClient) -> None:
    """A reference, how much agrees, since when; who is protected is not counted either."""
    page = owen.get(LIST)

    assert "2 pairs" in page.text
    assert page.links["Pair EW0001"] == ALIKE
    assert "Waiting since 22 November 2026" in page.text
    assert "OTTOLINE" not in page.whole_text.upper()


def test_each_state_has_its_list(owen: PageClient, world: World) -> None:
    """Joined ones say by whom, the latest first; an empty list says so."""
    for number, by in ((4, ACTOR), (5, f"practitioner:{world.steward.id}"), (6, "practitioner:x")):
        pair = a_pair(f"review-000{number}", state=ReviewState.JOINED)
        at = AT + timedelta(days=number)
        pair.review = replace(pair.review, answered_at=at, answered_by=by)
        world.services.add_pair(pair)

    page = owen.get(f"{LIST}?state=joined")

    assert page.text.index("EW0006") < page.text.index("EW0005") < page.text.index("EW0004")
    assert "Joined on 26 November 2026 by this service" in page.text
    assert "Joined on 27 November 2026 by you" in page.text
    assert "Joined on 28 November 2026 by a data steward" in page.text
    assert "No source is being asked" in owen.get(f"{LIST}?state=asked-source").text


def test_a_long_list_has_pages(owen: PageClient, world: World) -> None:
    """With a way on and a way back."""
    for number in range(PAGE_LENGTH):
        world.services.add_pair(a_pair(f"more-{number:04d}"))

    first, second = owen.get(LIST), owen.get(f"{LIST}?page=2")

    assert first.tree.xpath("//a[@rel='next']/@href") == [f"{LIST}?page=2"]
    assert second.tree.xpath("//a[@rel='prev']/@href") == [LIST]
    assert len(second.tree.find_class("app-list__item")) == 2
    assert "There are no more pairs." in owen.get(f"{LIST}?page=9").text


def test_both_stand_side_by_side(owen: PageClient) -> None:
    """What each says, whether it agrees in words, and what that says."""
    page = owen.get(ALIKE)

    rows = [" ".join(row.text_content().split()) for row in page.tree.iter("tr")]
    assert "Family name QUILLFEATHER QUILLFEATHER The same Speaks strongly for one person" in rows
    assert "Postcode ZZ9 9ZZ EX1 1AA Different Speaks strongly against one person" in rows
    assert "Date of birth 17 April 2019 17 April 2019 The same Speaks strongly for one" in page.text
    assert "agrees. What is known of them is" in page.text


def test_a_death_is_told_before_what_agrees(owen: PageClient, world: World) -> None:
    """On the pair and before it is joined: whoever rings a source knows it first."""
    world.services.deaths["review-0001"] = None, DeathView(DeathStanding.DIED, "2026-03-03")

    for address in (ALIKE, f"{ALIKE}/join"):
        text = owen.get(address).text
        assert text.index("Died on 3 March 2026.") < text.index("QUILLFEATHER"), address
    assert "Died" not in owen.get(MISDATED).text


def test_it_says_whom_to_ring(owen: PageClient) -> None:
    """The agencies behind each source, with their numbers; asking is written down."""
    page = owen.send_and_follow(ALIKE, f"{ALIKE}/ask-sources", {})

    assert "Exbury health visiting: 01632 960 700" in page.text
    assert "Nothing is sent: ring them." in page.text
    assert "Sources asked on 22 November 2026" in page.text
    assert "I ask the sources" not in page.text


def test_a_join_says_first_what_follows(owen: PageClient, world: World) -> None:
    """Then what denies about either holds for both, and another steward is waited for."""
    ask = owen.get(f"{ALIKE}/join")

    done = owen.send_and_follow(f"{ALIKE}/join", f"{ALIKE}/join", {})

    assert "was refused or restricted about either stays so for both" in ask.text
    assert "dates of birth" not in ask.text
    assert "Another data steward has to say" in done.text
    assert "They are one person from now on." not in done.text
    assert "Undo: they are two people" in done.text
    assert world.services.pairs["review-0001"].review.state is ReviewState.CLAIMED


def test_another_date_of_birth_asks_for_a_tick(owen: PageClient, world: World) -> None:
    """Without it nothing is done, and the page says what to tick."""
    join = f"{MISDATED}/join"

    refused = owen.send(join, join, {})
    before = world.services.pairs["review-0002"].review.state
    owen.send_and_follow(join, join, {"born-otherwise": "yes"})

    assert refused.errors == [
        "Confirm that one date of birth is wrong, or go back and say that they are two people"
    ]
    assert before is ReviewState.WAITING
    assert world.services.pairs["review-0002"].review.state is ReviewState.CLAIMED


def test_two_can_be_kept_apart_and_a_join_undone(owen: PageClient, world: World) -> None:
    """Each with one button, and a confirmation."""
    apart = owen.send_and_follow(ALIKE, f"{ALIKE}/apart", {})
    owen.send_and_follow(f"{ALIKE}/join", f"{ALIKE}/join", {})
    undone = owen.send_and_follow(ALIKE, f"{ALIKE}/undo", {})

    assert "They are two people from now on" in apart.text
    assert "They are two people again." in undone.text
    assert world.services.pairs["review-0001"].review.state is ReviewState.APART


def test_what_somebody_else_did_meanwhile_is_told(owen: PageClient, world: World) -> None:
    """Nothing is changed, and the page says why."""
    token = owen.get(ALIKE).token_of(f"{ALIKE}/apart")
    owen.send_and_follow(f"{ALIKE}/join", f"{ALIKE}/join", {})

    response = owen.http.post(f"{ALIKE}/apart", data={"csrf": token})

    page = owen.get(response.headers["location"])
    assert "Nothing was changed. They are said to be one person, and nobody else" in page.text
    assert world.services.pairs["review-0001"].review.state is ReviewState.CLAIMED
    assert owen.http.get(f"{ALIKE}/join").headers["location"] == ALIKE


def test_a_made_up_confirmation_says_nothing(owen: PageClient) -> None:
    """The notice is shown only where the pair stands so."""
    page = owen.get(f"{ALIKE}?done=joined")

    assert "They are one person from now on" not in page.text


def test_what_cannot_be_one_offers_no_join(owen: PageClient, world: World) -> None:
    """Two numbers of one kind; it says so."""
    other = LinkFacts(SEEN.given_names, SEEN.family_names, SEEN.date_of_birth, SEEN.postcode)
    scheme = SEEN.numbers[0][0]
    world.services.add_pair(
        a_pair("review-0007", other=replace(other, numbers=((scheme, "9990000026"),)))
    )

    page = owen.get(f"{LIST}/review-0007")

    assert "They cannot be joined. Each has a verified number, and the numbers differ." in page.text
    assert "They are one person" not in page.links


def test_where_nothing_may_be_compared_two_can_still_be_said(
    owen: PageClient, world: World
) -> None:
    """And a join be undone."""
    known = a_pair("review-0008")
    world.services.add_pair(InventedPair(known.review, None))

    page = owen.get(f"{LIST}/review-0008")

    assert "may not be compared" in page.text
    assert page.tree.xpath("//form/@action")[1:] == [f"{LIST}/review-0008/apart"]
    assert known.side is not None
    assert known.side.band is Band.REVIEW
    assert known.review.one == PersonId("review-0008-one")


@pytest.mark.parametrize("address", [f"{LIST}/review-0003", f"{LIST}/made-up", f"{ALIKE}/nothing"])
def test_what_is_not_there_for_them_is_not_found(owen: PageClient, address: str) -> None:
    """A hidden pair like one that was made up."""
    assert owen.get(address, 404).heading == "Page not found"


@pytest.mark.parametrize("address", [LIST, ALIKE, f"{ALIKE}/join"])
def test_nobody_else_opens_these_pages(client: PageClient, world: World, address: str) -> None:
    """Not even those who work with families; their navigation does not offer it."""
    client.sign_in(world.practitioner.id)

    assert client.get(address, 403).heading == "Your role does not open this page"
    assert "People who may be one" not in client.get("/").links
