"""The bar of access that ends in minutes, and who asks to work with one's families, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from consent.model import RelationshipGround
from schemas.uk_time import to_uk_time
from services.people.own_cases.postgres_labels import OwnLabel
from services.portal.family.people import birth_in_words
from services.portal.frame.addresses import FamilyAddresses
from services.portal.gate.services import Passing, RequestToAnswer
from services.portal.words.people import record_reference

_WHAT = {
    RelationshipGround.EMERGENCY: "Emergency",
    RelationshipGround.FAMILY_CONFIRMED: "The family is with you",
}


def bar_in_words(passing: Passing | None) -> str | None:
    """Say what is open for minutes, and until when; None where nothing is."""
    if passing is None:
        return None
    return f"{_WHAT[passing.ground]}. Ends at {to_uk_time(passing.until):%H:%M}."


@dataclass(frozen=True, slots=True, repr=False)
class OwnLabelInWords:
    """How one's own agency knows somebody: name, date of birth with age, its reference."""

    name: str
    born: str
    reference: str


def own_label_in_words(label: OwnLabel | None, today: date) -> OwnLabelInWords | None:
    """Write the label; None where the practitioner's agency has none."""
    if label is None:
        return None
    told = label.label
    name = " ".join((*told.given_names[:1], told.family_name or "")).strip()
    born = f"Born {birth_in_words(told.date_of_birth, today)}" if told.date_of_birth else ""
    return OwnLabelInWords(
        name or "No name sent", born or "No date of birth sent", told.reference or ""
    )


@dataclass(frozen=True, slots=True, repr=False)
class RequestLine:
    """One request that waits: what is asked, and where the answer goes."""

    sentence: str
    action: str
    href: str


def request_lines(waiting: Iterable[RequestToAnswer]) -> tuple[RequestLine, ...]:
    """Write a line for each request in the order given."""
    return tuple(_line(request) for request in waiting)


def _line(request: RequestToAnswer) -> RequestLine:
    reference = record_reference(request.person)
    if request.is_offer:
        sentence = f"You are asked to work with the family of record {reference}."
    else:
        asker = f"{request.practitioner}, {request.agency}"
        sentence = f"{asker}, asks to work with the family of record {reference}."
    href = FamilyAddresses(request.person).overview
    return RequestLine(sentence, f"/requests/{request.id}/answer", href)
