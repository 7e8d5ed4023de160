"""The form of a decision, filled in as it was for the one that is to be replaced."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from consent.circumstances import NotAskedReason, RefusalReason
from consent.model import Mode, Response
from services.portal.decision_ports import DecisionSummary
from services.portal.forms import Submitted
from services.portal.how_form import YES
from services.portal.presenters.uk_time import to_uk_time
from services.portal.scope_form import EVERY_SOURCE, EVERYONE

_AGENCY = "agency:"


def filled_in_from(decision: DecisionSummary) -> Submitted:
    """Fill in what was decided; how it was decided is new, and so is what cannot be ticked.

    Whom the form cannot name, such as one practitioner, is left open: nobody guesses who is meant.
    """
    fields: dict[str, Sequence[str]] = {
        "response": [decision.response.value],
        "basis": [decision.basis.value],
        "article-9": [decision.article_9.value] if decision.article_9 else [],
        "gateways": [gateway.value for gateway in decision.gateways],
        "categories": [category.value for category in decision.categories],
        "purposes": [purpose.value for purpose in decision.purposes],
        "recipients": _services(decision.recipients),
        "sources": [source.value for source in decision.sources] or [EVERY_SOURCE],
        **_why(decision),
        **(_day("until", to_uk_time(decision.until).date()) if decision.until else {}),
    }
    if decision.response is not Response.GIVEN and decision.mode is Mode.CONTENT:
        fields["existence"] = [YES]
    if decision.circumstances.parents_are_not_told:
        fields["parents-not-told"] = [YES]
    return Submitted(fields)


def _services(recipients: Sequence[str]) -> Sequence[str]:
    if not recipients:
        return [EVERYONE]
    return list(_agencies(recipients)) if all(r.startswith(_AGENCY) for r in recipients) else []


def _agencies(recipients: Iterable[str]) -> Iterable[str]:
    return (recipient.removeprefix(_AGENCY) for recipient in recipients)


def _why(decision: DecisionSummary) -> Mapping[str, Sequence[str]]:
    match decision.because:
        case RefusalReason():
            return {"why-refused": [decision.because.value]}
        case NotAskedReason():
            return {"why-not-asked": [decision.because.value]}
        case None:
            return {}


def _day(name: str, day: date) -> Mapping[str, Sequence[str]]:
    return {
        f"{name}-day": [str(day.day)],
        f"{name}-month": [str(day.month)],
        f"{name}-year": [str(day.year)],
    }
