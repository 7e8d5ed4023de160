"""Forms as people fill them in."""

from dataclasses import replace

from consent.lawfulness import Basis, Gateway
from consent.model import DeciderKind, Response
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Category, Purpose, Source
from services.people.practitioners.people import SubjectEntry
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


A_MOTHER = "Ada Wren"


def a_permit_for(
    *people: PersonId | SubjectEntry, purposes: frozenset[Purpose] | None = None
) -> DecisionForm:
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
        decider_name=A_MOTHER,
    )


def a_duty_for(*people: PersonId, by: PractitionerId) -> DecisionForm:
    """Share, as a health visitor and whatever the family says, what is one's own with a council."""
    return replace(
        a_permit_for(*people),
        basis=Basis.LEGAL_OBLIGATION,
        gateways=frozenset({Gateway.CHILDREN_ACT_2004_S11}),
        decider_kind=DeciderKind.PRACTITIONER,
        decider_reference=by,
        decider_name=None,
        sources=frozenset({Source.HEALTH_VISITING}),
        recipients=frozenset({f"agency:{Source.SOCIAL_CARE}"}),
    )
