"""Once a year: what the partner told about itself, and that it is still so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from services.interfaces.answering.door.frame import (
    AnsweringVisit,
    AnsweringVisitor,
    CheckedAnswer,
    router_for_answering,
)
from services.interfaces.answering.door.pages_in import YEARLY
from services.interfaces.answering.door.words import AgreedLine
from services.people.community.model import PartnerStanding, RegistrationFault
from services.people.community.registering import RegistrationRefusal
from services.people.governance.orders import Order
from services.portal.frame.forms import FormErrors, Submitted, read_date
from services.portal.words.dates import date_in_words, uk_day_in_words

router = router_for_answering()
_DAY: Final = "insured-until"
_WHEN: Final = "Enter the day, month and year on which your insurance ends"
_LAST_DIGITS: Final = 4


@dataclass(frozen=True, slots=True, repr=False)
class RegisteredWords:
    """What is registered of a partner, as its own page says it."""

    rows: tuple[AgreedLine, ...]
    confirm_by: str


@router.get(YEARLY)
def show_registered(visit: AnsweringVisitor) -> Response:
    """Show what is registered, and ask whether it is still so."""
    return _page(visit, Submitted(), {})


@router.post(YEARLY)
def confirm(visit: AnsweringVisitor, form: CheckedAnswer) -> Response:
    """Take what they say; whoever says that something is wrong rings."""
    errors = FormErrors()
    until = read_date(form, errors, _DAY, _WHEN)
    if form.text("right") != "yes":
        errors.add("right", "Tick the box if all of it is right. If it is not, ring us")
    if errors or until is None:
        return _page(visit, form, errors.messages)
    said = visit.services.confirm(visit.session, until)
    if said is RegistrationFault.INSURANCE:
        words = "The insurance has to be in force today, and end within two years"
        return _page(visit, form, {f"{_DAY}-day": words})
    if isinstance(said, Order) or said is RegistrationRefusal.WAITS:
        visit.services.close(visit.session)
        response = visit.pages.page(visit.request, "yearly_done.html", {})
        visit.pages.session.take_back(response)
        return response
    return visit.closed()


def _page(visit: AnsweringVisit, form: Submitted, errors: Mapping[str, str]) -> Response:
    found = visit.services.registration(visit.session)
    if found is None:
        return visit.closed()
    told: dict[str, object] = {"registered": _words(found), "form": form, "errors": errors}
    return visit.show("yearly.html", 422 if errors else 200, **told)


def _words(found: PartnerStanding) -> RegisteredWords:
    """Write it. Of a number the last four digits: who reads it knows the rest."""
    told = found.registration
    people = [
        AgreedLine(
            f"Person {number}",
            f"{one.email.value}. Codes go to {_masked(one.second.value)}",
        )
        for number, one in enumerate(told.people, start=1)
    ]
    rows = (
        *people,
        AgreedLine("Who leads on safeguarding", told.safeguarding_lead),
        AgreedLine("Insured until", date_in_words(told.insured_until)),
    )
    return RegisteredWords(rows, uk_day_in_words(found.lapses_at))


def _masked(second: str) -> str:
    if "@" in second:
        return second
    return f"the number that ends in {second[-_LAST_DIGITS:]}"
