"""Parts of a Consent as parts of a sharing decision, each refused where it says anything else."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

from consent.fhir_consent.codes import CONSENT_CATEGORY, Code
from consent.fhir_consent.elements import Element, codes_in
from consent.fhir_consent.errors import ConsentElementError
from consent.fhir_consent.terms import (
    DECIDER,
    EVIDENCE,
    LABEL,
    PARENTS_ARE_NOT_TOLD,
    STATUTES,
)
from consent.lawfulness import Gateway
from consent.model import Decider, DeciderKind
from schemas.vocabulary import LabelledCode

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
