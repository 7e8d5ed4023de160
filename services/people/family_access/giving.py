"""A page of one's own is given after meeting the person, and taken away at once.

Two hands: a worker who meets the person asks, and whoever confirmed the visit warrants: a code to
a contact that another agency has held for 28 days, or a confirming officer. A colleague of the
worker's is no warrant here. The person then signs in themselves within the visit, or it never was.
What the worker is told is the same whether or not there is anything to sign in with.
"""

from dataclasses import replace

from consent.circumstances import Present
from consent.decisions.ages import NamedAgency
from consent.ledger import FieldValue, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from services.people.family_access.model import (
    AccessEnd,
    AccessStanding,
    FamilyAccess,
    FamilySession,
    SafetyAnswers,
    WhyNoAccess,
)
from services.people.family_access.ports import FamilyDoor
from services.people.practitioners.people import SignedInPractitioner
from services.people.presence.contacts import HeldContact, contact_for_code, usable_contacts
from services.people.presence.model import PresenceBegun, WithWhom
from services.people.relationships.model import WarrantKind

_WARRANTS = frozenset({WarrantKind.CODE.value, WarrantKind.OFFICER.value})
_ALONE = frozenset({Present.ALONE, Present.PROFESSIONAL_INTERPRETER})


def give_access(
    presence_id: str, said: SafetyAnswers, who: SignedInPractitioner, *, door: FamilyDoor
) -> FamilyAccess | WhyNoAccess:
    """Give who is there a page of their own; why not is for the ledger.

    The worker is told one thing, but for what they typed themselves (`said`).
    """
    presence = _own(presence_id, who, door)
    if presence is None:
        return _refuse(None, WhyNoAccess.FOREIGN, who, door)
    if not said.is_safe:
        return _refuse(presence, WhyNoAccess.NOT_SAFE, who, door)
    warranted = _warranted(presence, door)
    if isinstance(warranted, WhyNoAccess):
        return _refuse(presence, warranted, who, door)
    person, warrant, contact = warranted
    found = _contact(person, contact, who, door)
    if isinstance(found, WhyNoAccess):
        return _refuse(presence, found, who, door)
    door.rows.lock_person(person)
    _end_all_of(person, AccessEnd.GIVEN_AGAIN, by=who.actor, door=door)
    access = FamilyAccess(
        id=str(new_entry_id(door.at)),
        state=1,
        person=person,
        contact=found.digest,
        standing=AccessStanding.GIVEN,
        given_by=who.id,
        agency=who.agency_code,
        warrant=warrant,
        presence=presence.id,
        known_at=door.at,
        lapses_at=presence.lapses_at,
    )
    door.rows.write(access, by=who.actor)
    fields: dict[str, FieldValue] = {
        "access": access.id,
        "subjects": [person],
        "presence": presence.id,
        "warrant": warrant,
        "contact": found.digest.hex(),
    }
    door.enter(LedgerEvent.FAMILY_ACCESS_GIVEN, fields, by=who.actor)
    return access


def end_access(person: PersonId, because: AccessEnd, *, by: str, door: FamilyDoor) -> int:
    """Take a person's own page away, at once; whoever calls has asked whether they may.

    Gives how many there were. It looks from then on as if it never had been set up.
    """
    door.rows.lock_person(person)
    return _end_all_of(person, because, by=by, door=door)


def as_on_their_page(
    presence_id: str, who: SignedInPractitioner, *, door: FamilyDoor
) -> FamilySession | WhyNoAccess:
    """Who is there, as if they were signed in on a page of their own, to hand it over on paper.

    By the rules by which a page is given, but for the contact: nothing is sent. It opens nothing.
    """
    presence = _own(presence_id, who, door)
    if presence is None:
        return _refuse(None, WhyNoAccess.FOREIGN, who, door)
    warranted = _warranted(presence, door)
    if isinstance(warranted, WhyNoAccess):
        return _refuse(presence, warranted, who, door)
    person, warrant, _ = warranted
    why = _why_not_theirs(person, who, door)
    if why is not None:
        return _refuse(presence, why, who, door)
    access = FamilyAccess(
        id=presence.id,
        state=1,
        person=person,
        contact=b"",
        standing=AccessStanding.GIVEN,
        given_by=who.id,
        agency=who.agency_code,
        warrant=warrant,
        presence=presence.id,
        known_at=door.at,
        lapses_at=presence.lapses_at,
    )
    return FamilySession(presence.id, access, door.at, b"")


def end_for_visit(presence_id: str, who: SignedInPractitioner, *, door: FamilyDoor) -> None:
    """Turn off the page of who is there, where another hand said that it is them; else nothing."""
    presence = _own(presence_id, who, door)
    confirmed = None if presence is None else door.ties.confirmed_by(presence.id)
    if confirmed is None:
        _refuse(presence, WhyNoAccess.NOT_CONFIRMED, who, door)
        return
    end_access(confirmed.person, AccessEnd.BY_WORKER, by=who.actor, door=door)


def mark_used(access: FamilyAccess, *, door: FamilyDoor) -> FamilyAccess:
    """They signed in for the first time: from now on it lasts."""
    used = replace(
        access,
        state=access.state + 1,
        standing=AccessStanding.USED,
        known_at=door.at,
        lapses_at=None,
    )
    door.rows.write(used, by=access.actor)
    return used


def _end_all_of(person: PersonId, because: AccessEnd, *, by: str, door: FamilyDoor) -> int:
    open_ones = [
        one
        for one in door.rows.of(door.clusters.all_of([person]))
        if one.standing is not AccessStanding.ENDED
    ]
    for one in open_ones:
        ended = replace(
            one,
            state=one.state + 1,
            standing=AccessStanding.ENDED,
            because=because.value,
            known_at=door.at,
            lapses_at=None,
        )
        door.rows.write(ended, by=by)
        sessions = door.rows.end(at=door.at, access=one.id)
        fields: dict[str, FieldValue] = {
            "access": one.id,
            "because": because,
            "sessions": len(sessions),
        }
        door.enter(LedgerEvent.FAMILY_ACCESS_ENDED, fields, by=by)
    return len(open_ones)


def _own(presence_id: str, who: SignedInPractitioner, door: FamilyDoor) -> PresenceBegun | None:
    found = door.here.rows.find(presence_id)
    if found is None or found.practitioner != who.id or not found.is_going_on(door.at):
        return None
    return found


def _warranted(
    presence: PresenceBegun, door: FamilyDoor
) -> tuple[PersonId, str, bytes | None] | WhyNoAccess:
    """(1) Who is there is who it is about, alone, (2) and another hand said that it is them."""
    is_them = presence.with_whom is WithWhom.THEMSELVES
    if not is_them or not presence.in_the_room or not presence.in_the_room <= _ALONE:  # (1)
        return WhyNoAccess.NOT_ALONE
    confirmed = door.ties.confirmed_by(presence.id)
    if confirmed is None or confirmed.warrant not in _WARRANTS:  # (2)
        return WhyNoAccess.NOT_CONFIRMED
    return confirmed.person, confirmed.warrant, confirmed.contact


def _why_not_theirs(
    person: PersonId, who: SignedInPractitioner, door: FamilyDoor
) -> WhyNoAccess | None:
    """(1) Nobody protected has a page online: they ask in person.

    (2) Somebody else than the giver's agency tells when they were born; they are old enough.
    """
    if door.is_protected(person):  # (1)
        return WhyNoAccess.PROTECTED
    giver = NamedAgency(who.agency_kind, who.agency_code)
    age = door.age_of(person, told_by_other_than=giver)  # (2)
    if not age.is_held:
        return WhyNoAccess.NO_BIRTH
    return WhyNoAccess.TOO_YOUNG if min(age.years) < door.ages.own_sign_in_from else None


def _contact(
    person: PersonId, sent_to: bytes | None, who: SignedInPractitioner, door: FamilyDoor
) -> HeldContact | WhyNoAccess:
    """What they will sign in with: what the code went to, or what an officer could ring.

    (3) It is held by another agency, for 28 days, safe and unshared; (4) it is theirs alone.
    """
    why = _why_not_theirs(person, who, door)
    if why is not None:
        return why
    held = door.here.contacts.of(person)
    unusable = door.here.contacts.unusable(held, who.id)
    usable = usable_contacts(held, WithWhom.THEMSELVES.value, who, unusable=unusable, at=door.at)
    wanted = [one for one in usable if sent_to is None or one.digest == sent_to]
    found = contact_for_code(wanted, door.here.channels)  # (3)
    if found is None:
        return WhyNoAccess.NO_CONTACT
    return found if door.is_of_one(found.digest, person) else WhyNoAccess.SHARED  # (4)


def _refuse(
    presence: PresenceBegun | None, why: WhyNoAccess, who: SignedInPractitioner, door: FamilyDoor
) -> WhyNoAccess:
    fields: dict[str, FieldValue] = {
        "presence": [] if presence is None else [presence.id],
        "because": why,
    }
    door.enter(LedgerEvent.FAMILY_ACCESS_REFUSED, fields, by=who.actor)
    return why
