"""What is left to enforce where the data is, in the form of IHE PCF's `residual`.

A list of rules over data, each made of the FHIR elements that name it (IHE PCF, ITI-71). A first
rule without elements is for all data; without one all data is permitted. Of the others a `forbid`
stands against a `permit`. `except` names data for which its rule does not hold; `and` has elements
that must hold beside those of the same name.
"""

from collections.abc import Sequence
from typing import Any

from consent.fhir_consent.regions import Region

Obligation = dict[str, Any]


def obligations_of(permitted: Sequence[Region]) -> list[Obligation]:
    """What to enforce, given what is permitted; nothing when that is everything.

    A list that holds for several documents together: see DESIGN.md section 15 for its place.
    """
    if any(region.is_everything for region in permitted):
        return []
    shared = _shared(permitted)
    if any(not region.criteria and set(region.without) <= set(shared) for region in permitted):
        return _forbidden(shared)
    permits = [
        _rule("permit", region, [r for r in region.without if r not in shared])
        for region in permitted
    ]
    return [{"type": "forbid"}, *_without_repeats(permits), *_forbidden(shared)]


def _shared(permitted: Sequence[Region]) -> list[Region]:
    """The regions that are taken from every permitted one."""
    first = permitted[0].without if permitted else ()
    return [r for r in first if all(r in region.without for region in permitted)]


def _forbidden(regions: Sequence[Region]) -> list[Obligation]:
    return _without_repeats([_rule("forbid", r, list(r.without)) for r in regions])


def _rule(kind: str, region: Region, without: Sequence[Region]) -> Obligation:
    rule: Obligation = {"type": kind}
    for criterion in region.criteria:
        for name, value in criterion.element.items():
            if name in rule:
                rule.setdefault("and", []).append({name: value})
            else:
                rule[name] = value
    if without:
        other = "forbid" if kind == "permit" else "permit"
        rule["except"] = [_rule(other, region, region.without) for region in without]
    return rule


def _without_repeats(rules: Sequence[Obligation]) -> list[Obligation]:
    return [rule for index, rule in enumerate(rules) if rule not in rules[:index]]
