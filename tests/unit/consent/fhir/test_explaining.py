"""Every reason has a sentence for everybody who may ask."""

from itertools import chain

import pytest

from consent.fhir.answering import ConsentReason
from consent.fhir.explaining import Audience, explain
from consent.question import Reason
from tests.support.each_case import each_case


@pytest.mark.parametrize("audience", Audience)
def test_every_reason_is_explained_to_everybody(audience: Audience):
    """A whole sentence, that begins with a capital and ends with a full stop."""
    with each_case() as case:
        for reason in chain(Reason, ConsentReason):
            with case(repr(reason)):
                sentence = explain(reason, audience)

                assert sentence[0].isupper()
                assert sentence.endswith((".", ")."))


@pytest.mark.parametrize("audience", Audience)
def test_no_two_reasons_of_the_rules_are_explained_alike(audience: Audience):
    """A sentence tells which rule it was."""
    sentences = [explain(reason, audience) for reason in Reason]

    assert len(set(sentences)) == len(sentences)
