"""Who said that two are one opens nothing by themselves; what denies holds for both at once."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from consent import Reason
from consent.decisions.states import DecisionState, state_of
from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, IdentifierStatus, Source
from services.people.linking.joins import JoinPersons, join_persons
from services.people.linking.ports import ACTOR, Join, JoinRefusal, JoinWarrant
from services.people.persons.clusters import JoinStanding
from services.people.persons.postgres_identifiers import PostgresPersonIdentifiers
from services.profile.model import Profile, ProfileRefused
from services.work import Outside, unit_of_work
from tests.support.builders import DAY, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import the_child
from tests.support.people.joined import (
    SECOND_STEWARD,
    STEWARD,
    confirm,
    join,
    joined,
    two_children,
    undo,
)

pytestmark = pytest.mark.postgres

THIRD_STEWARD = "practitioner:" + "e2" * 16
OPERATOR, OTHER_OPERATOR = "operator:one", "operator:other"


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def both(running: InProcess) -> tuple[PersonId, PersonId]:
    """Give two of whom the visitor works with the first."""
    found = two_children(running)
    running.outside.clock.pass_by(DAY)  # type: ignore[attr-defined] # the standing clock
    return found


def _made(running: InProcess, both: tuple[PersonId, PersonId]) -> Join:
    made = join(running, *both)
    assert isinstance(made, Join)
    running.settle()
    return made


def _seen(running: InProcess, both: tuple[PersonId, PersonId]) -> list[Profile | ProfileRefused]:
    return [running.read(person) for person in both]


def test_by_one_steward_s_word_nobody_is_shown_more(
    running: InProcess, both: tuple[PersonId, PersonId]
):
    """Nor that there is anybody else: every page and list is as it was."""
    before = _seen(running, both)
    with unit_of_work(running.portal) as work:
        mine = work.relationships.of(VISITOR, most=9)
        may_open = work.relationships.may_open(VISITOR, both)

    made = _made(running, both)

    assert made.standing is JoinStanding.CLAIMED
    assert _seen(running, both) == before
    assert isinstance(before[1], ProfileRefused)
    with unit_of_work(running.portal) as work:
        assert work.relationships.of(VISITOR, most=9) == mine
        assert work.relationships.may_open(VISITOR, both) == may_open
        assert work.decisions.recorded_about([both[0]])[both[0]][0].subjects == {both[0]}
        assert work.records.known_as(both[1]) == both[1]


@pytest.mark.parametrize("by", [STEWARD, OPERATOR])
def test_nobody_is_the_second_after_themselves(
    running: InProcess, both: tuple[PersonId, PersonId], by: str
):
    """And two operators are no steward."""
    with unit_of_work(running.portal) as work:
        made = join_persons(JoinPersons(*both, by), joining=work.joining())
    assert isinstance(made, Join)

    assert confirm(running, made, by=by) is JoinRefusal.SAME_HAND
    if by == OPERATOR:
        assert confirm(running, made, by=OTHER_OPERATOR) is JoinRefusal.NO_STEWARD
    assert isinstance(running.read(both[1]), ProfileRefused)
    found = confirm(running, made, by=SECOND_STEWARD)
    assert isinstance(found, Join)
    assert found.warrant is JoinWarrant.SECOND_STEWARD
    assert isinstance(running.read(both[1]), Profile)
    assert confirm(running, made, by=THIRD_STEWARD) is JoinRefusal.NOTHING_WAITS


def test_whom_a_program_joined_two_stewards_have_to_say_so(
    running: InProcess, both: tuple[PersonId, PersonId]
):
    """What it goes by one person can have typed; and one steward is one hand."""
    with unit_of_work(running.portal) as work:
        made = join_persons(JoinPersons(*both, ACTOR), joining=work.joining())
    assert isinstance(made, Join)

    first = confirm(running, made, by=STEWARD)
    assert isinstance(first, Join)
    assert first.standing is JoinStanding.CLAIMED
    assert isinstance(running.read(both[1]), ProfileRefused)
    assert confirm(running, made, by=STEWARD) is JoinRefusal.SAME_HAND
    confirm(running, made, by=SECOND_STEWARD)

    assert isinstance(running.read(both[1]), Profile)
    (supported,) = running.ledger(LedgerEvent.PERSON_JOIN_SUPPORTED)
    (warranted,) = running.ledger(LedgerEvent.PERSON_JOIN_WARRANTED)
    assert (supported.actor, warranted.actor) == (STEWARD, SECOND_STEWARD)
    assert warranted.fields["warrant"] == JoinWarrant.SECOND_STEWARD


@pytest.mark.parametrize("which", [0, 1])
def test_what_was_refused_of_either_is_refused_of_both_from_the_first_hand_on(
    running: InProcess, both: tuple[PersonId, PersonId], which: int
):
    """And what is stored goes; taken back by who said it, it comes again."""
    _made(running, both)

    refused = running.decide(both[which], response=Response.REFUSED)
    running.settle()

    seen = running.read(both[0])
    assert isinstance(seen, ProfileRefused)
    assert Reason.REFUSED in seen.reasons
    assert running.count("record") == 0
    running.withdraw(refused.decision.id)
    running.settle()
    assert isinstance(running.read(both[0]), Profile)


def test_a_restriction_of_the_other_half_hides_both_by_one_hand(
    running: InProcess, both: tuple[PersonId, PersonId]
):
    """And a confirmation is refused while it lasts."""
    made = _made(running, both)

    running.restrict(both[1])
    running.settle()

    seen = running.read(both[0])
    assert isinstance(seen, ProfileRefused)
    assert seen.reasons == (Reason.RESTRICTED,)
    assert confirm(running, made) is JoinRefusal.PROTECTED


def _say_by_a_kept_feed(
    running: InProcess, persons: tuple[PersonId, PersonId], *, source: Source, is_kept: bool
) -> None:
    (number,) = the_child().identifiers
    number = replace(number, status=IdentifierStatus.VERIFIED)
    with unit_of_work(running.connectors) as work:
        kept = PostgresPersonIdentifiers(work.connection, work.hasher, work.keys)
        kept.keep([(number, person) for person in persons], source, at=work.now, is_kept=is_kept)


@pytest.mark.parametrize(
    ("source", "is_kept", "is_one"),
    [
        (Source.HEALTH_VISITING, True, True),
        (Source.HEALTH_VISITING, False, False),
        (Source.SCHOOLS, True, False),
    ],
)
def test_a_number_that_a_health_source_verified_for_both_is_another_hand(
    running: InProcess,
    both: tuple[PersonId, PersonId],
    *,
    source: Source,
    is_kept: bool,
    is_one: bool,
):
    """By a feed that others keep: what somebody typed into a file is a claim."""
    _say_by_a_kept_feed(running, both, source=source, is_kept=is_kept)

    with unit_of_work(running.portal) as work:
        made = join_persons(JoinPersons(*both, ACTOR), joining=work.joining())
    running.settle()

    assert isinstance(made, Join)
    assert (made.warrant is JoinWarrant.VERIFIED_IDENTITY) is is_one
    assert isinstance(running.read(both[1]), Profile) is is_one


def test_whom_a_health_source_says_are_one_two_stewards_part(
    running: InProcess, both: tuple[PersonId, PersonId], clock: StandingClock
):
    """One only asks for it, and that lapses."""
    _say_by_a_kept_feed(running, both, source=Source.HEALTH_VISITING, is_kept=True)
    with unit_of_work(running.portal) as work:
        made = join_persons(JoinPersons(*both, ACTOR), joining=work.joining())
    assert isinstance(made, Join)
    running.settle()

    asked = undo(running, made)
    assert isinstance(asked, Join)
    assert asked.standing is JoinStanding.PARTING
    assert isinstance(running.read(both[1]), Profile)
    assert undo(running, made) is JoinRefusal.SAME_HAND
    clock.pass_by(15 * DAY)
    assert confirm(running, made) is JoinRefusal.NOTHING_WAITS
    again = undo(running, made, by=SECOND_STEWARD)
    assert isinstance(again, Join)
    assert again.standing is JoinStanding.PARTING
    parted = confirm(running, made, by=THIRD_STEWARD)

    assert isinstance(parted, Join)
    assert parted.standing is JoinStanding.PARTED
    assert isinstance(running.read(both[1]), ProfileRefused)
    assert len(running.ledger(LedgerEvent.PERSON_PARTING_ASKED)) == 2
    assert len(running.ledger(LedgerEvent.PERSON_JOIN_UNDONE)) == 1


@pytest.mark.parametrize("is_warranted", [True, False])
def test_what_was_refused_goes_with_both_when_they_are_parted(
    running: InProcess,
    both: tuple[PersonId, PersonId],
    clock: StandingClock,
    *,
    is_warranted: bool,
):
    """One steward who parts them opens nothing; what is said of the other later is the other's."""
    made = joined(running, *both) if is_warranted else _made(running, both)
    running.decide(both[1], response=Response.REFUSED, categories=[Category.CHILD_HEALTH])
    running.settle()
    clock.pass_by(DAY)

    undo(running, made)
    clock.pass_by(DAY)
    running.decide(both[1], response=Response.REFUSED, categories=[Category.IDENTITY_AND_CONTACT])
    running.settle()

    seen = running.read(both[0])
    assert isinstance(seen, Profile)
    assert seen.timeline == ()
    assert [child.id for child in seen.people] == [both[0]]


def test_a_restriction_goes_with_both_when_they_are_parted(
    running: InProcess, both: tuple[PersonId, PersonId], clock: StandingClock
):
    """One that is placed on the other later does not."""
    made = joined(running, *both)
    restriction = running.restrict(both[1])
    clock.pass_by(DAY)
    undo(running, made)
    clock.pass_by(DAY)

    hidden = running.read(both[0])
    assert isinstance(hidden, ProfileRefused)
    assert hidden.reasons == (Reason.RESTRICTED,)
    del restriction
    with unit_of_work(running.portal) as work:
        assert work.relationships.may_open(VISITOR, [both[0]])[both[0]].is_restricted


def test_what_was_permitted_while_they_were_one_waits_and_what_came_before_stands(
    running: InProcess, both: tuple[PersonId, PersonId], clock: StandingClock
):
    """Nobody can say of which of two it was meant; it lapses unless somebody confirms it."""
    made = joined(running, *both)
    clock.pass_by(DAY)
    since = running.decide(both[0], categories=[Category.EARLY_HELP]).decision
    clock.pass_by(DAY)

    undo(running, made)

    with unit_of_work(running.portal) as work:
        found = {d.id: d for each in work.decisions.recorded_about(both).values() for d in each}
    waiting = [d for d in found.values() if state_of(d, clock.now()) is DecisionState.PROPOSED]
    assert [d.id for d in waiting] == [since.id]
    assert waiting[0].subjects == {both[0]}
    (entry,) = running.ledger(LedgerEvent.SHARING_DECISION_PROPOSED)
    assert entry.actor == STEWARD
    assert isinstance(running.read(both[0]), Profile)
