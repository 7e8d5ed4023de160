"""Whom a command or another program names: what can never be anybody is refused."""

import pytest

from schemas.records.message import Subject
from schemas.vocabulary import IdentifierScheme
from services.people.persons.subjects import (
    SCHEMES,
    SubjectInvalidError,
    schemes_in_words,
    subject_from_text,
)

NOBODY = (
    ("9990000018", "is-not-scheme-and-value"),
    ("nhs-number:", "is-not-scheme-and-value"),
    ("nhs-number: ", "is-not-scheme-and-value"),
    ("passport:secret", "has-an-unknown-scheme"),
    ("local:17", "has-an-unknown-scheme"),
    ("nhs-number:9990000019", "fails-its-check"),
    ("nhs-number:0000000000", "fails-its-check"),
    ("upn:B999200115031", "fails-its-check"),
    ("upn:A99920011503A", "fails-its-check"),
    ("la-child-id:SSC7", "names-no-authority"),
    ("la-child-id:998/", "names-no-authority"),
    ("la-child-id:98/SSC1", "names-no-authority"),
    ("la-child-id:999/1/2", "names-no-authority"),
    ("person:Edie", "is-no-opaque-id"),
)


def test_what_can_never_be_anybody_is_refused_with_what_it_looks_like():
    """Otherwise what is decided about it would stand, and be about nobody."""
    for text, reason in NOBODY:
        with pytest.raises(SubjectInvalidError) as refused:
            subject_from_text(text)

        assert refused.value.reason == reason, text
        assert "Write it like" in str(refused.value), text
        value = text.partition(":")[2].strip()
        assert not value or value not in str(refused.value), text


def test_each_example_that_is_given_is_somebody():
    """Whoever copies it is not refused."""
    for scheme, (example, _) in SCHEMES.items():
        found = subject_from_text(example)
        is_subject = isinstance(found, Subject)
        assert is_subject == (scheme != "person")
        assert example in schemes_in_words()
        if isinstance(found, Subject):
            assert found.identifiers[0].scheme is IdentifierScheme(scheme)
            assert found.identifiers[0].is_verified
