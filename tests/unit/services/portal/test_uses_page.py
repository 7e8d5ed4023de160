"""The page of the uses of one's name, and "this was not me"."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.people.staffing.names_used import NameUse, UseKind
from services.portal.front.uses import MOST_TOLD
from services.portal.front.uses_words import use_lines
from tests.support.builders import NOW
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.fakes.fake_uses import A_USE
from tests.support.portal.pages import Page, PageClient
from tests.support.portal.portal_world import PortalWorld

Fake = PortalWorld[FakePortalServices]
USES = "/uses-of-my-name"


@pytest.mark.parametrize(
    ("use", "what", "outcome"),
    [
        (A_USE, "Showed families on its own screens", "2 families seen; 1 family refused"),
        (replace(A_USE, refused=0), None, "2 families seen"),
        (replace(A_USE, shown=0), None, "1 family refused"),
        (replace(A_USE, shown=0, refused=0), None, "Nothing was asked for"),
        (
            replace(A_USE, kind=UseKind.QUESTION, asked=12, shown=0, refused=0),
            "Asked whether something may be seen",
            "12 questions in an hour",
        ),
        (replace(A_USE, kind=UseKind.QUESTION), None, "1 question in an hour"),
    ],
)
def test_a_use_is_told_in_words_and_names_no_family(use: NameUse, what: str | None, outcome: str):
    """How many, because who they are may not be theirs to know."""
    (line,) = use_lines([use])

    assert line.outcome == outcome
    assert what in {None, line.what}
    assert (line.partner, line.purpose) == ("northfield-ehr", "Direct care")


def test_uses_are_listed_newest_first_a_page_at_a_time(priya: PageClient, world: Fake):
    """The link to older ones leads on from the last that was shown."""
    world.services.uses.uses[world.practitioner.id] = [
        replace(A_USE, id=f"{n:032x}", at=NOW - timedelta(hours=n)) for n in range(MOST_TOLD + 2)
    ]

    first = priya.get(USES)
    older = priya.get(f"{USES}?before={MOST_TOLD - 1:032x}")

    assert len(first.tree.forms) == MOST_TOLD + 1
    assert first.tree.xpath("//a[text()='Older uses']/@href") == [
        f"{USES}?before={MOST_TOLD - 1:032x}"
    ]
    assert len(older.tree.forms) == 2 + 1
    assert "Older uses" not in older.text


def test_whoever_was_not_named_is_told_so(priya: PageClient):
    """And an address that nobody wrote leads nowhere."""
    assert "No system has used your name." in priya.get(USES).text
    assert "There are no older uses." in priya.get(f"{USES}?before={'0' * 32}").text


def test_that_it_was_not_them_is_said_once(priya: PageClient, world: Fake):
    """The list says so afterwards, and asks no more."""
    world.services.uses.uses[world.practitioner.id] = [A_USE]

    page = priya.send_and_follow(USES, f"{USES}/{A_USE.id}/not-me", {})

    assert "You said that this was not you" in page.text
    assert "This was not me" not in page.text


def test_a_use_of_somebody_elses_name_is_none(priya: PageClient, world: Fake):
    """The same page as for one that there is not."""
    world.services.uses.uses[world.practitioner.id] = [A_USE]
    token = priya.get(USES).token_of(f"{USES}/{A_USE.id}/not-me")
    elsewhere = replace(A_USE, id="d2" * 16)
    world.services.uses.uses[world.services.people[-1].id] = [elsewhere]

    answers = [
        priya.http.post(f"{USES}/{use}/not-me", data={"csrf": token})
        for use in (elsewhere.id, "0" * 32)
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({Page(answer).text for answer in answers}) == 1


def test_a_token_for_nobody_in_particular_is_none(priya: PageClient):
    """Nor one for what is no partner's name."""
    for partner in ("", "Northfield", "a1234567", "%00", "a" * 49):
        answer = priya.http.get(f"/token-for-a-partner?partner={partner}")
        assert answer.status_code in {400, 404, 422}
