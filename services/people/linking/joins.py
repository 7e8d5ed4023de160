"""Joining persons who turn out to be one, and parting them again; nothing is moved by either.

Both take two hands where they open anything; what denies holds for both from the first.
A refusal is an answer, not an error (STYLE.md 12). Callers commit; whoever is concerned is told
then, and looks again at what is stored, published and withheld about them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consent.decisions.keeping import news_of
from consent.ledger import FieldValue, LedgerEntry, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.envelope import Event, EventType
from schemas.identifiers import PersonId
from services.people.linking.ports import (
    Join,
    Joinable,
    JoinId,
    Joining,
    JoinRefusal,
    JoinWarrant,
    Pair,
)
from services.people.persons.clusters import JoinStanding


@dataclass(frozen=True, slots=True)
class JoinPersons:
    """Order: these two are one. `by` is who says so, as the ledger names them.

    `although_apart` is for a person who knows that somebody said otherwise before,
    `although_born_otherwise` for one who knows that a date of birth was written wrongly.
    """

    one: PersonId
    other: PersonId
    by: str
    because: Sequence[str] = ()
    score: float | None = None
    although_apart: bool = False
    although_born_otherwise: bool = False


@dataclass(frozen=True, slots=True)
class KeepApart:
    """Order: these two are two; never join them unasked."""

    one: PersonId
    other: PersonId
    by: str


def join_persons(command: JoinPersons, *, joining: Joining) -> Join | JoinRefusal:
    """Say that two persons are one, with everybody who is one with either.

    By one hand whatever denies about either holds for both, and nobody is shown more: that waits
    for `confirm_join`, unless a health source has verified that they are one. Gives the join, or
    why not.
    """
    joins, now = joining.joins, joining.clock.now()
    joins.lock(command.one, command.other)
    one, other = joins.joinable(command.one), joins.joinable(command.other)
    if one is None or other is None:
        return JoinRefusal.NOT_KNOWN
    if not one.created.keys().isdisjoint(other.created):
        return _said_before(command.one, command.other, one, joining)
    against = next(what_forbids(one, other, command, joining, now), None)
    if against is not None:
        return against
    join = _join(command, {**one.created, **other.created}, now)
    joins.save(join)
    bits = () if join.score is None else (f"bits:{join.score:.1f}",)
    fields: dict[str, FieldValue] = {"because": (*join.because, *bits)}
    write_down(LedgerEvent.PERSON_JOINED, join, fields, command.by, one, other, joining=joining)
    warrant = _warrant_of(join, joining)
    return join if warrant is None else warranted(join, warrant, command.by, joining, one, other)


def keep_apart(command: KeepApart, *, joining: Joining) -> Pair | JoinRefusal:
    """Remember that two persons are two. Gives the pair, or why not."""
    joins = joining.joins
    joins.lock()
    one, other = joins.joinable(command.one), joins.joinable(command.other)
    if one is None or other is None:
        return JoinRefusal.NOT_KNOWN
    if command.other in one.created:
        return _said_before(command.one, command.other, one, joining)
    pair = ordered(command.one, command.other)
    keep_pair_apart(pair, command.by, joining)
    return pair


def _said_before(one: PersonId, other: PersonId, known: Joinable, joining: Joining) -> JoinRefusal:
    """What to say of two of whom it is said already: they are one, or one hand's word says so."""
    warranted_joins = (j for j in joining.joins.among(known.created) if j.is_warranted)
    are_one = any({one, other} <= part for part in parts_of(known.created, warranted_joins))
    return JoinRefusal.ALREADY_ONE if are_one else JoinRefusal.SAID_TO_BE_ONE


def parts_of(persons: Iterable[PersonId], joins: Iterable[Join]) -> list[frozenset[PersonId]]:
    """The persons, those in one part whom joins connect, directly or through others."""
    parts = {person: frozenset([person]) for person in persons}
    for join in joins:
        together = parts[join.kept] | parts[join.joined]
        parts.update(dict.fromkeys(together, together))
    return list(dict.fromkeys(parts.values()))


def ordered(one: PersonId, other: PersonId) -> Pair:
    """Two persons in the one order in which it is remembered that they are two."""
    return (one, other) if one < other else (other, one)


def what_forbids(
    one: Joinable, other: Joinable, command: JoinPersons, joining: Joining, at: datetime
) -> Iterator[JoinRefusal]:
    """What forbids it, whoever says that they are one; only the last two can be overruled."""
    if one.is_erased or other.is_erased:
        yield JoinRefusal.ERASED
    if one.is_left_behind or other.is_left_behind:
        yield JoinRefusal.LEFT_BEHIND
    if _is_protected({**one.created, **other.created}, joining, at):
        yield JoinRefusal.PROTECTED
    if _have_other_numbers(one, other):
        yield JoinRefusal.OTHER_NUMBER
    if not command.although_born_otherwise and _differ(one.births, other.births):
        yield JoinRefusal.OTHER_BIRTH
    if not command.although_apart and joining.joins.are_apart(one.created, other.created):
        yield JoinRefusal.KEPT_APART


def _have_other_numbers(one: Joinable, other: Joinable) -> bool:
    """What is said of either to have been replaced speaks against nothing."""
    former = one.former_numbers | other.former_numbers
    pairs = (
        (one.numbers[kind], other.numbers[kind]) for kind in one.numbers.keys() & other.numbers
    )
    return any(_differ(some - former, others - former) for some, others in pairs)


def _differ(some: frozenset[bytes], others: frozenset[bytes]) -> bool:
    """Both are known and none agrees."""
    return bool(some) and bool(others) and some.isdisjoint(others)


def _is_protected(persons: Mapping[PersonId, datetime], joining: Joining, at: datetime) -> bool:
    found = joining.decisions.on_record(persons.keys()).values()
    return any(restriction.is_in_force(at) for each in found for restriction in each.restrictions)


def _join(command: JoinPersons, created: Mapping[PersonId, datetime], at: datetime) -> Join:
    pair = (command.one, command.other)
    kept, joined = sorted(pair, key=lambda person: (created[person], person))
    return Join(
        id=str(new_entry_id(at)),
        kept=kept,
        joined=joined,
        made_by=command.by,
        made_at=at,
        because=tuple(command.because),
        score=command.score,
        said_by=command.by,
        said_at=at,
    )


def _warrant_of(join: Join, joining: Joining) -> JoinWarrant | None:
    """What stands for a join from the first, beside who says it; for most nothing does."""
    if joining.is_both_hands:
        return JoinWarrant.DEMONSTRATION
    is_verified = joining.joins.have_one_verified_number(*join.pair)
    return JoinWarrant.VERIFIED_IDENTITY if is_verified else None


def warranted(
    join: Join, warrant: JoinWarrant, by: str, joining: Joining, *concerned: Joinable
) -> Join:
    """They are one from now on, by whatever stands for it; everybody concerned is told."""
    now = joining.clock.now()
    stands = next_state(join, JoinStanding.WARRANTED, by, now, warrant=warrant, warranted_at=now)
    joining.joins.save(stands)
    fields: dict[str, FieldValue] = {"warrant": warrant.value}
    event = LedgerEvent.PERSON_JOIN_WARRANTED
    write_down(event, stands, fields, by, *concerned, joining=joining)
    return stands


def next_state(
    join: Join,
    standing: JoinStanding,
    by: str,
    at: datetime,
    *,
    warrant: JoinWarrant | None = None,
    warranted_at: datetime | None = None,
) -> Join:
    """The next state of a join."""
    return replace(
        join,
        standing=standing,
        warrant=warrant or join.warrant,
        warranted_at=warranted_at or join.warranted_at,
        said_by=by,
        said_at=at,
        state=join.state + 1,
    )


def keep_pair_apart(pair: Pair, by: str, joining: Joining) -> None:
    """Remember that they are two, and enter it where that is new."""
    now = joining.clock.now()
    if joining.joins.keep_apart(pair, by=by, at=now):
        fields: dict[str, FieldValue] = {"one": pair[0], "other": pair[1]}
        joining.ledger.append(
            [ledger_entry(LedgerEvent.PERSONS_KEPT_APART, fields, at=now, actor=by)]
        )


def write_down(
    event: LedgerEvent,
    join: Join,
    fields: dict[str, FieldValue],
    by: str,
    *concerned: Joinable,
    joining: Joining,
) -> None:
    """The entry and the news: everybody concerned is looked at again."""
    now = joining.clock.now()
    persons = sorted(person for each in concerned for person in each.created)
    joining.ledger.append([_entry(event, join, {**fields, "subjects": persons}, by, now)])
    joining.outbox.add([_news_of(person, join.id, now) for person in persons])


def _entry(
    event: LedgerEvent, join: Join, fields: dict[str, FieldValue], by: str, at: datetime
) -> LedgerEntry:
    whom: dict[str, FieldValue] = {"join": join.id, "kept": join.kept, "joined": join.joined}
    return ledger_entry(event, {**whom, **fields}, at=at, actor=by)


def _news_of(person: PersonId, join: JoinId, at: datetime) -> Event:
    relinked, source = EventType.PERSON_RELINKED, "urn:tell-once:linking"
    return news_of(person, join, at, event_type=relinked, source=source)


# An identity that an adoption left behind: nobody is ever led from it to who the child is now.
# (Adoption and Children Act 2002, section 79: what connects the two is not for the records.)


@dataclass(frozen=True, slots=True)
class LeaveBehind:
    """Order: this person was left behind; join them with nobody, whoever asks."""

    person: PersonId
    by: str


def leave_behind(command: LeaveBehind, *, joining: Joining) -> PersonId | JoinRefusal:
    """Remember it for good; said again it changes nothing. Gives the person, or why not.

    Whoever is one with somebody has to be parted from them first: which of the two was left
    behind is for the person who asks to know.
    """
    joining.joins.lock()
    found = joining.joins.joinable(command.person)
    if found is None:
        return JoinRefusal.NOT_KNOWN
    if len(found.created) > 1:
        others = [person for person in found.created if person != command.person]
        said = {_said_before(command.person, other, found, joining) for other in others}
        return JoinRefusal.ALREADY_ONE if len(said) > 1 else next(iter(said))
    if not found.is_left_behind:
        now = joining.clock.now()
        joining.joins.leave_behind(command.person, at=now)
        entry = ledger_entry(
            LedgerEvent.PERSON_LEFT_BEHIND, {"person": command.person}, at=now, actor=command.by
        )
        joining.ledger.append([entry])
    return command.person
