"""What a birth notification says about the birth itself."""

from collections.abc import Iterator, Sequence

from connectors.health_visiting.elements import (
    child,
    children,
    coding_of,
    date_time,
    descend,
    value,
)
from connectors.health_visiting.header import extension
from connectors.health_visiting.message import NemsMessage
from connectors.health_visiting.nodes import Node
from schemas.records.payloads import Coding, Occurrence, OccurrenceKind, Period

_MEASURES = {
    "364589006": "Birth weight",
    "412726003": "Length of gestation",
    "382341000000101": "Births at this delivery",
}
_STILLBIRTH = "237364002"
_LIVE = "1"
_UNITS = {"gram": "g", "week": "weeks"}
_DELIVERY_PLACE = "delivery-place"


def occurrence_of_birth(message: NemsMessage, baby: Node) -> Occurrence:
    """The birth: when, where, weight and gestation. Abnormalities suspected are left at source."""
    return Occurrence(
        kind=OccurrenceKind.BIRTH,
        title="Birth",
        period=Period(start=_born_at(baby)),
        outcome=_live_or_still(message),
        agency_name=_delivery_place(message),
        details=tuple(_measures(message)),
    )


def _born_at(baby: Node) -> str | None:
    born = child(baby, "birthDate")
    time = None if born is None else extension(born, "patient-birthTime")
    exactly = date_time(time, "valueDateTime", field="Patient.birthDate.birthTime")
    return exactly or value(baby, "birthDate")


def _measures(message: NemsMessage) -> Iterator[tuple[str, str]]:
    for observation in message.of_type("Observation"):
        codes = {value(c, "code") for c in _codes_observed(observation)}
        label = next((words for code, words in _MEASURES.items() if code in codes), None)
        quantity = child(observation, "valueQuantity")
        amount = value(quantity, "value")
        if label is not None and amount is not None:
            unit = value(quantity, "unit") or ""
            yield label, f"{_whole(amount)} {_UNITS.get(unit, unit)}".strip()


def _codes_observed(observation: Node) -> Sequence[Node]:
    return children(child(observation, "code") or {}, "coding")


def _whole(amount: str) -> str:
    return amount.removesuffix(".0")


def _live_or_still(message: NemsMessage) -> str | None:
    for observation in message.of_type("Observation"):
        if any(value(c, "code") == _STILLBIRTH for c in _codes_observed(observation)):
            return _outcome_in_words(coding_of(child(observation, "valueCodeableConcept")))
    return None


def _outcome_in_words(indicator: Coding | None) -> str | None:
    if indicator is None:
        return None
    if indicator.code == _LIVE:
        return "Live birth"
    return indicator.display if indicator.display != indicator.code else "Stillbirth recorded"


def _delivery_place(message: NemsMessage) -> str | None:
    for episode in message.of_type("EpisodeOfCare"):
        if value(descend(episode, "type", "coding"), "code") == _DELIVERY_PLACE:
            place = child(episode, "managingOrganization")
            return value(message.resolve(place), "name") or value(place, "display")
    return None
