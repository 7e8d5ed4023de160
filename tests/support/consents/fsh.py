"""Instances in FHIR Shorthand to FHIR JSON: as much of it as the IHE PCF samples use.

FHIR Shorthand 3.0 section 3.6: `Instance`, assignment rules, soft indices, slices by name. What
type an element has is not read from the profiles but listed here.
"""

import re
from dataclasses import dataclass, field
from typing import Any

_CONCEPTS = frozenset({"scope", "category", "role", "code", "activity", "class"})
_CODINGS = frozenset({"purpose", "securityLabel", "security"})
_ARRAYS = frozenset(
    {"category", "performer", "organization", "policy", "purpose", "securityLabel", "actor"}
    | {"data", "security", "member", "note"}
)
_STEP = re.compile(r"([^.\[]+)((?:\[[^\]]*\])*)")
_RULE = re.compile(r"\* (?P<path>\S+) = (?P<value>.+)")
_REFERENCE = re.compile(r"Reference\((?P<to>[^)]+)\)")
_CODE = re.compile(r"(?P<system>[^#\s]*)#(?P<code>\S+)(?: \"(?P<display>[^\"]*)\")?")


@dataclass
class FshInstance:
    """One instance: its name, what it is an instance of, and its resource."""

    name: str
    of: str
    resource: dict[str, Any] = field(default_factory=dict)
    _indices: dict[str, int] = field(default_factory=dict)

    def assign(self, path: str, value: str) -> None:
        """Take in one rule."""
        at: Any = self.resource
        where = ""
        steps = _STEP.findall(path)
        for number, (name, brackets) in enumerate(steps):
            where = f"{where}.{name}"
            is_array = name in _ARRAYS or (name == "provision" and number > 0)
            if number == len(steps) - 1:
                _put(at, name, _value(name, value), self._index(where, brackets, is_array))
                return
            at = _step_into(at, name, self._index(where, brackets, is_array))

    def _index(self, where: str, brackets: str, is_array: bool) -> int | None:  # noqa: FBT001
        if not is_array:
            return None
        if "[+]" in brackets:
            self._indices[where] = self._indices.get(where, -1) + 1
        return self._indices.setdefault(where, 0)


def instances_in(text: str) -> dict[str, FshInstance]:
    """Every instance by name."""
    found: dict[str, FshInstance] = {}
    current: FshInstance | None = None
    for line in _without_long_strings(text).splitlines():
        keyword, _, rest = line.partition(":")
        if keyword in {"Profile", "ValueSet", "RuleSet", "Alias", "Extension"}:
            current = None
        elif keyword == "Instance":
            current = FshInstance(rest.strip(), "")
            found[current.name] = current
        elif keyword == "InstanceOf" and current is not None:
            current.of = rest.strip()
            current.resource = {"resourceType": _resource_type(current.of), "id": current.name}
        elif current is not None and (rule := _RULE.match(line)):
            current.assign(rule["path"], rule["value"].strip())
    return found


def _without_long_strings(text: str) -> str:
    return re.sub(r'"""[\s\S]*?"""', '""', text)


def _resource_type(of: str) -> str:
    if of.endswith("Consent"):
        return "Consent"
    return "Observation" if "/" in of else of


def _step_into(at: Any, name: str, index: int | None) -> Any:
    if index is None:
        return at.setdefault(name, {})
    items = at.setdefault(name, [])
    while len(items) <= index:
        items.append({})
    return items[index]


def _put(at: Any, name: str, value: Any, index: int | None) -> None:
    if index is None:
        at[name] = value
        return
    items = at.setdefault(name, [])
    while len(items) <= index:
        items.append(None)
    items[index] = value


def _value(name: str, text: str) -> Any:
    if reference := _REFERENCE.match(text):
        return {"reference": reference["to"]}
    if text.startswith('"'):
        return text.strip('"')
    if not (code := _CODE.match(text)):
        return text
    if name in _CONCEPTS:
        return {"coding": [_coding(code)]}
    return _coding(code) if name in _CODINGS else code["code"]


def _coding(code: re.Match[str]) -> dict[str, str]:
    pairs = {"system": code["system"], "code": code["code"], "display": code["display"]}
    return {key: value for key, value in pairs.items() if value}
