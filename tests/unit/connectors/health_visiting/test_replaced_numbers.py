"""An NHS number that was replaced (FHIR use `old`) is history, and is told as history."""

import re
from typing import Any

from schemas.identifiers import nhs_number_identifier
from schemas.vocabulary import IdentifierStatus
from tests.support.each_case import each_case
from tests.support.messages.nems import NHS_NUMBER, APerson
from tests.support.messages.nems_bundles import (
    CHILD,
    OTHER_CHILD,
    bundle,
    immunization,
    number,
    organisation,
    patient,
)
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


# What a header may still have: the number before the one that its Patient has.


def _routed(routed: str, *, traced: bool = True, **patient_said: Any) -> bytes:
    known = patient(identifier=[number(traced=traced)], **patient_said)
    return bundle("vaccinations-1", immunization(), known, organisation(), routed=routed)


def test_a_header_with_the_number_before_is_of_the_same_child() -> None:
    """Where the Patient's was traced, and name and day of birth are the same in full."""
    message = the_message(nems, _routed(OTHER_CHILD))

    assert [one.value for one in message.subjects[0].identifiers] == [CHILD, OTHER_CHILD]
    assert message.subjects[0].identifiers[1].status is IdentifierStatus.SUPERSEDED
    assert f"patient/A83627/{CHILD}/details" in {one.source_id for one in message.records}


def test_a_header_with_another_number_is_refused_where_anything_differs() -> None:
    """A twin, a namesake born on another day, a name that only stands in for one, no trace."""
    twin = [{"family": "Fern", "given": ["Ida"]}]
    unnamed = [{"family": "Fern", "given": ["Baby"]}]
    told: dict[str, bytes] = {
        "twin": _routed(OTHER_CHILD, name=twin),
        "no name yet": _routed(OTHER_CHILD, name=unnamed),
        "not traced": _routed(OTHER_CHILD, traced=False),
        "only a year": _routed(OTHER_CHILD, birthDate="2024"),
    }
    with each_case() as case:
        for name, text in told.items():
            with case(name):
                assert the_refusal(nems, text)[1].startswith("contradicts:")


def test_two_numbers_of_which_the_header_names_one() -> None:
    """The other is former; where the header names neither, nobody can tell."""
    both = [number(traced=False), number(OTHER_CHILD, traced=False)]
    neither = "9990000034"

    def told(routed: str) -> bytes:
        known = patient(identifier=both)
        return bundle("vaccinations-1", immunization(), known, organisation(), routed=routed)

    first, second = (the_message(nems, told(one)).subjects[0] for one in (CHILD, OTHER_CHILD))
    assert [one.value for one in first.identifiers] == [CHILD, OTHER_CHILD]
    assert [one.value for one in second.identifiers] == [OTHER_CHILD, CHILD]
    assert the_refusal(nems, told(neither))[1] == "several-values"


def test_a_number_whose_time_is_over_is_former() -> None:
    """As one that is said to be old is."""
    stated = [number(OTHER_CHILD, period={"end": "2025-01-01"}), number()]
    known = patient(identifier=stated)
    message = the_message(nems, bundle("vaccinations-1", immunization(), known, organisation()))

    present, former = message.subjects[0].identifiers
    assert (present.value, former.value) == (CHILD, OTHER_CHILD)
    assert former.status is IdentifierStatus.SUPERSEDED
