"""The IHE PCF samples beside the project: consents, data, groups, and what the notes leave over."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from consent.fhir.document import ConsentDocument
from consent.fhir.reading import consent_from_json
from services.interfaces.access.consent_files import validated_consent
from tests.support.checkout import ROOT
from tests.support.consents.fsh import FshInstance, instances_in

VECTORS = ROOT.parent / "shared" / "vectors"
PCF = VECTORS / "ihe-pcf"
_BASE = "http://example.org/fhir/"


@cache
def instances() -> dict[str, FshInstance]:
    """Every instance of the samples."""
    texts = [path.read_text("utf-8") for path in sorted(PCF.glob("*.fsh"))]
    return instances_in("\n".join(texts))


def consent_names() -> list[str]:
    """The consents, in the order in which they are written."""
    return [name for name, found in instances().items() if found.of.endswith("Consent")]


@cache
def consent_document(name: str) -> ConsentDocument:
    """One consent, validated as FHIR and read."""
    return consent_from_json(validated_consent(instances()[name].resource, name), name)


def group_members(name: str) -> list[tuple[str, str]]:
    """Who belongs to a group."""
    members = instances()[name].resource["member"]
    return [(f"Group/{name}", member["entity"]["reference"]) for member in members]


def residual_in(note: str) -> list[dict[str, Any]]:
    """The `residual` that a note states; none where it states a token without one."""
    text = (PCF / note).read_text("utf-8")
    start = text.find('"residual"')
    return json.loads(_without_trailing_commas(_array_at(text, start))) if start >= 0 else []


def atoms(rules: list[dict[str, Any]]) -> frozenset[str]:
    """The rules as a set of single statements, however they are grouped and written."""
    return frozenset(
        json.dumps([_kind(rule["type"]), name, _plain(item)], sort_keys=True)
        for rule in rules
        for name, value in (list(rule.items()) if len(rule) > 1 else [("everything", True)])
        if name != "type"
        for item in (value if isinstance(value, list) else [value])
    )


def _kind(text: str) -> str:
    """One note says `deny` where the others say `forbid`."""
    return "forbid" if text == "deny" else text


def _plain(item: Any) -> Any:
    if isinstance(item, dict):
        return {key: _plain(value) for key, value in item.items()}
    return item.removeprefix(_BASE) if isinstance(item, str) else item


def _array_at(text: str, start: int) -> str:
    first = text.index("[", start)
    depth = 0
    for position in range(first, len(text)):
        depth += {"[": 1, "]": -1}.get(text[position], 0)
        if depth == 0:
            return text[first : position + 1]
    raise AssertionError("a residual that never ends")


def _without_trailing_commas(text: str) -> str:
    return re.sub(r",(\s*[}\]])", r"\1", text)


def exists() -> bool:
    """Whether the samples are there."""
    return Path(PCF / "consent.fsh").exists()
