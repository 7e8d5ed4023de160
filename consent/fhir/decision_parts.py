"""Parts of a Consent as parts of a sharing decision: who, why, and its one provision.

Each is refused where it says anything that a decision cannot hold.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

from consent.fhir.decision_written import DUTY_FOR, LEGITIMATE_RELATIONSHIP
from consent.fhir.elements import ConsentElementError, Element, codes_in, span_at
from consent.fhir.particulars import Particulars
from consent.fhir.terms import (
    DECIDER,
    EVIDENCE,
    HL7_PURPOSES,
    LABEL,
    PARENTS_ARE_NOT_TOLD,
    STATUTES,
)
from consent.fhir.vocabulary import (
    ACT_REASON,
    CONSENT_CATEGORY,
    EXISTENCE_OF,
    OWN_AGENCY,
    OWN_CATEGORY,
    OWN_DUTY_PURPOSE,
    OWN_EXISTENCE,
    OWN_GROUP,
    OWN_PURPOSE,
    OWN_ROLE,
    OWN_SERVICE,
    PARTICIPATION_TYPE,
    Code,
    code_of,
)
from consent.lawfulness import Gateway
from consent.ledger.fields import OPAQUE_ID
from consent.model import Decider, DeciderKind, Recipient
from schemas.uk_time import first_moment
from schemas.vocabulary import Category, LabelledCode, Purpose, Role, Source

NO_PLACE = "has-no-place-in-a-sharing-decision"

_Code = TypeVar("_Code", bound=LabelledCode)
_MODIFIERS = frozenset({"modifierExtension"})
_EXTENSIONS = _MODIFIERS | {"extension"}
_EMERGENCY_ONLY = Code(CONSENT_CATEGORY, "emrgonly")
_GATEWAYS: Mapping[str, Gateway] = {uri: gateway for gateway, uri in STATUTES.items()}


def require_only(element: Element, allowed: frozenset[str], path: str) -> None:
    """Refuse any element beside these; ids of primitives and their extensions are such."""
    for name in element:
        if name not in allowed:
            raise ConsentElementError(f"{path}.{name}", NO_PLACE)


def require_no_extensions(resource: Element, describing: frozenset[str]) -> None:
    """Refuse every extension inside an element, and every modifier anywhere.

    Those on the resource itself are read elsewhere. Inside elements that only describe a plain
    extension only describes too.
    """
    for name, value in resource.items():
        if name in {"extension", "text"}:
            continue
        refused = _MODIFIERS if name in describing else _EXTENSIONS
        for path in _paths_of(value, f"Consent.{name}", refused):
            raise ConsentElementError(path, NO_PLACE)


def _paths_of(value: Any, path: str, names: frozenset[str]) -> Iterator[str]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths_of(item, f"{path}[{index}]", names)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name in names or name.startswith("_"):
                yield f"{path}.{name}"
            yield from _paths_of(item, f"{path}.{name}", names)


def classified(codes: type[_Code], system: str, resource: Element) -> _Code | None:
    """The code of ours that a category of the consent has, if one has."""
    found = None
    for index, category in enumerate(resource.get("category", ())):
        path = f"Consent.category[{index}]"
        for code in codes_in(category):
            if code == _EMERGENCY_ONLY:
                raise ConsentElementError(path, NO_PLACE)
            if code.system == system:
                if found is not None:
                    raise ConsentElementError(path, "stands-twice")
                found = member(codes, code.code, path)
    return found


def decider_of(resource: Element) -> Decider:
    """Who decided: our own decider, else by what kind of person the performer is.

    A performer that is not ours is told apart by a digest of its reference, which names nobody.
    """
    performers: Sequence[Element] = resource.get("performer") or []
    if len(performers) != 1:
        raise ConsentElementError("Consent.performer", "is-not-one-person")
    performer = performers[0]
    identifier = performer.get("identifier") or {}
    system, value = identifier.get("system", ""), identifier.get("value")
    if system.startswith(DECIDER) and value:
        kind = member(DeciderKind, system.removeprefix(DECIDER), "Consent.performer[0].identifier")
        return Decider(kind, value)
    reference = str(performer.get("reference") or value or "")
    if not reference:
        raise ConsentElementError("Consent.performer[0].reference", "is-missing")
    kind = _kind_of_performer(performer, resource.get("patient") or {})
    return Decider(kind, sha256(f"{system}|{reference}".encode()).hexdigest()[:32])


def gateways_of(resource: Element) -> frozenset[Gateway]:
    """The statutes among the policies; other policies only describe."""
    uris = (policy.get("uri") for policy in resource.get("policy", ()))
    return frozenset(_GATEWAYS[uri] for uri in uris if uri in _GATEWAYS)


def evidence_of(resource: Element) -> str | None:
    """What proves the decision, where it is one of our own references."""
    identifier = (resource.get("sourceReference") or {}).get("identifier") or {}
    return identifier.get("value") if identifier.get("system") == EVIDENCE else None


def keeps_from_parents(resource: Element) -> bool:
    """Whether it is marked as not to be told to parents."""
    labels = (resource.get("meta") or {}).get("security", ())
    return any(
        label.get("system") == LABEL and label.get("code") == PARENTS_ARE_NOT_TOLD
        for label in labels
    )


def one_of(codes: type[_Code], system: str, coding: Element, path: str) -> _Code:
    """The code of ours that this Coding is."""
    if coding.get("system") != system:
        raise ConsentElementError(path, NO_PLACE)
    return member(codes, coding.get("code"), path)


def member(codes: Callable[[str], _Code], value: object, path: str) -> _Code:
    """The member of a vocabulary of ours. Raises ConsentElementError naming the path."""
    try:
        return codes(str(value))
    except ValueError:
        raise ConsentElementError(path, "is-no-code-of-ours") from None


def _kind_of_performer(performer: Element, patient: Element) -> DeciderKind:
    reference = str(performer.get("reference", ""))
    kind = performer.get("type") or reference.rpartition("/")[0].rpartition("/")[2]
    if reference and reference == patient.get("reference"):
        return DeciderKind.ADULT_SELF
    if kind in {"RelatedPerson", "Patient"}:
        return DeciderKind.PARENT
    if kind in {"Practitioner", "PractitionerRole"}:
        return DeciderKind.PRACTITIONER
    raise ConsentElementError("Consent.performer[0].reference", "is-nobody-who-may-decide")


# The provision: what a decision lets through or stops.

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
    if system == OWN_SERVICE and re.fullmatch(OPAQUE_ID, str(value)):
        return f"service:{value}"
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


# When a Consent says that it was decided, and until when it holds. Where only a day is told, a
# month or a year, it begins and ends as it does by the clocks of the United Kingdom.


def decided_at(resource: Element, provision: StatedProvision, particulars: Particulars) -> datetime:
    """When it was decided; it begins no later than when that was written down or confirmed."""
    text = resource.get("dateTime")
    start = _by_our_clocks(span_at({"start": text}, "Consent.dateTime").start, text)
    if start is None:
        raise ConsentElementError("Consent.dateTime", "is-missing")
    recorded_at = particulars.get("recorded_at")
    if recorded_at is not None and recorded_at < start:
        raise ConsentElementError("Consent.extension", "is-recorded-before-it-was-decided")
    begins = max(start, recorded_at or start, particulars.get("confirmed_at") or start)
    stated = _by_our_clocks(provision.start, _period(resource).get("start"))
    if stated is not None and stated > begins:
        raise ConsentElementError("Consent.provision.period.start", "is-after-it-was-decided")
    return start


def until(resource: Element, provision: StatedProvision) -> datetime | None:
    """Until when it holds: where a day is told, to the end of it."""
    return _by_our_clocks(provision.until, _period(resource).get("end"))


def _period(resource: Element) -> Element:
    return (resource.get("provision") or {}).get("period") or {}


def _by_our_clocks(time: datetime | None, told: str | None) -> datetime | None:
    """The same, unless only a day was told: then when that begins in the United Kingdom."""
    if time is None or told is None or "T" in told:
        return time
    return first_moment(time.date())
