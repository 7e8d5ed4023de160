"""What the program is made of: a CycloneDX bill of materials, and the licences of its parts.

Of what is installed here, by the packages' own metadata: those that we need, and those that they
need. Nothing is looked up elsewhere.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

_OURS = "tell-once"
_PROJECT = Path(__file__).resolve().parents[4] / "pyproject.toml"
_SPEC_VERSION = "1.6"
_NAMESPACE = UUID("6f0b6f6e-7c57-4c53-9d0e-3a0f6f4f9a11")
_NAMED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
_EXTRA = re.compile(r"extra\s*==\s*[\"']([^\"']+)")
_CLASSIFIER = "License :: "
_LONGEST_LICENCE = 100


@dataclass(frozen=True, slots=True)
class Component:
    """One installed package; `licences` as it says itself, and what it needs of the others."""

    name: str
    version: str
    licences: tuple[str, ...]
    needs: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its package URL."""
        return f"pkg:pypi/{self.name}@{self.version}"


def installed_components() -> list[Component]:
    """Ours first, then every package that is needed to run it, by name."""
    ours = _ourselves()
    found: dict[str, Component] = {}
    wanted, seen = _required(_our_requirements()), set[tuple[str, frozenset[str]]]()
    while wanted:
        name, extras = asked = wanted.pop()
        if asked in seen or (package := _find(name)) is None:
            continue
        seen.add(asked)
        needed = _required(package.requires or (), extras)
        needs = {one for one, _ in needed} | set(found[name].needs if name in found else ())
        licences = _licences_of(package)
        found[name] = Component(name, package.version, licences, tuple(sorted(needs)))
        wanted += needed
    return [ours, *(found[name] for name in sorted(found))]


def _ourselves() -> Component:
    needs = tuple(sorted({name for name, _ in _required(_our_requirements())}))
    package = _find(_OURS)
    version = package.version if package else _project()["version"]
    return Component(_OURS, version, (), needs)


def _our_requirements() -> list[str]:
    """As installed, or as a checkout says of itself."""
    package = _find(_OURS)
    return package.requires or [] if package else _project()["dependencies"]


def _project() -> dict[str, Any]:
    told: dict[str, Any] = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]
    return told


def bill_of_materials(components: list[Component], made_at: str) -> dict[str, Any]:
    """The document, by CycloneDX 1.6; the same packages have the same serial number."""
    ours, *others = components
    names = {one.name: one.purl for one in components}
    told = "\n".join(one.purl for one in components)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": _SPEC_VERSION,
        "serialNumber": f"urn:uuid:{uuid5(_NAMESPACE, told)}",
        "version": 1,
        "metadata": {"timestamp": made_at, "component": _component(ours, "application")},
        "components": [_component(one, "library") for one in others],
        "dependencies": [
            {"ref": one.purl, "dependsOn": [names[n] for n in one.needs if n in names]}
            for one in components
        ],
    }


def _component(one: Component, kind: str) -> dict[str, Any]:
    licences = [{"license": {"name": licence}} for licence in one.licences]
    return {
        "type": kind,
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
        "licenses": licences,
    }


def _find(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:  # an extra, or for another system
        return None


def _required(
    requirements: Iterable[str], extras: frozenset[str] = frozenset()
) -> list[tuple[str, frozenset[str]]]:
    """What these lines ask for, each with its extras; without extras that nobody has asked for."""
    found = []
    for line in requirements:
        requirement, _, marker = line.partition(";")
        named, extra = _NAMED.match(requirement.strip()), _EXTRA.search(marker)
        if named is not None and (extra is None or extra[1] in extras):
            name = re.sub(r"[-_.]+", "-", named[1]).lower()
            found.append(
                (name, frozenset(filter(None, map(str.strip, (named[2] or "").split(",")))))
            )
    return found


def _licences_of(package: Distribution) -> tuple[str, ...]:
    """By expression, else by classifier, else by the line that older packages have."""
    told = package.metadata
    if expression := _first(told.get_all("License-Expression")):
        return (expression,)
    classifiers = told.get_all("Classifier") or []
    named = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith(_CLASSIFIER)]
    if named:
        return tuple(named)
    line = _first(told.get_all("License")).strip().splitlines()[:1]
    return tuple(text for text in line if text and len(text) <= _LONGEST_LICENCE)


def _first(told: list[str] | None) -> str:
    return told[0] if told else ""
