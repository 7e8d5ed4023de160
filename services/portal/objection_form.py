"""Reading of an objection from its form."""

from schemas.identifiers import DecisionId, PersonId
from services.portal.deciders import OF_THE_FAMILY, DecidedBy
from services.portal.decision_ports import ObjectionForm
from services.portal.forms import FormErrors, Submitted, read_choice
from services.portal.how_form import read_how

_WHO = "Select who objects"


def read_objection(
    submitted: Submitted, errors: FormErrors, decision: DecisionId, person: PersonId
) -> ObjectionForm | None:
    """Read who objects and how; otherwise note everything that is wrong and give None."""
    objector = read_choice(submitted, errors, "decided-by", DecidedBy, _WHO)
    if objector is not None and objector not in OF_THE_FAMILY:
        errors.add("decided-by", _WHO)
    how = read_how(submitted, errors)
    if errors or objector is None:
        return None
    return ObjectionForm(decision, person, objector.kind, objector.value, how)
