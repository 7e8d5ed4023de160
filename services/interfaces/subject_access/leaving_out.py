"""What a report for a parent leaves out without a mark: a mark would tell that it is there. Pure.

Where somebody is, what is about others, what a young person keeps, and what is protected or was
judged harmful is left out of each such report, whether or not there is any; and each says so.
"""

from collections.abc import Iterable
from dataclasses import replace

from services.interfaces.subject_access.held import SubjectAccess, WhyWithheld

LEFT_OUT = frozenset(
    {
        WhyWithheld.KEPT_BY_FAMILY,
        WhyWithheld.NOT_FOR_PARENTS,
        WhyWithheld.PLACE,
        WhyWithheld.PROTECTED_PLACE,
        WhyWithheld.RESTRICTED,
        WhyWithheld.SERIOUS_HARM,
        WhyWithheld.THIRD_PARTY,
    }
)


def for_a_parent(made: SubjectAccess) -> SubjectAccess:
    """The same without what a parent is not told of; how much there was is told to nobody."""
    return replace(
        made,
        records=tuple(one for one in made.records if _stays(one.withheld)),
        waiting=tuple(one for one in made.waiting if _stays(one.withheld)),
        beside=tuple(one for one in made.beside if _stays(one.withheld)),
        decisions=tuple(one for one in made.decisions if _stays([one.withheld])),
        restrictions=tuple(one for one in made.restrictions if _stays([one.withheld])),
        identifiers=tuple(one for one in made.identifiers if _stays([one.withheld])),
        looks=tuple(one for one in made.looks if _stays([one.withheld])),
        facts=tuple(one for one in made.facts if _stays([one.withheld])),
        own_labels=tuple(one for one in made.own_labels if _stays([one.withheld])),
        deciding=tuple(one for one in made.deciding if _stays([one.withheld])),
    )


def _stays(reasons: Iterable[WhyWithheld | None]) -> bool:
    return LEFT_OUT.isdisjoint(reason for reason in reasons if reason is not None)
