"""Rules about one look by itself: who looked, at whom, when; and what explains it away. Pure.

Each takes a look and what is known beside it, and gives a finding or None.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from consent.model import RelationshipGround
from schemas.uk_time import to_uk_time
from services.audit.unusual.model import (
    ActKind,
    ExplainedBy,
    HashedPerson,
    Known,
    LedgerAct,
    OnStaffList,
    RelationshipState,
    RuleFinding,
    UnusualRule,
    finding,
)

CASE_LOAD = frozenset(
    {RelationshipGround.CASE_LOAD, RelationshipGround.OWN, RelationshipGround.COVER}
)
"""What others have given them: no look of their own choosing."""
_THEIR_CASE = frozenset(
    {RelationshipGround.CASE_LOAD, RelationshipGround.OWN, RelationshipGround.REFERRAL}
)
LookRule = Callable[[LedgerAct, Known], RuleFinding | None]


def own_record(look: LedgerAct, known: Known) -> RuleFinding | None:
    """They and somebody of the family have one surname and one home. Nothing explains it away."""
    me = known.staff.of(look.by)
    is_own = any(_is_of_home(me, known.person(person)) for person in look.persons)
    return _found(UnusualRule.OWN_RECORD, look) if is_own else None


def same_surname(look: LedgerAct, known: Known) -> RuleFinding | None:
    """A surname that few have, and theirs too."""
    mine = known.staff.of(look.by).surnames
    shared = {name for person in look.persons for name in known.person(person).surnames & mine}
    least = known.settings.people.surname_bits
    if not any(known.surname_bits(name) >= least for name in shared):
        return None
    return _found(UnusualRule.SAME_SURNAME, look, by_case_load(look, known))


def same_place(look: LedgerAct, known: Known) -> RuleFinding | None:
    """An address of the family is theirs."""
    me = known.staff.of(look.by)
    if not any(_share_a_home(me, known.person(person)) for person in look.persons):
        return None
    return _found(UnusualRule.SAME_PLACE, look, by_case_load(look, known))


def colleague(look: LedgerAct, known: Known) -> RuleFinding | None:
    """Somebody of the family, by surname and home, is another one on the list of staff."""
    persons = [known.person(person) for person in look.persons]
    is_one = any(
        other.practitioner != look.by and _share_a_home(other, person)
        for person in persons
        for surname in person.surnames
        for other in known.staff.called(surname)
    )
    return _found(UnusualRule.COLLEAGUE, look, by_case_load(look, known)) if is_one else None


def odd_hours(look: LedgerAct, known: Known) -> RuleFinding | None:
    """At night, by the clocks here."""
    if not is_night(look.at, known):
        return None
    explained = ExplainedBy.ROTA if is_on_duty(look, known) else None
    return _found(UnusualRule.ODD_HOURS, look, explained)


def on_leave(look: LedgerAct, known: Known) -> RuleFinding | None:
    """On a day of leave. Nothing explains it away, a rota of the same day neither."""
    day = look.day
    if not any(first <= day <= last for first, last in known.staff.of(look.by).leave):
        return None
    return finding(UnusualRule.ON_LEAVE, [look], by=look.by, person=None, day=day)


def former_case(look: LedgerAct, known: Known) -> RuleFinding | None:
    """Long after all that they had with the family was over."""
    then = _as_known(known.states(look), look.at)
    ends = [
        state.until
        for state in then
        if state.ground in _THEIR_CASE and state.until is not None and state.until <= look.at
    ]
    if not ends:
        return None
    if look.at - max(ends) <= timedelta(days=known.settings.case.former_after_days):
        return None
    lasting = _THEIR_CASE | CASE_LOAD
    again = any(state.ground in lasting and _in_force(state, look.at) for state in then)
    return _found(UnusualRule.FORMER_CASE, look, ExplainedBy.OPENED_AGAIN if again else None)


LOOK_RULES: Sequence[LookRule] = (
    own_record,
    same_surname,
    same_place,
    colleague,
    odd_hours,
    on_leave,
    former_case,
)
_ALWAYS = {
    ActKind.EMERGENCY: UnusualRule.EMERGENCY,
    ActKind.CLAIM: UnusualRule.SELF_CLAIMED,
}


def always(act: LedgerAct) -> Iterator[RuleFinding]:
    """What somebody looks at every time: only a review closes it."""
    rule = _ALWAYS.get(act.kind)
    if rule is not None:
        yield _found(rule, act)


# What explains away, shared by rules and told on the page of a hit.


def by_case_load(look: LedgerAct, known: Known) -> ExplainedBy | None:
    """A case-load that was known before the look; one that is dated back explains nothing."""
    held = grounds_at(known.states(look), look.at)
    return ExplainedBy.CASE_LOAD if held & CASE_LOAD else None


def grounds_at(states: Sequence[RelationshipState], at: datetime) -> set[RelationshipGround]:
    """The grounds in force at a moment, by what was known then."""
    return {state.ground for state in _as_known(states, at) if _in_force(state, at)}


def is_night(at: datetime, known: Known) -> bool:
    """Whether clocks here show an hour of the night."""
    hours, hour = known.settings.hours, to_uk_time(at).hour
    if hours.night_from > hours.night_until:
        return hour >= hours.night_from or hour < hours.night_until
    return hours.night_from <= hour < hours.night_until


def is_on_duty(act: LedgerAct, known: Known) -> bool:
    """Whether the rota has them: on that day, or on the day whose night it still is."""
    duty, there = known.staff.of(act.by).duty, to_uk_time(act.at)
    if there.date() in duty:
        return True
    is_early = there.hour < known.settings.hours.night_until
    return is_early and there.date() - timedelta(days=1) in duty


def _as_known(states: Sequence[RelationshipState], at: datetime) -> Sequence[RelationshipState]:
    """Of each relationship the state that was the newest then."""
    newest: dict[str, RelationshipState] = {}
    for state in states:
        before = newest.get(state.id)
        if state.known_at <= at and (before is None or before.state < state.state):
            newest[state.id] = state
    return list(newest.values())


def _in_force(state: RelationshipState, at: datetime) -> bool:
    return state.since <= at and (state.until is None or at < state.until)


def _is_of_home(staff: OnStaffList, person: HashedPerson) -> bool:
    return bool(staff.surnames & person.surnames) and _share_a_home(staff, person)


def _share_a_home(staff: OnStaffList, person: HashedPerson) -> bool:
    """By whole addresses where both have one: a postcode is shared by a dozen homes."""
    if staff.places and person.places:
        return bool(staff.places & person.places)
    return bool(staff.postcodes & person.postcodes)


def _found(rule: UnusualRule, act: LedgerAct, explained: ExplainedBy | None = None) -> RuleFinding:
    return finding(rule, [act], by=act.by, person=act.person, day=act.day, explained_by=explained)
