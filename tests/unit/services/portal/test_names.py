"""What a person is called, by each source that names them."""

import pytest

from schemas.vocabulary import Source
from services.portal.words.people import full_name
from services.profile.merging.claims import NameClaim, Provenance

_SCHOOL = Provenance(Source.SCHOOLS, "2026-11-20T06:30:00Z")


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (NameClaim("Marlow", ("Edie", "Rose"), None, _SCHOOL), "Edie Rose Marlow"),
        (NameClaim("Marlow", ("Edie",), "Bee", _SCHOOL), "Edie Marlow, known as Bee"),
        (
            NameClaim("Marlow", ("Edie",), None, _SCHOOL, "Quill"),
            "Edie Marlow, known as Edie Quill",
        ),
        (
            NameClaim("Marlow", ("Edie",), "Bee", _SCHOOL, "Quill"),
            "Edie Marlow, known as Bee Quill",
        ),
        (
            NameClaim("Marlow", ("Edie",), None, _SCHOOL, None, ("Edie Quill",)),
            "Edie Marlow, formerly Edie Quill",
        ),
        (NameClaim(None, (), "Bee", _SCHOOL), "Bee"),
    ],
)
def test_a_name_is_written_with_what_else_somebody_is_or_was_called(claim: NameClaim, words: str):
    """As the source gives it."""
    assert full_name(claim, is_placeholder=False) == words
