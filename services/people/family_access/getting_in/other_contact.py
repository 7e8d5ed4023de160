"""A second contact that signs in to the same page, and stopping one that was lost.

Nobody types one: it is a contact that a source holds as theirs, and only theirs. (1) A code to the
first shows that it is them, (2) a code to the second that they have it. A number that no source
holds yet needs meeting again. Stopping narrows: it is at once, and never the one they are in by.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from consent.ledger import FieldValue, new_entry_id
from consent.ledger.events import LedgerEvent
from services.people.family_access.model import (
    AccessEnd,
    AccessStanding,
    CodeFor,
    FamilyAccess,
    FamilySession,
    WhyNoAccess,
)
from services.people.family_access.ports import FamilyDoor
from services.people.family_access.signing_in import (
    ask_to_decide,
    asked_by,
    refused_code,
    send_code,
    type_to_decide,
    why_not_taken,
    why_off,
)
from services.people.presence.contacts import HeldContact
from services.platform.messages.ports import MessageChannel

OWN_CHOICE = "own-choice"
"""The warrant of a second contact: of the first it was another hand's."""
_SHOWN = 2


@dataclass(frozen=True, slots=True, repr=False)
class WayToSignIn:
    """A contact as their own page names it: by `key`, what sort it is and how it ends."""

    key: str
    is_email: bool
    ends_in: str
    is_used: bool
    is_this: bool


def ways_of(session: FamilySession, *, door: FamilyDoor) -> Sequence[WayToSignIn]:
    """Those by which they sign in now, and those that they might choose besides."""
    used = {one.contact: one for one in _open_ones(session, door)}
    found = [
        WayToSignIn(
            one.digest.hex(),
            one.contact.kind.channel is MessageChannel.EMAIL,
            one.contact.value[-_SHOWN:],
            is_used=one.digest in used,
            is_this=one.digest == session.access.contact,
        )
        for one in _usable(session, door)
    ]
    return sorted(found, key=lambda one: (not one.is_used, one.key))


def ask_for_both(session: FamilySession, key: str, *, door: FamilyDoor) -> bool:
    """Send a code to the first, and one to the second; false for a contact that is not theirs."""
    going = _candidate(session, key, door)
    if going is None:
        return _refuse(session, door)
    ask_to_decide(session, door=door)
    asked = asked_by(f"{session.id}:{key}", door)
    send_code(CodeFor.DECIDE, asked, session.access, going, None, by=session.actor, door=door)
    return True


def choose(session: FamilySession, key: str, first: str, second: str, *, door: FamilyDoor) -> bool:
    """Let the second sign in too, by both codes."""
    door.rows.lock_person(session.person)
    going = _candidate(session, key, door)
    if going is None:
        return _refuse(session, door)
    code = door.rows.newest_code(asked_by(f"{session.id}:{key}", door), CodeFor.DECIDE)
    is_them = type_to_decide(session, first, door=door)  # (1)
    why = why_not_taken(code, second, door)  # (2)
    if code is None or why is not None:
        refused_code(code, why or WhyNoAccess.WRONG, by=session.actor, door=door)
        return False
    if not is_them:
        return False
    door.rows.used(code, at=door.at)
    access = replace(
        session.access,
        id=str(new_entry_id(door.at)),
        state=1,
        contact=going.digest,
        warrant=OWN_CHOICE,
        known_at=door.at,
    )
    door.rows.write(access, by=session.actor)
    fields: dict[str, FieldValue] = {
        "access": access.id,
        "beside": session.access.id,
        "subjects": [access.person],
        "contact": access.contact.hex(),
    }
    door.enter(LedgerEvent.FAMILY_CONTACT_CHOSEN, fields, by=session.actor)
    return True


def stop(session: FamilySession, key: str, *, door: FamilyDoor) -> bool:
    """It signs in no more: lost, or somebody else's now; never the one they are in by."""
    door.rows.lock_person(session.person)
    found = next((one for one in _open_ones(session, door) if one.contact.hex() == key), None)
    if found is None or found.id == session.access.id:
        return _refuse(session, door)
    ended = replace(
        found,
        state=found.state + 1,
        standing=AccessStanding.ENDED,
        because=AccessEnd.CONTACT_LOST.value,
        known_at=door.at,
        lapses_at=None,
    )
    door.rows.write(ended, by=session.actor)
    sessions = door.rows.end(at=door.at, access=found.id)
    fields: dict[str, FieldValue] = {
        "access": found.id,
        "because": AccessEnd.CONTACT_LOST,
        "sessions": len(sessions),
    }
    door.enter(LedgerEvent.FAMILY_ACCESS_ENDED, fields, by=session.actor)
    return True


def _open_ones(session: FamilySession, door: FamilyDoor) -> Sequence[FamilyAccess]:
    every = door.rows.of(door.clusters.all_of([session.person]))
    return [one for one in every if one.is_on(door.at)]


def _usable(session: FamilySession, door: FamilyDoor) -> Sequence[HeldContact]:
    """Held as theirs alone, as it was written, unshared, and marked by nobody as unsafe."""
    held = door.here.contacts.of(session.person)
    marked = door.here.contacts.marked(held)
    return [
        one
        for one in {each.digest: each for each in held}.values()
        if one.is_as_written
        and not one.is_shared
        and one.digest not in marked
        and one.contact.kind.channel in door.here.channels
        and door.is_of_one(one.digest, session.person)
    ]


def _candidate(session: FamilySession, key: str, door: FamilyDoor) -> HeldContact | None:
    used = {one.contact for one in _open_ones(session, door)}
    usable = (one for one in _usable(session, door) if one.digest not in used)
    found = next((one for one in usable if one.digest.hex() == key), None)
    would_be = None if found is None else replace(session.access, contact=found.digest)
    return found if would_be is not None and why_off(would_be, door) is None else None


def _refuse(session: FamilySession, door: FamilyDoor) -> bool:
    fields: dict[str, FieldValue] = {"act": "contact", "because": "is-not-theirs"}
    door.enter(LedgerEvent.FAMILY_ACT_REFUSED, fields, by=session.actor)
    return False
