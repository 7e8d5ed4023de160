"""A family names a worker: at once, silently, and until two hands say that the family asks so."""

import pytest

from consent.errors import DecisionInvalidError
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Role
from services.decisions.protection.excluding import (
    ExclusionRefused,
    NameExcluded,
    exclusions_told,
    record,
)
from services.people.governance.orders import Order, OrderStatus
from services.people.governance.queue import ItemKind
from services.people.relationships.emergency import EmergencyRefusal, OpenEmergency, open_emergency
from services.people.relationships.model import EmergencyReason, WhyNotAsked
from services.people.staffing.suspending import ask_resume, suspend
from tests.support.builders import DAY, TEACHER, VISITOR
from tests.support.fakes.in_process import AGENCY
from tests.support.people.protecting import (
    GOVERNANCE,
    NAMES,
    NURSE,
    STRANGER,
    WORKER,
    Protecting,
    enter,
    hand,
)
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("by", [STRANGER, NURSE, GOVERNANCE])
@pytest.mark.parametrize("ground", list(RelationshipGround))
def test_whom_a_family_names_sees_it_no_more(
    protecting: Protecting, ground: RelationshipGround, by: PractitionerId
):
    """Whoever writes it down, and whatever the worker has to do with it."""
    with protecting.work() as work:
        until = work.now + DAY
        relate(work, WORKER, protecting.child, ground, until=until)

    protecting.name(WORKER, by)

    assert not protecting.sees(WORKER)
    assert all(protecting.sees(one) for one in (VISITOR, NURSE, TEACHER))
    with protecting.work() as work:
        assert list(work.relationships.of(WORKER, most=9)) == []
        assert list(work.relationships.passing(WORKER)) == []
        told = work.relationships.may_open(WORKER, [protecting.child])[protecting.child]
    assert told.relationships == ()


def test_no_emergency_opens_it(protecting: Protecting):
    """It is told what is told where there is nobody."""
    protecting.name(WORKER)

    with protecting.work() as work:
        command = OpenEmergency(
            protecting.child,
            EmergencyReason.CHILD_MISSING,
            WhyNotAsked.NOT_REACHED,
            "Not home since noon.",
            work.now,
        )
        opened = open_emergency(command, hand(work, WORKER).who, ports=work.emergencies())

    assert isinstance(opened, EmergencyRefusal)
    assert opened.label == EmergencyRefusal.NOBODY.label
    assert not protecting.sees(WORKER)


def test_a_second_account_of_theirs_is_named_too(protecting: Protecting):
    """A human being has one name, however it is written."""
    twin = PractitionerId("cc" * 16)
    with protecting.work() as work:
        enter(
            work, twin, "VISITING  Rúth-Vane".removeprefix("VISITING  "), Role.PRACTITIONER, AGENCY
        )
        relate(work, twin, protecting.child)

    protecting.name("ruth vane")

    assert not protecting.sees(twin)


@pytest.mark.parametrize("named", [NAMES[VISITOR], "Nobody Here"])
def test_the_answer_and_what_governance_hears_are_one_whoever_is_named(
    protecting: Protecting, named: str
):
    """Taken; and an item to look at, in which no name stands."""
    with protecting.work() as work:
        order = NameExcluded((protecting.child, PersonId("0" * 32)), named)
        taken = record(order, hand(work, STRANGER), excluding=work.excluding())

    assert repr(taken) == "Taken()"
    assert protecting.items(ItemKind.EXCLUSION) == 1
    assert len(protecting.exclusions()) == 1
    (entry,) = protecting.running.ledger(LedgerEvent.EXCLUSION_RECORDED)
    assert set(entry.fields) == {"exclusion", "subject"}


def test_about_nobody_known_it_is_taken_and_entered_as_refused(protecting: Protecting):
    """The same answer."""
    with protecting.work() as work:
        order = NameExcluded((PersonId("0" * 32),), NAMES[VISITOR])
        taken = record(order, hand(work, STRANGER), excluding=work.excluding())

    assert repr(taken) == "Taken()"
    assert protecting.exclusions() == []
    assert len(protecting.running.ledger(LedgerEvent.EXCLUSION_ACT_REFUSED)) == 1


@pytest.mark.parametrize("typed", ["", "   ", "x" * 201])
def test_what_is_no_name_is_said_before_anybody_is_looked_up(protecting: Protecting, typed: str):
    """As an error about what was typed."""
    with pytest.raises(DecisionInvalidError, match="worker"), protecting.work() as work:
        record(
            NameExcluded((protecting.child,), typed),
            hand(work, STRANGER),
            excluding=work.excluding(),
        )


def test_the_fourth_unconfirmed_of_a_day_waits_for_a_colleague(protecting: Protecting):
    """So nobody alone empties a family of its workers."""
    for one in ("Nobody One", "Nobody Two", "Nobody Three"):
        protecting.name(one, STRANGER)
    protecting.name(VISITOR, STRANGER)
    waiting = protecting.sees(VISITOR)
    with protecting.work() as work:
        (order,) = work.orders.of_kinds("exclusion-many")
    by_nobody = [protecting.answer(order, one) for one in (STRANGER, TEACHER, VISITOR)]

    done = protecting.answer(order, NURSE)

    assert waiting
    assert by_nobody == [
        ExclusionRefused.NOT_ANOTHER,
        ExclusionRefused.NOT_THERE,
        ExclusionRefused.NOT_THERE,
    ]
    assert isinstance(done, Order)
    assert not protecting.sees(VISITOR)


def test_another_of_the_familys_own_confirms_that_it_was_asked(protecting: Protecting):
    """Not who wrote it down, not a stranger, and not who is named."""
    protecting.name(VISITOR, NURSE)
    (one,) = protecting.exclusions()

    refused = [protecting.confirm_exclusion(one, by) for by in (NURSE, STRANGER, VISITOR)]
    done = protecting.confirm_exclusion(one, TEACHER)

    assert refused == [
        ExclusionRefused.NOT_ANOTHER,
        ExclusionRefused.NOT_THERE,
        ExclusionRefused.NOT_THERE,
    ]
    assert not isinstance(done, ExclusionRefused)
    assert done.confirmed_by == f"practitioner:{TEACHER}"
    assert not protecting.sees(VISITOR)


def test_it_ends_by_two_hands_of_which_neither_is_theirs(protecting: Protecting):
    """Of two agencies, the second not the worker's, once the family was asked."""
    protecting.name(VISITOR, TEACHER)
    (one,) = protecting.exclusions()
    not_asked = protecting.ask_end(one, TEACHER, was_asked=False)
    by_themselves = protecting.ask_end(one, VISITOR)
    by_a_stranger = protecting.ask_end(one, STRANGER)
    order = protecting.ask_end(one, TEACHER)

    refused = [protecting.answer(order, by) for by in (TEACHER, NURSE, VISITOR, STRANGER)]
    before = protecting.sees(VISITOR)
    done = protecting.answer(order, GOVERNANCE)

    assert (not_asked, by_themselves, by_a_stranger) == (
        ExclusionRefused.NOT_ASKED,
        ExclusionRefused.NOT_THERE,
        ExclusionRefused.NOT_THERE,
    )
    assert refused == [
        ExclusionRefused.NOT_ANOTHER,
        ExclusionRefused.GAINS,
        ExclusionRefused.NOT_THERE,
        ExclusionRefused.NOT_THERE,
    ]
    assert not before
    assert isinstance(done, Order)
    assert done.status is OrderStatus.CONFIRMED
    assert protecting.sees(VISITOR)


def test_who_is_named_and_who_is_a_stranger_hear_of_none(protecting: Protecting):
    """Only governance, and who works with the child."""
    protecting.name(VISITOR, TEACHER)

    heard = {one: len(protecting.exclusions(one)) for one in NAMES}

    assert heard == {VISITOR: 0, STRANGER: 0, WORKER: 0, NURSE: 1, TEACHER: 1, GOVERNANCE: 1}


def test_who_is_suspended_can_be_named_and_sees_nothing_once_let_in_again(protecting: Protecting):
    """So far they were nobody then: the family had named a worker, and that one saw it later."""
    with protecting.work() as work:
        relate(work, WORKER, protecting.child)
        suspend(WORKER, by="operator:one", staffing=work.staffing())

    protecting.name(WORKER)
    with protecting.work() as work:
        ask_resume(WORKER, by="operator:one", staffing=work.staffing())

    assert [one.practitioner for one in protecting.exclusions()] == [WORKER]
    assert not protecting.sees(WORKER)


def test_who_is_named_by_a_suspended_account_is_not_told_by_another(protecting: Protecting):
    """Two accounts of one name are one human being's, whatever became of the one."""
    twin = PractitionerId("cc" * 16)
    protecting.name(WORKER)
    with protecting.work() as work:
        suspend(WORKER, by="operator:one", staffing=work.staffing())
        enter(work, twin, NAMES[WORKER], Role.PRACTITIONER, AGENCY)
        relate(work, twin, protecting.child)

    with protecting.work() as work:
        told = exclusions_told([protecting.child], hand(work, twin), excluding=work.excluding())

    assert list(told) == []
