"""A copy of what is held: asked for on one's own page, made by two officers, taken here.

The rules are subject access' own (services.interfaces.subject_access.ordering): it takes two, a
parent's leaves out place, third parties and what a young person keeps. It is given to nobody but
who is signed in by the contact held as theirs, by a new code, and while they reach whom it is of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from consent.ledger import FieldValue, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from services.people.family_access.acting import ChildReach
from services.people.family_access.keeping.postgres_copies import FamilyCopy, PostgresFamilyCopies
from services.people.family_access.keeping.postgres_reach import PostgresFamilyReach
from services.people.family_access.keeping.reach import tell_that_there_is_something
from services.people.family_access.model import FamilySession
from services.people.family_access.ports import FamilyDoor
from services.people.family_access.reaching import Reached
from services.people.governance.queue import ItemKind, raise_item
from services.platform.errors import KeyDestroyedError
from services.platform.keys.sealing import JweSealer

LASTS = timedelta(days=30)
"""How long one can be taken; then it is asked for again."""


class CopyStanding(StrEnum):
    """How one stands, as its page says it."""

    WAITING = "waiting"
    READY = "ready"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class CopyTold:
    """One copy on a page."""

    copy: FamilyCopy
    standing: CopyStanding


def may_ask(reached: Sequence[Reached]) -> Sequence[Reached]:
    """Of whom they may ask for a copy: themselves, and small children whom they act for."""
    return [one for one in reached if one.is_oneself or one.acting.reach is ChildReach.WHOLE]


def ask_for_copy(
    about: PersonId,
    session: FamilySession,
    reached: Sequence[Reached],
    *,
    door: FamilyDoor,
    copies: PostgresFamilyCopies,
) -> FamilyCopy | None:
    """Ask for one; the same one where it waits already. None, entered, where it is not theirs.

    Whoever calls has asked for a new code. Governance has a month (UK GDPR Article 12(3)).
    """
    if about not in {one.person for one in may_ask(reached)}:
        _refuse(session, door)
        return None
    ones = door.clusters.all_of([session.person])
    for before in copies.of(ones):
        if before.about == about and before.is_waiting(door.at):
            return before
    copy = FamilyCopy(str(new_entry_id(door.at)), session.access.id, session.person, about, door.at)
    copies.ask(copy)
    raise_item(
        ItemKind.COPY_ASKED,
        copy.id,
        by=session.actor,
        queue=door.here.queue,
        ledger=door.here.ledger,
        at=door.at,
        person=about,
    )
    fields: dict[str, FieldValue] = {"copy": copy.id, "subjects": [about]}
    door.enter(LedgerEvent.FAMILY_COPY_ASKED, fields, by=session.actor)
    return copy


def copies_told(
    session: FamilySession,
    reached: Sequence[Reached],
    *,
    door: FamilyDoor,
    copies: PostgresFamilyCopies,
) -> Sequence[CopyTold]:
    """How those stand that they asked for, of whom they still reach."""
    persons = {one.person for one in may_ask(reached)}
    found = copies.of(door.clusters.all_of([session.person]))
    return [_told(one, door) for one in found if one.about in persons]


def take_copy(
    copy_id: str,
    session: FamilySession,
    reached: Sequence[Reached],
    *,
    door: FamilyDoor,
    copies: PostgresFamilyCopies,
    sealer: JweSealer,
) -> bytes | None:
    """What was laid ready, opened; None, entered, where there is nothing of theirs to take.

    Whoever calls has asked for a new code.
    """
    theirs = [
        told.copy
        for told in copies_told(session, reached, door=door, copies=copies)
        if told.copy.id == copy_id and told.standing is CopyStanding.READY
    ]
    sealed = copies.sealed(copy_id, now=door.at) if theirs else None
    if sealed is None:
        _refuse(session, door)
        return None
    try:
        opened = sealer.open(theirs[0].about, sealed)
    except KeyDestroyedError:
        _refuse(session, door)
        return None
    fields: dict[str, FieldValue] = {"copy": copy_id, "subjects": [theirs[0].about]}
    door.enter(LedgerEvent.FAMILY_COPY_TAKEN, fields, by=session.actor)
    return opened


def lay_ready(
    copy: FamilyCopy,
    made: bytes,
    *,
    order: str,
    by: str,
    door: FamilyDoor,
    copies: PostgresFamilyCopies,
    sealer: JweSealer,
) -> None:
    """Lay ready what the officers made, and tell who asked that there is something, if they chose.

    `order` is the order of two by which it was made.
    """
    sealed = sealer.seal(copy.about, made)
    copies.ready(copy.id, sealed, at=door.at, until=door.at + LASTS)
    fields: dict[str, FieldValue] = {"copy": copy.id, "order": order}
    door.enter(LedgerEvent.FAMILY_COPY_READY, fields, by=by)
    reach = PostgresFamilyReach(copies.connection)
    tell_that_there_is_something(copy.access, door=door, reach=reach)


def _told(copy: FamilyCopy, door: FamilyDoor) -> CopyTold:
    if copy.is_waiting(door.at):
        return CopyTold(copy, CopyStanding.WAITING)
    return CopyTold(copy, CopyStanding.READY if copy.is_ready(door.at) else CopyStanding.OVER)


def _refuse(session: FamilySession, door: FamilyDoor) -> None:
    fields: dict[str, FieldValue] = {"act": "copy", "because": "is-not-theirs"}
    door.enter(LedgerEvent.FAMILY_ACT_REFUSED, fields, by=session.actor)
