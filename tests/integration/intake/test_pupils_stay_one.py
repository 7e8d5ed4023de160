"""One pupil stays one, whatever their school tells them by; what is left out is not taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.identifiers import PersonId
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Disposition, IdentifierScheme
from services.people.persons.subjects import identifier_of
from services.work import Outside, unit_of_work
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess, _subject, by_number
from tests.support.messages.school_lists import (
    AFTERWARDS,
    CASES,
    NO_FATHER,
    SchoolsSending,
    a_pupil,
    a_row,
    class_list,
    homes,
    numbers,
    schools,
    transfer_file,
)
from tests.support.people.joined import make_one

pytestmark = pytest.mark.postgres

NUMBER, BORN = "9995000016", "2016-02-01"


@pytest.fixture
def sending(outside: Outside, clock: StandingClock, tmp_path: Path) -> Iterator[SchoolsSending]:
    """Give schools that send, where everything about Noor may be shared."""
    clock.pass_by(AFTERWARDS - clock.now())
    with InProcess.running(outside) as running:
        running.decide(by_number(NUMBER, BORN))
        yield SchoolsSending(running, tmp_path)


@pytest.fixture
def noor(sending: SchoolsSending) -> PersonId:
    """Give who Noor is."""
    found = sending.running.person(by_number(NUMBER, BORN))
    assert found is not None
    return found


def test_a_father_whose_cells_are_empty_is_gone_and_so_is_an_address(
    sending: SchoolsSending, noor: PersonId
):
    """The columns are there, so it is a statement about this pupil."""
    sending.send(class_list(a_row()))
    empty = {"CHILD_ADDRESS_LINE_1": "", "CHILD_POSTCODE": ""}
    sending.send(class_list(a_row(**NO_FATHER, **empty)))

    profile = sending.profile(noor)

    assert numbers(profile) == {"Ann Listed": ["07700900011", "ann@example.test"]}
    assert homes(profile) == homes(profile, current=False) == []


def test_a_cell_that_cannot_be_read_takes_nothing_back(sending: SchoolsSending, noor: PersonId):
    """It says nothing, and the rest of its row is taken: the father's number is news."""
    sending.send(class_list(a_row()))
    unread = {"PARENT_1_PHONE": "ask", "PARENT_1_EMAIL": "none", "CHILD_POSTCODE": "nowhere"}
    (row,) = sending.send(
        class_list(a_row(PARENT_2_PHONE="07700900077", CHILD_ADDRESS_LINE_1="", **unread))
    )

    assert row.message.disposition is Disposition.PUBLISHED
    assert len(row.message.unused.faults) == 3
    profile = sending.profile(noor)
    assert numbers(profile)["Ann Listed"] == ["07700900011", "ann@example.test"]
    assert "07700900077" in numbers(profile)["Joe Listed"]
    assert homes(profile) == ["1 Old Street"]


def test_a_list_by_upn_after_one_by_both_numbers_is_of_the_same_pupil(
    sending: SchoolsSending, noor: PersonId
):
    """Semicolons and other titles make no difference either."""
    upn = "H999100230003"
    sending.send(class_list(a_row(CHILD_UPN=upn)))
    sending.send(
        "UPN;Forename;Surname;DOB;Contact 1 Name;Contact 1 Relationship;Contact 1 Mobile;"
        f"Contact 1 Email\n{upn};Noor;Listed;01-Feb-16;Ann Listed;Mother;07700900088;\n"
    )

    profile = sending.profile(noor)

    assert numbers(profile)["Ann Listed"] == ["07700900088"]
    assert len(profile.practitioners) == 1


def test_a_column_that_is_missing_says_nothing(sending: SchoolsSending, noor: PersonId):
    """A list without a father's columns, an address or e-mail addresses leaves what was said."""
    sending.send(class_list(a_row()))
    left_out = dict.fromkeys((*NO_FATHER, "CHILD_ADDRESS_LINE_1", "PARENT_1_EMAIL"))
    sending.send(class_list(a_row(PARENT_1_PHONE="07700900099", **left_out)))

    profile = sending.profile(noor)

    assert numbers(profile) == {
        "Ann Listed": ["ann@example.test", "07700900099"],
        "Joe Listed": ["07700900012", "joe@example.test"],
    }
    assert homes(profile) == ["1 Old Street"]


def test_a_list_with_all_columns_again_takes_back_what_one_without_said(
    sending: SchoolsSending, noor: PersonId
):
    """Also a number of somebody who stays."""
    sending.send(class_list(a_row(PARENT_1_EMAIL=None, PARENT_2_EMAIL=None)))
    sending.send(class_list(a_row(**NO_FATHER, PARENT_1_PHONE="")))

    assert numbers(sending.profile(noor)) == {"Ann Listed": ["ann@example.test"]}


def test_a_number_that_is_emptied_is_gone_though_another_column_is_missing(
    sending: SchoolsSending, noor: PersonId
):
    """The number is what the list speaks of; nobody is rung on one that was taken out."""
    sending.send(class_list(a_row()))
    sending.send(class_list(a_row(PARENT_2_PHONE="", PARENT_2_EMAIL=None)))

    assert "07700900012" not in numbers(sending.profile(noor))["Joe Listed"]


def test_a_pupil_without_the_number_is_the_same_pupil(sending: SchoolsSending, noor: PersonId):
    """And with it again: the same records, in their last version."""
    sending.send(class_list(a_row()))
    before = _stored(sending, noor)
    for phone, number in (("07700900099", ""), ("07700900098", NUMBER)):
        sending.send(class_list(a_row(PARENT_1_PHONE=phone, CHILD_NHS_NUMBER=number)))

        assert numbers(sending.profile(noor))["Ann Listed"] == [phone, "ann@example.test"]
        assert _stored(sending, noor) == before


def test_a_pupil_whose_number_comes_later_is_the_same_pupil(
    sending: SchoolsSending, noor: PersonId
):
    """First known by names alone, where a health visitor has told of both."""
    sending.send(class_list(a_row()))
    sending.send(class_list(a_row(CHILD_NHS_NUMBER="")))
    sending.send(class_list(a_row(CHILD_FIRST_NAME="Noor", CHILD_LAST_NAME="Enlisted")))

    profile = sending.profile(noor)

    assert [name.family_name for name in profile.people[0].names] == ["Enlisted"]
    assert len(profile.practitioners) == 1


def test_two_pupils_who_are_taken_for_one_are_not_read(sending: SchoolsSending, noor: PersonId):
    """A number typed into the wrong row: neither overwrites the other, and it is told."""
    ivo = a_row(CHILD_FIRST_NAME="Ivo", CHILD_NHS_NUMBER=NUMBER, CHILD_POSTCODE="ZZ99 3CZ")
    mistyped = a_row(CHILD_NHS_NUMBER="")

    sending.send(class_list(a_row()))
    found = sending.send(class_list(mistyped, ivo))

    assert [row.message.disposition for row in found] == [Disposition.PARKED] * 2
    assert all(row.message.reason.endswith("another-pupil-of-the-list") for row in found)
    assert [name.given_names for name in sending.profile(noor).people[0].names] == [("Noor",)]


@pytest.mark.parametrize(
    "other", [{"CHILD_FIRST_NAME": "Ivo"}, {"CHILD_DATE_OF_BIRTH": "03/04/2018"}]
)
def test_two_pupils_of_one_number_are_not_read(
    outside: Outside, tmp_path: Path, other: dict[str, str]
):
    """A number copied into the next row: nobody is shown a name or parents of the other."""
    known = by_number(NUMBER, None)
    with InProcess.running(outside) as running:
        running.decide(known)
        sending = SchoolsSending(running, tmp_path)
        found = sending.send(class_list(a_row(), a_row(PARENT_1_NAME="Kit Other", **other)))
        one = running.person(known)
        assert one is not None
        profile = sending.profile(one)

    assert [row.message.disposition for row in found] == [Disposition.PARKED] * 2
    assert all(row.message.reason.endswith("another-pupil-of-the-list") for row in found)
    assert (profile.people[0].names, profile.kin) == ((), ())


def test_a_corrected_unique_number_changes_no_records(outside: Outside, tmp_path: Path):
    """The school's own reference is corrected, and so is the name by which it knows the pupil."""
    wrong, right = "L999100230005", "H999100230003"
    former = f"<BasicDetails><FormerUPN>{wrong}</FormerUPN>"
    upn = _subject(identifier_of(IdentifierScheme.UPN, wrong), "2013-04-03")
    with InProcess.running(outside) as running:
        sending = SchoolsSending(running, tmp_path)
        running.decide(upn)
        eve = running.person(upn)
        assert eve is not None
        sending.send(transfer_file(a_pupil(wrong), day=1))
        before = _stored(sending, eve)

        corrected = a_pupil(right).replace("<BasicDetails>", former)
        sending.send(transfer_file(corrected, day=8))
        sending.send(transfer_file(a_pupil(right, forename="Evie", street="9 New St"), day=15))

        assert _stored(sending, eve) == before
        assert homes(sending.profile(eve)) == ["9 New St"]


def test_a_school_that_sends_files_and_lists_has_one_pupil(
    outside: Outside, clock: StandingClock, tmp_path: Path
):
    """One school, with what each of them tells, and the home that it told last."""
    eve = _subject(identifier_of(IdentifierScheme.UPN, "H999100230003"), "2013-04-03")
    clock.pass_by(AFTERWARDS - clock.now())
    with InProcess.running(outside) as running:
        running.decide(eve)
        person = running.person(eve)
        assert person is not None
        sending = SchoolsSending(running, tmp_path)
        sending.send(transfer_file(a_pupil(), estab="2001", day=1))
        listed = {
            "CHILD_FIRST_NAME": "Eve",
            "CHILD_LAST_NAME": "Leaver",
            "CHILD_DATE_OF_BIRTH": "03/04/2013",
            "CHILD_ADDRESS_LINE_1": "1 Old Street",
            "CHILD_POSTCODE": "ZZ99 3WZ",
            "CHILD_REGISTRATION": "8C",
        }
        sending.send(class_list(listed))
        sending.send(class_list(listed | {"CHILD_ADDRESS_LINE_1": "9 New Street"}))

        profile = sending.profile(person)

    (school,) = profile.practitioners
    assert (school.agency_name, school.team) == ("School 2001", "class 8C")
    assert homes(profile) == ["9 New Street"]
    assert homes(profile, current=False) == ["1 Old Street"]


def test_two_who_are_joined_are_one_pupil(outside: Outside, clock: StandingClock, tmp_path: Path):
    """A list has told of both; what it tells of either from then on is of the one."""
    second = by_number("9990000018", BORN)
    clock.pass_by(AFTERWARDS - clock.now())
    with InProcess.running(outside) as running:
        (one,) = running.decide(by_number(NUMBER, BORN)).decision.subjects
        (other,) = running.decide(second).decision.subjects
        sending = SchoolsSending(running, tmp_path)
        sending.send(class_list(a_row()))
        again = {"CHILD_NHS_NUMBER": "9990000018", "CHILD_FIRST_NAME": "Nora"}
        sending.send(class_list(a_row(**again, PARENT_1_PHONE="07700900055")))
        apart = [numbers(sending.profile(person))["Ann Listed"][0] for person in (one, other)]

        with unit_of_work(running.outside) as work:
            make_one(work, one, other)
        sending.send(class_list(a_row(**again, PARENT_1_PHONE="07700900066")))
        together = sending.profile(one)

    assert apart == ["07700900011", "07700900055"]
    assert numbers(together)["Ann Listed"] == ["07700900066", "ann@example.test"]
    assert len(together.practitioners) == 1


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")
def test_the_shared_cases_of_class_lists(sending: SchoolsSending, noor: PersonId):
    """09 then 10: the father and the address are gone. Then 12: one pupil, with the new number."""
    sending.send_case("09-class-list-week1.csv")
    sending.send_case("10-class-list-week2-father-removed.csv")
    after_ten = sending.profile(noor)
    sending.send_case("12-class-list-without-nhs-number.csv")
    after_twelve = sending.profile(noor)

    assert numbers(after_ten) == {"Ann Listed": ["07700900011"]}
    assert homes(after_ten) == []
    assert numbers(after_twelve) == {"Ann Listed": ["07700900099"]}
    assert homes(after_twelve) == ["1 Old Street"]
    assert schools(after_twelve) == [None]


def _stored(sending: SchoolsSending, person: PersonId) -> set[tuple[str, str]]:
    """Which records there are of a person, whatever they say now."""
    return {_place(record) for record in sending.running.stored(person)}


def _place(record: PublishedRecord) -> tuple[str, str]:
    return record.key, type(record.payload).__name__
