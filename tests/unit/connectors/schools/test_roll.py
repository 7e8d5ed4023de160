"""School census returns: who is on the roll, and who has left."""

from datetime import UTC, datetime
from functools import partial

import pytest

from connectors.ports import MessageReader
from connectors.schools.files import read_schools
from connectors.schools.roll.reader import read_roll
from schemas.identifiers import upn_identifier
from schemas.records.message import SourceMessage
from schemas.records.payloads import (
    DUAL_SCHOOL,
    SCHOOL,
    CommunicationNeeds,
    ContactDetails,
    Involvement,
    Occurrence,
    Period,
    PersonDetails,
)
from schemas.records.unused import MoreKind
from schemas.vocabulary import IdentifierStatus, Label
from tests.support.messages.ctf import APupil, ctf
from tests.support.messages.roll import IDENTIFIERS, a_return, gone, on_roll
from tests.support.reading import (
    ctf as read_ctf,
)
from tests.support.reading import (
    outcomes,
    payloads,
    received,
    record_of,
    the_message,
    the_refusal,
    upserted,
)

schools: MessageReader = partial(read_schools, received_at=datetime(2026, 11, 20, tzinfo=UTC))
roll: MessageReader = read_roll
KEY = f"9992001/{IDENTIFIERS['UPN']}"
HOME = "<HomeInformation><Address><AddressLines><AddressLine1>4 Quarry Lane</AddressLine1>"
HOME += "</AddressLines><PostCode>NF1 1AA</PostCode></Address></HomeInformation>"


def counted(name: str, inner: str) -> str:
    """One element."""
    return f"<{name}>{inner}</{name}>"


def absent(reason: str, sessions: str) -> str:
    """Sessions missed for one reason."""
    why = counted("AttendanceReason", reason) + counted("AbsenceSessions", sessions)
    return counted("SessionDetail", why)


def attending(inner: str) -> str:
    """What a pupil attended."""
    return counted("Attendance", counted("TermlyAttendance", inner))


POSSIBLE = counted("SessionsPossible", "130")


def told(more: str = "", **identifiers: str | None) -> SourceMessage:
    """What is said of one pupil on the roll."""
    return the_message(schools, a_return(on_roll(more, **identifiers)))


def test_a_pupil_on_the_roll_is_at_the_school_since_they_came():
    """By the keys of the school's transfer files, so that one tells the other's next state."""
    message = told(HOME)

    enrolment = record_of(message, Involvement)
    assert enrolment.payload == Involvement(
        service=SCHOOL, agency_code="9992001", team="Year 3", period=Period("2023-09-04", None)
    )
    assert enrolment.source_id == f"{KEY}/enrolment"
    assert message.sender == "9992001"
    assert message.listed is not None
    assert message.listed.stands_in == ("year:3",)
    assert message.subjects[0].identifiers == (upn_identifier(IDENTIFIERS["UPN"]),)
    assert message.subjects[0].demographics.postcode == "NF1 1AA"
    other = the_message(read_ctf, ctf(APupil(upn=IDENTIFIERS["UPN"])))
    assert f"{KEY}/enrolment" in upserted(other)


def test_it_completes_who_somebody_is_and_does_not_replace_it():
    """A return does not know by which first name a child goes."""
    record = record_of(told(PreferredSurname="Ash"), PersonDetails)

    assert record.part_of == f"{KEY}/details"
    assert record.payload == PersonDetails(
        family_name="Ashdown",
        given_names=("Wren",),
        known_as_family="Ash",
        date_of_birth="2018-05-03",
        sex="female",
    )


@pytest.mark.parametrize(
    ("left", "until"),
    [
        ("2026-07-20", "2026-07-20"),
        (None, "2026-10-08"),
        ("20/07/2026", "2026-10-08"),
        ("2027-01-01", "2026-10-08"),
    ],
)
def test_who_is_on_it_no_longer_has_left(left: str | None, until: str):
    """On the day that it gives; where that is none, or is to come, on that of the return."""
    message = the_message(schools, a_return(left=(gone(left=left),)))

    (school,) = payloads(message, Involvement)
    assert school.period == Period("2023-09-04", until)
    assert message.listed is not None
    assert message.listed.has_left


def test_leaving_before_coming_is_no_time_at_the_school():
    """The day of leaving stands: it is what the return is believed for."""
    message = the_message(schools, a_return(left=(gone(entered="2026-08-01"),)))

    assert payloads(message, Involvement)[0].period == Period(None, "2026-07-20")


def test_a_pupil_of_two_schools_is_one_of_two():
    """Or a guest."""
    message = the_message(schools, a_return(on_roll(status={"EnrolStatus": "S"})))

    assert payloads(message, Involvement)[0].service == DUAL_SCHOOL


@pytest.mark.parametrize(
    "inner",
    [
        POSSIBLE + counted("SessionsAuthorised", "9") + counted("SessionsUnauthorised", "4"),
        POSSIBLE + counted("SessionDetails", absent("I", "9") + absent("O", "4")),
    ],
)
def test_attendance_is_a_rate_of_a_term(inner: str):
    """As counted, or by each reason; never a mark."""
    (attendance,) = payloads(told(attending(inner)), Occurrence)

    assert attendance.title == "Attendance in the term before the autumn census of 2026"
    assert attendance.outcome == "90.0% of sessions attended"
    assert dict(attendance.details)["Authorised absence"] == "9"
    assert attendance.period.end == "2026-10-01"


@pytest.mark.parametrize(
    "inner",
    [
        counted("SessionsPossible", "0") + counted("SessionsAuthorised", "0"),
        POSSIBLE,
        POSSIBLE + counted("SessionDetails", absent("?", "9")),
    ],
)
def test_without_sessions_or_absences_there_is_no_rate(inner: str):
    """Nothing is guessed."""
    assert not payloads(told(attending(inner)), Occurrence)


def test_what_is_read_by_name_may_stand_in_another_group():
    """Systems differ, and so did the specification."""
    message = told("<PupilCharacteristics><Language>POL</Language></PupilCharacteristics>")

    assert payloads(message, CommunicationNeeds) == [CommunicationNeeds(languages=("pl",))]


def test_of_a_child_who_was_adopted_the_place_is_protected_and_nothing_leads_back():
    """PLAA: by an order, after being looked after."""
    more = f"{HOME}<PupilCharacteristics><PLAA>A</PLAA></PupilCharacteristics>"
    message = told(more, FormerUPN="A950000178301", FormerSurname="Marlow")

    assert record_of(message, ContactDetails).labels == {
        Label.LOCATION,
        Label.PROTECTED_LOCATION,
    }
    assert [n.status for n in message.subjects[0].identifiers] == [IdentifierStatus.VERIFIED]
    assert payloads(message, PersonDetails)[0].former_names == ()


def test_a_former_number_alone_is_one_and_a_former_name_too():
    """Together they are not told: one may have been meant to leave the other behind."""
    number, name = told(FormerUPN="A950000178301"), told(FormerSurname="Marlow")
    both = told(FormerUPN="A950000178301", FormerSurname="Marlow")

    assert number.subjects[0].identifiers[1].status is IdentifierStatus.SUPERSEDED
    assert payloads(name, PersonDetails)[0].former_names == ("Wren Marlow",)
    assert len(both.subjects[0].identifiers) == 1
    assert payloads(both, PersonDetails)[0].former_names == ()


def test_what_is_not_read_is_counted_and_support_is_told_of():
    """By the names of the format."""
    more = "<SpecialEducationalNeeds><SENprovision>K</SENprovision></SpecialEducationalNeeds>"
    more += "<PupilCharacteristics><Ethnicity>WBRI</Ethnicity></PupilCharacteristics>"
    message = told(more)

    assert message.unused.fields == ("PupilOnRoll/PupilCharacteristics/Ethnicity",)
    assert [one.kind for one in message.unused.more] == [MoreKind.SUPPORT]


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        (a_return(), "PupilOnRoll", "missing"),
        (a_return(on_roll(), collection="CIN"), "Header/CollectionDetails/Collection", None),
        (a_return(on_roll(), at=None), "Header/Source/DateTime", "missing"),
        (a_return(on_roll(), lea="XXX"), "Header/Source/LEA", "not-a-code"),
        (a_return(on_roll(), estab=None), "Header/Source/Estab", "missing"),
        (a_return(on_roll(DOB="3 May")), "PupilOnRoll/PupilIdentifiers/DOB", "not-a-date"),
        (a_return(on_roll(UPN=None, DOB=None)), "PupilOnRoll/UPN", "missing"),
        (
            a_return(on_roll(attending("<SessionsPossible>many</SessionsPossible>"))),
            "PupilOnRoll/Attendance/TermlyAttendance/SessionsPossible",
            "not-a-number",
        ),
        (a_return(on_roll())[:-20], "Message", "not-xml"),
    ],
)
def test_what_cannot_be_read_names_its_field(data: bytes, field: str, reason: str | None):
    """And never what stood there."""
    found = outcomes(schools, data)[-1]

    assert (found.field, found.reason) == (field, reason or "unexpected-type")


def test_one_pupil_who_cannot_be_read_does_not_stop_the_others():
    """Each is a message of its own, that reads again as itself."""
    data = a_return(on_roll(DOB="?"), on_roll(), left=(gone(UPN="A950000178301"),))
    found = received(schools, data)

    assert [type(one.outcome) is SourceMessage for one in found] == [False, True, True]
    for one in found:
        (again,) = received(schools, one.raw())
        assert again.outcome == one.outcome


def test_a_transfer_file_is_still_one_behind_a_comment():
    """Which of the two it is stands in the name of its first element."""
    written = ctf(APupil()).replace(b"<CTfile>", b"<!-- <Message> --><CTfile>")

    assert the_message(schools, written) == the_message(read_ctf, ctf(APupil()))
    assert the_refusal(schools, b"<Other/>") == ("CTfile", "wrong-root")


CSV_TITLES = (
    "{0}tableid,NativeId,dob,surname,forename,preferredsurname,upn,entrydate,{1}ncyearactual"
)
CSV_CELLS = "01080e0c,SCH5,2018-May-03 00:00:00,Ashdown,Wren,Ash,,2023-Sep-04 00:00:00,{0}3"


@pytest.mark.parametrize(
    ("left", "until"),
    [("2026-Jul-20 00:00:00,", "2026-07-20"), (",", "2026-11-20"), ("soon,", "2026-11-20")],
)
def test_the_extract_of_those_who_have_left_is_not_a_class_list(left: str, until: str):
    """Councils have the returns of their schools as tables, one of which holds who has left."""
    titles = CSV_TITLES.format("pupilnolongeronroll", "leavingdate,")
    message = the_message(schools, f"{titles}\n{CSV_CELLS.format(left)}\n".encode())

    (school,) = payloads(message, Involvement)
    assert school.period == Period("2023-09-04", until)
    assert message.listed is not None
    assert message.listed.has_left


def test_the_extract_of_those_on_roll_is_a_list_with_their_first_day():
    """Whoever is in it is at the school."""
    titles = CSV_TITLES.format("pupilonroll", "")
    message = the_message(schools, f"{titles}\n{CSV_CELLS.format('')}\n".encode())

    (school,) = payloads(message, Involvement)
    assert school.period == Period("2023-09-04", None)
    assert school.team == "Year 3"
    assert message.listed is not None
    assert message.listed.stands_in == ("year:3",)
    assert payloads(message, PersonDetails)[0].known_as_family == "Ash"
