"""Which form an Accept header likes best, and whether somebody has what a tag stands for."""

import pytest

from services.interfaces.families.negotiation import MediaType, chosen, has_it

JSON, FHIR = MediaType.JSON, MediaType.FHIR


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("application/fhir+json", FHIR),
        ("Application/FHIR+JSON", FHIR),
        ("application/fhir+json; fhirVersion=4.0", FHIR),
        ("application/fhir+json;fhirVersion=5.0", None),
        ("application/fhir+json, application/json;q=0.5", FHIR),
        ("application/json;q=0, */*", FHIR),
        ("application/json;q=0.1, application/*;q=0.9", FHIR),
        ("text/html, */*;q=0.1", JSON),
        ("application/xml", None),
        ("application/json;q=0", None),
        ("application/json;q=loud", None),
        ("application/json;q=nan", None),
        ("application/json;q=2", None),
        (",;,=;q", None),
    ],
)
def test_the_form_that_is_liked_best_is_chosen(accept: str | None, form: MediaType | None):
    """The more exact range counts; of forms liked alike it is JSON."""
    assert chosen(accept) is form


@pytest.mark.parametrize(
    ("header", "has"),
    [
        (None, False),
        ("*", True),
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ('"b"', False),
        ("a", False),
        ('"', False),
    ],
)
def test_a_tag_is_found_among_those_somebody_has(header: str | None, has: bool):  # noqa: FBT001
    """By weak comparison, as for any GET."""
    assert has_it(header, '"a"') is has
