"""Who sent a message, as its envelope says: evidence, which opens nothing by itself."""

from datetime import UTC, datetime
from io import BytesIO

import pytest

from connectors.registry import read_messages
from schemas.records.message import SourceMessage
from schemas.vocabulary import Source
from tests.support.messages.cin import a_census_child, census
from tests.support.messages.csc import a_child, csc
from tests.support.messages.ctf import APupil, ctf
from tests.support.messages.nems import APerson
from tests.support.messages.nems_messages import professional_contact

RECEIVED = datetime(2026, 3, 2, tzinfo=UTC)
CLASS_LIST = (
    b"CHILD_FIRST_NAME,CHILD_LAST_NAME,CHILD_DATE_OF_BIRTH,CHILD_NHS_NUMBER\n"
    b"Ada,Ash,03/05/2019,9990000018\n"
)


@pytest.mark.parametrize(
    ("source", "content", "sender"),
    [
        (Source.HEALTH_VISITING, professional_contact(APerson()), "X9H01"),
        (Source.SCHOOLS, ctf(APupil()), "9992001"),
        (Source.SCHOOLS, ctf(APupil(), lea="XXX"), None),
        (Source.SCHOOLS, CLASS_LIST, None),
        (Source.SOCIAL_CARE, csc(a_child()), "999"),
        (Source.SOCIAL_CARE, census(a_census_child()), "999"),
    ],
    ids=["NEMS", "CTF", "CTF of the DfE", "class list", "CSC", "census"],
)
def test_the_sender_is_whom_the_envelope_names(source: Source, content: bytes, sender: str | None):
    """A class list has no envelope, and the DfE's own files name no school."""
    found = list(read_messages(source, BytesIO(content), received_at=RECEIVED))

    assert [one.outcome.sender for one in found if isinstance(one.outcome, SourceMessage)] == [
        sender
    ]
