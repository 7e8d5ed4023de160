"""A receipt for whoever asks on a page, or the page that says why there is none."""

from starlette.responses import Response

from schemas.identifiers import DecisionId, PersonId
from services.aggregation.profile import ProfileRefused
from services.portal.one_decision import decision_of
from services.portal.presenters.frame import FamilyPage
from services.portal.signed_in import Visit

_RETRY_SECONDS = "5"


def receipt_or_why_not(visit: Visit, person: PersonId, decision: DecisionId) -> bytes | Response:
    """Issue the receipt of a decision about the person.

    Raises HTTPException 404 where there is no such decision.
    """
    found = decision_of(visit, person, decision)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    receipt = visit.services.receipt(visit.who, decision)
    if isinstance(receipt, ProfileRefused):
        return visit.show_refused(person, receipt)
    return _not_ready(visit, person, decision) if receipt is None else receipt


def _not_ready(visit: Visit, person: PersonId, decision: DecisionId) -> Response:
    addresses = visit.addresses(person)
    page = visit.show_family(
        "receipt_not_ready.html",
        FamilyPage.CONSENT,
        person,
        status=503,
        again=addresses.receipt(decision),
        back=addresses.decision(decision),
    )
    page.headers["Retry-After"] = _RETRY_SECONDS
    return page
