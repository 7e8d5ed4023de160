"""How somebody wants to be reached: nothing until they choose, and never by what is not safe.

A message says that there is one, and nothing else. What somebody says is not safe is marked as
contacts are marked, for everything that sends or rings: their own codes too, so that a contact by
which they sign in takes their page with it. Nobody else of the family reaches any of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from consent.ledger import FieldValue, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.uk_time import to_uk_time, when_clocks_show
from schemas.vocabulary import LabelledCode
from services.people.family_access.keeping.postgres_reach import (
    UNSAFE,
    FamilyReach,
    PostgresFamilyReach,
)
from services.people.family_access.model import FamilyAccess, FamilySession
from services.people.family_access.ports import FamilyDoor
from services.people.presence.contacts import ContactKind, HeldContact
from services.platform.messages.ports import Message

_ENDING = 3
_NOTICE = "There is a message for you at the family hub."
_WITHIN = timedelta(days=3)


class SafeTime(LabelledCode):
    """When a message may come, by the clocks of this country."""

    MORNING = "morning", "In the morning, 8 to 12"
    AFTERNOON = "afternoon", "In the afternoon, 12 to 5"
    EVENING = "evening", "In the evening, 5 to 8"


_HOURS = {
    SafeTime.MORNING: (8, 12),
    SafeTime.AFTERNOON: (12, 17),
    SafeTime.EVENING: (17, 20),
}


@dataclass(frozen=True, slots=True, repr=False)
class ReachWay:
    """One contact held as theirs, as their page shows it: what it ends with, and no more.

    `key` is its keyed hash; `takes_messages` says that something here sends to it.
    """

    key: str
    kind: ContactKind
    shown: str
    takes_messages: bool
    is_unsafe: bool
    signs_in: bool


@dataclass(frozen=True, slots=True)
class ReachChoice:
    """Where messages go and when they may come; None for no messages."""

    way: str | None
    times: frozenset[SafeTime] = frozenset()


def ways_of(session: FamilySession, *, door: FamilyDoor) -> Sequence[ReachWay]:
    """The contacts that are theirs and nobody else's, in an order that stays."""
    found = {one.digest: one for one in _theirs(session.access, door)}
    marked = _marked(list(found.values()), door)
    channels = door.here.channels
    return [
        ReachWay(
            digest.hex(),
            one.contact.kind,
            _shown(one),
            one.contact.kind.channel in channels,
            digest in marked,
            digest == session.access.contact,
        )
        for digest, one in sorted(found.items())
    ]


def choose(
    choice: ReachChoice,
    session: FamilySession,
    *,
    door: FamilyDoor,
    reach: PostgresFamilyReach,
) -> bool:
    """Keep where messages go; false, which is entered, where that is not one of theirs.

    Whoever calls has asked for a new code.
    """
    ways = {one.key: one for one in ways_of(session, door=door)}
    way = None if choice.way is None else ways.get(choice.way)
    is_usable = way is not None and way.takes_messages and not way.is_unsafe
    if choice.way is not None and (not is_usable or not choice.times):
        fields: dict[str, FieldValue] = {"act": "reach", "because": "is-not-theirs"}
        door.enter(LedgerEvent.FAMILY_ACT_REFUSED, fields, by=session.actor)
        return False
    before = reach.of(session.access.id)
    reach.write(
        FamilyReach(
            session.access.id,
            1 if before is None else before.state + 1,
            session.person,
            None if choice.way is None else bytes.fromhex(choice.way),
            tuple(sorted(one.value for one in choice.times)),
            door.at,
        )
    )
    told: dict[str, FieldValue] = {
        "access": session.access.id,
        "notices": "off" if choice.way is None else "on",
    }
    door.enter(LedgerEvent.FAMILY_REACH_CHOSEN, told, by=session.actor)
    return True


def not_safe(way: str, session: FamilySession, *, door: FamilyDoor) -> bool:
    """Mark one of their own contacts: nothing rings or writes there from now on, for anybody.

    It narrows: at once, without a code. Again changes nothing. False for one that is not theirs.
    """
    found = next((one for one in ways_of(session, door=door) if one.key == way), None)
    if found is None:
        fields: dict[str, FieldValue] = {"act": "not-safe", "because": "is-not-theirs"}
        door.enter(LedgerEvent.FAMILY_ACT_REFUSED, fields, by=session.actor)
        return False
    if not found.is_unsafe:
        door.here.contacts.mark(bytes.fromhex(way), UNSAFE, by=session.actor, at=door.at)
        told: dict[str, FieldValue] = {"contact": way, "kind": UNSAFE}
        door.enter(LedgerEvent.CONTACT_MARKED, told, by=session.actor)
    return True


def tell_that_there_is_something(
    access_id: str, *, door: FamilyDoor, reach: PostgresFamilyReach
) -> bool:
    """Send who has this page word that there is something on it, if they chose that; whether.

    It waits until a time that they said is safe, and is not sent after three days.
    """
    chosen = reach.of(access_id)
    access = door.rows.find(access_id)
    if chosen is None or chosen.contact is None or access is None or not access.is_on(door.at):
        return False
    held = [one for one in _theirs(access, door) if one.digest == chosen.contact]
    if not held or door.is_protected(access.person) or _marked(held, door):
        return False
    channel = held[0].contact.kind.channel
    if channel is None or channel not in door.here.channels:
        return False
    at = next_safe_time(door.at, frozenset(map(SafeTime, chosen.times)))
    message = Message(channel, held[0].contact.value, _NOTICE)
    door.here.messages.queue(str(new_entry_id(door.at)), message, now=at, expires_at=at + _WITHIN)
    return True


def next_safe_time(at: datetime, times: Collection[SafeTime]) -> datetime:
    """That moment, or the next at which a message may come. Raises ValueError without times."""
    local = to_uk_time(at)
    spans = sorted(_HOURS[one] for one in times)
    if not spans:
        raise ValueError("there is no safe time")
    if any(begin <= local.hour < end for begin, end in spans):
        return at
    begin = next((begin for begin, _ in spans if local.hour < begin), None)
    day = local.date() if begin is not None else local.date() + timedelta(days=1)
    hour = begin if begin is not None else spans[0][0]
    return when_clocks_show(datetime.combine(day, time(hour)))


def _theirs(access: FamilyAccess, door: FamilyDoor) -> Sequence[HeldContact]:
    held = door.here.contacts.of(access.person)
    return [
        one
        for one in held
        if one.is_as_written and not one.is_shared and door.is_of_one(one.digest, access.person)
    ]


def _marked(held: Sequence[HeldContact], door: FamilyDoor) -> Collection[bytes]:
    return door.here.contacts.marked(held)


def _shown(one: HeldContact) -> str:
    """The last figures of a number, the first letter of an address: enough for whose it is."""
    value = one.contact.value
    return value[:1] if one.contact.kind is ContactKind.EMAIL else value[-_ENDING:]
