"""What was asked of others, and what was advised: each as far as it has come.

A proposal is no referral yet. Sources: FHIR STU3 and R4, ReferralRequest, ProcedureRequest,
ServiceRequest and Communication; Digital Child Health (CareConnect, STU3), referral-1,
blood-spot-sample-taken-1, information-and-advice-given-1, professional-summary-1.
"""

from collections.abc import Iterator
from typing import Final

from connectors.health_visiting.clinical.findings import Line
from connectors.health_visiting.clinical.values import begun
from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import Node, children, mark_told, value, words_of
from connectors.health_visiting.nems.statuses import caution_of, status_of
from connectors.health_visiting.nems.whose import theirs
from schemas.records.payloads import FactStatus

_REQUESTS: Final = {
    "ReferralRequest": "Referral",
    "ServiceRequest": "Requested",
    "ProcedureRequest": "Requested",
}
_SERVICES: Final = ("Organization", "HealthcareService")
_UNNAMED: Final = "A service without a name here"
_INTENTS: Final = {"proposal": " (proposed)", "plan": " (planned)"}


def request_lines(message: NemsMessage) -> Iterator[Line]:
    """What was asked for and why, with what its status and its intent leave open."""
    for kind, label in _REQUESTS.items():
        for request in theirs(message, kind):
            caution = _caution(kind, request, message.day)
            if caution is not None and value(request, "doNotPerform") != "true":
                mark_told(request)
                when = value(request, "authoredOn")
                name = _asked_for(message, request)
                yield Line(label, f"{name}{caution}", when)
                for reason in children(request, "reasonCode"):
                    words = begun(words_of(reason, unnamed="A reason without a name here"))
                    yield Line(f"{label}: reason", words or "", when)
                if (urgency := begun(value(request, "priority"))) is not None:
                    yield Line(f"{label}: urgency", urgency, when)


def advice_lines(message: NemsMessage) -> Iterator[Line]:
    """What was advised, and what a note is about; what it says stays at its source."""
    for told in theirs(message, "Communication"):
        caution = caution_of(status_of("Communication", told, message.day))
        if caution is not None:
            for name, label in (("category", "About"), ("reasonCode", "Advice")):
                for concept in children(told, name):
                    words = begun(words_of(concept, unnamed="Something without a name here"))
                    yield Line(label, f"{words}{caution}", value(told, "sent"))


def _asked_for(message: NemsMessage, request: Node) -> str:
    """The service, else what it is special in, else whom the request goes to."""
    for names in (("serviceRequested", "code"), ("specialty", "performerType")):
        concepts = [one for name in names for one in children(request, name)]
        named = dict.fromkeys(begun(words_of(one, unnamed=_UNNAMED)) for one in concepts)
        if words := ", ".join(name for name in named if name):
            return words
    asked = (*children(request, "recipient"), *children(request, "performer"))
    return ", ".join(dict.fromkeys(filter(None, (_named(message, one) for one in asked)))) or (
        _UNNAMED
    )


def _named(message: NemsMessage, reference: Node) -> str | None:
    """An organisation or a service by its name; of a person it is their own."""
    found = message.resolve(reference)
    if found is None:
        path = value(reference, "reference") or ""
        is_service = any(f"{kind}/" in path for kind in _SERVICES)
        return value(reference, "display") if is_service else None
    is_service = any(message.is_of_type(found, kind) for kind in _SERVICES)
    return value(found, "name") if is_service else None


def _caution(kind: str, request: Node, day: str) -> str | None:
    """None for what should never have been; a request that is over was made all the same."""
    of_kind = "ServiceRequest" if kind == "ProcedureRequest" else kind
    status = status_of(of_kind, request, day)
    if status is FactStatus.PLANNED:
        return " (drafted)"
    if status is FactStatus.BROKEN_OFF:
        return " (called off)"
    caution = caution_of(status)
    return None if caution is None else _INTENTS.get(value(request, "intent") or "", "") + caution
