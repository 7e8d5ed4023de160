"""A date that is none costs the element it stands in, and nothing else of the pupil."""

import re

import pytest

from connectors.ports import Unreadable
from schemas.records.message import SourceMessage
from schemas.records.payloads import FactStatus, Involvement, Occurrence, PersonDetails, Plan
from schemas.records.unused import MoreKind
from tests.support.checkout import ROOT
from tests.support.messages.ctf import APupil, ctf
from tests.support.reading import ctf as read
from tests.support.reading import outcomes, payloads, the_message

CASES = ROOT.parent / "shared" / "cases" / "schools"
STAGE = "Pupil/SENhistory/SEN/StartDate"
NAMESPACE = b"urn:example:ctf"


def history(*days: tuple[str, str]) -> bytes:
    """A pupil who was at the school of the file, with these elements in its history."""
    inside = "".join(f"<{name}>{day}</{name}>" for name, day in days)
    school = f"<SchoolHistory><School><LEA>999</LEA><Estab>2001</Estab>{inside}</School>"
    return ctf(APupil()).replace(b"</Pupil>", f"{school}</SchoolHistory></Pupil>".encode())


def test_a_stage_of_support_that_begins_on_no_day_stays_at_the_school():
    """The pupil is taken, the fault is named, and that there is more."""
    message = the_message(read, ctf(APupil(sen=(("01/09/2020", "E"),))))

    assert not payloads(message, Plan)
    assert payloads(message, PersonDetails)[0].family_name == "Marlow"
    assert STAGE in message.unused.fields
    assert [one.kind for one in message.unused.more] == [MoreKind.SUPPORT]


def test_what_came_before_it_may_be_over():
    """Nobody knows whether the stage that cannot be placed ended it."""
    sen = (("2021-09-01", "K"), ("2022-09-01", "E"), ("next term", "N"))
    message = the_message(read, ctf(APupil(sen=sen)))

    (support,), (plan,) = payloads(message, Occurrence), payloads(message, Plan)
    assert (support.status, support.period.end) == (FactStatus.HOLDS, "2022-09-01")
    assert (plan.status, plan.period.end) == (FactStatus.UNKNOWN, None)


@pytest.mark.parametrize(
    ("days", "period", "status"),
    [
        ([("EntryDate", "1/9/2024")], (None, None), FactStatus.HOLDS),
        ([("EntryDate", "2024-09-01")], ("2024-09-01", None), FactStatus.HOLDS),
        ([("LeavingDate", "July")], (None, None), FactStatus.UNKNOWN),
        ([("LeavingDate", "2025-07-20")], (None, "2025-07-20"), FactStatus.HOLDS),
    ],
)
def test_a_pupil_with_an_unreadable_day_of_leaving_may_have_left(
    days: list[tuple[str, str]], period: tuple[str | None, str | None], status: FactStatus
):
    """They are not said to be there."""
    (school,) = payloads(the_message(read, history(*days)), Involvement)

    assert (school.period.start, school.period.end) == period
    assert school.status is status


def test_a_birth_date_that_is_none_still_parks():
    """Nobody can be told from others by half of who they are."""
    (outcome,) = outcomes(read, ctf(APupil(born="05/03/2019")))

    assert isinstance(outcome, Unreadable)
    assert (outcome.field, outcome.reason) == ("Pupil/DOB", "not-a-date")


@pytest.mark.parametrize("prefix", ["", "c:"])
def test_a_file_in_a_namespace_says_what_one_without_says(prefix: str):
    """Also under a prefix; what is of another namespace is nothing of the format."""
    plain = ctf(APupil(), APupil(forename="Nell", upn="A123456789012"))
    named = re.sub(r"<(/?)(\w)", rf"<\1{prefix}\2", plain.decode().split("?>", 1)[1])
    declaration = f' xmlns{":c" if prefix else ""}="urn:example:ctf">'
    named = named.replace("CTfile>", f"CTfile{declaration}", 1)
    foreign = named.replace(
        f"<{prefix}Surname>", f'<x:Surname xmlns:x="urn:x">Other</x:Surname><{prefix}Surname>'
    )

    for one in (named, foreign):
        assert [_said(o) for o in outcomes(read, one.encode())] == [
            _said(o) for o in outcomes(read, plain)
        ]


@pytest.mark.parametrize("named", [b"CTfile", b"Extra"])
def test_a_prefix_that_was_never_declared_is_no_reason_to_break_off(named: bytes):
    """Of another root nothing is read; inside a pupil the pupil is, and the file is no XML."""
    sent = ctf(APupil())
    if named == b"Extra":
        sent = sent.replace(b"<Pupil>", b"<Pupil><x:Extra>1</x:Extra>")
    else:
        sent = sent.replace(b"CTfile", b"x:CTfile")

    found = outcomes(read, sent)

    (refused,) = [one for one in found if isinstance(one, Unreadable)]
    assert refused.reason == ("not-xml" if named == b"Extra" else "wrong-root")
    assert len(found) == (2 if named == b"Extra" else 1)


def _said(outcome: SourceMessage | Unreadable) -> object:
    assert isinstance(outcome, SourceMessage), outcome
    return outcome.message_id, outcome.records


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")
def test_the_shared_file_gives_the_pupil_without_the_bad_element():
    """24: and the element is reported."""
    message = the_message(read, (CASES / "24-ctf-bad-sen-date.xml").read_bytes())

    assert payloads(message, PersonDetails)[0].family_name == "Testwick"
    assert STAGE in message.unused.fields
