"""Recording and withdrawing decisions, and placing restrictions."""

from typing import Any

import pytest

from consent.decisions.changing import withdraw_decision
from consent.decisions.recording import record_decision
from consent.decisions.restrictions import place_restriction
from consent.errors import DecisionInvalidError, LedgerUnavailableError
from consent.ledger.events import LedgerEvent
from consent.model import Mode, Response, RestrictionScope
from schemas.envelope import EventType
from schemas.identifiers import DecisionId, PersonId
from schemas.records.message import Subject
from schemas.topics import SHARING_DECISIONS
from tests.support.builders import DAY, NOW, SOCIAL_WORKER, VISITOR
from tests.support.consents.deciding_world import ACTOR, OTHER, WREN, World, an_order


@pytest.fixture
def world() -> World:
    """Give ports of which nothing is known yet."""
    return World()


def test_a_decision_its_entry_and_the_news_of_it_go_together(world: World):
    """One transaction holds all three, and the entry names no one."""
    recorded = record_decision(
        an_order(recipients=frozenset({"agency:schools"})), deciding=world.deciding
    )

    (person,) = recorded.decision.subjects
    (entry,) = world.ledger.of(LedgerEvent.SHARING_DECISION_WRITTEN_DOWN)
    (news,) = world.outbox.events
    assert world.decisions.find(recorded.decision.id) == recorded.decision
    assert entry.entry_id == recorded.entry_id
    assert entry.actor == ACTOR
    assert entry.fields["decision"] == recorded.decision.id
    assert (news.topic, news.key, news.type) == (
        SHARING_DECISIONS,
        person,
        EventType.DECISION_CHANGED,
    )
    assert b"9990000018" not in entry.body + news.data


def test_a_decision_about_several_is_news_of_each(world: World):
    """One event a person: the topic is kept by person."""
    recorded = record_decision(an_order(subjects=(WREN, OTHER)), deciding=world.deciding)

    assert [event.key for event in world.outbox.events] == sorted(recorded.decision.subjects)


@pytest.mark.parametrize(
    ("response", "mode"), [(Response.GIVEN, Mode.CONTENT), (Response.REFUSED, Mode.EXISTENCE)]
)
def test_unless_said_otherwise_a_yes_is_to_reading_and_a_no_to_all(
    world: World, response: Response, mode: Mode
):
    """Who refuses does not want it known either."""
    assert (
        record_decision(an_order(response=response), deciding=world.deciding).decision.mode is mode
    )
    asked = record_decision(an_order(response=response, mode=Mode.CONTENT), deciding=world.deciding)
    assert asked.decision.mode is Mode.CONTENT


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"subjects": ()}, "subject: is-missing"),
        ({"categories": frozenset()}, "category: is-missing"),
        ({"purposes": frozenset()}, "purpose: is-missing"),
        ({"until": NOW}, "until: is-not-in-the-future"),
        ({"decided_by": SOCIAL_WORKER}, "decided-by: nobody-consents-for-a-family"),
        ({"subjects": (PersonId("99" * 16),)}, "subject: is-not-known"),
        ({"subjects": (Subject("subject"),)}, "subject: has-no-valid-identifier"),
        *(
            ({"recipients": frozenset({name})}, "recipient: is-not-agency-role-or-practitioner")
            for name in ("agency:school", "role:anyone", "practitioner:Priya Nair", "schools", "")
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_no_trace(
    world: World, more: dict[str, Any], message: str
):
    """The error names the field; a refusal for a name misspelt would refuse nobody."""
    with pytest.raises(DecisionInvalidError) as raised:
        record_decision(an_order(**more), deciding=world.deciding)

    assert str(raised.value) == message
    assert world.outbox.events == []
    assert world.ledger.appended == ()


def test_a_withdrawal_is_a_new_version_with_an_entry_of_its_own(world: World):
    """From now on: what was decided stays on record."""
    recorded = record_decision(an_order(), deciding=world.deciding)
    world.clock.pass_by(DAY)

    withdrawn = withdraw_decision(recorded.decision.id, actor=ACTOR, deciding=world.deciding)

    (entry,) = world.ledger.of(LedgerEvent.SHARING_DECISION_WITHDRAWN)
    assert withdrawn.entry_id == entry.entry_id
    assert withdrawn.decision.withdrawn_at == NOW + DAY
    assert withdrawn.decision.version == 2
    assert world.decisions.find(recorded.decision.id) == withdrawn.decision
    assert len(world.outbox.events) == 2


def test_a_decision_is_withdrawn_once(world: World):
    """Nor can one be withdrawn that there is not."""
    recorded = record_decision(an_order(), deciding=world.deciding)
    withdraw_decision(recorded.decision.id, actor=ACTOR, deciding=world.deciding)

    with pytest.raises(DecisionInvalidError, match="is-already-withdrawn"):
        withdraw_decision(recorded.decision.id, actor=ACTOR, deciding=world.deciding)
    with pytest.raises(DecisionInvalidError, match="is-not-known"):
        withdraw_decision(DecisionId("99" * 16), actor=ACTOR, deciding=world.deciding)


def test_a_restriction_is_in_force_at_once_and_its_news_goes_out(world: World):
    """The entry tells that somebody is protected, not who may still see them."""
    person = world.persons.resolve_or_create(WREN, at=NOW)

    restriction = place_restriction(
        person, RestrictionScope.PERSON, [VISITOR], actor=ACTOR, deciding=world.deciding
    )

    (entry,) = world.ledger.of(LedgerEvent.RESTRICTION_PLACED)
    assert world.decisions.on_record([person])[person].restrictions == (restriction,)
    assert restriction.is_in_force(NOW)
    assert [event.key for event in world.outbox.events] == [person]
    assert VISITOR.encode() not in entry.body.replace(ACTOR.encode(), b"")


def test_nobody_unknown_can_be_restricted(world: World):
    """A restriction that protects nobody would look like one that does."""
    with pytest.raises(DecisionInvalidError, match="is-not-known"):
        place_restriction(
            PersonId("99" * 16),
            RestrictionScope.PERSON,
            [],
            actor=ACTOR,
            deciding=world.deciding,
        )


def test_without_the_ledger_nothing_is_recorded(world: World):
    """The caller rolls back; what it would answer was never decided."""
    world.ledger.is_available = False

    with pytest.raises(LedgerUnavailableError):
        record_decision(an_order(), deciding=world.deciding)
