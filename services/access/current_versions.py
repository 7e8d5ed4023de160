"""Which of several versions of the same resource is the newest (FHIR R4 section 3.1.0.4)."""

from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import Any

from consent.fhir_consent.elements import Element
from consent.fhir_consent.times import span_of


def are_current(resources: Sequence[Element]) -> list[bool]:
    """Of each resource, in order, whether no other one is a newer version of it.

    Two are versions of one where they have the same id and are about the same patient, and their
    `meta` tells which is newer; where it does not, both count.
    """
    older = {
        id(one) for one, other in product(resources, repeat=2) if _is_newer_version(other, of=one)
    }
    return [id(resource) not in older for resource in resources]


def _is_newer_version(one: Element, *, of: Element) -> bool:
    if "id" not in one or (one["id"], one.get("patient")) != (of.get("id"), of.get("patient")):
        return False
    for read in (_version, _updated):
        mine, other = read(one), read(of)
        if mine is not None and other is not None and mine != other:
            return bool(mine > other)
    return False


def _version(resource: Element) -> Any:
    version = str((resource.get("meta") or {}).get("versionId", ""))
    return int(version) if version.isascii() and version.isdigit() else None


def _updated(resource: Element) -> datetime | None:
    text = (resource.get("meta") or {}).get("lastUpdated")
    try:
        return span_of(text).start if text else None
    except ValueError:
        return None
