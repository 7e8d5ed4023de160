"""The question who decided: chosen from a list by who works with the child, else typed."""

from dataclasses import replace

import pytest

from consent.lawfulness import Basis
from consent.model import DeciderKind
from services.people.deciders.naming import NamedChoice
from services.portal.decisions.summaries import DecisionSummary
from services.profile.model import ProfileRefused
from tests.support.portal.pages import Page, PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import A_PERMIT, a_permit_for
from tests.unit.services.portal.conftest import Fake

FORM = f"/families/{CHILD}/consent/new"
AMBROSE = NamedChoice("ab" * 16, "Mr Ambrose Quillfeather")
MANAGER = NamedChoice("91" * 16, "Una Thwaite", is_manager=True)
_OF_THE_FAMILY = ["mother", "father", "other-parent", "young-person", "adult-self"]
_FOR_A_NO = ["court", "other", "not-said"]
TYPED = [*_OF_THE_FAMILY, "practitioner", *_FOR_A_NO]


def _offered(page: Page) -> list[str]:
    return [str(value) for value in page.tree.xpath("//input[@name='decided-by']/@value")]


def _latest(world: Fake) -> DecisionSummary:
    listed = world.services.decisions(world.practitioner, CHILD)
    assert not isinstance(listed, ProfileRefused)
    return listed[0]


def _task(world: Fake) -> str:
    """Record what can be objected to; gives the address of the form for it."""
    form = replace(
        a_permit_for(CHILD),
        basis=Basis.PUBLIC_TASK,
        decider_kind=DeciderKind.PRACTITIONER,
        decider_reference="priya-nair",
    )
    return f"/families/{CHILD}/consent/{world.record(form).decision_id}/object"


def test_who_has_no_list_types_a_name(priya: PageClient) -> None:
    """The page says nothing of who is named."""
    page = priya.get(FORM)

    assert _offered(page) == TYPED
    assert "What is the parent called?" in page.text
    assert "other than yours" not in page.text


def test_who_works_with_the_child_chooses_by_name(priya: PageClient, world: Fake) -> None:
    """People by name, then somebody else with a field for theirs; the value names nobody."""
    world.services.named[CHILD] = [AMBROSE, MANAGER]

    page = priya.get(FORM)
    done = priya.send_and_follow(FORM, FORM, A_PERMIT | {"decided-by": AMBROSE.reference})

    listed = [AMBROSE.reference, MANAGER.reference, "other-parent", "young-person"]
    assert _offered(page)[:4] == listed
    assert "Mr Ambrose Quillfeather Una Thwaite Decides for the authority" in page.text
    assert "Quillfeather" not in done.response.request.url.path
    assert _latest(world).said.decided_by.reference == AMBROSE.reference


def test_where_nobody_is_named_the_page_says_so_and_asks(priya: PageClient, world: Fake) -> None:
    """A list of nobody is the typed form."""
    world.services.named[CHILD] = []

    page = priya.get(FORM)

    assert _offered(page) == TYPED
    assert "No service other than yours has told us" in page.text


@pytest.mark.parametrize("forged", ["cd" * 16, "ab", "Ambrose Quillfeather", "", "ab" * 16 + "\n1"])
def test_what_is_not_on_the_list_is_refused_like_nothing_chosen(
    priya: PageClient, world: Fake, forged: str
) -> None:
    """One message, that leads to the first of the people."""
    world.services.named[CHILD] = [AMBROSE]

    page = priya.send(FORM, FORM, A_PERMIT | {"decided-by": forged})

    assert page.errors == ["Select who decided"]
    assert page.tree.get_element_by_id("decided-by").get("value") == AMBROSE.reference


def test_a_list_that_has_changed_is_shown_again(priya: PageClient) -> None:
    """Whoever was named and is no more cannot be chosen; nor by who never had a list."""
    page = priya.send(FORM, FORM, A_PERMIT | {"decided-by": AMBROSE.reference})

    assert page.errors == ["Select who decided"]
    assert _offered(page) == TYPED


def test_somebody_else_is_typed_and_stays_typed(priya: PageClient, world: Fake) -> None:
    """What was chosen and typed is there again when something else is wrong."""
    world.services.named[CHILD] = [AMBROSE]
    told = {"decided-by": "other-parent", "decider-name": "Isolde Quillfeather", "response": ""}

    page = priya.send(FORM, FORM, A_PERMIT | told)

    assert page.errors == ["Select what was decided"]
    assert page.tree.get_element_by_id("decider-name").get("value") == "Isolde Quillfeather"
    ticked = page.tree.xpath("//input[@name='decided-by'][@checked]/@value")
    assert ticked == ["other-parent"]


def test_who_objects_is_chosen_likewise(priya: PageClient, world: Fake) -> None:
    """A practitioner is not among them, and a forged reference is nobody."""
    world.services.named[CHILD] = [AMBROSE]
    form = _task(world)

    page = priya.get(form)
    refused = priya.send(form, form, {"decided-by": "cd" * 16})
    priya.send_and_follow(form, form, {"decided-by": AMBROSE.reference})

    people = [AMBROSE.reference, *_OF_THE_FAMILY[2:], *_FOR_A_NO]
    assert _offered(page) == people
    assert refused.errors == ["Select who objects"]
    assert _latest(world).said.decided_by.reference == AMBROSE.reference


def test_who_objects_is_typed_by_who_has_no_list(priya: PageClient, world: Fake) -> None:
    """As who decided is."""
    page = priya.get(_task(world))

    assert _offered(page) == [*_OF_THE_FAMILY, *_FOR_A_NO]
    assert "What is the parent called?" in page.text


def test_by_number_a_name_is_typed_whoever_it_is_about(priya: PageClient, world: Fake) -> None:
    """Nobody has been looked up yet."""
    world.services.named[CHILD] = [AMBROSE]

    page = priya.get("/record-a-decision")

    assert _offered(page) == TYPED
