import pytest

from consent.decision import Reason
from services.aggregation.profile import ProfileRefused
from services.portal.csrf import TOKEN_FIELD
from services.portal.presenters.references import record_reference
from services.portal.presenters.refused import NO_RIGHT, decisions_are_open, why_refused
from tests.support.pages import PageClient
from tests.support.portal_builders import CHILD
from tests.unit.services.portal.conftest import Fake

PAGES = ["", "/story", "/timeline", "/consent", "/who-has-looked"]


@pytest.mark.parametrize("page", PAGES)
def test_nobodys_protected_and_unknown_people_look_alike(
    priya: PageClient, world: Fake, page: str
) -> None:
    """Only the reference from the address differs."""
    texts = set()
    for person in (world.unrelated, world.protected, world.unknown):
        text = priya.get(f"/families/{person}{page}", 403).whole_text
        texts.add(text.replace(record_reference(person), "REFERENCE"))

    assert len(texts) == 1
    assert "This record is restricted" in texts.pop()


def test_the_page_says_that_the_visit_is_recorded(priya: PageClient, world: Fake) -> None:
    """And, to who works with the family, what one can do next."""
    page = priya.get(f"/families/{CHILD}", 403)

    assert "Your visit to this page has been recorded." in page.text
    assert page.links["see what was decided"] == f"/families/{CHILD}/consent"
    assert page.links["record what the family decides"] == f"/families/{CHILD}/consent/new"
    looks = world.services.who_has_looked(world.practitioner, CHILD)
    assert not isinstance(looks, ProfileRefused)
    assert [look.permitted for look in looks] == [False]


def test_a_stranger_is_told_whom_to_ask_and_offered_nothing_to_press(
    priya: PageClient, world: Fake
) -> None:
    """Neither what would be refused too, nor a way to let oneself in."""
    page = priya.get(f"/families/{world.unrelated}", 403)

    assert "Ask the family’s lead practitioner" in page.text
    assert "duty line" in page.text
    assert "999" in page.text
    assert not [form.action for form in page.tree.forms if "/families/" in form.action]
    assert not [address for address in page.links.values() if "/families/" in address]


def test_nobody_lets_themselves_in_by_saying_that_the_family_is_there(
    priya: PageClient, world: Fake
) -> None:
    """The address that did so is gone: for everybody alike, and nothing opens."""
    answers = [
        priya.http.post(f"/families/{person}/family-present", data={TOKEN_FIELD: "any"})
        for person in (world.child, world.unrelated, world.protected, world.unknown)
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert priya.get(f"/families/{world.unrelated}/consent", 403)


def test_a_change_is_refused_with_the_same_page(priya: PageClient, world: Fake) -> None:
    """Adding to a stranger's story is closed as reading it is."""
    add = f"/families/{world.unrelated}/story/new"
    own = f"/families/{world.child}/story/new"
    token = priya.get(own).token_of(own)
    words = {TOKEN_FIELD: token, "told-by": "Nan", "text": "Words", "step": "save"}

    response = priya.http.post(add, data=words)

    assert response.status_code == 403
    assert "This record is restricted" in response.text


@pytest.mark.parametrize(
    "reasons",
    [
        (),
        (Reason.RESTRICTED,),
        (Reason.NO_RELATIONSHIP,),
        (Reason.DETRIMENTAL,),
        (Reason.WITHDRAWN, Reason.RESTRICTED),
    ],
)
def test_reasons_that_hint_at_a_record_are_not_told(reasons: tuple[Reason, ...]) -> None:
    """Even one of them beside harmless ones keeps them all untold."""
    assert why_refused(ProfileRefused(reasons, "rules")) == (NO_RIGHT,)


@pytest.mark.parametrize(
    ("reasons", "are_open"),
    [
        ((Reason.NO_DECISION,), True),
        ((Reason.WITHDRAWN, Reason.DETRIMENTAL), True),
        ((Reason.NO_RELATIONSHIP,), False),
        ((Reason.RESTRICTED,), False),
        ((Reason.WITHDRAWN, Reason.RESTRICTED), False),
        ((), False),
    ],
)
def test_decisions_are_offered_only_where_they_are_open(
    reasons: tuple[Reason, ...], *, are_open: bool
) -> None:
    """Who would be refused there too is offered nothing; without a reason nobody is."""
    assert decisions_are_open(ProfileRefused(reasons, "rules")) is are_open


def test_a_family_that_withdrew_is_told_so_to_its_practitioner() -> None:
    """Somebody who works with the family reads what it decided."""
    refused = ProfileRefused((Reason.WITHDRAWN,), "rules")

    assert why_refused(refused) == ("The family withdrew its agreement.",)


def test_that_the_agencies_have_not_agreed_is_told_as_such() -> None:
    """It is so of every family and says nothing of this one."""
    refused = ProfileRefused((Reason.POLICY_DENIES,), "rules")

    assert why_refused(refused) == ("The data-sharing agreement does not cover this.",)
