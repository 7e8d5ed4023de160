"""FHIR consents decided a second time, deliberately simply: item by item, straight from the JSON.

An oracle for consent.fhir, which decides over regions of data that may be half described.
"""

from collections.abc import Iterable
from typing import Any

from consent.deciding.words import CombiningAlgorithm

_LEVELS = "ULMNRV"
Item = dict[str, Any]
"""A fully described piece of data: `labels` and `class`."""


def naive_decision(
    consents: Iterable[dict[str, Any]],
    item: Item,
    *,
    actor: str,
    purpose: str,
    algorithm: CombiningAlgorithm,
) -> bool:
    """Whether the item may be shown."""
    said = [
        (consent["dateTime"], verdict)
        for consent in consents
        if (verdict := naive_verdict(consent["provision"], item, actor, purpose)) is not None
    ]
    if algorithm is CombiningAlgorithm.PERMIT_OVERRIDES:
        return any(verdict == "permit" for _, verdict in said)
    if algorithm is CombiningAlgorithm.MOST_RECENT:
        last = max((day for day, _ in said), default=None)
        said = [(day, verdict) for day, verdict in said if day == last]
    return bool(said) and all(verdict == "permit" for _, verdict in said)


def naive_verdict(provision: dict[str, Any], item: Item, actor: str, purpose: str) -> str | None:
    """What one provision says of the item: permit, deny, or nothing."""
    if not _is_asked(provision, actor, purpose):
        return None
    inner = [naive_verdict(p, item, actor, purpose) for p in provision.get("provision", ())]
    is_about = _is_about(provision, item)
    if "deny" in inner:
        return "deny"
    if "permit" in inner and (provision["type"] == "permit" or is_about):
        return "permit"
    return provision["type"] if is_about else None


def _is_asked(provision: dict[str, Any], actor: str, purpose: str) -> bool:
    actors = [a["reference"]["reference"] for a in provision.get("actor", ())]
    wanted = [p["code"] for p in provision.get("purpose", ())]
    return (not actors or actor in actors) and (not wanted or purpose in wanted)


def _is_about(provision: dict[str, Any], item: Item) -> bool:
    classes = [c["code"] for c in provision.get("class", ())]
    if classes and item["class"] not in classes:
        return False
    labels = [label["code"] for label in provision.get("securityLabel", ())]
    return not labels or _is_labelled(labels, item["labels"], provision["type"])


def _is_labelled(wanted: list[str], labels: list[str], kind: str) -> bool:
    if any(label in wanted for label in labels if label not in _LEVELS):
        return True
    levels = [_LEVELS.index(label) for label in wanted if label in _LEVELS]
    marks = [_LEVELS.index(label) for label in labels if label in _LEVELS]
    if not levels or not marks:
        return False
    return max(marks) <= max(levels) if kind == "permit" else max(marks) >= min(levels)


def is_let_through(obligations: list[dict[str, Any]], item: Item) -> bool:
    """Whether the item passes the obligations, read as they are documented."""
    rules = list(obligations)
    base = "permit"
    if rules and set(rules[0]) == {"type"}:
        base = rules.pop(0)["type"]
    held = {rule["type"] for rule in rules if _holds(rule, item)}
    return "forbid" not in held and ("permit" in held or base == "permit")


def _holds(rule: dict[str, Any], item: Item) -> bool:
    kind = "permit" if rule["type"] == "permit" else "deny"
    return (
        _is_about({**rule, "type": kind}, item)
        and all(_holds(inner, item) for inner in rule.get("and", ()))
        and not any(_holds(inner, item) for inner in rule.get("except", ()))
    )
