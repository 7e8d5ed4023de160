"""What a source sent in one field: found in each form of message, and nothing beside it."""

import json

import pytest

from connectors.as_sent import (
    LONGEST,
    NotReadAsSentError,
    SentValue,
    names_a_field,
    tells_a_place,
    values_as_sent,
)
from tests.support.messages.csc import csc
from tests.support.people.parked_world import DOUBTFUL

_PATIENT = {
    "resourceType": "Patient",
    "identifier": [
        {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000019"},
        {"system": "https://example.org/local", "value": "L-1"},
    ],
    "birthDate": "31/02/2014",
    "name": [{"family": "Quillfeather"}],
    "address": [{"line": ["1 Test Lane"], "postalCode": "NF1 1AA"}],
}
_BUNDLE = json.dumps({"resourceType": "Bundle", "entry": [{"resource": _PATIENT}]}).encode()
_PUPIL = b"<Pupil><DOB>2014-13-01</DOB><Surname>Q</Surname></Pupil>"
_CTF = b"<CTfile><CTFpupilData>%b</CTFpupilData></CTfile>" % _PUPIL
_LIST = b"First name;Surname;DOB\n\nOttoline;Quillfeather;31.2.14\n"


@pytest.mark.parametrize(
    ("message", "field", "found"),
    [
        (DOUBTFUL, "Patient.birthDate", ["2014-05-03"]),
        (DOUBTFUL, "MessageHeader.birthDateTime", ["2014-05-04"]),
        (DOUBTFUL, "MessageHeader.routing.nhsNumber", ["9990000018"]),
        (DOUBTFUL, "MessageHeader.extension[messageEventType]", ["new"]),
        (DOUBTFUL, "Patient.identifier[nhs-number]", ["9990000018"]),
        (DOUBTFUL, "Patient.deceased", []),
        (_BUNDLE, "Patient.birthDate", ["31/02/2014"]),
        (_BUNDLE, "Patient.identifier[nhs-number]", ["9990000019"]),
        (_BUNDLE, "Patient.identifier[1].value", ["L-1"]),
        (_BUNDLE, "Patient.address", [None, None]),
        (b'{"child": {"born": "no", "born": 7}}', "child.born", ["no", "7"]),
        (csc(), "child_details.date_of_birth", []),
        (_CTF, "Pupil/DOB", ["2014-13-01"]),
        (_LIST, "row[3]/CHILD_DATE_OF_BIRTH", ["31.2.14"]),
        (_LIST, "row[3]/DOB", ["31.2.14"]),
        (_LIST, "row[3]/UPN", []),
    ],
)
def test_the_text_of_the_field_is_found_as_it_stands(
    message: bytes, field: str, found: list[str | None]
):
    """In XML, JSON and lists; what tells a place is named and not given."""
    assert [one.value for one in values_as_sent(message, field)] == found


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b"<a><b>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"A,B\n1,2\n3,4\n",
        b"[" * 99_999,
    ],
)
def test_what_cannot_be_told_apart_is_not_shown(message: bytes):
    """Broken, forbidden, or more than one row: nothing of it."""
    field = "row[2]/A" if message.startswith(b"A") else "Pupil/DOB"

    with pytest.raises(NotReadAsSentError):
        values_as_sent(message, field)


def test_what_is_long_is_cut():
    """A telling look at a free text is no way to read all of it."""
    message = json.dumps({"a": {"b": "x" * 999}}).encode()

    assert values_as_sent(message, "a.b") == (SentValue("a.b", "x" * LONGEST, is_cut=True),)


@pytest.mark.parametrize(
    ("field", "is_field", "is_place"),
    [
        ("Patient.birthDate", True, False),
        ("row[12]/UPN", True, False),
        ("row[12]/CHILD_POSTCODE", True, True),
        ("Pupil/Address/PostCode", True, True),
        ("RelatedPerson.telecom", True, True),
        ("child_details.uprn", True, True),
        ("Timeline.outline", True, False),
        ("row[12]", False, False),
        ("Bundle", False, False),
        ("subject", False, False),
        ("focus.identifier", False, False),
        ("mailbox.workflow", False, False),
    ],
)
def test_a_field_is_told_from_a_whole_and_from_a_place(
    field: str, *, is_field: bool, is_place: bool
):
    """By its name alone."""
    assert names_a_field(field) is is_field
    assert tells_a_place(field) is is_place
