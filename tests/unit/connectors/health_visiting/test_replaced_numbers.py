"""An NHS number that was replaced (FHIR use `old`) is history, and is told as history."""

import re

from schemas.identifiers import nhs_number_identifier
from schemas.vocabulary import IdentifierStatus
from tests.support.messages.nems import NHS_NUMBER, APerson
from tests.support.messages.nems_messages import professional_contact
from tests.support.reading import nems, the_message, the_refusal

_IDENTIFIER = re.compile(rb"<Patient.*?(?=<identifier>)", re.DOTALL)


def _with_number(number: str, use: str) -> bytes:
    """A contact with the usual patient, whose Patient states another number first."""
    stated = f'<use value="{use}"/><system value="{NHS_NUMBER}"/><value value="{number}"/>'
    more = f"<identifier>{stated}</identifier>".encode()
    text = professional_contact(APerson(nhs_number="9990000018"))
    return _IDENTIFIER.sub(lambda found: found[0] + more, text, count=1)


def test_a_replaced_number_follows_the_present_one() -> None:
    """The present one says who it is."""
    message = the_message(nems, _with_number("9990000026", "old"))

    present, former = message.subjects[0].identifiers
    assert present == nhs_number_identifier("9990000018")
    assert former.value == "9990000026"
    assert former.status is IdentifierStatus.SUPERSEDED


def test_two_present_numbers_are_still_refused() -> None:
    """Nobody can tell which is meant."""
    _, reason = the_refusal(nems, _with_number("9990000026", "usual"))

    assert reason == "several-values"


def test_a_replaced_number_that_fails_its_check_was_never_anybody_s() -> None:
    """It is kept as it was written, and links nobody."""
    message = the_message(nems, _with_number("1112223330", "old"))

    assert message.subjects[0].identifiers[1].status is IdentifierStatus.UNVERIFIED
