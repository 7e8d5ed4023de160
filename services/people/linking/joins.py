"""Joining persons who turn out to be one, and parting them again; nothing is moved by either.

A refusal is an answer, not an error (STYLE.md 12). Callers commit; whoever is concerned is told
then, and looks again at what is stored, published and withheld about them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from consent.decisions.keeping import news_of
from consent.ledger import FieldValue, LedgerEntry, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.envelope import Event, EventType
from schemas.identifiers import PersonId
from services.people.linking.clusters import joins_between, parts_of
from services.people.linking.ports import Join, Joinable, JoinId, Joining, JoinRefusal, Pair


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
class UndoJoin:
    """Order: this join was wrong; whom it joined are two, and are remembered as two."""

    join: JoinId
    by: str


@dataclass(frozen=True, slots=True)
class PartPersons:
    """Order: these two are not one, whatever joined them."""

    one: PersonId
    other: PersonId
    by: str


@dataclass(frozen=True, slots=True)
class KeepApart:
    """Order: these two are two; never join them unasked."""

    one: PersonId
    other: PersonId
    by: str


def join_persons(command: JoinPersons, *, joining: Joining) -> Join | JoinRefusal:
    """Make two persons one, with everybody who is one with either. Gives the join, or why not."""
    joins, now = joining.joins, joining.clock.now()
    joins.lock()
    one, other = joins.joinable(command.one), joins.joinable(command.other)
    if one is None or other is None:
        return JoinRefusal.NOT_KNOWN
    against = next(_against(one, other, command, joining, now), None)
    if against is not None:
        return against
    join = _join(command, {**one.created, **other.created}, now)
    joins.save(join)
    _put_together({**one.created, **other.created}, joining)
    bits = () if join.score is None else (f"bits:{join.score:.1f}",)
    fields: dict[str, FieldValue] = {"because": (*join.because, *bits)}
    _write_down(LedgerEvent.PERSON_JOINED, join, fields, command.by, one, other, joining=joining)
    return join


def undo_join(command: UndoJoin, *, joining: Joining) -> Join | JoinRefusal:
    """Part again whom a join made one, each with whom other joins still connect to them.

    Gives the join that was undone, or why not.
    """
    joining.joins.lock()
    join = joining.joins.find(command.join)
    known = None if join is None else joining.joins.joinable(join.kept)
    if join is None or known is None:
        return JoinRefusal.NOT_JOINED
    return _undo(join, known, command.by, joining)


def part_persons(command: PartPersons, *, joining: Joining) -> Join | JoinRefusal:
    """Undo the last of the joins without which these two would not be one; they are two then.

    Gives the join that was undone, or why not.
    """
    joining.joins.lock()
    known = joining.joins.joinable(command.one)
    standing = () if known is None else joining.joins.among(known.created)
    between = joins_between(command.one, command.other, standing)
    if known is None or not between:
        return JoinRefusal.NOT_JOINED
    _keep_apart(ordered(command.one, command.other), command.by, joining)
    return _undo(between[-1], known, command.by, joining)


def keep_apart(command: KeepApart, *, joining: Joining) -> Pair | JoinRefusal:
    """Remember that two persons are two. Gives the pair, or why not."""
    joins = joining.joins
    joins.lock()
    one, other = joins.joinable(command.one), joins.joinable(command.other)
    if one is None or other is None:
        return JoinRefusal.NOT_KNOWN
    if command.other in one.created:
        return JoinRefusal.ALREADY_ONE
    pair = ordered(command.one, command.other)
    _keep_apart(pair, command.by, joining)
    return pair


def ordered(one: PersonId, other: PersonId) -> Pair:
    """Two persons in the one order in which it is remembered that they are two."""
    return (one, other) if one < other else (other, one)


def _against(
    one: Joinable, other: Joinable, command: JoinPersons, joining: Joining, at: datetime
) -> Iterator[JoinRefusal]:
    """What forbids it, whoever says that they are one; only the last two can be overruled."""
    if not one.created.keys().isdisjoint(other.created):
        yield JoinRefusal.ALREADY_ONE
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
    kept, joined = _eldest_first((command.one, command.other), created)
    because = tuple(command.because)
    return Join(str(new_entry_id(at)), kept, joined, command.by, at, because, command.score)


def _undo(join: Join, known: Joinable, by: str, joining: Joining) -> Join:
    """Undo a join of whom these are known to be one."""
    joining.joins.undo(join.id, by=by, at=joining.clock.now())
    for part in parts_of(known.created, joining.joins.among(known.created)):
        _put_together({person: known.created[person] for person in part}, joining)
    _write_down(LedgerEvent.PERSON_JOIN_UNDONE, join, {}, by, known, joining=joining)
    _keep_apart(ordered(*join.pair), by, joining)
    return join


def _put_together(created: Mapping[PersonId, datetime], joining: Joining) -> None:
    """Known outside by the id of the eldest, whom pages and partners have known the longest."""
    eldest, *others = _eldest_first(created, created)
    joining.joins.put_together(eldest, others)


def _eldest_first(
    persons: Iterable[PersonId], created: Mapping[PersonId, datetime]
) -> list[PersonId]:
    return sorted(persons, key=lambda person: (created[person], person))


def _keep_apart(pair: Pair, by: str, joining: Joining) -> None:
    now = joining.clock.now()
    if joining.joins.keep_apart(pair, by=by, at=now):
        fields: dict[str, FieldValue] = {"one": pair[0], "other": pair[1]}
        joining.ledger.append(
            [ledger_entry(LedgerEvent.PERSONS_KEPT_APART, fields, at=now, actor=by)]
        )


def _write_down(
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
        return JoinRefusal.ALREADY_ONE
    if not found.is_left_behind:
        now = joining.clock.now()
        joining.joins.leave_behind(command.person, at=now)
        entry = ledger_entry(
            LedgerEvent.PERSON_LEFT_BEHIND, {"person": command.person}, at=now, actor=command.by
        )
        joining.ledger.append([entry])
    return command.person
