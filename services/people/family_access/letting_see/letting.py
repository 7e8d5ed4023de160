"""Whom a young person may let see their page, letting them, and stopping it at once.

Asked are only those whom sources name with responsibility now; nobody protected is among them, and
nobody from whose page two hands took the young person: as if no source had named them. What a
parent's page then shows is all that tells them of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from connectors.publishing.telling.decider_ports import ToldResponsibility
from consent.ledger import FieldValue, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.uk_time import uk_day
from services.people.deciders.documents import responsibility_from
from services.people.deciders.naming import references_of
from services.people.family_access.letting_see.postgres import LetSee, LetSeeStanding
from services.people.family_access.model import FamilySession
from services.people.family_access.ports import FamilyDoor
from services.people.family_access.signing_in import type_to_decide

_KEY_DIGITS = 32


@dataclass(frozen=True, slots=True, repr=False)
class GrownUp:
    """A parent as the young person's page names them: by `key`, which is opaque, and a name."""

    key: str
    person: PersonId
    name: str
    sees: bool


def grown_ups_of(session: FamilySession, *, door: FamilyDoor) -> Sequence[GrownUp] | None:
    """Those whom a source names, in an order that tells nothing; None where it is not for them."""
    person = session.person
    if not door.ages.may_let_see(door.age_of(person).years):
        return None
    ones = door.clusters.all_of([person])
    named = _named(ones, door)
    seeing = _seeing(ones, door)
    off = {min(door.clusters.all_of([one.other])) for one in door.taken_off.about(ones)}
    found = [
        GrownUp(_key(person, parent, door), parent, name, sees=parent in seeing)
        for parent, name in named.items()
        if not door.is_protected(parent)
        and not door.facts.have_died([parent])
        and parent not in off
    ]
    return sorted(found, key=lambda one: one.key)


def is_let_see(child: PersonId, parents: Collection[PersonId], *, door: FamilyDoor) -> bool:
    """Whether the young person lets one of these, who are one, see their page now."""
    found = door.let_see.in_force(door.clusters.all_of([child]))
    return any(one.other in parents for one in found)


def let_see(session: FamilySession, key: str, typed: str, *, door: FamilyDoor) -> bool:
    """Let a parent see from now on, by a new code; false, which is entered, where it is not so."""
    found = _found(session, key, door)
    if found is None:
        return _refused("is-not-theirs", session, door)
    if not type_to_decide(session, typed, door=door):
        return False
    if not found.sees:
        new = LetSee(
            str(new_entry_id(door.at)),
            1,
            session.person,
            found.person,
            LetSeeStanding.LET,
            door.at,
        )
        _write(new, LedgerEvent.FAMILY_LET_SEE_GIVEN, session, door)
    return True


def stop(session: FamilySession, key: str, *, door: FamilyDoor) -> bool:
    """Stop it at once: it narrows, so it asks for no code."""
    found = _found(session, key, door)
    if found is None:
        return _refused("is-not-theirs", session, door)
    ones = door.clusters.all_of([found.person])
    for one in door.let_see.in_force(door.clusters.all_of([session.person])):
        if one.other in ones:
            ended = replace(
                one, state=one.state + 1, standing=LetSeeStanding.STOPPED, known_at=door.at
            )
            _write(ended, LedgerEvent.FAMILY_LET_SEE_STOPPED, session, door)
    return True


def _found(session: FamilySession, key: str, door: FamilyDoor) -> GrownUp | None:
    door.rows.lock_person(session.person)
    return next((o for o in grown_ups_of(session, door=door) or () if o.key == key), None)


def _named(ones: Collection[PersonId], door: FamilyDoor) -> dict[PersonId, str]:
    """Who has responsibility by a source now, each once, by the name that it tells."""
    today, found = uk_day(door.at), dict[PersonId, str]()
    for fact in door.facts.kept(ones):
        if fact.other is None or fact.other in ones:
            continue
        held = responsibility_from(fact, today, lambda n: references_of(n, door.here.hasher))
        if held is not None and isinstance(fact.said, ToldResponsibility):
            found.setdefault(min(door.clusters.all_of([fact.other])), fact.said.name)
    return found


def _seeing(ones: Collection[PersonId], door: FamilyDoor) -> Collection[PersonId]:
    return {min(door.clusters.all_of([one.other])) for one in door.let_see.in_force(ones)}


def _key(person: PersonId, parent: PersonId, door: FamilyDoor) -> str:
    return door.here.hasher.opaque("let-see", person, parent)[:_KEY_DIGITS]


def _write(one: LetSee, event: LedgerEvent, session: FamilySession, door: FamilyDoor) -> None:
    door.let_see.write(one, by=session.actor)
    fields: dict[str, FieldValue] = {
        "let_see": one.id,
        "subjects": [one.person],
        "seen_by": [one.other],
    }
    door.enter(event, fields, by=session.actor)


def _refused(because: str, session: FamilySession, door: FamilyDoor) -> bool:
    fields: dict[str, FieldValue] = {"act": "let-see", "because": because}
    door.enter(LedgerEvent.FAMILY_ACT_REFUSED, fields, by=session.actor)
    return False
