"""The pages of sharing decisions: all of a family's, one, its outcome, what is due, receipts."""

from enum import StrEnum
from typing import Annotated

from fastapi import Query
from starlette.exceptions import HTTPException
from starlette.responses import Response

from consent.decisions.keeping import Taken
from consent.decisions.states import Remedy
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Source
from services.people.practitioners.permissions import Permission
from services.platform.ticks import refused
from services.portal.decisions.summaries import DecisionSummary, RecordedDecision, WhatWaits
from services.portal.decisions.words import (
    decision_cards,
    decision_page,
    due_lines,
    outcome_in_words,
)
from services.portal.family.looks import some_are_not_for_parents
from services.portal.family.sharing import matrix_of
from services.portal.frame.addresses import DecisionInPath, PersonInPath
from services.portal.frame.guard import guarded_router
from services.portal.frame.session import form_token, is_form_token
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.words.frame import FamilyPage
from services.portal.words.people import record_reference
from services.profile.model import ProfileRefused

# The decision that an address names, for whoever may see the decisions about that person.

_ASKS_OF_ALL = frozenset({Remedy.REPLACE, Remedy.END, Remedy.INVALIDATE})


def decision_of(
    visit: Visit, person: PersonId, wanted: DecisionId, remedy: Remedy | None = None
) -> DecisionSummary | ProfileRefused:
    """Find the decision about the person, to which the remedy must be open.

    What could share more of somebody is open only to who may open everybody whom it is about.
    Raises HTTPException 404 where there is none: then there is nothing to ask about it.
    """
    decisions = visit.services.decisions(visit.who, person)
    if isinstance(decisions, ProfileRefused):
        return decisions
    found = next((d for d in decisions if d.decision_id == wanted), None)
    if found is None or (remedy is not None and remedy not in found.remedies):
        raise HTTPException(404)
    asks_of_all = remedy in _ASKS_OF_ALL and len(found.said.subjects) > 1
    return (asks_of_all and visit.services.refusal_about(visit.who, found.said.subjects)) or found


# A receipt for whoever asks on a page, or the page that says why there is none.

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


router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/consent")
def show_decisions(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Say what is shared with whom now, then every decision, those that no longer hold too."""
    told = visit.services.sharing(visit.who, person)
    if isinstance(told, ProfileRefused):
        return visit.show_refused(person, told)
    matrix = matrix_of(told.cells, Source(visit.who.agency_kind))
    cards = decision_cards(told.decisions, visit.addresses(person), matrix.overridden)
    return visit.show_family(
        "consent.html",
        FamilyPage.CONSENT,
        person,
        matrix=matrix,
        decisions=cards,
        is_not_for_parents=some_are_not_for_parents(told.decisions),
        has_family_door=bool(visit.portal.settings.family_page_at),
    )


# One sharing decision: all that is on record about it, and what can be done.


@router.get("/families/{person}/consent/{decision}")
def show_decision(visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath) -> Response:
    """Show the decision."""
    found = decision_of(visit, person, decision)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    return visit.show_family(
        "decision.html",
        FamilyPage.CONSENT,
        person,
        decision_reference=record_reference(decision),
        decision=decision_page(found, visit.addresses(person), visit.who.id),
        receipt=visit.addresses(person).receipt(decision),
    )


# The decisions that somebody should ask about again.


@router.get("/due-for-review")
def show_due(visit: CurrentVisit) -> Response:
    """List what is due in the practitioner's own families, longest due first."""
    due = visit.services.decisions_due(visit.who)
    return visit.show("decisions_due.html", due=due_lines(due))


# What is taken from whoever has nothing to do with a family: one page, whoever it is about.


@router.get("/taken")
def show_taken(visit: CurrentVisit) -> Response:
    """Say what happens now, the same for everybody."""
    return visit.show_alike("taken.html")


# The confirmation of what became of a decision. Last, because its address could mean the others.


class DecisionChange(StrEnum):
    """What became of the decision."""

    RECORDED = "recorded"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    OBJECTED = "objected"
    ENDED = "ended"
    INVALIDATED = "invalidated"
    CONFIRMED = "confirmed"
    IN_PART = "recorded-in-part"
    PROPOSED = "proposed"
    WAITS_FOR_JUDGE = "waits-for-second-judge"
    ASKED = "asked"


_WAITS = {
    WhatWaits.OWN_PART: DecisionChange.IN_PART,
    WhatWaits.ALL_OF_IT: DecisionChange.PROPOSED,
    WhatWaits.A_SECOND_JUDGE: DecisionChange.WAITS_FOR_JUDGE,
    WhatWaits.THE_CHANGE: DecisionChange.ASKED,
}


def done(
    visit: Visit,
    person: PersonId,
    answer: RecordedDecision | Taken | ProfileRefused,
    outcome: DecisionChange,
) -> Response:
    """Go to what became of it: done, done in part, waiting, taken; or say that it is closed."""
    if isinstance(answer, ProfileRefused):
        return visit.show_refused(person, answer)
    if isinstance(answer, Taken):
        return taken(visit)
    became = _WAITS.get(answer.waits, outcome)
    return go_to(done_address(visit, person, answer.decision_id, became))


def taken(visit: Visit) -> Response:
    """Go to the one page for whoever has nothing to do with whom it is about, at a tick."""
    refused(visit.request)
    return go_to("/taken")


def done_address(
    visit: Visit, person: PersonId, decision: DecisionId, outcome: DecisionChange
) -> str:
    """Give the confirmation's address, proven so that nobody else can make one up."""
    proof = form_token(visit.session.csrf_secret, _what(person, decision, outcome))
    return visit.addresses(person).done(decision, outcome, proof)


@router.get("/families/{person}/consent/{decision}/{outcome}")
def show_done(
    visit: CurrentVisit,
    person: PersonInPath,
    decision: DecisionInPath,
    outcome: DecisionChange,
    proof: Annotated[str, Query(max_length=64)],
) -> Response:
    """Confirm what this session did, and say what to do next."""
    if not is_form_token(proof, visit.session.csrf_secret, _what(person, decision, outcome)):
        raise HTTPException(404)
    return visit.show_family(
        "decision_done.html",
        FamilyPage.CONSENT,
        person,
        done=outcome_in_words(outcome.value),
        reference=record_reference(decision),
        receipt=visit.addresses(person).receipt(decision),
    )


def _what(person: PersonId, decision: DecisionId, outcome: DecisionChange) -> str:
    return f"done {person} {decision} {outcome}"
