"""Objecting to what a public task lets services share."""

import pytest

from consent.circumstances import Channel, Circumstances, InvalidationReason
from consent.decisions.changing import invalidate_decision
from consent.decisions.objecting import ObjectTo, object_to
from consent.errors import DecisionInvalidError
from consent.lawfulness import Basis, Gateway
from consent.ledger.events import LedgerEvent
from consent.model import Mode, Response
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Source
from tests.support.builders import DAY, MOTHER, NOW, SOCIAL_WORKER, YOUNG_PERSON
from tests.support.consents.deciding_world import ACTOR, JUDGED, OTHER, WREN, World

TASK = {"basis": Basis.PUBLIC_TASK, "decided_by": SOCIAL_WORKER}


@pytest.fixture
def world() -> World:
    """Give ports of which nothing is known yet."""
    return World()


def test_an_objection_is_a_decision_of_its_own_with_the_same_scope(world: World):
    """What it objects to still stands; the objection has no end and refuses all of it."""
    task = world.record(
        **TASK,
        until=NOW + DAY,
        recipients=frozenset({"agency:schools"}),
        sources=frozenset({Source.HEALTH_VISITING}),
    ).decision
    told = Circumstances(Channel.TELEPHONE)

    objection = object_to(
        ObjectTo(task.id, MOTHER, ACTOR, circumstances=told), deciding=world.deciding
    ).decision

    assert objection.response is Response.OBJECTED
    assert objection.objects_to == task.id
    assert objection.decided_by == MOTHER
    assert objection.circumstances.channel is Channel.TELEPHONE
    assert (objection.mode, objection.until) == (Mode.EXISTENCE, None)
    for field in ("subjects", "categories", "purposes", "recipients", "sources", "basis"):
        assert getattr(objection, field) == getattr(task, field)
    assert world.now_stands(task.id) == task


def test_the_entry_of_an_objection_names_what_it_objects_to(world: World):
    """By its id."""
    task = world.record(**TASK).decision

    objection = object_to(ObjectTo(task.id, MOTHER, ACTOR), deciding=world.deciding)

    *_, entry = world.ledger.of(LedgerEvent.SHARING_DECISION_WRITTEN_DOWN)
    assert entry.entry_id == objection.entry_id
    assert entry.fields["response"] == "objected"
    assert list(entry.fields["objects_to"]) == [task.id]


def test_consent_is_withdrawn_and_a_duty_stands(world: World):
    """UK GDPR Art. 21 is about public tasks; only what is shared can be objected to."""
    duty = world.record(
        basis=Basis.LEGAL_OBLIGATION,
        gateways=frozenset({Gateway.CHILDREN_ACT_2004_S11}),
        decided_by=SOCIAL_WORKER,
        sources=frozenset({Source.SOCIAL_CARE}),
        recipients=frozenset({"agency:health-visiting"}),
    )
    refused = world.record(response=Response.REFUSED, basis=Basis.PUBLIC_TASK)
    invalid = world.record(**TASK)
    invalidate_decision(
        invalid.decision.id,
        InvalidationReason.WRONG_PERSON,
        actor=ACTOR,
        deciding=world.deciding,
    )

    for decision, reason in (
        (world.record().decision.id, "rests-on-consent"),
        (duty.decision.id, "is-a-duty"),
        (refused.decision.id, "shares-nothing"),
        (invalid.decision.id, "is-invalidated"),
        (DecisionId("99" * 16), "is-not-known"),
    ):
        with pytest.raises(DecisionInvalidError, match=f"decision: {reason}"):
            object_to(ObjectTo(decision, MOTHER, ACTOR), deciding=world.deciding)


def test_nobody_objects_for_a_family(world: World):
    """A practitioner who does not want to share ends what they decided."""
    task = world.record(**TASK).decision

    with pytest.raises(DecisionInvalidError, match="nobody-objects-for-a-family"):
        object_to(ObjectTo(task.id, SOCIAL_WORKER, ACTOR), deciding=world.deciding)


def test_a_young_person_objects_for_themselves_only(world: World):
    """Judged competent, and about one of those whom the decision is about."""
    task = world.record(**TASK, subjects=(WREN, OTHER)).decision
    wren = min(task.subjects)

    objection = object_to(
        ObjectTo(task.id, YOUNG_PERSON, ACTOR, about=wren, circumstances=JUDGED),
        deciding=world.deciding,
    ).decision

    assert objection.subjects == {wren}
    with pytest.raises(DecisionInvalidError, match="is-not-only-who-decides"):
        object_to(
            ObjectTo(task.id, YOUNG_PERSON, ACTOR, circumstances=JUDGED), deciding=world.deciding
        )
    with pytest.raises(DecisionInvalidError, match="subject: is-not-whom-it-is-about"):
        object_to(
            ObjectTo(task.id, MOTHER, ACTOR, about=PersonId("99" * 16)), deciding=world.deciding
        )


def test_an_order_that_names_what_it_objects_to_is_held_to_the_same(world: World):
    """Whoever writes it: a page, a command or a file."""
    task, consent = world.record(**TASK).decision, world.record().decision
    objection = {"response": Response.OBJECTED, "basis": Basis.PUBLIC_TASK}

    recorded = world.record(**objection, objects_to=task.id)

    assert recorded.decision.objects_to == task.id
    for order, reason in (
        ({**objection, "objects_to": consent.id}, "decision: rests-on-consent"),
        ({**objection, "objects_to": DecisionId("99" * 16)}, "decision: is-not-known"),
        ({**objection, "objects_to": task.id, "subjects": (OTHER,)}, "subject: is-not-whom"),
        ({"objects_to": task.id}, "response: is-no-objection"),
    ):
        with pytest.raises(DecisionInvalidError, match=reason):
            world.record(**order)
