"""The receipt of a decision: to read and print, as one sheet in PDF, as a file to check.

Each time it is issued anew, which is itself recorded.
"""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from schemas.identifiers import DecisionId, PersonId
from services.people.practitioners.permissions import Permission
from services.portal.decisions.pages import receipt_or_why_not
from services.portal.decisions.receipts.languages import (
    Language,
    Words,
    released_languages,
    words_in,
)
from services.portal.decisions.receipts.paper import can_be_made, pdf_of
from services.portal.decisions.receipts.words import ReceiptPage, receipt_page
from services.portal.frame.addresses import DecisionInPath, PersonInPath
from services.portal.frame.guard import guarded_router
from services.portal.frame.visit import CurrentVisit, Visit
from services.portal.words.frame import FamilyPage
from services.portal.words.people import record_reference

router = guarded_router(Permission.FAMILY_RECORDS)
ChosenLanguage = Annotated[Language | None, Query()]


@router.get("/families/{person}/consent/{decision}/receipt")
def show_receipt(
    visit: CurrentVisit,
    person: PersonInPath,
    decision: DecisionInPath,
    language: ChosenLanguage = None,
) -> Response:
    """Issue a receipt and show what it says, in English or in words that were released."""
    found = receipt_or_why_not(visit, person, decision)
    if isinstance(found, Response):
        return found
    addresses, data = visit.addresses(person), visit.portal.settings.data
    receipt, words = _told(visit, found, person, language)
    return visit.show_family(
        "receipt.html",
        FamilyPage.CONSENT,
        person,
        receipt=receipt,
        words=words,
        file=addresses.receipt_file(decision),
        pdf=addresses.receipt_pdf(decision, language) if can_be_made() else None,
        languages=[
            (one, addresses.receipt(decision, one))
            for one in (None, *released_languages(data))
            if one is not language
        ],
        back=addresses.decision(decision),
    )


def _told(
    visit: Visit, file: bytes, person: PersonId, language: Language | None
) -> tuple[ReceiptPage, Words]:
    words = words_in(visit.portal.settings.data, language)
    name = visit.services.before_contact(visit.who, person).name
    return receipt_page(file, words, person=person, name=name), words


@router.get("/families/{person}/consent/{decision}/receipt-pdf")
def download_paper(
    visit: CurrentVisit,
    person: PersonInPath,
    decision: DecisionInPath,
    language: ChosenLanguage = None,
) -> Response:
    """Issue a receipt and give it as PDF; where none can be made, show the page that prints."""
    if not can_be_made():
        return show_receipt(visit, person, decision, language)
    found = receipt_or_why_not(visit, person, decision)
    if isinstance(found, Response):
        return found
    receipt, words = _told(visit, found, person, language)
    told = {"receipt": receipt, "words": words}
    page = visit.portal.templates.text("receipt_paper.html", told)
    return _file(pdf_of(page), "application/pdf", decision, "pdf")


@router.get("/families/{person}/consent/{decision}/receipt-file")
def download_receipt(
    visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath
) -> Response:
    """Issue a receipt and give it as a file."""
    found = receipt_or_why_not(visit, person, decision)
    if isinstance(found, Response):
        return found
    return _file(found, "application/json", decision, "json")


def _file(content: bytes, media_type: str, decision: DecisionId, ending: str) -> Response:
    name = f"receipt-{record_reference(decision)}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
