"""One FHIR provision, with its exceptions to any depth, to the rule that it states."""

from collections.abc import Sequence
from typing import Any

from consent.fhir.document import Provision
from consent.fhir.elements import (
    ConsentElementError,
    Element,
    Name,
    Notes,
    codes_from,
    codes_in,
    names_at,
    span_at,
)
from consent.fhir.question import (
    ClassCriterion,
    CodeCriterion,
    ConsentAction,
    Criterion,
    CustodianCriterion,
    DataCriterion,
    DataReference,
    LabelCriterion,
    Meaning,
    PeriodCriterion,
)
from consent.fhir.vocabulary import CONFIDENTIALITY, CONSENT_ACTION, LEVELS, UNKNOWN_SYSTEM, Code
from consent.question import Effect

_RECIPIENT_ROLES = frozenset(
    {
        *("IRCP", "PRCP", "AUCG", "AULR", "AUTM", "AUWA", "NOT", "PPRF", "SPRF", "PRF"),
        *("GRANTEE", "DELEGATEE", "AGNT", "ASSIGNED", "PROV", "EMP", "AFFL", "NAMED"),
        *("NOK", "GUARD", "PAT", "CAREGIVER", "DPOWATT", "HPOWATT", "POWATT"),
        *("humanuser", "dataprocessor", "datacollector"),
    }
)
"""Roles of those who get the data (FHIR R4 value set security-role-type, and PRCP)."""
_CUSTODIAN_ROLES = frozenset({"CST"})
_DATA_ELEMENTS = ("securityLabel", "class", "code", "dataPeriod", "data")


def provision_from(written: Element, effect: Effect | None, path: str, notes: Notes) -> Provision:
    """The rule that the provision states, read with this effect, and its exceptions.

    Raises ConsentElementError for what the standard does not allow; notes what it allows and is
    not understood.
    """
    notes.add_modifiers(written, path)
    recipients, custodian = _actors(written.get("actor", ()), path, notes)
    return Provision(
        effect=effect,
        period=span_at(written.get("period", {}), f"{notes.place}.{path}.period"),
        recipients=recipients,
        purposes=_purposes(written, path, notes),
        actions=_actions(written.get("action", ()), path, notes),
        criteria=_criteria(written, effect or Effect.PERMIT, path, notes),
        custodian=custodian,
        exceptions=tuple(
            _exception(nested, f"{path}.provision[{index}]", notes)
            for index, nested in enumerate(written.get("provision", ()))
        ),
    )


def effect_at(written: Element, path: str) -> Effect:
    """What the provision's type says. Raises ConsentElementError naming the path."""
    try:
        return Effect(written.get("type", ""))
    except ValueError:
        raise ConsentElementError(path, "is-none-of: permit, deny") from None


def _exception(written: Element, path: str, notes: Notes) -> Provision:
    """An exception; the standard requires it to say which way it goes."""
    return provision_from(written, effect_at(written, f"{notes.place}.{path}.type"), path, notes)


def _actors(
    actors: Sequence[Element], path: str, notes: Notes
) -> tuple[frozenset[Name] | None, CustodianCriterion | None]:
    recipients: set[Name] = set()
    custodians: set[Name] = set()
    kinds = set()
    for index, actor in enumerate(actors):
        place = f"{path}.actor[{index}]"
        notes.add_modifiers(actor, place)
        kind = _kind_of(actor.get("role"))
        names = names_at(actor.get("reference", {}), notes)
        if kind is None:
            notes.add(f"{place}.role")
        if not names:
            notes.add(f"{place}.reference")
        kinds.add(kind)
        (custodians if kind is _CUSTODIAN_ROLES else recipients).update(names)
    element = {"actor": [a for a in actors if _kind_of(a.get("role")) is _CUSTODIAN_ROLES]}
    criterion = CustodianCriterion(frozenset(custodians), element) if custodians else None
    return frozenset(recipients) if kinds - {_CUSTODIAN_ROLES} else None, criterion


def _kind_of(role: Element | None) -> frozenset[str] | None:
    codes = {code.code for code in codes_in(role)}
    for kind in (_CUSTODIAN_ROLES, _RECIPIENT_ROLES):
        if codes and codes <= kind:
            return kind
    return None


def _purposes(written: Element, path: str, notes: Notes) -> frozenset[Code]:
    purposes = written.get("purpose", ())
    for index, purpose in enumerate(purposes):
        if "code" not in purpose:
            notes.add(f"{path}.purpose[{index}]")
    return frozenset(codes_from(purposes))


def _actions(actions: Sequence[Element], path: str, notes: Notes) -> frozenset[ConsentAction]:
    known = set()
    for index, action in enumerate(actions):
        codes = codes_in(action)
        found = {
            ConsentAction(c.code)
            for c in codes
            if c.agrees_with(Code(CONSENT_ACTION, c.code)) and c.code in set(ConsentAction)
        }
        if not found:
            notes.add(f"{path}.action[{index}]")
        known |= found
    return frozenset(known)


def _criteria(written: Element, effect: Effect, path: str, notes: Notes) -> tuple[Criterion, ...]:
    return tuple(
        _criterion(name, written[name], effect, path, notes)
        for name in _DATA_ELEMENTS
        if name in written
    )


def _criterion(name: str, value: Any, effect: Effect, path: str, notes: Notes) -> Criterion:
    place, element = f"{path}.{name}", {name: value}
    match name:
        case "securityLabel":
            return LabelCriterion(_labels(value, place, notes), effect, element)
        case "class":
            return ClassCriterion(_coded(value, place, notes), element)
        case "code":
            return CodeCriterion(_concepts(value, place, notes), element)
        case "dataPeriod":
            return PeriodCriterion(span_at(value, f"{notes.place}.{place}"), effect, element)
        case _:
            return DataCriterion(_references(value, place, notes), element)


def _coded(codings: Sequence[Element], path: str, notes: Notes) -> frozenset[Code]:
    for index, coding in enumerate(codings):
        if "code" not in coding:
            notes.add(f"{path}[{index}]")
    return frozenset(codes_from(codings))


def _labels(codings: Sequence[Element], path: str, notes: Notes) -> frozenset[Code]:
    """Labels; a level of confidentiality is one without its system too, and counts as a level."""
    return frozenset(
        Code(CONFIDENTIALITY, code.code)
        if code.system == UNKNOWN_SYSTEM and code.code in LEVELS
        else code
        for code in _coded(codings, path, notes)
    )


def _concepts(concepts: Sequence[Element], path: str, notes: Notes) -> frozenset[Code]:
    for index, concept in enumerate(concepts):
        if not codes_in(concept):
            notes.add(f"{path}[{index}]")
    return frozenset[Code]().union(*(codes_in(concept) for concept in concepts))


def _references(entries: Sequence[Element], path: str, notes: Notes) -> frozenset[DataReference]:
    references = set()
    for index, entry in enumerate(entries):
        place = f"{path}[{index}]"
        notes.add_modifiers(entry, place)
        try:
            meaning = Meaning(entry.get("meaning", ""))
        except ValueError:
            reason = f"is-none-of: {', '.join(Meaning)}"
            raise ConsentElementError(f"{notes.place}.{place}.meaning", reason) from None
        names = names_at(entry.get("reference", {}), notes)
        if not names:
            notes.add(f"{place}.reference")
        references.add(DataReference(meaning, names))
    return frozenset(references)
