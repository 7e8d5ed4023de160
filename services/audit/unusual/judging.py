"""All rules put together: what an act, a day or a family's day comes to. Pure.

`judge_acts` may be asked at once; the others of days that are over. Whoever calls keeps one hit a
`RuleFinding.key`: the first that comes stands.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from services.audit.unusual.days import (
    refused_often,
    refused_then_allowed,
    search_fishing,
    widely_looked,
)
from services.audit.unusual.looking import LOOK_RULES, always
from services.audit.unusual.model import (
    ActKind,
    Known,
    LedgerAct,
    RuleFinding,
    RuleSentences,
    UnusualRule,
)

_DAY_RULES = (refused_often, refused_then_allowed, search_fishing)


def judge_acts(acts: Iterable[LedgerAct], known: Known) -> Iterator[RuleFinding]:
    """What can be said of each act by itself, in the order of the ledger."""
    for act in sorted(acts, key=lambda one: one.place):
        yield from always(act)
        if act.kind is ActKind.LOOK:
            for rule in LOOK_RULES:
                found = rule(act, known)
                if found is not None:
                    yield found


def judge_day(day: date, acts: Iterable[LedgerAct], known: Known) -> Iterator[RuleFinding]:
    """What can be said of one practitioner's day; `acts` begin `days.LOOKS_BACK` before it."""
    acts = list(acts)
    for rule in _DAY_RULES:
        yield from rule(day, acts, known)


def judge_family_day(
    day: date, person: str, acts: Iterable[LedgerAct], known: Known
) -> Iterator[RuleFinding]:
    """What can be said of a day of one family; `acts` about it begin a day before."""
    yield from widely_looked(day, person, acts, known)


def first_of_each(findings: Iterable[RuleFinding]) -> Iterator[RuleFinding]:
    """One a key: the first in the ledger, about all that the others are about too."""
    kept: dict[object, RuleFinding] = {}
    for found in findings:
        before = kept.setdefault(found.key, found)
        first = found if found.place < before.place else before
        places = tuple(sorted({*before.places, *found.places}))
        kept[found.key] = replace(first, places=places)
    yield from kept.values()


_NEVER = "Nothing: only a review says what it was."
SENTENCES: Mapping[UnusualRule, RuleSentences] = {
    UnusualRule.OWN_RECORD: RuleSentences(
        "The worker is in the family: one surname and one home",
        "The worker’s surname and address on the staff list are those of somebody in the family.",
        _NEVER,
    ),
    UnusualRule.SAME_SURNAME: RuleSentences(
        "A surname that few have, and the same",
        "The worker’s surname on the staff list is rare, and somebody in the family has it too.",
        "A case-load with the family before the look.",
    ),
    UnusualRule.SAME_PLACE: RuleSentences(
        "Worker and family share an address",
        "The worker’s address on the staff list and an address of the family are the same.",
        "A case-load with the family before the look.",
    ),
    UnusualRule.COLLEAGUE: RuleSentences(
        "Somebody of the family is on the staff list",
        "Another worker on the staff list has the surname and address of somebody in the family.",
        "A case-load with the family before the look.",
    ),
    UnusualRule.NO_LATER_WORK: RuleSentences(
        "A relationship was claimed, and nothing done afterwards",
        "The look rests on a relationship that was claimed, and no work followed it in time.",
        "Any contact, record, plan or referral afterwards; another hit that asks about the look.",
    ),
    UnusualRule.VOLUME: RuleSentences(
        "Many more families than peers, and than usual for the worker",
        "The worker looked at many more families than peers do, and than they usually do.",
        "Duty rota entries on the days that make it many.",
    ),
    UnusualRule.ODD_HOURS: RuleSentences(
        "At night, and not on the rota",
        "The look was at night.",
        "A duty rota entry for that night.",
    ),
    UnusualRule.ON_LEAVE: RuleSentences(
        "During recorded leave",
        "The look was on a day on which the staff list has the worker on leave.",
        _NEVER,
    ),
    UnusualRule.REFUSED_THEN_ALLOWED: RuleSentences(
        "Refused, and shown not long after",
        "The worker was shown what they had been refused not long before.",
        "A case-load with the family before the second look.",
    ),
    UnusualRule.REFUSED_OFTEN: RuleSentences(
        "Refused five times or more in an hour",
        "The worker was refused again and again within an hour.",
        _NEVER,
    ),
    UnusualRule.FORMER_CASE: RuleSentences(
        "More than 90 days after the end of the work",
        "All that the worker had to do with the family had ended long before the look.",
        "The case was opened again before the look.",
    ),
    UnusualRule.SEARCH_FISHING: RuleSentences(
        "Ten searches or more, and nothing opened",
        "The worker searched again and again on one day and opened nobody.",
        _NEVER,
    ),
    UnusualRule.WIDELY_LOOKED: RuleSentences(
        "One family looked at by many in a day",
        "Many workers who do not have the family on their case-load looked at it on one day.",
        "An emergency about the family that day or the day before.",
    ),
    UnusualRule.EMERGENCY: RuleSentences(
        "Always",
        "The worker opened emergency access.",
        _NEVER,
    ),
    UnusualRule.SELF_CLAIMED: RuleSentences(
        "Always",
        "The worker said that the family was with them, and nobody confirmed it.",
        _NEVER,
    ),
}
