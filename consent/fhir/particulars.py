"""What a sharing decision says that decides nothing for a FHIR reader: its particulars.

Each stands in an extension of our own, `urn:tell-once:extension:consent-<name>`, on the Consent.
None of them is a modifier: whoever passes over them sees less of the story and no more of the data
(FHIR R4 section 2.4, Extensibility). How a decision ended stands in `status` too, where FHIR can
say it; which of the ways it was, only here. There is one for each field of a decision and of its
circumstances that no element of FHIR's own holds, written by the type that the field has.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from consent.circumstances import Circumstances
from consent.fhir.elements import ConsentElementError, Element
from consent.fhir.terms import (
    COUNT,
    DECISION_ID,
    EXTENSION,
    FLAG,
    TEXT,
    TIME,
    USUAL_MODES,
    TermKind,
    coded,
    several,
    several_codes,
)
from consent.model import Mode, Response, SharingAct, SharingDecision
from schemas.identifiers import DecisionId

Particulars = Mapping[str, Any]
"""Those that a decision says, by the name of the field; what it does not say is not in it."""

IN_ELEMENTS = frozenset(
    {"id", "subjects", "response", "categories", "purposes", "basis", "article_9", "gateways"}
    | {"decided_by", "decided_at", "recipients", "sources", "mode", "until", "version"}
    | {"circumstances", "evidence", "parents_are_not_told"}
)
"""Fields that stand in FHIR's own elements."""

_SIMPLE: Mapping[Any, TermKind] = {
    datetime: TIME,
    DecisionId: DECISION_ID,
    str: TEXT,
    bool: FLAG,
}


def _kind_of(hint: Any) -> TermKind:
    kinds = [kind for kind in get_args(hint) if kind is not NoneType] or [hint]
    if get_origin(hint) is frozenset:
        return several_codes(kinds[0])
    if is_dataclass(kinds[0]):
        return _whole(kinds[0])
    return _SIMPLE.get(kinds[0]) or coded(**{_system_of(kind): kind for kind in kinds})


def _whole(kind: Any) -> TermKind:
    parts = get_type_hints(kind)
    optional = [_hyphened(name) for name, hint in parts.items() if NoneType in get_args(hint)]
    written = [(_hyphened(name), _kind_of(hint)) for name, hint in parts.items()]
    return several(written, kind, optional=frozenset(optional))


def _system_of(kind: type) -> str:
    """`refusal_reason` of RefusalReason."""
    name = "Act" if kind is SharingAct else kind.__name__
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _hyphened(name: str) -> str:
    return name.replace("_", "-")


# `mode` only of what is no permission, and not the usual one: of a permission the labels say it.
# `subjects` is about how many persons the decision is, where it is about several: one Consent can
# name but one.
KINDS: Mapping[str, TermKind] = {
    "mode": _kind_of(Mode),
    "subjects": COUNT,
    **{
        name: _kind_of(hint)
        for whole in (SharingDecision, Circumstances)
        for name, hint in get_type_hints(whole).items()
        if name not in IN_ELEMENTS
    },
}
_OF_CIRCUMSTANCES = frozenset(field.name for field in fields(Circumstances))


def of_decision(said: Particulars) -> dict[str, Any]:
    """The fields of the decision itself among its particulars, but for its mode."""
    names = KINDS.keys() - _OF_CIRCUMSTANCES - {"mode", "subjects"}
    return {name: value for name, value in said.items() if name in names}


def of_circumstances(said: Particulars) -> dict[str, Any]:
    """The fields of the circumstances among them."""
    return {name: value for name, value in said.items() if name in _OF_CIRCUMSTANCES}


def extensions_from(decision: SharingDecision) -> list[dict[str, Any]]:
    """The decision's particulars as extensions, in a fixed order."""
    usual = decision.mode if decision.response is Response.GIVEN else USUAL_MODES[decision.response]
    number = len(decision.subjects)
    more = {
        "mode": None if decision.mode is usual else decision.mode,
        "subjects": number if number > 1 else None,
    }
    stated = {name: more[name] if name in more else _of(decision, name) for name in KINDS}
    return [
        {"url": EXTENSION + _hyphened(name), kind.element: kind.write(stated[name])}
        for name, kind in KINDS.items()
        if stated[name] not in (None, False, frozenset())
    ]


def _of(decision: SharingDecision, name: str) -> Any:
    return getattr(decision.circumstances if name in _OF_CIRCUMSTANCES else decision, name)


def particulars_from(written: Sequence[Element]) -> Particulars:
    """Back from extensions_from. Raises ConsentElementError naming what is no extension of ours."""
    stated: dict[str, Any] = {}
    for index, extension in enumerate(written):
        path, url = f"Consent.extension[{index}]", str(extension.get("url", ""))
        name = url.removeprefix(EXTENSION).replace("-", "_")
        if url != EXTENSION + _hyphened(name) or name not in KINDS:
            raise ConsentElementError(path, "has-no-place-in-a-sharing-decision")
        if name in stated:
            raise ConsentElementError(path, "stands-twice")
        stated[name] = _value(extension, KINDS[name], path)
    return stated


def _value(extension: Element, kind: TermKind, path: str) -> Any:
    if extension.keys() - {"id"} != {"url", kind.element}:
        raise ConsentElementError(path, f"has-not-just-{kind.element}")
    try:
        return kind.read(extension[kind.element])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise ConsentElementError(f"{path}.{kind.element}", "is-none-of-ours") from None
