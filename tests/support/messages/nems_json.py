"""The JSON rendering of a message in XML (FHIR STU3, JSON representation of resources)."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from lxml import etree

from tests.support.messages.nems import FHIR, Part

Shuffle = Callable[[list[str]], Sequence[str]]
"""In which order an object's names are written; JSON gives it no meaning."""

_REPEATING = """
extension identifier name telecom address line given coding entry contained participant role type
profile performer communication link generalPractitioner item answer related contact practitioner
reasonNotGiven relationship location prefix focus
"""
_LISTS = frozenset(_REPEATING.split())
_SINGLE_TEXTS = frozenset({"name", "type", "role"})
_RESOURCE_HOLDERS = frozenset({"resource", "contained"})
_BOOLEANS = {"true": True, "false": False}


def as_json(xml: bytes, *, shuffle: Shuffle = list) -> bytes:
    """The same message in JSON."""
    root = etree.fromstring(xml, etree.XMLParser(remove_comments=True, remove_blank_text=True))
    return json.dumps(_in_order(_resource(root), shuffle), ensure_ascii=False).encode()


def _resource(element: Part) -> dict[str, Any]:
    return {"resourceType": _name(element), **_object(element)}


def _object(element: Part) -> dict[str, Any]:
    """Attributes but the primitive value, then the children by name."""
    found: dict[str, Any] = {
        name: text for name, text in element.attrib.items() if name in {"url", "id"}
    }
    by_name: dict[str, list[Part]] = {}
    for part in element:
        by_name.setdefault(_name(part), []).append(part)
    for name, parts in by_name.items():
        found |= _property(name, parts)
    return found


def _property(name: str, parts: list[Part]) -> dict[str, Any]:
    if name in _RESOURCE_HOLDERS:
        held = [_resource(part[0]) for part in parts]
        return {name: held if name == "contained" or len(held) > 1 else held[0]}
    if not any("value" in part.attrib for part in parts):
        objects = [_object(part) for part in parts]
        return {name: objects if name in _LISTS or len(objects) > 1 else objects[0]}
    values = [_primitive(name, part.get("value")) for part in parts]
    besides = [_object(part) or None for part in parts]
    single = len(parts) == 1 and (name not in _LISTS or name in _SINGLE_TEXTS)
    found = {name: values[0] if single else values}
    if any(besides):
        found[f"_{name}"] = besides[0] if single else besides
    return found


def _primitive(name: str, text: str | None) -> str | bool | None:
    if name.endswith("Boolean") or name == "notGiven":
        return _BOOLEANS.get(text or "", text)
    return text


def _in_order(value: Any, shuffle: Shuffle) -> Any:
    if isinstance(value, dict):
        return {name: _in_order(value[name], shuffle) for name in shuffle(list(value))}
    if isinstance(value, list):
        return [_in_order(item, shuffle) for item in value]
    return value


def _name(element: Part) -> str:
    return element.tag.removeprefix(f"{{{FHIR}}}")
