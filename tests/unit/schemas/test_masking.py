"""What carries personal facts prints none of them."""

import traceback
from dataclasses import fields, is_dataclass
from types import ModuleType

import pytest

from connectors.family_hub import story
from consent.decisions import keeping as decisions
from schemas.errors import UnreadableMessageError
from schemas.identifiers import PersonId, RecordKey, nhs_number_identifier
from schemas.records import message, payloads, published
from schemas.records.message import Demographics, Record, SourceMessage, Subject, Version
from schemas.records.payloads import Address, ContactDetails, PersonDetails, Telecom
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from services.profile import model as profile
from services.profile import ports as stored

CANARIES = ("Quillfeather", "Ottoline", "2019-04-17", "Wherewithal", "01632 960999", "9990000018")
DETAILS = PersonDetails("Quillfeather", ("Ottoline",), date_of_birth="2019-04-17")
CONTACT = ContactDetails((Address(("1 Wherewithal Lane",)),), (Telecom("phone", "01632 960999"),))
SUBJECT = Subject(
    "child",
    (nhs_number_identifier("9990000018"),),
    Demographics("Quillfeather", ("Ottoline",), "2019-04-17"),
)
RECORD = Record("9990000018/details", Category.IDENTITY_AND_CONTACT, ("child",), DETAILS)
CARRIERS = (
    DETAILS,
    CONTACT,
    SUBJECT,
    RECORD,
    SourceMessage(Source.SCHOOLS, "9990000018/1", Version("2019-04-17"), (SUBJECT,), (RECORD,)),
    PublishedRecord(
        RecordKey("ab" * 16),
        Source.SCHOOLS,
        Category.IDENTITY_AND_CONTACT,
        (PersonId("c0" * 16),),
        "1",
        DETAILS,
    ),
)
# Codes, opaque ids and figures only: these may be printed.
_SAYS_NOTHING = {
    "Recorded",
    "Deciding",
    "Asker",
    "SourceStatus",
    "NotShared",
    "ProfileRefused",
    "Look",
    "StoryScope",
}


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: type(carrier).__name__)
def test_nothing_of_what_it_carries_is_printed(carrier: object):
    """However it is put into a text, alone or inside something else."""
    for text in (repr(carrier), str(carrier), f"{carrier}", repr([carrier]), repr({"it": carrier})):
        assert not [canary for canary in CANARIES if canary in text]


@pytest.mark.parametrize(
    "module", [payloads, message, published, profile, stored, story, decisions]
)
def test_no_new_carrier_prints_itself(module: ModuleType):
    """A dataclass prints its fields unless it is told not to: `repr=False`."""
    printing = {
        name
        for name, found in vars(module).items()
        if isinstance(found, type)
        and is_dataclass(found)
        and found.__module__ == module.__name__
        and "__repr__" in vars(found)
        and fields(found)
    }

    assert printing <= _SAYS_NOTHING


def test_an_unreadable_message_tells_where_and_not_what():
    """Also with everything that a traceback prints."""
    error = UnreadableMessageError(field="Patient.birthDate", reason="not-a-date")

    text = "".join(traceback.format_exception(error))

    assert "Patient.birthDate: not-a-date" in text
