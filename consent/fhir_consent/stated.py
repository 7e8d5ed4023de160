"""Parts of a Consent as parts of a sharing decision, each refused where it says anything else."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeVar

from consent.fhir_consent.codes import (
    ACT_REASON,
    CONSENT_CATEGORY,
    OWN_AGENCY,
    OWN_PURPOSE,
    OWN_ROLE,
    PARTICIPATION_TYPE,
    Code,
    code_of,
)
from consent.fhir_consent.elements import Element, codes_in
from consent.fhir_consent.errors import ConsentElementError
from consent.fhir_consent.terms import DECIDER, HL7_PURPOSES
from consent.model import Decider, DeciderKind, Recipient
from schemas.vocabulary import LabelledCode, Purpose, Role, Source

_Code = TypeVar("_Code", bound=LabelledCode)
_RECIPIENT = Code(PARTICIPATION_TYPE, "IRCP")
_EMERGENCY_ONLY = Code(CONSENT_CATEGORY, "emrgonly")
_PRACTITIONER = "Practitioner/"


def require_only(element: Element, allowed: frozenset[str], path: str) -> None:
    """Refuse any element beside these; ids of primitives and their extensions are such."""
    for name in element:
        if name not in allowed:
            raise ConsentElementError(f"{path}.{name}", "has-no-place-in-a-sharing-decision")


def codes_stated(
    codes: type[_Code], system: str, provision: Element, name: str
) -> frozenset[_Code]:
    """Our codes that the provision names; all of them where it names none."""
    written = provision.get(name)
    if written is None:
        return frozenset(codes)
    return frozenset(
        _one_of(codes, system, coding, f"Consent.provision.{name}[{index}]")
        for index, coding in enumerate(written)
    )


def purposes_stated(provision: Element) -> frozenset[Purpose]:
    """Our purposes, or HL7's that mean the same."""
    translated = [_in_our_words(coding) for coding in provision.get("purpose", ())]
    ours = {"purpose": translated} if translated else {}
    return codes_stated(Purpose, OWN_PURPOSE, ours, "purpose")


def classified(codes: type[_Code], system: str, resource: Element) -> _Code | None:
    """The code of ours that a category of the consent has, if one has."""
    found = None
    for index, category in enumerate(resource.get("category", ())):
        path = f"Consent.category[{index}]"
        for code in codes_in(category):
            if code == _EMERGENCY_ONLY:
                raise ConsentElementError(path, "has-no-place-in-a-sharing-decision")
            if code.system == system:
                found = _one_of(codes, system, {"system": system, "code": code.code}, path)
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
        kind = _member(DeciderKind, system.removeprefix(DECIDER), "Consent.performer[0].identifier")
        return Decider(kind, value)
    reference = str(performer.get("reference") or value or "")
    if not reference:
        raise ConsentElementError("Consent.performer[0].reference", "is-missing")
    kind = _kind_of_performer(performer, resource.get("patient") or {})
    return Decider(kind, sha256(f"{system}|{reference}".encode()).hexdigest()[:32])


def recipients_of(provision: Element) -> frozenset[Recipient]:
    """Whom the actors name; nobody in particular where there is none."""
    return frozenset(
        _recipient(actor, f"Consent.provision.actor[{index}]")
        for index, actor in enumerate(provision.get("actor", ()))
    )


def sources_of(provision: Element) -> frozenset[Source]:
    """Whose records: data authored by an agency of ours."""
    return frozenset(
        _source(entry, f"Consent.provision.data[{index}]")
        for index, entry in enumerate(provision.get("data", ()))
    )


def _recipient(actor: Element, path: str) -> Recipient:
    require_only(actor, frozenset({"role", "reference", "id"}), path)
    if codes_in(actor.get("role")) != {_RECIPIENT}:
        raise ConsentElementError(f"{path}.role", "is-not-a-recipient")
    reference = actor.get("reference") or {}
    written = str(reference.get("reference", ""))
    if written.startswith(_PRACTITIONER):
        return f"practitioner:{written.removeprefix(_PRACTITIONER)}"
    identifier = reference.get("identifier") or {}
    for system, kind, codes in _IDENTIFIED:
        if identifier.get("system") == system:
            return f"{kind}:{_member(codes, identifier.get('value'), f'{path}.reference')}"
    raise ConsentElementError(f"{path}.reference", "is-no-agency-role-or-practitioner-of-ours")


_IDENTIFIED: tuple[tuple[str, str, type[LabelledCode]], ...] = (
    (OWN_AGENCY, "agency", Source),
    (OWN_ROLE, "role", Role),
)


def _source(entry: Element, path: str) -> Source:
    identifier = (entry.get("reference") or {}).get("identifier") or {}
    if entry.get("meaning") != "authoredby" or identifier.get("system") != OWN_AGENCY:
        raise ConsentElementError(path, "has-no-place-in-a-sharing-decision")
    return _member(Source, identifier.get("value"), path)


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


def _in_our_words(coding: Element) -> Element:
    code = code_of(coding.get("system"), str(coding.get("code", "")))
    if code.system == ACT_REASON and code.code in HL7_PURPOSES:
        return {"system": OWN_PURPOSE, "code": HL7_PURPOSES[code.code].value}
    return coding


def _one_of(codes: type[_Code], system: str, coding: Element, path: str) -> _Code:
    if coding.get("system") != system:
        raise ConsentElementError(path, "has-no-place-in-a-sharing-decision")
    return _member(codes, coding.get("code"), path)


def _member(codes: Callable[[str], _Code], value: object, path: str) -> _Code:
    try:
        return codes(str(value))
    except ValueError:
        raise ConsentElementError(path, "is-no-code-of-ours") from None
