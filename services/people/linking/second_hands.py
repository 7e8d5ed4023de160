"""The other hand: who stands for a join beside who said it first, and who says that two are two.

A refusal is an answer, not an error (STYLE.md 12). Callers commit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from services.people.linking.joins import (
    JoinPersons,
    keep_pair_apart,
    next_state,
    ordered,
    parts_of,
    warranted,
    what_forbids,
    write_down,
)
from services.people.linking.ports import (
    ACTOR,
    Join,
    Joinable,
    JoinId,
    Joining,
    JoinRefusal,
    JoinWarrant,
)
from services.people.persons.clusters import JoinStanding


@dataclass(frozen=True, slots=True)
class ConfirmJoin:
    """Order: what waits about this join is so, says somebody else than who said it first."""

    join: JoinId
    by: str


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


def confirm_join(command: ConfirmJoin, *, joining: Joining) -> Join | JoinRefusal:
    """Be another hand for what waits about a join: that they are one, or that they are two.

    Where a program joined them, the first steward to say so is the first hand. Nobody is the
    second after themselves, and of two hands one is a steward's. Gives the join as it stands then,
    or why not.
    """
    joining.joins.lock()
    join = joining.joins.find(command.join)
    if join is None:
        return JoinRefusal.NOT_JOINED
    joining.joins.lock(*join.pair)
    known = joining.joins.joinable(join.kept)
    if known is None:
        return JoinRefusal.NOT_JOINED
    if join.waits_to_part(joining.clock.now()):
        return _part(join, known, command.by, joining)
    if join.is_warranted:
        return JoinRefusal.NOTHING_WAITS
    return _seconded(join, known, command.by, joining)


def undo_join(command: UndoJoin, *, joining: Joining) -> Join | JoinRefusal:
    """Part again whom a join made one, each with whom other joins still connect to them.

    Whom a health source says are one part two stewards: the first only asks for it. Gives the join
    as it stands then, or why not.
    """
    joining.joins.lock()
    join = joining.joins.find(command.join)
    known = None if join is None else joining.joins.joinable(join.kept)
    if join is None or known is None:
        return JoinRefusal.NOT_JOINED
    return _part(join, known, command.by, joining)


def part_persons(command: PartPersons, *, joining: Joining) -> Join | JoinRefusal:
    """Undo the last of the joins without which these two would not be one; they are two then.

    Gives the join as it stands then, or why not.
    """
    between = join_between(command.one, command.other, joining=joining)
    known = None if between is None else joining.joins.joinable(command.one)
    if between is None or known is None:
        return JoinRefusal.NOT_JOINED
    parted = _part(between, known, command.by, joining)
    if isinstance(parted, Join) and parted.standing is JoinStanding.PARTED:
        keep_pair_apart(ordered(command.one, command.other), command.by, joining)
    return parted


def join_between(one: PersonId, other: PersonId, *, joining: Joining) -> Join | None:
    """The last of the joins without which these two would not be said to be one."""
    joining.joins.lock()
    known = joining.joins.joinable(one)
    standing = () if known is None else joining.joins.among(known.created)
    return next(reversed(joins_between(one, other, standing)), None)


def _seconded(join: Join, known: Joinable, by: str, joining: Joining) -> Join | JoinRefusal:
    """One more hand for a join that waits. What forbade it then, or has come since, forbids it."""
    now = joining.clock.now()
    halves = _halves(join, known, joining)
    again = JoinPersons(*join.pair, by, although_apart=True, although_born_otherwise=True)
    against = next(what_forbids(*halves, again, joining, now), None)
    if against is not None:
        return against
    if joining.is_both_hands:
        return warranted(join, JoinWarrant.DEMONSTRATION, by, joining, *halves)
    if join.said_by == ACTOR:
        first = next_state(join, JoinStanding.CLAIMED, by, now)
        joining.joins.save(first)
        write_down(LedgerEvent.PERSON_JOIN_SUPPORTED, first, {}, by, known, joining=joining)
        return first
    if joining.are_one(by, join.said_by):
        return JoinRefusal.SAME_HAND
    if not _is_a_steward(by) and not _is_a_steward(join.said_by):
        return JoinRefusal.NO_STEWARD
    return warranted(join, JoinWarrant.SECOND_STEWARD, by, joining, *halves)


def _is_a_steward(actor: str) -> bool:
    """Whether it is a person who has signed in; a system account may be anybody's."""
    return actor.startswith("practitioner:")


def _halves(join: Join, known: Joinable, joining: Joining) -> tuple[Joinable, Joinable]:
    """Whom it joins, each with who is said to be one with them without it."""
    others = [one for one in joining.joins.among(known.created) if one.id != join.id]
    parts = {person: part for part in parts_of(known.created, others) for person in part}
    if parts[join.kept] == parts[join.joined]:
        return known, known
    kept, joined = (joining.joins.known_of(parts[person]) for person in join.pair)
    return kept or known, joined or known


def _part(join: Join, known: Joinable, by: str, joining: Joining) -> Join | JoinRefusal:
    """Part them, or ask another steward to, where a health source says that they are one."""
    now = joining.clock.now()
    if joining.is_both_hands or not join.is_warranted or not _is_verified(join, joining):
        return _parted(join, known, by, joining)
    if not join.waits_to_part(now):
        asked = next_state(join, JoinStanding.PARTING, by, now)
        joining.joins.save(asked)
        write_down(LedgerEvent.PERSON_PARTING_ASKED, asked, {}, by, known, joining=joining)
        return asked
    if joining.are_one(by, join.said_by):
        return JoinRefusal.SAME_HAND
    if not _is_a_steward(by) and not _is_a_steward(join.said_by):
        return JoinRefusal.NO_STEWARD
    return _parted(join, known, by, joining)


def _is_verified(join: Join, joining: Joining) -> bool:
    by_a_source = join.warrant is JoinWarrant.VERIFIED_IDENTITY
    return by_a_source or joining.joins.have_one_verified_number(*join.pair)


def _parted(join: Join, known: Joinable, by: str, joining: Joining) -> Join:
    """Part them. What denies stays with both; what was permitted while they were one waits.

    A permission from before names whom its decider meant. One that came on record since names one
    of two, of whom its decider was told as of one: nobody can say which was meant.
    """
    now = joining.clock.now()
    standing = joining.joins.among(known.created)
    one = next(
        part
        for part in parts_of(known.created, (each for each in standing if each.is_warranted))
        if join.kept in part
    )
    parted = next_state(join, JoinStanding.PARTED, by, now)
    joining.joins.save(parted)
    write_down(LedgerEvent.PERSON_JOIN_UNDONE, parted, {}, by, known, joining=joining)
    keep_pair_apart(ordered(*join.pair), by, joining)
    if join.warranted_at is not None:
        joining.propose_again(one, join.warranted_at, by)
    return parted


# Who is one by the joins that stand: joins are edges, and never more than needed.


def joins_between(one: PersonId, other: PersonId, joins: Sequence[Join]) -> Sequence[Join]:
    """Those of these joins without any of which the two would not be connected; perhaps none."""
    persons = {one, other, *(person for join in joins for person in join.pair)}
    if not _are_connected(one, other, persons, joins):
        return ()
    return [
        join
        for join in joins
        if not _are_connected(one, other, persons, [j for j in joins if j is not join])
    ]


def _are_connected(
    one: PersonId, other: PersonId, persons: Iterable[PersonId], joins: Iterable[Join]
) -> bool:
    return any({one, other} <= part for part in parts_of(persons, joins))
