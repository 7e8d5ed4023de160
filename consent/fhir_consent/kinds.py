"""Kinds of value that our own extensions carry, each with how it is written in FHIR and read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consent.fhir_consent.elements import Element
from consent.fhir_consent.terms import DECISION
from consent.fhir_consent.times import span_of
from schemas.identifiers import DecisionId
from schemas.vocabulary import LabelledCode

EXTENSION = "urn:tell-once:extension:consent-"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: the element it stands in, and both ways. `read` raises ValueError."""

    element: str
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def time_as_text(at: datetime) -> str:
    """A time as a FHIR dateTime, with the offset that it has."""
    return at.isoformat()


def coding_of(system: str, code: LabelledCode) -> dict[str, str]:
    """A code of ours as a Coding that people can read too."""
    return {"system": system, "code": code.value, "display": code.label}


def coded(**codes: type[LabelledCode]) -> Kind:
    """A code of one of these vocabularies, by the name of each."""
    by_system = {f"urn:tell-once:{name.replace('_', '-')}": kind for name, kind in codes.items()}
    systems = {kind: system for system, kind in by_system.items()}

    def read(value: Element) -> LabelledCode:
        vocabulary = by_system.get(value["system"])
        if vocabulary is None:
            raise ValueError(value["system"])
        return vocabulary(value["code"])

    return Kind("valueCoding", lambda code: coding_of(systems[type(code)], code), read)


def several(parts: Sequence[tuple[str, Kind]], build: Callable[..., Any]) -> Kind:
    """Named parts, each an extension inside the extension; all of them have to be there."""
    kinds = dict(parts)

    def write(whole: Any) -> list[dict[str, Any]]:
        return [
            {"url": name, kind.element: kind.write(getattr(whole, name.replace("-", "_")))}
            for name, kind in parts
        ]

    def read(written: Sequence[Element]) -> Any:
        found = {part["url"]: part for part in written}
        if len(found) != len(written) or found.keys() != kinds.keys():
            raise ValueError("parts")
        return build(**{n.replace("-", "_"): _only(found[n], kinds[n]) for n in kinds})

    return Kind("extension", write, read)


def _only(part: Element, kind: Kind) -> Any:
    if part.keys() - {"id"} != {"url", kind.element}:
        raise ValueError(kind.element)
    return kind.read(part[kind.element])


def _reference(decision: DecisionId) -> dict[str, Any]:
    return {"type": "Consent", "identifier": {"system": DECISION, "value": decision}}


def _referred(value: Element) -> DecisionId:
    identifier = value["identifier"]
    if value.keys() != {"type", "identifier"} or identifier["system"] != DECISION:
        raise ValueError("identifier")
    return DecisionId(identifier["value"])


def _moment(value: str) -> datetime:
    start = span_of(value).start
    if "T" not in value or start is None:
        raise ValueError("time")
    return start


def _strictly(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(kind.__name__)
        return value

    return read


TIME = Kind("valueDateTime", time_as_text, _moment)
FLAG = Kind("valueBoolean", bool, _strictly(bool))
TEXT = Kind("valueString", str, _strictly(str))
COUNT = Kind("valuePositiveInt", int, _strictly(int))
DECISION_ID = Kind("valueReference", _reference, _referred)
