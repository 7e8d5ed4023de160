"""Who is no longer on a list that was declared whole has left; nobody leaves by anything else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.identifiers import PersonId
from schemas.vocabulary import IdentifierScheme, Role
from services.intake.lists.asking import answer_question
from services.intake.lists.closing import ListClosed, ListOutcome
from services.people.governance.orders import Order, OrderStatus
from services.people.persons.subjects import identifier_of
from services.work import Outside, unit_of_work
from services.workers.files.reading import carry_out_lists
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess, _subject, by_number
from tests.support.messages.school_lists import (
    AFTERWARDS,
    CASES,
    SchoolsSending,
    a_pupil,
    a_row,
    class_list,
    homes,
    numbers,
    schools,
    transfer_file,
)
from tests.support.people.joined import STEWARD

pytestmark = pytest.mark.postgres

UPN, BORN = "H999100230003", "2013-04-03"
OTHERS = [
    a_row(CHILD_FIRST_NAME=name, CHILD_NHS_NUMBER="", CHILD_REGISTRATION="3B")
    for name in ("Ada", "Ben", "Cal", "Dee", "Eli", "Fay", "Gus", "Hal", "Ivy")
]
STAYERS = [
    a_pupil("", forename=name, born=f"2013-05-{day:02d}")
    for day, name in enumerate(("Ian", "Jo", "Kit", "Lou"), start=1)
]
NOOR = a_row(CHILD_REGISTRATION="3B")


@pytest.fixture
def sending(outside: Outside, clock: StandingClock, tmp_path: Path) -> Iterator[SchoolsSending]:
    """Give schools that send, where everything about Noor and Eve may be shared."""
    clock.pass_by(AFTERWARDS - clock.now())
    with InProcess.running(outside) as running:
        running.decide(by_number("9995000016", "2016-02-01"))
        running.decide(_subject(identifier_of(IdentifierScheme.UPN, UPN), BORN))
        yield SchoolsSending(running, tmp_path)


@pytest.fixture
def noor(sending: SchoolsSending) -> PersonId:
    """Give who Noor is."""
    found = sending.running.person(by_number("9995000016", "2016-02-01"))
    assert found is not None
    return found


@pytest.fixture
def eve(sending: SchoolsSending) -> PersonId:
    """Give who Eve is."""
    found = sending.running.person(_subject(identifier_of(IdentifierScheme.UPN, UPN), BORN))
    assert found is not None
    return found


def test_nobody_leaves_by_a_list_that_was_not_declared_whole(
    sending: SchoolsSending, noor: PersonId
):
    """A list without somebody says nothing of them."""
    sending.send(class_list(NOOR, *OTHERS))

    assert closed(sending, class_list(*OTHERS)) is None
    assert schools(sending.profile(noor), current=False) == []


def test_who_is_not_on_a_whole_list_has_left_and_nothing_else_is_lost(
    sending: SchoolsSending, noor: PersonId
):
    """The school is a former one, with the day of the list; the numbers stay as they were told."""
    sending.send(class_list(NOOR, *OTHERS))
    before = sending.profile(noor)

    came_of_it = closed(sending, class_list(*OTHERS), whole="class:3b")
    profile = sending.profile(noor)

    assert came_of_it == ListClosed("class-list", "class:3b", ListOutcome.TAKEN_OFF, 1, 10)
    (school,) = profile.practitioners
    assert (school.is_current, school.until) == (False, "2026-11-09")
    assert numbers(profile) == numbers(before)
    assert homes(profile) == homes(before)


def test_who_comes_back_is_there_again(sending: SchoolsSending, noor: PersonId):
    """Whatever became of them in between."""
    sending.send(class_list(NOOR, *OTHERS))
    closed(sending, class_list(*OTHERS), whole="class:3b")
    sending.send(class_list(NOOR, *OTHERS))

    (school,) = sending.profile(noor).practitioners
    assert (school.is_current, school.until) == (True, None)


def test_an_older_list_that_comes_late_brings_nobody_back(sending: SchoolsSending, noor: PersonId):
    """It is the day of the list that counts, whenever it is read."""
    sending.send(class_list(NOOR, *OTHERS))
    closed(sending, class_list(*OTHERS), whole="class:3b")
    sending.send(class_list(a_row(PARENT_1_PHONE="07700900077"), *OTHERS), week=0.5)

    (school,) = sending.profile(noor).practitioners
    assert (school.is_current, school.until) == (False, "2026-11-09")
    assert numbers(sending.profile(noor))["Ann Listed"][0] == "07700900077"


def test_a_whole_class_takes_nobody_of_another_class_off(sending: SchoolsSending, noor: PersonId):
    """Nor does a whole year, or another school."""
    sending.send(class_list(NOOR | {"CHILD_REGISTRATION": "4A"}, *OTHERS))
    closed(sending, class_list(*OTHERS), whole="class:3b")

    assert schools(sending.profile(noor)) == [None]


def test_one_schools_whole_takes_off_nobody_whom_another_has(
    sending: SchoolsSending, eve: PersonId
):
    """Although it is the same child, and the first school has never heard of her."""
    sending.send(transfer_file(a_pupil(UPN), estab="4004", day=1))
    sending.send(transfer_file(*STAYERS, day=2))

    came_of_it = closed(sending, transfer_file(*STAYERS, day=9, descriptor="Whole school"))

    assert came_of_it == ListClosed("9994003", "school", ListOutcome.NOBODY, 0, len(STAYERS))
    assert schools(sending.profile(eve)) == ["School 4004"]


def test_a_whole_transfer_file_says_so_itself(sending: SchoolsSending, eve: PersonId):
    """Full, and called whole school; the leaver's own record of when they left stands."""
    sending.send(transfer_file(a_pupil(UPN), *STAYERS, day=1))

    for qualifier, descriptor in (("partial", "Whole school"), ("full", "Year 8")):
        text = transfer_file(*STAYERS, day=5, qualifier=qualifier, descriptor=descriptor)
        assert closed(sending, text) is None
    came_of_it = closed(sending, transfer_file(*STAYERS, day=9, descriptor="Whole school"))

    assert came_of_it is not None
    assert came_of_it.outcome is ListOutcome.TAKEN_OFF
    (school,) = sending.profile(eve).practitioners
    assert (school.agency_name, school.until) == ("School 4003", "2026-11-09")


@pytest.mark.parametrize(
    ("leaving", "until"), [("2027-07-20", "2026-11-09"), ("2026-10-30", "2026-10-30")]
)
def test_who_was_to_leave_later_and_is_missing_has_left(
    sending: SchoolsSending, eve: PersonId, leaving: str, until: str
):
    """A day still to come is a plan; one that was is the school's own word."""
    told = (
        "<SchoolHistory><School><LEA>999</LEA><Estab>4003</Estab><SchoolName>School 4003"
        "</SchoolName><EntryDate>2024-09-02</EntryDate>"
        f"<LeavingDate>{leaving}</LeavingDate></School></SchoolHistory>"
    )
    sending.send(transfer_file(a_pupil(UPN, more=told), *STAYERS, day=1))
    sending.send(transfer_file(*STAYERS, day=9, descriptor="Whole school"))

    (school,) = sending.profile(eve).practitioners
    assert (school.is_current, school.until) == (False, until)


@pytest.mark.parametrize(("left", "outcome"), [(2, "taken-off"), (3, "waits-for-steward")])
def test_up_to_a_fifth_go_at_once(sending: SchoolsSending, left: int, outcome: str):
    """Of ten, two are a fifth; three are more, and nobody goes."""
    sending.send(class_list(NOOR, *OTHERS))

    came_of_it = closed(sending, class_list(*OTHERS[left - 1 :]), whole="class:3b")

    assert came_of_it is not None
    assert (came_of_it.outcome, came_of_it.gone, came_of_it.of) == (outcome, left, 10)


def test_more_than_a_fifth_go_once_a_steward_agrees(sending: SchoolsSending, noor: PersonId):
    """Until then, and where a steward declines, nobody does."""
    sending.send(class_list(NOOR, *OTHERS))
    closed(sending, class_list(*OTHERS[5:]), whole="class:3b")
    waits = schools(sending.profile(noor))

    agree(sending, the_question(sending))

    assert waits == [None]
    assert schools(sending.profile(noor)) == []
    assert schools(sending.profile(noor), current=False) == [None]


def test_a_newer_list_answers_an_older_question(sending: SchoolsSending, noor: PersonId):
    """It has lapsed, so that nobody goes by a list that is no longer true."""
    sending.send(class_list(NOOR, *OTHERS))
    closed(sending, class_list(*OTHERS[5:]), whole="class:3b")
    question = the_question(sending)

    closed(sending, class_list(NOOR, *OTHERS), whole="class:3b")

    with unit_of_work(sending.running.outside) as work:
        found = work.orders.find(question.id)
    assert found is not None
    assert found.status is OrderStatus.DECLINED
    assert schools(sending.profile(noor)) == [None]


def test_nobody_goes_while_a_row_cannot_be_read(sending: SchoolsSending, noor: PersonId):
    """It may be the one who seems to be missing."""
    sending.send(class_list(NOOR, *OTHERS))
    broken = NOOR | {"CHILD_DATE_OF_BIRTH": "unknown"}

    came_of_it = closed(sending, class_list(broken, *OTHERS), whole="class:3b")

    assert came_of_it == ListClosed("class-list", "class:3b", ListOutcome.UNREADABLE)
    assert schools(sending.profile(noor)) == [None]


def test_who_is_there_by_another_name_has_not_left(sending: SchoolsSending, noor: PersonId):
    """Nobody knows who it is without number and with another postcode; the first name agrees."""
    sending.send(class_list(NOOR, *OTHERS))
    moved = NOOR | {"CHILD_NHS_NUMBER": "", "CHILD_POSTCODE": "ZZ99 3CZ"}

    came_of_it = closed(sending, class_list(moved, *OTHERS), whole="class:3b")

    assert came_of_it is not None
    assert came_of_it.gone == 0
    assert schools(sending.profile(noor)) == [None]


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")
def test_the_shared_cases_of_who_moves_school(sending: SchoolsSending, eve: PersonId):
    """06, 07, 08: the old school is former, the new one current, one address."""
    for name in (
        "06-moved-school-old",
        "07-moved-school-new",
        "08-old-school-whole-without-leaver",
    ):
        sending.send_case(f"{name}.xml")

        if name.startswith(("07", "08")):
            profile = sending.profile(eve)
            assert schools(profile) == ["Second High"]
            assert schools(profile, current=False) == ["Invented High"]
            assert homes(profile) == ["9 New Street"]
            assert homes(profile, current=False) == ["1 Old Street"]


def closed(sending: SchoolsSending, text: str, **more: str) -> ListClosed | None:
    """Send a list; gives what came of it as a whole."""
    told: list[ListClosed] = []
    sending.send(text, tell_of_list=told.append, **more)
    return told[0] if told else None


def the_question(sending: SchoolsSending) -> Order:
    """The one question that waits for a data steward."""
    with unit_of_work(sending.running.outside) as work:
        (order,) = work.orders.of_kinds("list-removal")
    return order


def agree(sending: SchoolsSending, question: Order) -> None:
    """Agree as a data steward on a page, and let the connectors carry it out."""
    with unit_of_work(sending.running.portal) as work:
        agreed = answer_question(
            question.id,
            role=Role.DATA_STEWARD,
            by=STEWARD,
            agrees=True,
            questions=work.questions_of_lists(),
        )
    assert isinstance(agreed, Order)
    (done,) = carry_out_lists(sending.running.connectors)
    assert done.outcome is ListOutcome.TAKEN_OFF
    assert carry_out_lists(sending.running.connectors) == []
    sending.running.settle()
