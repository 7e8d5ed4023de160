"""Whether somebody of whom something new is known is one with somebody else. Pure.

(1) Look for whoever shares a search key, and compare with each what decisions leave of both.
(2) Exactly one in the join band, who finds nobody else either: join.
(3) Anybody else who may be the same person: ask somebody.
(4) What nobody may keep is forgotten, by the same `decide` that let it in.

Before that: whose NHS number a source says was replaced by another's, and of whom nothing may be
compared, is one with them by that source's word. Nobody could be asked about them, and their no
would be lost: one hand's word opens nothing, and what denies about either holds for both.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from consent.question import OnRecord
from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.people.linking.claims import Compared, IdentityClaim, best_of, why_codes
from services.people.linking.joins import JoinPersons, join_persons
from services.people.linking.ports import (
    ACTOR,
    Considering,
    JoinRefusal,
    OnRecordOf,
    Usable,
    usable,
)
from services.people.linking.queue import ask_about, remember_joined, remember_said
from services.people.linking.scoring import Band, Weights


def forget_what_may_not_be_kept(
    person: PersonId, alike: Collection[PersonId], *, considering: Considering
) -> None:
    """Forget what was told of a person by sources that no decision lets share identities.

    About whom nothing is on record what they are compared by is kept for as long as there is
    somebody alike whose decisions permit its source.
    """
    now = considering.clock.now()
    allowed = usable([person, *alike], considering.members, considering.decisions, now)
    keeping = allowed[person].permitted
    if allowed[person].is_unrecorded:
        keeping = frozenset[Source]().union(*(allowed[other].permitted for other in alike))
    for member in considering.members([person])[person]:
        claims = considering.facts.claims([member]).get(member, ())
        forgotten = {claim.source for claim in claims} - keeping
        for source in forgotten:
            considering.facts.forget([member], source)
        if forgotten:
            fields = {"person": member, "sources": forgotten}
            entry = ledger_entry(LedgerEvent.LINK_FACTS_FORGOTTEN, fields, at=now, actor=ACTOR)
            considering.ledger.append([entry])


NUMBER_REPLACED = "nhs-number-replaced"
"""Why two are said to be one whose numbers are one number by their source's word."""

# Refusals that no steward can overrule either, so that nobody need be asked.
_IMPOSSIBLE = frozenset({JoinRefusal.OTHER_NUMBER, JoinRefusal.LEFT_BEHIND, JoinRefusal.ERASED})


@dataclass(frozen=True, slots=True)
class Considered:
    """What came of it: whom the person was joined with, and with whom somebody shall compare."""

    joined: PersonId | None
    asked_about: tuple[PersonId, ...]
    is_renumbered: bool = False

    @property
    def has_joined(self) -> bool:
        """Whether anybody is one now who was not before."""
        return self.joined is not None or self.is_renumbered


def consider(person: PersonId, *, considering: Considering) -> Considered:
    """Compare a person with whoever they may be; join, ask or do nothing."""
    is_renumbered = _join_renumbered(person, considering)
    found = alike(person, considering)  # (1)
    joined, refused = _join(person, found, considering)  # (2)
    settled = joined if refused is None or refused in _IMPOSSIBLE else None
    asked = {other: compared for other, compared in found.items() if other != settled}
    ask_about(person, asked, considering=considering)  # (3)
    # Who is one by one hand's word is looked at by another: there has to be something to look at.
    said = considering.said_to_be([person])[person]
    forget_what_may_not_be_kept(person, {*found, *said} - {person}, considering=considering)  # (4)
    of_whom = joined if refused is None else None
    return Considered(of_whom, tuple(sorted(asked)), is_renumbered)


def alike(person: PersonId, considering: Considering) -> Mapping[PersonId, Compared]:
    """Everybody who may be this person and was not kept apart, by the id known outside."""
    members = considering.said_to_be([person])[person]
    own = _claims(members, considering)
    found = considering.facts.found_by(own)
    said = considering.said_to_be(found).values()
    others = dict.fromkeys(m[0] for m in said if m[0] != members[0])
    if not others:
        return {}
    now = considering.clock.now()
    allowed = usable([person, *others], considering.members, considering.decisions, now)
    apart = considering.joining.joins.apart_from(members)
    compared = {}
    for other in others:
        theirs = considering.said_to_be([other])[other]
        if _are_apart(members, theirs, apart):
            continue
        beside = _claims(theirs, considering)
        best = _compared(own, allowed[person], beside, allowed[other], considering.weights)
        if best is not None and best.score.band is not Band.SEPARATE:
            compared[other] = best
    return compared


def _compared(
    own: Sequence[IdentityClaim],
    mine: Usable,
    theirs: Sequence[IdentityClaim],
    other: Usable,
    weights: Weights,
) -> Compared | None:
    return best_of(mine.of(own, other), other.of(theirs, mine), weights)


def _claims(members: Sequence[PersonId], considering: Considering) -> Sequence[IdentityClaim]:
    """What is known of these, who are one."""
    found = considering.facts.claims(members)
    return [claim for member in members for claim in found.get(member, ())]


def _are_apart(
    one: Sequence[PersonId], other: Sequence[PersonId], apart: Collection[frozenset[PersonId]]
) -> bool:
    return any(frozenset(pair) in apart for pair in product(one, other))


def _join_renumbered(person: PersonId, considering: Considering) -> bool:
    has_joined = False
    members = considering.said_to_be([person])[person]
    for other in considering.facts.holders_of_replaced(members):
        if _are_comparable(person, other, considering):
            continue
        order = JoinPersons(person, other, ACTOR, (NUMBER_REPLACED,))
        done = join_persons(order, joining=considering.joining)
        if not isinstance(done, JoinRefusal):
            remember_said(done, considering=considering)
            has_joined = True
    return has_joined


def _are_comparable(person: PersonId, other: PersonId, considering: Considering) -> bool:
    now = considering.clock.now()
    allowed = usable([person, other], considering.members, considering.decisions, now)
    own, beside = (
        _claims(considering.said_to_be([one])[one], considering) for one in (person, other)
    )
    weights = considering.weights
    return _compared(own, allowed[person], beside, allowed[other], weights) is not None


def _join(
    person: PersonId, found: Mapping[PersonId, Compared], considering: Considering
) -> tuple[PersonId | None, JoinRefusal | None]:
    """Whom to join with, if that is clear, and why that was refused."""
    joinable = _joinable(found)
    if len(joinable) != 1:
        return None, None
    other = joinable[0]
    if len(_joinable(alike(other, considering))) != 1:
        return None, None
    best = found[other]
    order = JoinPersons(person, other, ACTOR, why_codes(best), best.score.bits)
    done = join_persons(order, joining=considering.joining)
    if isinstance(done, JoinRefusal):
        return other, done
    remember_joined(done, best, considering=considering)
    return other, None


def _joinable(found: Mapping[PersonId, Compared]) -> list[PersonId]:
    return [other for other, compared in found.items() if compared.score.band is Band.JOIN]


# Several who wait, considered together: what each asks for is read at once. One by one they ask
# some twenty times each, mostly to find that nobody is like them. What was read ahead holds for as
# long as nobody was joined; who decides at the end, `join_persons`, asks anew under its own lock.


class OnRecordOnce:
    """What is on record of each person, read once for as long as the same joins are known."""

    def __init__(self, decisions: OnRecordOf, joins_known: Callable[[], int]) -> None:
        self._decisions = decisions
        self._joins_known = joins_known
        self._of_version = joins_known()
        self._found: dict[PersonId, OnRecord] = {}

    def on_record(self, persons: Collection[PersonId]) -> Mapping[PersonId, OnRecord]:
        """As `consent.ports.Decisions` says."""
        if self._joins_known() != self._of_version:
            self._found.clear()
        unread = [person for person in persons if person not in self._found]
        if unread:
            self._found |= self._decisions.on_record(unread)
        self._of_version = self._joins_known()
        return {person: self._found[person] for person in persons}


def consider_together(
    persons: Sequence[PersonId], *, considering: Considering
) -> Sequence[PersonId]:
    """Consider them in order, up to the first who is joined; gives those who wait still."""
    _read_ahead(persons, considering)
    for number, person in enumerate(persons, start=1):
        if consider(person, considering=considering).has_joined:
            return persons[number:]
    return ()


def _read_ahead(persons: Sequence[PersonId], considering: Considering) -> None:
    """Ask about all what `consider` asks about each; the ports remember it."""
    same = considering.said_to_be(persons)
    themselves = {member for members in same.values() for member in members}
    for port in (considering.facts, considering.reviews, considering.joining.joins):
        port.look_ahead(themselves)
    considering.facts.claims(themselves)
    own = {person: _claims(same[person], considering) for person in persons}
    considering.facts.found_by([claim for claims in own.values() for claim in claims])
    found = {other for claims in own.values() for other in considering.facts.found_by(claims)}
    others = considering.said_to_be(found).values()
    considering.facts.claims({member for members in others for member in members})
    everyone = {*persons, *(members[0] for members in others)}
    of_all = considering.members(everyone).values()
    considering.decisions.on_record({member for members in of_all for member in members})
