"""What a decision lets through or stops, as the one provision of a Consent.

Nothing here lets a reader further than `decide` would, also one who knows none of our codes: a code
of ours that it does not know agrees with nothing.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from consent.fhir_consent.codes import (
    OWN_AGENCY,
    OWN_CATEGORY,
    OWN_DUTY_PURPOSE,
    OWN_EXISTENCE,
    OWN_GROUP,
    OWN_PURPOSE,
    OWN_ROLE,
    PARTICIPATION_TYPE,
    Code,
)
from consent.fhir_consent.errors import ConsentElementError
from consent.fhir_consent.kinds import time_as_text
from consent.lawfulness import DUTIES
from consent.model import Mode, Recipient, Response, SharingDecision
from schemas.vocabulary import Category, Purpose

Resource = dict[str, Any]

LEGITIMATE_RELATIONSHIP = "legitimate-relationship"
EXISTENCE_OF = "existence-of-"
DUTY_FOR = "duty-for-"
_EVERYONE = "Everyone with a legitimate relationship with the family"
_LEAST = timedelta(microseconds=1)


def provision_of(decision: SharingDecision) -> Resource:
    """The provision. Raises ConsentElementError for a recipient that nobody can be."""
    is_given = decision.response is Response.GIVEN
    return _without_none(
        type="permit" if is_given else "deny",
        period=_period(decision.decided_at, decision.until),
        actor=_actors(decision) or None,
        securityLabel=[_labelled(decision, category) for category in sorted(decision.categories)],
        purpose=[_purpose(decision, purpose) for purpose in sorted(decision.purposes)],
        data=[_authored_by(source) for source in sorted(decision.sources)] or None,
    )


def existence_of(categories: Iterable[Code] | None) -> frozenset[Code] | None:
    """The labels of the mere fact that there are records of these categories."""
    if categories is None:
        return None
    return frozenset(Code(OWN_EXISTENCE, EXISTENCE_OF + category.code) for category in categories)


def concept(system: str, code: str) -> Resource:
    """A CodeableConcept of one code."""
    return {"coding": [{"system": system, "code": code}]}


def identified(kind: str, system: str, value: str, **more: str) -> Resource:
    """A Reference to somebody or something by an identifier."""
    return {"type": kind, "identifier": {"system": system, "value": value}, **more}


def _period(start: datetime, until: datetime | None) -> Resource:
    """From when until when. What ends then is over then, and FHIR counts the end in.

    What was over before it began has no start, because FHIR has no such period (per-1).
    """
    if until is None:
        return {"start": time_as_text(start)}
    end = {"end": (until - _LEAST).isoformat(timespec="microseconds")}
    return end if until <= start else {"start": time_as_text(start), **end}


def _labelled(decision: SharingDecision, category: Category) -> Resource:
    """The label of the data; to permit that it be known of is no permission of the data itself."""
    if decision.response is Response.GIVEN and decision.mode is Mode.EXISTENCE:
        return _coding(OWN_EXISTENCE, EXISTENCE_OF + category, f"That there is: {category.label}")
    return _coding(OWN_CATEGORY, category.value, category.label)


def _purpose(decision: SharingDecision, purpose: Purpose) -> Resource:
    """The purpose; under a duty nothing is let through but for safeguarding (DESIGN.md 4.4)."""
    is_duty = decision.response is Response.GIVEN and decision.basis in DUTIES
    if is_duty and purpose is not Purpose.SAFEGUARDING:
        return _coding(OWN_DUTY_PURPOSE, DUTY_FOR + purpose.value, f"By duty: {purpose.label}")
    return _coding(OWN_PURPOSE, purpose.value, purpose.label)


def _actors(decision: SharingDecision) -> list[Resource]:
    """The recipients. A Consent that permits and names none would be for the whole community."""
    if decision.recipients or decision.response is not Response.GIVEN:
        return [_recipient(_named(recipient)) for recipient in sorted(decision.recipients)]
    return [_recipient(identified("Group", OWN_GROUP, LEGITIMATE_RELATIONSHIP, display=_EVERYONE))]


def _recipient(reference: Resource) -> Resource:
    return {"role": concept(PARTICIPATION_TYPE, "IRCP"), "reference": reference}


def _named(recipient: Recipient) -> Resource:
    kind, _, name = recipient.partition(":")
    write = _NAMED.get(kind)
    if write is None or not name:
        raise ConsentElementError("Consent.provision.actor", "is-no-agency-role-or-practitioner")
    return write(name)


_NAMED: dict[str, Callable[[str], Resource]] = {
    "practitioner": lambda name: {"reference": f"Practitioner/{name}"},
    "agency": lambda name: identified("Organization", OWN_AGENCY, name),
    "role": lambda name: identified("PractitionerRole", OWN_ROLE, name),
}


def _authored_by(source: str) -> Resource:
    return {
        "meaning": "authoredby",
        "reference": identified("Organization", OWN_AGENCY, source),
    }


def _coding(system: str, code: str, display: str) -> Resource:
    return {"system": system, "code": code, "display": display}


def _without_none(**elements: Any) -> Resource:
    return {name: value for name, value in elements.items() if value is not None}
