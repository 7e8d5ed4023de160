"""The one provision of a Consent as what a sharing decision lets through or stops, or refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consent.fhir_consent.codes import (
    ACT_REASON,
    OWN_AGENCY,
    OWN_CATEGORY,
    OWN_DUTY_PURPOSE,
    OWN_EXISTENCE,
    OWN_GROUP,
    OWN_PURPOSE,
    OWN_ROLE,
    PARTICIPATION_TYPE,
    Code,
    code_of,
)
from consent.fhir_consent.elements import Element, codes_in, span_at
from consent.fhir_consent.errors import ConsentElementError
from consent.fhir_consent.provision_written import (
    DUTY_FOR,
    EXISTENCE_OF,
    LEGITIMATE_RELATIONSHIP,
)
from consent.fhir_consent.stated import NO_PLACE, member, one_of, require_only
from consent.fhir_consent.terms import HL7_PURPOSES
from consent.model import Recipient
from schemas.vocabulary import Category, LabelledCode, Purpose, Role, Source

_RECIPIENT = Code(PARTICIPATION_TYPE, "IRCP")
_PRACTITIONER = "Practitioner/"
_ELEMENTS = frozenset({"type", "period", "actor", "purpose", "securityLabel", "data", "id"})
_IDENTIFIED: tuple[tuple[str, str, type[LabelledCode]], ...] = (
    (OWN_AGENCY, "agency", Source),
    (OWN_ROLE, "role", Role),
)


@dataclass(frozen=True, slots=True)
class StatedProvision:
    """What the provision says. `effect` is its type as it stands there."""

    effect: str | None
    categories: frozenset[Category]
    is_existence: bool
    purposes: frozenset[Purpose]
    is_duty: bool
    recipients: frozenset[Recipient]
    sources: frozenset[Source]
    start: datetime | None
    until: datetime | None


def stated_provision(provision: Element) -> StatedProvision:
    """Read the provision. Raises ConsentElementError naming what a decision cannot hold."""
    require_only(provision, _ELEMENTS, "Consent.provision")
    labels: Sequence[Element] | None = provision.get("securityLabel")
    codes = [code_of(label.get("system"), str(label.get("code"))) for label in labels or ()]
    purposes = [_in_our_words(coding) for coding in provision.get("purpose", ())]
    return StatedProvision(
        effect=provision.get("type"),
        categories=frozenset(Category) if labels is None else _categories(labels),
        is_existence=any(code.system == OWN_EXISTENCE for code in codes),
        purposes=_purposes(purposes),
        is_duty=any(coding.get("system") == OWN_DUTY_PURPOSE for coding in purposes),
        recipients=_recipients(provision.get("actor", ())),
        sources=frozenset(
            _source(entry, f"Consent.provision.data[{index}]")
            for index, entry in enumerate(provision.get("data", ()))
        ),
        start=_start(provision.get("period") or {}),
        until=_until(provision.get("period") or {}),
    )


def _categories(labels: Sequence[Element]) -> frozenset[Category]:
    """The categories; either all to be read or all only to be known of, as the first."""
    system = OWN_EXISTENCE if labels[0].get("system") == OWN_EXISTENCE else OWN_CATEGORY
    prefix = EXISTENCE_OF if system == OWN_EXISTENCE else ""
    return frozenset(
        one_of(Category, system, _without(prefix, label), f"Consent.provision.securityLabel[{i}]")
        for i, label in enumerate(labels)
    )


def _purposes(codings: Sequence[Element]) -> frozenset[Purpose]:
    """Our purposes, or HL7's that mean the same; all of them where none is named."""
    if not codings:
        return frozenset(Purpose)
    return frozenset(
        one_of(
            Purpose,
            OWN_DUTY_PURPOSE if coding.get("system") == OWN_DUTY_PURPOSE else OWN_PURPOSE,
            _without(DUTY_FOR, coding) if coding.get("system") == OWN_DUTY_PURPOSE else coding,
            f"Consent.provision.purpose[{index}]",
        )
        for index, coding in enumerate(codings)
    )


def _without(prefix: str, coding: Element) -> Element:
    code = str(coding.get("code"))
    if not code.startswith(prefix):
        return {**coding, "code": None}
    return {**coding, "code": code.removeprefix(prefix)}


def _in_our_words(coding: Element) -> Element:
    code = code_of(coding.get("system"), str(coding.get("code", "")))
    if code.system == ACT_REASON and code.code in HL7_PURPOSES:
        return {"system": OWN_PURPOSE, "code": HL7_PURPOSES[code.code].value}
    return coding


def _recipients(actors: Sequence[Element]) -> frozenset[Recipient]:
    """Whom the actors name; nobody in particular for all who have a legitimate relationship."""
    found = [_recipient(a, f"Consent.provision.actor[{i}]") for i, a in enumerate(actors)]
    if None in found and len(found) > 1:
        path = f"Consent.provision.actor[{found.index(None)}]"
        raise ConsentElementError(path, "takes-in-the-others")
    return frozenset(name for name in found if name is not None)


def _recipient(actor: Element, path: str) -> Recipient | None:
    require_only(actor, frozenset({"role", "reference", "id"}), path)
    if codes_in(actor.get("role")) != {_RECIPIENT}:
        raise ConsentElementError(f"{path}.role", "is-not-a-recipient")
    reference = actor.get("reference") or {}
    written = str(reference.get("reference", ""))
    if written.startswith(_PRACTITIONER):
        return f"practitioner:{written.removeprefix(_PRACTITIONER)}"
    identifier = reference.get("identifier") or {}
    system, value = identifier.get("system"), identifier.get("value")
    if (system, value) == (OWN_GROUP, LEGITIMATE_RELATIONSHIP):
        return None
    for own, kind, codes in _IDENTIFIED:
        if system == own:
            return f"{kind}:{member(codes, value, f'{path}.reference')}"
    raise ConsentElementError(f"{path}.reference", "is-no-agency-role-or-practitioner-of-ours")


def _source(entry: Element, path: str) -> Source:
    identifier = (entry.get("reference") or {}).get("identifier") or {}
    if entry.get("meaning") != "authoredby" or identifier.get("system") != OWN_AGENCY:
        raise ConsentElementError(path, NO_PLACE)
    return member(Source, identifier.get("value"), path)


def _start(period: Element) -> datetime | None:
    require_only(period, frozenset({"start", "end"}), "Consent.provision.period")
    return span_at({"start": period.get("start")}, "Consent.provision.period").start


def _until(period: Element) -> datetime | None:
    """The end: of a day its last moment, of a second its beginning, of less the moment after."""
    end = period.get("end")
    if end is None:
        return None
    ends = span_at({"end": end}, "Consent.provision.period").end
    begins = span_at({"start": end}, "Consent.provision.period").start
    return begins if "T" in end and "." not in end else ends
