"""What is left to enforce where the data is, in the form of IHE PCF's `residual`.

A list of rules over data, each made of the FHIR elements that name it (IHE PCF, ITI-71). A first
rule without elements is for all data; without one all data is permitted. Of the others a `forbid`
stands against a `permit`. `except` names data for which its rule does not hold, `and` what must
hold besides. A confidentiality in what is of type `permit` is for it and lower ones, in what is of
type `forbid` for it and higher ones; a period in the one is for data wholly in it, in the other for
data partly in it.
"""

from collections.abc import Sequence
from typing import Any

from consent.decision import Effect
from consent.fhir_consent.criteria import Criterion, LabelCriterion, PeriodCriterion
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
        reading = _reading_of(criterion, kind)
        if reading != kind or not criterion.element.keys().isdisjoint(rule):
            rule.setdefault("and", []).append({"type": reading, **criterion.element})
        else:
            rule.update(criterion.element)
    if without:
        other = "forbid" if kind == "permit" else "permit"
        rule["except"] = [_rule(other, region, region.without) for region in without]
    return rule


def _reading_of(criterion: Criterion, kind: str) -> str:
    """How labels and periods are meant: as those of a permission or of a denial."""
    if isinstance(criterion, LabelCriterion | PeriodCriterion):
        return "permit" if criterion.effect is Effect.PERMIT else "forbid"
    return kind


def _without_repeats(rules: Sequence[Obligation]) -> list[Obligation]:
    return [rule for index, rule in enumerate(rules) if rule not in rules[:index]]
