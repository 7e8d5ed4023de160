"""What a FHIR Consent can say of a sharing decision, and how each part is written in it.

Within the structure of IHE PCF: one patient, scope patient-privacy, a policy URI, one provision
whose actors are recipients (IRCP) and which has neither action, class, code nor nested provisions.
What PCF has no place for stands in codes of our own: categories of data as security labels (the
value set is extensible), response, basis and Art. 9 condition as further categories of the consent,
agencies and roles as identified actors, sources as the author of the data, statutes as further
policies. What decides nothing for a reader stands in extensions (`particulars.py`), so that one who
passes over them is never let through further than our own rules would.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consent.fhir.elements import Element, span_of
from consent.lawfulness import Basis, Gateway
from consent.model import DeciderKind, Mode, Response
from schemas.identifiers import DecisionId
from schemas.vocabulary import LabelledCode, Purpose

RESPONSE = "urn:tell-once:response"
BASIS = "urn:tell-once:basis"
ARTICLE_9 = "urn:tell-once:article-9"
DECIDER = "urn:tell-once:decider:"
DECISION = "urn:tell-once:decision"
WITHDRAWAL = "urn:tell-once:withdrawal"
EVIDENCE = "urn:tell-once:evidence"
PERSON = "urn:tell-once:person"
LABEL = "urn:tell-once:label"
PARENTS_ARE_NOT_TOLD = "parents-are-not-told"
LOINC = "http://loinc.org"
LOINC_CONSENT = "59284-0"

DENYING = frozenset({Response.REFUSED, Response.OBJECTED, Response.DETRIMENTAL})
SILENT = frozenset({Response.NOT_ASKED})
"""A decision that neither permits nor denies: written as a denial that is only a draft."""

USUAL_MODES = {
    Response.GIVEN: Mode.CONTENT,
    **dict.fromkeys(DENYING | SILENT, Mode.EXISTENCE),
}
"""What a Consent without a word about it means: to read, or not even to know of it."""

DECIDER_TYPES = {
    DeciderKind.PARENT: "RelatedPerson",
    DeciderKind.YOUNG_PERSON: "Patient",
    DeciderKind.ADULT_SELF: "Patient",
    DeciderKind.PRACTITIONER: "Practitioner",
    DeciderKind.PERSON: "Patient",
    DeciderKind.COURT: "Organization",
}
"""As what each stands in FHIR; who else says no is not told to be of any kind."""
HL7_PURPOSES = {
    "TREAT": Purpose.DIRECT_CARE,
    "HQUALIMP": Purpose.SERVICE_IMPROVEMENT,
    "PATRQT": Purpose.SUBJECT_ACCESS,
}
"""Purposes of others that mean one of ours; others are refused."""
USUAL_BASIS = Basis.CONSENT

LEGISLATION = "https://www.legislation.gov.uk"
STATUTES: Mapping[Gateway, str] = {
    Gateway.CHILDREN_ACT_1989_S17: f"{LEGISLATION}/ukpga/1989/41/section/17",
    Gateway.CHILDREN_ACT_1989_S47: f"{LEGISLATION}/ukpga/1989/41/section/47",
    Gateway.CHILDREN_ACT_2004_S10: f"{LEGISLATION}/ukpga/2004/31/section/10",
    Gateway.CHILDREN_ACT_2004_S11: f"{LEGISLATION}/ukpga/2004/31/section/11",
    Gateway.CHILDREN_ACT_2004_S16LA: f"{LEGISLATION}/ukpga/2004/31/section/16LA",
    Gateway.CARE_ACT_2014: f"{LEGISLATION}/ukpga/2014/23",
    Gateway.EDUCATION_ACT_2002_S175: f"{LEGISLATION}/ukpga/2002/32/section/175",
    Gateway.DIGITAL_ECONOMY_ACT_2017_S35: f"{LEGISLATION}/ukpga/2017/30/section/35",
    Gateway.CRIME_AND_DISORDER_ACT_1998: f"{LEGISLATION}/ukpga/1998/37",
}
"""The address of each statute: Consent.policy refers to law too (FHIR R4, Consent.policy)."""


# Kinds of value that our own extensions carry, each with how it is written in FHIR and read.

EXTENSION = "urn:tell-once:extension:consent-"


@dataclass(frozen=True, slots=True)
class TermKind:
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


def coded(**codes: type[LabelledCode]) -> TermKind:
    """A code of one of these vocabularies, by the name of each."""
    by_system = {f"urn:tell-once:{name.replace('_', '-')}": kind for name, kind in codes.items()}
    systems = {kind: system for system, kind in by_system.items()}

    def read(value: Element) -> LabelledCode:
        vocabulary = by_system.get(value["system"])
        if vocabulary is None:
            raise ValueError(value["system"])
        return vocabulary(value["code"])

    return TermKind("valueCoding", lambda code: coding_of(systems[type(code)], code), read)


def several_codes(vocabulary: type[LabelledCode]) -> TermKind:
    """Some codes of a vocabulary, at least one, with commas between them."""

    def read(text: str) -> frozenset[LabelledCode]:
        return frozenset(vocabulary(code) for code in text.split(","))

    return TermKind("valueString", lambda codes: ",".join(sorted(codes)), read)


def several(
    parts: Sequence[tuple[str, TermKind]],
    build: Callable[..., Any],
    *,
    optional: frozenset[str] = frozenset(),
) -> TermKind:
    """Named parts, each an extension inside the extension; all have to be there but these."""
    kinds = dict(parts)

    def write(whole: Any) -> list[dict[str, Any]]:
        told = {name: getattr(whole, name.replace("-", "_")) for name in kinds}
        return [
            {"url": name, kind.element: kind.write(told[name])}
            for name, kind in parts
            if told[name] is not None
        ]

    def read(written: Sequence[Element]) -> Any:
        found = {part["url"]: part for part in written}
        if len(found) != len(written) or found.keys() | optional != kinds.keys():
            raise ValueError("parts")
        return build(**{n.replace("-", "_"): _only(found[n], kinds[n]) for n in found})

    return TermKind("extension", write, read)


def _only(part: Element, kind: TermKind) -> Any:
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


TIME = TermKind("valueDateTime", time_as_text, _moment)
FLAG = TermKind("valueBoolean", bool, _strictly(bool))
TEXT = TermKind("valueString", str, _strictly(str))
COUNT = TermKind("valuePositiveInt", int, _strictly(int))
DECISION_ID = TermKind("valueReference", _reference, _referred)
