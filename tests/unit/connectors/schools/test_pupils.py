"""A pupil of a Common Transfer File becomes a message of records."""

import pytest

from schemas.records.payloads import (
    CommunicationNeeds,
    ContactDetails,
    Involvement,
    Occurrence,
    OccurrenceKind,
    PersonDetails,
    Plan,
)
from schemas.vocabulary import IdentifierStatus, Label
from tests.support.messages.ctf import AContact, APupil, AYear, ctf
from tests.support.reading import ctf as read
from tests.support.reading import payloads, record_of, the_message, the_refusal

UPN = "T999200119011"
FATHER = AContact(
    relationship="PAF",
    forename="Ben",
    order="2",
    address_as_pupil="0",
    lines=("7 Other Street",),
    postcode="NF2 2BB",
    telephone="07700 900100",
)


def test_pupil_is_known_by_upn_and_demographics():
    """Linking has both."""
    (subject,) = the_message(read, ctf(APupil())).subjects

    assert [(i.value, i.is_verified) for i in subject.identifiers] == [(UPN, True)]
    assert subject.demographics.given_names == ("Edie",)
    assert subject.demographics.date_of_birth == "2019-03-05"
    assert subject.demographics.postcode == "NF1 1AA"


@pytest.mark.parametrize("upn", ["A123456789123", "X88820011701A", "A1"])
def test_bad_or_temporary_upn_is_unverified_and_does_not_park(upn: str):
    """Few UPNs of real files pass; the child can be linked by name and birth date."""
    (subject,) = the_message(read, ctf(APupil(upn=upn))).subjects

    assert subject.identifiers[0].status is IdentifierStatus.UNVERIFIED


def test_two_pupils_under_one_bad_upn_do_not_overwrite_each_other():
    """A filler number is nobody's key."""
    files = [ctf(APupil(upn="A123456789123", forename=name)) for name in ("Edie", "Nell")]

    ids = [record_of(the_message(read, text), PersonDetails).source_id for text in files]

    assert ids[0] != ids[1]


@pytest.mark.parametrize(
    ("pupil", "reason"),
    [
        (APupil(upn="A123456789123", born=None), "not-verified"),
        (APupil(upn=None, surname=None), "missing"),
        (APupil(upn="X88820011701A", forename=None), "not-verified"),
    ],
)
def test_pupil_whom_nothing_tells_from_others_parks(pupil: APupil, reason: str):
    """Neither a number to trust nor a name with a birth date."""
    assert the_refusal(read, ctf(pupil)) == ("Pupil/UPN", reason)


def test_sex_is_read_from_the_new_element_and_the_old():
    """Sex since CTF 23, Gender before."""
    new = the_message(read, ctf(APupil(sex="F")))
    old = the_message(read, ctf(APupil(sex=None, gender="M")))

    assert [payloads(m, PersonDetails)[0].sex for m in (new, old)] == ["female", "male"]


def test_former_upn_never_links():
    """A child may have been given a new one so that the old one does not lead to them."""
    (subject,) = the_message(read, ctf(APupil(former_upn="A950000178301"))).subjects

    assert [i.value for i in subject.identifiers if i.is_verified] == [UPN]
    assert [i.status for i in subject.identifiers if i.value != UPN] == [
        IdentifierStatus.SUPERSEDED
    ]


def test_languages_are_communication_needs():
    """Each once."""
    pupil = APupil(languages=(("F", "Polish"), ("H", "Polish"), ("H", "English")))

    (needs,) = payloads(the_message(read, ctf(pupil)), CommunicationNeeds)

    assert needs.languages == ("Polish", "English")
    assert needs.interpreter_needed is None


def test_school_is_involved():
    """With its number and the year group; it tells where the child is."""
    record = record_of(the_message(read, ctf(APupil())), Involvement)

    assert record.payload.service == "School"
    assert record.payload.agency_code == "9992001"
    assert record.payload.agency_name == "Brookside Primary School"
    assert record.payload.team == "Year 2"
    assert record.labels == {Label.LOCATION}
    assert record.source_id == f"9992001/{UPN}/enrolment"


def test_attendance_is_a_rate_over_a_stated_period():
    """In words, with the sessions it is made of."""
    year = AYear(possible="120", attended="113", marks_from="2026-09-03")

    record = record_of(the_message(read, ctf(APupil(attendance=(year,)))), Occurrence)

    assert record.payload.kind is OccurrenceKind.ATTENDANCE
    assert record.payload.outcome == "94.2% of sessions attended"
    assert record.payload.period.start == "2026-09-03"
    assert record.payload.title == "Attendance in the school year 2026 to 2027"
    assert ("Sessions possible", "120") in record.payload.details


def test_marks_are_counted_and_never_shown():
    """Present, elsewhere, authorised, unauthorised; not required is not counted."""
    year = AYear(
        possible=None, attended=None, marks="/\\/\\LBC1C1OO##Y1Y3XX-", marks_from="2026-09-03"
    )
    message = the_message(read, ctf(APupil(attendance=(year,))))

    (attendance,) = payloads(message, Occurrence)

    assert attendance.outcome == "60.0% of sessions attended"
    assert dict(attendance.details)["Sessions possible"] == "10"
    assert "/\\" not in repr([attendance.title, attendance.outcome, attendance.details])


def test_attendance_does_not_name_the_school():
    """So that it can be shown where the school may not be known."""
    message = the_message(read, ctf(APupil(attendance=(AYear(),), sen=(("2026-01-05", "K"),))))

    for occurrence in payloads(message, Occurrence):
        assert occurrence.agency_name is None


def test_sen_support_and_plans():
    """K is support, E is a plan, N is nothing."""
    sen = (("2024-09-02", "N"), ("2025-01-06", "K"), ("2026-02-02", "E"))

    message = the_message(read, ctf(APupil(sen=sen)))

    (support,), (plan,) = payloads(message, Occurrence), payloads(message, Plan)
    assert (support.kind, support.period.start) == (OccurrenceKind.SUPPORT, "2025-01-06")
    assert (plan.kind, plan.period.start) == ("ehc", "2026-02-02")


def test_attendance_that_contradicts_itself_parks():
    """Nobody attends more than there was."""
    refusal = the_refusal(read, ctf(APupil(attendance=(AYear(possible="10", attended="11"),))))

    assert refusal == (
        "Pupil/Attendance/YearData/SessionsAttended",
        "contradicts:Pupil/Attendance/YearData/SessionsPossible",
    )


def test_ill_dates_and_numbers_park():
    """With their field."""
    cases = {
        ("Pupil/DOB", "not-a-date"): APupil(born="05/03/2019"),
        ("Pupil/Attendance/YearData/Year", "not-a-year"): APupil(attendance=(AYear(year="Y1"),)),
        ("Pupil/Attendance/YearData/SessionsAttended", "not-a-number"): APupil(
            attendance=(AYear(attended="most"),)
        ),
    }

    for refusal, pupil in cases.items():
        assert the_refusal(read, ctf(pupil)) == refusal


def test_bs7666_addresses_are_read_too():
    """CTF has two ways to write one."""
    text = (
        ctf(APupil())
        .replace(b"<AddressLine1>1 Test Lane</AddressLine1>", b"")
        .replace(
            b"<PostCode>",
            b"<BS7666Address><PAON>1</PAON><Street>Test Lane</Street></BS7666Address><PostCode>",
        )
    )

    (contact,) = payloads(the_message(read, text), ContactDetails)

    assert contact.addresses[0].lines == ("1 Test Lane",)


def test_year_at_two_schools_is_two_records():
    """Attendance is counted by each school."""
    text = ctf(APupil(attendance=(AYear(), AYear(attended="60"))))
    moved = (
        text[: text.rindex(b"<Estab>2001")]
        + b"<Estab>2002"
        + text[text.rindex(b"<Estab>2001") + len(b"<Estab>2001") :]
    )

    assert len(payloads(the_message(read, moved), Occurrence)) == 2
    assert len(payloads(the_message(read, text), Occurrence)) == 1


def _left(reason: str) -> str:
    school = f"<School><LEA>999</LEA><Estab>2001</Estab><LeavingReason>{reason}</LeavingReason>"
    return f"<SchoolHistory>{school}</School></SchoolHistory>"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("<DateOfDeath>2026-09-01</DateOfDeath>", PersonDetails(died="2026-09-01")),
        (
            "<DateOfDeath>2018-09-01</DateOfDeath>",
            PersonDetails(died="2018-09-01", death_contradicted=True),
        ),
        (
            "<DateOfDeath>last week</DateOfDeath>",
            PersonDetails(has_died=True, death_contradicted=True),
        ),
        (_left("Deceased"), PersonDetails(has_died=True)),
        (_left("Pupil died"), PersonDetails(has_died=True)),
        (_left("Moved after death in family"), None),
        (_left("TR"), None),
    ],
)
def test_a_pupil_who_died_is_told_to_have_died(written: str, said: PersonDetails | None):
    """By a day, or in words as why they left; a reason that is not understood is counted."""
    text = ctf(APupil()).replace(b"</Pupil>", written.encode() + b"</Pupil>")

    message = the_message(read, text)

    told = {r.source_id.rpartition("/")[2]: r.payload for r in message.records}
    assert told.get("death") == said
    is_counted = "Pupil/SchoolHistory/School/LeavingReason" in message.unused.fields
    assert is_counted is (said is None)
