"""Forms as people fill them in."""

from consent.lawfulness import Basis
from consent.model import DeciderKind, Response
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Purpose
from services.portal.decisions.orders import DecisionForm
from tests.support.portal.pages import Form

A_PERMIT: Form = {
    "decided-by": "mother",
    "response": "given",
    "basis": "consent",
    "categories": [category.value for category in Category],
    "purposes": ["early-help"],
    "recipients": ["everyone"],
    "sources": ["every-source"],
}
A_CHILD: Form = {
    "scheme": "nhs-number",
    "identifier": "999 000 0018",
    "date-of-birth-day": "3",
    "date-of-birth-month": "5",
    "date-of-birth-year": "2024",
}


def a_permit_for(*people: PersonId, purposes: frozenset[Purpose] | None = None) -> DecisionForm:
    """Agree, as a mother, that everybody may see everything."""
    return DecisionForm(
        subjects=people,
        response=Response.GIVEN,
        categories=frozenset(Category),
        purposes=purposes or frozenset({Purpose.EARLY_HELP}),
        recipients=frozenset(),
        sources=frozenset(),
        basis=Basis.CONSENT,
        decider_kind=DeciderKind.PARENT,
        decider_reference="mother",
        until=None,
    )
