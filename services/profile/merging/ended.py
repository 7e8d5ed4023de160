"""What a newer statement says has ended, has ended in what was said before it. Pure.

A record whose sender has stopped speaking stays as its last word. Whoever speaks later and states
the end of the same fact, ends it: the claim stays, as one that has ended, beside who says so. Which
facts are the same and who may end whose is told in the paper on claims and households. All of it
is worked out from what is shown: a record that is not shown ends nothing, and hints at nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Generic, NamedTuple

from schemas.records.payloads import (
    DUAL_SCHOOL,
    GENERAL_PRACTICE,
    SCHOOL,
    Address,
    ContactDetails,
    Involvement,
    Period,
    PersonDetails,
    Plan,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Source
from services.profile.merging.claims import InOrder, PayloadT, is_current, latest_first
from services.profile.merging.whereabouts import is_lived_in, letters_of, same_place

_DAY = len("YYYY-MM-DD")
_AT_SCHOOL = frozenset({SCHOOL, DUAL_SCHOOL})
_OLD = "old"
_SEVERAL = 2
_Place = tuple[str, ...]


class _Told(NamedTuple, Generic[PayloadT]):
    """A record, and what it says by its kind."""

    record: PublishedRecord
    said: PayloadT

    def saying(self, said: PayloadT) -> "_Told[PayloadT]":
        """The same record, saying that."""
        return self if said is self.said else _Told(replace(self.record, payload=said), said)


def with_ends(records: Iterable[PublishedRecord], today: str) -> InOrder:
    """The records, each with the end that a newer one states of the same fact.

    Order and repetition do not matter. A record that says of an agency's service no more than the
    end of what another record tells is put together with it.
    """
    ordered = latest_first(records)
    by_person: dict[object, list[PublishedRecord]] = {}
    for record in ordered:
        by_person.setdefault(record.persons[0], []).append(record)
    changed: dict[_Place, PublishedRecord | None] = {}
    for own in by_person.values():
        changed |= _changes(InOrder(own), today)
    now = [changed.get(_place(record), record) for record in ordered] if changed else ordered
    if all(one is before for one, before in zip(now, ordered, strict=True)):
        return ordered
    return latest_first([record for record in now if record is not None])


def _changes(records: InOrder, today: str) -> dict[_Place, PublishedRecord | None]:
    """What becomes of one person's records; None of one that is put together with another.

    A record ends nothing of another kind, so of what is there once nothing becomes.
    """
    involved = _ended_involvements(_of_kind(records, Involvement))
    contacts = _of_kind(records, ContactDetails)
    if len(contacts) > 1:
        left = _schools_left((r for r in involved.values() if r is not None), today)
        contacts = _each(contacts, _with_ended_homes)
        contacts = _each(contacts, lambda one, newer: _left_behind(one, newer, left, today))
        # A home that was left behind ends for whoever told of the same one before.
        contacts = _each(contacts, _with_ended_homes)
    plans = _each(_each(_of_kind(records, Plan), _ended_by_its_own), _ended_by_authority)
    names = _each(_of_kind(records, PersonDetails), _without_former_name)
    told: list[_Told[Any]] = [*contacts, *plans, *names]
    return involved | {_place(one.record): one.record for one in told}


def _of_kind(records: InOrder, kind: type[PayloadT]) -> list[_Told[PayloadT]]:
    return [_Told(record, said) for record, said in records.of(kind)]


def _each(
    told: list[_Told[PayloadT]],
    ended: Callable[[_Told[PayloadT], Sequence[_Told[PayloadT]]], PayloadT],
) -> list[_Told[PayloadT]]:
    """Each as it is in the light of the newer ones, which come latest first."""
    if len(told) == 1:
        return told
    return [one.saying(ended(one, _newer(one, told))) for one in told]


def _newer(one: _Told[PayloadT], told: Iterable[_Told[PayloadT]]) -> Sequence[_Told[PayloadT]]:
    version = one.record.version
    return [other for other in told if other.record.version > version]


def _place(record: PublishedRecord) -> _Place:
    return record.source, record.key, record.persons[0]


def _began_after(period: Period, end: str) -> bool:
    return period.start is not None and period.start[:_DAY] > end[: len(period.start)]


def _as_of(record: PublishedRecord) -> str:
    return record.version[:_DAY]


# Services: a school ends a school, a health service a health service, an authority its own workers.


def _ended_involvements(
    told: Sequence[_Told[Involvement]],
) -> dict[_Place, PublishedRecord | None]:
    changed: dict[_Place, PublishedRecord | None] = {_place(o.record): o.record for o in told}
    if len(changed) < _SEVERAL:
        return changed
    for one in told:
        ending = None if one.said.period.end else _ending(one, _newer(one, told))
        if ending is None:
            continue
        end, by = ending
        said, theirs = one.said, by.said
        period = Period(said.period.start or theirs.period.start, end)
        name = said.agency_name or theirs.agency_name
        now = one.saying(replace(said, period=period, agency_name=name)).record
        if by.record.source is one.record.source and _is_same_service(said, theirs):
            now = replace(now, version=by.record.version)
            changed[_place(by.record)] = None
        changed[_place(one.record)] = now
    changed |= _at_one_school([record for record in changed.values() if record is not None])
    return changed | _left_and_there([record for record in changed.values() if record is not None])


def _at_one_school(
    records: Sequence[PublishedRecord],
) -> dict[_Place, PublishedRecord | None]:
    """One record of each school where somebody is, however often schools say so: the newest first.

    A school may send transfer files and lists; each tells what the other leaves out.
    """
    schools: dict[str, list[_Told[Involvement]]] = {}
    for told in _of_kind(InOrder(records), Involvement):
        said = told.said
        if said.agency_code and said.service in _AT_SCHOOL and said.period.end is None:
            schools.setdefault(f"{told.record.source}/{said.agency_code}", []).append(told)
    changed: dict[_Place, PublishedRecord | None] = {}
    for first, *others in schools.values():
        if others:
            changed[_place(first.record)] = _with_what_others_tell(first, others).record
            changed |= {_place(other.record): None for other in others}
    return changed


def _left_and_there(
    records: Sequence[PublishedRecord],
) -> dict[_Place, PublishedRecord | None]:
    """Of a school that says that somebody left, and later that they are there: the later alone.

    A statement that says since when somebody is there again tells of another time: both stand.
    """
    told = [one for one in _of_kind(InOrder(records), Involvement) if _is_of_school(one.said)]
    there = [one for one in told if one.said.period.end is None]
    left = [one for one in told if any(_left_before(one, now) for now in there)]
    return {_place(one.record): None for one in left}


def _left_before(one: _Told[Involvement], there: _Told[Involvement]) -> bool:
    """Whether an older statement of the same school ends the time of which the newer tells."""
    end = one.said.period.end
    is_same = one.said.agency_code == there.said.agency_code
    is_older = one.record.version < there.record.version
    if end is None or not is_same or not is_older or one.record.source is not there.record.source:
        return False
    return end[:_DAY] <= _as_of(there.record) and not _began_after(there.said.period, end)


def _is_of_school(said: Involvement) -> bool:
    return bool(said.agency_code) and said.service in _AT_SCHOOL


def _with_what_others_tell(
    first: _Told[Involvement], others: Sequence[_Told[Involvement]]
) -> _Told[Involvement]:
    told = [first.said, *(other.said for other in others)]
    missing: dict[str, Any] = {
        field.name: next((v for one in told if (v := getattr(one, field.name))), None)
        for field in fields(Involvement)
        if field.default is None and getattr(first.said, field.name) is None
    }
    start = next((one.period.start for one in told if one.period.start), None)
    return first.saying(replace(first.said, **missing, period=Period(start)))


def _ending(
    one: _Told[Involvement], newer: Iterable[_Told[Involvement]]
) -> tuple[str, _Told[Involvement]] | None:
    """When it ended, and who says so: of several ends the last."""
    ends = [(end, by) for by in newer if (end := _end_of(one, by)) is not None]
    return max(ends, key=lambda e: (e[0], e[1].record.version, e[1].record.key), default=None)


def _end_of(one: _Told[Involvement], by: _Told[Involvement]) -> str | None:
    """When the older ended, as the newer states it; None where it states nothing of it."""
    is_of_its_kind = by.record.source is one.record.source
    if is_of_its_kind and _is_other_practice(one.said, by.said):
        return by.said.period.start or _as_of(by.record)
    end = by.said.period.end
    if end is None or _began_after(one.said.period, end):
        return None
    if _is_their_own_worker(by.record, one.said, by.said):
        return end
    if not is_of_its_kind or not _is_same_service(one.said, by.said):
        return None
    # Without a beginning it may be another time there that began after this end.
    is_that_time = one.said.period.start is not None or end >= _as_of(one.record)[: len(end)]
    return end if is_that_time else None


def _is_same_service(said: Involvement, theirs: Involvement) -> bool:
    """The same agency doing the same thing, as far as both say by whom."""
    if said.agency_code is None or said.agency_code != theirs.agency_code:
        return False
    if said.service in _AT_SCHOOL and theirs.service in _AT_SCHOOL:
        return True
    mine = (said.team, said.practitioner_ref, letters_of(said.practitioner_name))
    other = (theirs.team, theirs.practitioner_ref, letters_of(theirs.practitioner_name))
    both = zip(mine, other, strict=True)
    return said.service == theirs.service and all(a == b or not a or not b for a, b in both)


def _is_other_practice(said: Involvement, theirs: Involvement) -> bool:
    """Nobody is registered with two practices: a newer registration ends the one before it."""
    if any(one.service != GENERAL_PRACTICE or not one.agency_code for one in (said, theirs)):
        return False
    return said.agency_code != theirs.agency_code and theirs.period.end is None


def _is_their_own_worker(by: PublishedRecord, said: Involvement, theirs: Involvement) -> bool:
    """An authority ends what others say of a social worker of that name."""
    name = letters_of(said.practitioner_name)
    is_named = bool(name) and name == letters_of(theirs.practitioner_name)
    return by.source is Source.SOCIAL_CARE and is_named and said.service == theirs.service


# Homes: whoever states the end of a home ends it; a school speaks of one while the child is there.


def _schools_left(involved: Iterable[PublishedRecord], today: str) -> Mapping[str, str]:
    """Which schools somebody has left, and when: of which nothing says that they are there."""
    left: dict[str, str] = {}
    there: set[str] = set()
    for record in involved:
        said = record.payload
        if not isinstance(said, Involvement) or said.service not in _AT_SCHOOL:
            continue
        code = said.agency_code or ""
        if is_current(said.period, today):
            there.add(code)
        elif said.period.end is not None:
            left[code] = max(left.get(code, ""), said.period.end)
    return {code: end for code, end in left.items() if code and code not in there}


def _with_ended_homes(
    one: _Told[ContactDetails], newer: Sequence[_Told[ContactDetails]]
) -> ContactDetails:
    since = [address for other in newer for address in other.said.addresses]
    return _at(one.said, [_ended_home(address, since) for address in one.said.addresses])


def _at(said: ContactDetails, homes: Sequence[Address]) -> ContactDetails:
    is_same = all(home is before for home, before in zip(homes, said.addresses, strict=True))
    return said if is_same else replace(said, addresses=tuple(homes))


def _ended_home(address: Address, newer: Iterable[Address]) -> Address:
    """The address with the end that the latest to state one of the same place states of it."""
    if _has_ended(address):
        return address
    for one in newer:
        end = one.period.end
        if not _has_ended(one) or same_place(one) != same_place(address):
            continue
        if end is None or not _began_after(address.period, end):
            start = address.period.start or one.period.start
            use = _OLD if one.use == _OLD else address.use
            return replace(address, use=use, period=Period(start, end))
    return address


def _left_behind(
    one: _Told[ContactDetails],
    newer: Sequence[_Told[ContactDetails]],
    left: Mapping[str, str],
    today: str,
) -> ContactDetails:
    """Where somebody lived of whom its sender says otherwise since, or others once they left it."""
    by = one.said.said_by
    own = [other for other in newer if by is not None and other.said.said_by == by]
    end = left.get(by or "") or (_as_of(own[0].record) if own else None)
    if end is None:
        return one.said
    speaking = newer if by in left else own
    since = [a for other in speaking for a in other.said.addresses if is_lived_in(a, today)]
    return _at(
        one.said,
        [
            replace(address, period=Period(address.period.start, end))
            if _is_elsewhere(address, since) and not _began_after(address.period, end)
            else address
            for address in one.said.addresses
        ],
    )


def _is_elsewhere(address: Address, since: Sequence[Address]) -> bool:
    homes = {same_place(one) for one in since if one.use == address.use}
    return not _has_ended(address) and bool(homes) and same_place(address) not in homes


def _has_ended(address: Address) -> bool:
    return address.use == _OLD or address.period.end is not None


# Plans: whose they are ends them; an authority ends what others say of a plan of its own.


def _ended_by_its_own(one: _Told[Plan], newer: Sequence[_Told[Plan]]) -> Plan:
    return _ended_plan(one.said, [n for n in newer if _is_one_plan(one, n)])


def _ended_by_authority(one: _Told[Plan], newer: Sequence[_Told[Plan]]) -> Plan:
    if one.record.source is Source.SOCIAL_CARE:
        return one.said
    theirs = [n for n in newer if n.record.source is Source.SOCIAL_CARE]
    of_that_kind = [n for n in theirs if n.said.kind == one.said.kind]
    if any(n.said.period.end is None for n in of_that_kind):
        return one.said
    return _ended_plan(one.said, of_that_kind)


def _is_one_plan(one: _Told[Plan], other: _Told[Plan]) -> bool:
    def what(told: _Told[Plan]) -> tuple[object, ...]:
        plan = told.said
        return told.record.source, plan.kind, plan.title, plan.agency_name, plan.period.start

    return what(one) == what(other)


def _ended_plan(plan: Plan, newer: Iterable[_Told[Plan]]) -> Plan:
    if plan.period.end is not None:
        return plan
    for other in newer:
        end = other.said.period.end
        if end is not None and not _began_after(plan.period, end):
            start = plan.period.start or other.said.period.start
            return replace(plan, period=Period(start, end))
    return plan


# Names: one that a newer statement calls a former name is that, and is told there.


def _without_former_name(
    one: _Told[PersonDetails], newer: Sequence[_Told[PersonDetails]]
) -> PersonDetails:
    details = one.said
    former = {letters_of(name) for other in newer for name in other.said.former_names}
    family, given = details.family_name or "", details.given_names
    ways = {letters_of("".join((*names, family))) for names in (given, given[:1])}
    if details.placeholder_name or not family or former.isdisjoint(ways):
        return details
    nameless = replace(details, family_name=None, given_names=(), former_names=())
    return replace(nameless, known_as=None, known_as_family=None)
