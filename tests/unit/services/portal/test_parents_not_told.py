"""A young person has asked that their parents are not told (DOMAIN.md section 3.4)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from consent.circumstances import CompetenceQuestion, InvalidationReason
from consent.model import DeciderKind, Response
from schemas.vocabulary import Category, Purpose
from services.portal.decisions.orders import DecisionForm, HowDecided
from services.portal.decisions.summaries import DecisionSummary
from services.portal.family.looks import looks_for_parents
from services.profile.model import ProfileRefused
from services.profile.ports import ListedLook
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_builders import AT, CHILD
from tests.support.portal.portal_forms import A_PERMIT, a_permit_for
from tests.unit.services.portal.conftest import Fake

FAMILY = f"/families/{CHILD}"
RECORD = f"{FAMILY}/consent/new"
WARNING = "Do not show or give this page to their parents."
SECRET = replace(
    a_permit_for(CHILD),
    categories=frozenset({Category.STORY}),
    decider_kind=DeciderKind.YOUNG_PERSON,
    decider_reference="young-person",
    how=HowDecided(competence=frozenset(CompetenceQuestion), parents_are_not_told=True),
)


def _decisions(world: Fake, *forms: DecisionForm) -> list[DecisionSummary]:
    for form in forms:
        world.record(form)
    listed = world.services.decisions(world.practitioner, CHILD)
    assert not isinstance(listed, ProfileRefused)
    return list(listed)


def _look(*categories: Category, purpose: str = "early-help", later: int = 1) -> ListedLook:
    at = AT + timedelta(days=later)
    return ListedLook(at, "Tom Ellis", "Exbury School", purpose, bool(categories), categories)


def test_it_is_recorded_on_the_form(priya: PageClient, world: Fake) -> None:
    """With the judgement that the decision is theirs."""
    form = {
        **A_PERMIT,
        "decided-by": "young-person",
        "competence": [question.value for question in CompetenceQuestion],
        "parents-not-told": "yes",
    }

    priya.send_and_follow(RECORD, RECORD, form)

    (decision,) = _decisions(world)
    assert decision.said.circumstances.parents_are_not_told
    assert decision.judged_by == "Priya Nair, Health visitor"


@pytest.mark.parametrize("page", ["consent", "who-has-looked"])
def test_professionals_are_warned(priya: PageClient, world: Fake, page: str) -> None:
    """On every page that parents might be shown; nowhere without such a decision."""
    before = priya.get(f"{FAMILY}/{page}")
    _decisions(world, SECRET)

    after = priya.get(f"{FAMILY}/{page}")

    assert WARNING not in before.text
    assert WARNING in after.text


def test_the_decision_itself_says_so(priya: PageClient, world: Fake) -> None:
    """On the list and on its own page."""
    (decision,) = _decisions(world, SECRET)

    listed = priya.get(f"{FAMILY}/consent")
    own = priya.get(f"{FAMILY}/consent/{decision.decision_id}")

    assert "Parents are not told" in listed.text
    assert "The young person has asked that their parents are not told." in own.text


def test_the_profile_is_tagged(priya: PageClient, world: Fake) -> None:
    """Whoever reads it may be about to speak to a parent."""
    _decisions(world, a_permit_for(CHILD))
    world.services.profiles[CHILD] = replace(
        world.services.profiles[CHILD], parents_are_not_told=True
    )

    assert "Parents are not told" in priya.get(FAMILY).tree.text_content()


def test_a_copy_for_parents_tells_of_nothing_and_of_no_gap(priya: PageClient, world: Fake) -> None:
    """The looks that only the young person's decision explains are not on it."""
    priya.get(FAMILY, 403)
    _decisions(world, replace(SECRET, categories=frozenset(Category)))
    priya.get(FAMILY)

    whole = priya.get(f"{FAMILY}/who-has-looked")
    copy = priya.get(whole.links["A copy for their parents"])

    assert "Early help Seen" in whole.text
    assert "Seen" not in copy.text
    for word in ("young person", "parents are not told", "left out", WARNING):
        assert word not in copy.text


def test_without_such_a_decision_parents_get_everything(world: Fake) -> None:
    """Nothing is left out that nobody asked to leave out."""
    looks = (_look(Category.STORY), _look())

    assert looks_for_parents(looks, _decisions(world, a_permit_for(CHILD))) == looks


def test_a_look_for_safeguarding_is_in_no_copy_for_parents(priya: PageClient, world: Fake) -> None:
    """To read of it may warn whom a child needs protection from; each copy says the same."""
    enquiry = _look(Category.SAFEGUARDING, purpose=Purpose.SAFEGUARDING)
    refused = _look(purpose=Purpose.SAFEGUARDING)

    left = looks_for_parents((enquiry, refused, _look()), _decisions(world, a_permit_for(CHILD)))
    copy = priya.get(f"{FAMILY}/who-has-looked/for-parents")

    assert left == (_look(),)
    assert "never listed in this copy" in copy.text


def test_only_the_parts_it_is_about_are_left_out(world: Fake) -> None:
    """For its purposes, and since it was made."""
    decisions = _decisions(world, SECRET)
    other_purpose = _look(Category.STORY, purpose=Purpose.DIRECT_CARE)
    before = _look(Category.STORY, later=-1)
    both = _look(Category.STORY, Category.EDUCATION)

    left = looks_for_parents((other_purpose, before, both, _look(Category.STORY)), decisions)

    assert left == (other_purpose, before, replace(both, categories=(Category.EDUCATION,)))


def test_a_refusal_to_look_is_left_out_too(world: Fake) -> None:
    """It could be the young person's decision that refused."""
    decisions = _decisions(world, replace(SECRET, response=Response.REFUSED))

    assert looks_for_parents((_look(),), decisions) == ()


def test_it_holds_whatever_became_of_the_decision(world: Fake) -> None:
    """That there was one is what parents are not told."""
    (decision,) = _decisions(world, SECRET)
    world.services.invalidate_decision(
        world.practitioner, decision.decision_id, InvalidationReason.WRONG_PERSON
    )

    assert looks_for_parents((_look(Category.STORY),), _decisions(world)) == ()
