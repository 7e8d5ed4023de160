"""What a family keeps to some of those who may see its story (rule 5a)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import Reason, SharedProfile, decide
from consent.lawfulness import Basis
from consent.model import Mode
from schemas.records.published import (
    KeptTo,
    categories_in,
    is_within,
    kept_to_category,
    recipients_in,
)
from schemas.vocabulary import Category, Purpose
from tests.support.builders import (
    NOW,
    TEACHER,
    VISITOR,
    a_health_visitor,
    a_permit,
    a_request,
    a_restriction,
    a_teacher,
    on_record,
)
from tests.support.strategies import World, kept_to, worlds
from tests.unit.consent.deciding.test_decide_properties import property_

HEALTH = "agency:health-visiting"
STORY = a_permit(categories=frozenset({Category.STORY, Category.CHILD_HEALTH}))


def _asked(*marks: KeptTo, who: object = None, **more: object) -> tuple[bool, tuple[Reason, ...]]:
    request = a_request(who, category=Category.STORY, kept_to=frozenset(marks), **more)
    decision = decide(request, on_record(STORY))
    return decision.is_permitted, decision.reasons


@pytest.mark.parametrize(
    ("marks", "teacher"),
    [
        pytest.param((), True, id="nothing kept"),
        pytest.param((HEALTH,), False, id="to another service"),
        pytest.param(("agency:schools",), True, id="to their service"),
        pytest.param((HEALTH, f"practitioner:{TEACHER}"), True, id="to them by name"),
        pytest.param((f"practitioner:{VISITOR}",), False, id="to another by name"),
        pytest.param(("role:practitioner",), True, id="to their role"),
        pytest.param((kept_to_category(Category.CHILD_HEALTH),), True, id="may see health too"),
        pytest.param((kept_to_category(Category.EDUCATION),), False, id="of what none decided"),
        pytest.param(("agency:schools", "category:social-care"), False, id="one of two is not"),
        pytest.param(("neighbours",), False, id="to nobody whom one could know"),
        pytest.param(("category:everything",), False, id="to no category there is"),
    ],
)
def test_what_is_kept_to_some_is_shown_to_them_alone(marks: tuple[KeptTo, ...], *, teacher: bool):
    """Under one permit for everybody; whoever is none of them is told that it is not theirs."""
    permitted, reasons = _asked(*marks, who=a_teacher())

    assert permitted is teacher
    assert permitted or reasons == (Reason.KEPT_TO_OTHERS,)


def test_what_is_kept_to_others_is_not_known_to_exist_either():
    """A page that says that there is something would say enough."""
    permitted, _ = _asked(HEALTH, who=a_teacher(), mode=Mode.EXISTENCE)

    assert not permitted


def test_the_shared_profile_may_hold_what_somebody_may_read():
    """And nothing that is kept to those who may not."""
    some, _ = _asked(HEALTH, who=SharedProfile())
    nobody, _ = _asked("category:education", who=SharedProfile())

    assert some
    assert not nobody


def test_a_duty_goes_over_what_is_kept_as_it_goes_over_a_refusal():
    """It is shown as such, and looked at again."""
    duty = a_permit(
        categories=frozenset({Category.STORY}),
        purposes=frozenset({Purpose.SAFEGUARDING}),
        basis=Basis.LEGAL_OBLIGATION,
    )
    request = a_request(
        a_teacher(),
        category=Category.STORY,
        purpose=Purpose.SAFEGUARDING,
        kept_to=frozenset({HEALTH}),
    )

    decision = decide(request, on_record(STORY, duty))

    assert decision.is_permitted
    assert decision.review


def test_being_named_opens_nothing_that_is_closed():
    """No restriction is lifted, and no permit made, by keeping something to somebody."""
    named = frozenset({f"practitioner:{VISITOR}"})
    request = a_request(a_health_visitor(), category=Category.STORY, kept_to=named)

    assert not decide(request, on_record()).is_permitted
    assert not decide(request, on_record(STORY, a_restriction())).is_permitted


def test_what_decided_about_the_other_category_is_named():
    """The answer can be explained from all that it rests on."""
    health = replace(STORY, id="e1" * 16, categories=frozenset({Category.CHILD_HEALTH}))
    story = replace(STORY, id="e2" * 16, categories=frozenset({Category.STORY}))
    marks = frozenset({kept_to_category(Category.CHILD_HEALTH)})
    request = a_request(category=Category.STORY, kept_to=marks, at=NOW)

    decision = decide(request, on_record(story, health))

    assert decision.decided_from == (health.id, story.id)


@given(worlds, kept_to)
@property_
def test_to_keep_something_to_some_never_widens(world: World, marks: frozenset[KeptTo]):
    """Whoever may see what is kept may see what is not."""
    open_ = decide(replace(world.request, kept_to=frozenset()), world.on_record)
    kept = decide(replace(world.request, kept_to=marks), world.on_record)

    assert open_.is_permitted or not kept.is_permitted


@given(worlds, kept_to, kept_to)
@property_
def test_what_lies_within_is_no_wider(
    world: World, narrower: frozenset[KeptTo], wider: frozenset[KeptTo]
):
    """By this the pages tell whether an entry may be kept so."""
    if not is_within(narrower, wider):
        return

    by_narrower = decide(replace(world.request, kept_to=narrower), world.on_record)
    by_wider = decide(replace(world.request, kept_to=wider), world.on_record)

    assert by_wider.is_permitted or not by_narrower.is_permitted


@given(kept_to, st.sampled_from(Category))
def test_marks_are_told_apart(marks: frozenset[KeptTo], category: Category):
    """Each is of a category or of a recipient; to name a category more is to keep closer."""
    closer = marks | {kept_to_category(category)}

    assert {kept_to_category(c) for c in categories_in(closer)} | recipients_in(closer) == closer
    assert is_within(closer, marks)
