"""The bar of access that ends in minutes, and who asks to work with one's families, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from consent.model import RelationshipGround
from schemas.uk_time import to_uk_time
from services.people.own_cases.postgres_labels import OwnLabel
from services.people.practitioners.people import AgencyToRing
from services.people.relationships.fourth import ColleagueWanted
from services.portal.frame.addresses import COLLEAGUES, FamilyAddresses
from services.portal.gate.services import EmergencyToShow, Passing, RequestToAnswer
from services.portal.words.dates import date_in_words, day_in_words, time_of_day
from services.portal.words.people import (
    birth_in_words,
    death_in_words,
    record_reference,
    telephone_link,
    with_death,
)
from services.profile.families import death_by_label

_WHAT = {
    RelationshipGround.EMERGENCY: "Emergency",
    RelationshipGround.FAMILY_CONFIRMED: "The family is with you",
    RelationshipGround.COVER: "You are on a rota for a colleague",
}


@dataclass(frozen=True, slots=True)
class PassingBar:
    """What stands above a family that is open for a while, and whether it closes by a button."""

    text: str
    closes: bool


def bar_in_words(passing: Passing | None, today: date) -> PassingBar | None:
    """Say what is open for a while, and until when; None where nothing is."""
    if passing is None:
        return None
    until = to_uk_time(passing.until)
    day = "" if until.date() == today else f" on {date_in_words(until.date())}"
    text = f"{_WHAT[passing.ground]}. Ends at {until:%H:%M}{day}."
    return PassingBar(text, passing.may_be_closed)


@dataclass(frozen=True, slots=True, repr=False)
class OwnLabelInWords:
    """How one's own agency knows somebody: name, birth with age, its reference, a death."""

    name: str
    born: str
    reference: str
    death: str = ""


def own_label_in_words(label: OwnLabel | None, today: date) -> OwnLabelInWords | None:
    """Write the label; None where the practitioner's agency has none."""
    if label is None:
        return None
    told = label.label
    name = " ".join((*told.given_names[:1], told.family_name or "")).strip()
    death, birth = death_by_label(label, today), told.date_of_birth
    born = f"Born {birth_in_words(birth, today, death=death)}" if birth else ""
    return OwnLabelInWords(
        with_death(name or "No name sent", death),
        born or "No date of birth sent",
        told.reference or "",
        "" if death is None else death_in_words(death),
    )


@dataclass(frozen=True, slots=True, repr=False)
class RequestLine:
    """One request that waits: what is asked, and where the answer goes."""

    sentence: str
    action: str
    href: str


@dataclass(frozen=True, slots=True)
class DutyLine:
    """Somebody who can be rung; `href` is None for what is no number to touch."""

    name: str
    telephone: str
    href: str | None


def lines_to_ring(agencies: Iterable[AgencyToRing]) -> tuple[DutyLine, ...]:
    """Write those that gave a number."""
    return tuple(
        DutyLine(one.name, one.telephone, telephone_link(one.telephone))
        for one in agencies
        if one.telephone
    )


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


@dataclass(frozen=True, slots=True, repr=False)
class EmergencyLine:
    """One emergency of which somebody is told: who, when, why, and where they say it is seen."""

    sentence: str
    because: str
    action: str
    href: str


def emergency_lines(told: Iterable[EmergencyToShow]) -> tuple[EmergencyLine, ...]:
    """Write a line for each in the order given."""
    return tuple(_emergency(one) for one in told)


def _emergency(shown: EmergencyToShow) -> EmergencyLine:
    told = shown.told
    day = day_in_words(told.opened_at.isoformat())
    who = f"{shown.practitioner}, {shown.agency}," if shown.practitioner else "Somebody"
    what = f"opened family record {record_reference(told.person)} in an emergency"
    return EmergencyLine(
        f"{who} {what} at {time_of_day(told.opened_at)} on {day}.",
        f"Because: {told.reason.label}.",
        f"/emergencies/{told.id}/seen",
        FamilyAddresses(told.person).overview,
    )


def colleague_wanted_line(wanted: ColleagueWanted) -> dict[str, str]:
    """Who asks for a colleague in an emergency, and where whoever stands for it says so."""
    asker = wanted.asker
    return {
        "action": f"{COLLEAGUES}/emergency/{wanted.asked.id}",
        "asker": f"{asker.name}, {asker.job_title}, {asker.agency_name}",
        "because": wanted.reason.label,
        "reference": wanted.asked.reference,
        "asked": time_of_day(wanted.since),
    }
