"""Signing in: a contact, a code that goes there, and a date of birth. One answer for everybody.

The same is done, written and queued whether the contact is known, unknown, switched off or of
somebody protected: each question leaves one code and one message, some of them to nobody. The date
of birth is a second question and no secret: it keeps out who only holds the telephone by chance.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from consent.ledger import FieldValue, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.payloads import Telecom
from services.people.deciders.documents import birth_from
from services.people.family_access.giving import mark_used
from services.people.family_access.model import (
    WHOLE,
    AccessStanding,
    CodeFor,
    FamilyAccess,
    FamilyCode,
    FamilySession,
    WhyNoAccess,
)
from services.people.family_access.ports import NOBODY, FamilyDoor
from services.people.governance.queue import ItemKind, raise_item
from services.people.practitioners.postgres_limits import limit_reached
from services.people.presence.contacts import (
    Contact,
    HeldContact,
    contact_from,
    contact_from_number,
)
from services.people.presence.postgres_contacts_held import contact_digest
from services.platform.messages.ports import Message

LASTS = timedelta(minutes=10)
MOST_TRIES = 5
CODES_AN_HOUR = 5
"""To one contact: so nobody is flooded, and a code is not found by asking for many."""
ASKED_AN_HOUR = 60
"""From one network address, whatever is typed."""
_DIGITS = 6
_SECRET_BYTES = 32
_JOB = "job:family-door"
_LIMIT_ONE, _LIMIT_NETWORK = "family-code", "family-network"
_NO_CONTACT = b"\0" * 16
NOBODY_WORKS = PractitionerId("0" * 32)


@dataclass(frozen=True, slots=True, repr=False)
class FamilySignedIn:
    """A session that was opened: the secret for its cookie."""

    secret: str
    session: FamilySession


def typed_contact(typed: str) -> Contact | None:
    """What was typed as a contact in its one spelling; None for what is neither."""
    if "@" in typed:
        return contact_from(Telecom("email", typed))
    return contact_from_number(typed)


def ask_for_code(typed: str, browser: str, network: str, *, door: FamilyDoor) -> None:
    """Send a code where one may go. `browser` is the secret that this browser was given."""
    contact = typed_contact(typed)
    digest = _NO_CONTACT if contact is None else contact_digest(contact, door.here.hasher)
    access, held, why = _who(digest, door)
    if not _within_limits(digest, network, door):
        access, held, why = None, None, WhyNoAccess.LIMITED
    send_code(CodeFor.SIGN_IN, asked_by(browser, door), access, held, why, by=_JOB, door=door)


def sign_in(
    browser: str, typed: str, born: date | None, *, door: FamilyDoor
) -> FamilySignedIn | WhyNoAccess:
    """Open a session by a code and a date of birth. Why not is for the ledger alone."""
    code = door.rows.newest_code(asked_by(browser, door), CodeFor.SIGN_IN)
    why = why_not_taken(code, typed, door)
    access = None if code is None or code.access is None else door.rows.lock(code.access)
    person = NOBODY if access is None else access.person
    is_off = why_off(access, door)
    is_theirs = _is_born(person, born, door)
    if code is None or access is None or why is not None or is_off is not None or not is_theirs:
        return refused_code(code, why or is_off or WhyNoAccess.WRONG, by=_JOB, door=door)
    door.rows.used(code, at=door.at)
    if access.standing is AccessStanding.GIVEN:
        access = mark_used(access, door=door)
    return open_session(access, door)


def ask_to_decide(session: FamilySession, *, door: FamilyDoor) -> None:
    """Send a new code to who is signed in, for what only they may do."""
    _, held, why = _who(session.access.contact, door, session.access)
    if not _within_limits(session.access.contact, session.access.id, door):
        held, why = None, WhyNoAccess.LIMITED
    asked = asked_by(session.id, door)
    send_code(CodeFor.DECIDE, asked, session.access, held, why, by=session.actor, door=door)


def type_to_decide(session: FamilySession, typed: str, *, door: FamilyDoor) -> bool:
    """Whether the code is right: then they may decide for some minutes."""
    code = door.rows.newest_code(asked_by(session.id, door), CodeFor.DECIDE)
    why = why_not_taken(code, typed, door)
    if code is None or why is not None:
        refused_code(code, why or WhyNoAccess.WRONG, by=session.actor, door=door)
        return False
    door.rows.used(code, at=door.at)
    door.rows.code_typed(session.id, at=door.at)
    return True


def session_of(secret: str, *, door: FamilyDoor) -> FamilySession | None:
    """The session behind a cookie, while nothing speaks against it: asked anew each time."""
    found = door.rows.session(_hash(secret), at=door.at)
    if found is None or why_off(found.access, door) is None:
        return found
    _end(found, door)
    return None


def sign_out(session: FamilySession, *, everywhere: bool, door: FamilyDoor) -> None:
    """End this session, or all of theirs."""
    ended = door.rows.end(
        at=door.at, session=session.id, access=session.access.id if everywhere else ""
    )
    _enter_end(session, ended, door)


def _end(session: FamilySession, door: FamilyDoor) -> None:
    _enter_end(session, door.rows.end(at=door.at, access=session.access.id), door)


def _enter_end(session: FamilySession, ended: object, door: FamilyDoor) -> None:
    count = len(ended) if isinstance(ended, list) else 0
    fields: dict[str, FieldValue] = {"access": session.access.id, "sessions": count}
    door.enter(LedgerEvent.FAMILY_SIGNED_OUT, fields, by=session.actor)


# Whom a contact signs in.


def _who(
    digest: bytes, door: FamilyDoor, known: FamilyAccess | None = None
) -> tuple[FamilyAccess | None, HeldContact | None, WhyNoAccess | None]:
    """The one access that a contact signs in to, and where a code goes; all is asked of anybody."""
    every = [one for one in door.rows.by_contact(digest) if one.is_on(door.at)]
    access = known or (every[0] if len(every) == 1 else None)
    why = why_off(access, door)
    if known is None and len(every) > 1:
        why = WhyNoAccess.SHARED
    held = door.here.contacts.of(NOBODY if access is None else access.person)
    if access is not None and access.is_by_provider:
        going = _to_decide(access, held, door)
    else:
        going = next((one for one in held if one.digest == digest), None)
    if why is None and going is None:
        why = WhyNoAccess.NO_CONTACT
    return (None, None, why) if why is not None else (access, going, None)


def _to_decide(
    access: FamilyAccess, held: Sequence[HeldContact], door: FamilyDoor
) -> HeldContact | None:
    """Where a code goes to whom a provider signs in: to a contact that is only theirs."""
    marked = door.here.contacts.marked(held)
    usable = (
        one for one in held if one.is_as_written and not one.is_shared and one.digest not in marked
    )
    return next((one for one in usable if door.is_of_one(one.digest, access.person)), None)


def why_off(access: FamilyAccess | None, door: FamilyDoor) -> WhyNoAccess | None:
    """Why an access opens nothing now; the same is asked where there is none.

    (1) It is on. (2) Nobody protects them. (3) The contact is still theirs, and only theirs, and
    nobody marked it unsafe, where a contact signs in. (4) They are old enough still: a source may
    have put a date right.
    """
    person = NOBODY if access is None else access.person
    contact = _NO_CONTACT if access is None else access.contact
    held = [one for one in door.here.contacts.of(_or_none(person)) if one.digest == contact]
    marked = door.here.contacts.marked(held)
    is_protected = door.is_protected(person)
    is_theirs = door.is_of_one(contact, person)
    age = door.age_of(person)
    if access is None or not access.is_on(door.at):  # (1)
        return WhyNoAccess.OFF if access is not None else WhyNoAccess.NOT_KNOWN
    if is_protected:  # (2)
        return WhyNoAccess.PROTECTED
    usable = [one for one in held if one.is_as_written and not one.is_shared]
    is_reached = is_theirs and usable and contact not in marked
    if not is_reached and not access.is_by_provider:  # (3)
        return WhyNoAccess.SHARED if held else WhyNoAccess.NO_CONTACT
    if not age.is_held or min(age.years) < door.ages.own_sign_in_from:  # (4)
        return WhyNoAccess.TOO_YOUNG
    return None


def _or_none(person: PersonId) -> PersonId | None:
    return None if person == NOBODY else person


def _is_born(person: PersonId, born: date | None, door: FamilyDoor) -> bool:
    births = [birth_from(fact) for fact in door.kept_of(person)]
    return born is not None and any(one is not None and one.born == born for one in births)


# Codes.


def _within_limits(digest: bytes, network: str, door: FamilyDoor) -> bool:
    """Whether neither this contact nor this network has asked too often; entered where it has."""
    is_one = door.limits.take(_LIMIT_ONE, [digest.hex()], CODES_AN_HOUR)
    is_network = door.limits.take(_LIMIT_NETWORK, [network], ASKED_AN_HOUR)
    _enter_limits(door, is_one=is_one, is_network=is_network)
    return is_one and is_network


def limit_of_network(network: str, door: FamilyDoor) -> bool:
    """Whether this network may ask once more; entered where it may not."""
    is_network = door.limits.take(_LIMIT_NETWORK, [network], ASKED_AN_HOUR)
    _enter_limits(door, is_one=True, is_network=is_network)
    return is_network


def _enter_limits(door: FamilyDoor, *, is_one: bool, is_network: bool) -> None:
    for is_within, kind, most in (
        (is_one, _LIMIT_ONE, CODES_AN_HOUR),
        (is_network, _LIMIT_NETWORK, ASKED_AN_HOUR),
    ):
        if not is_within:
            door.here.ledger.append([limit_reached(kind, most, actor=_JOB, at=door.at)])
    if not (is_one and is_network):
        kind = ItemKind.MANY_CODES
        raise_item(kind, _JOB, by=_JOB, queue=door.here.queue, ledger=door.here.ledger, at=door.at)


def send_code(
    use: CodeFor,
    asked: bytes,
    access: FamilyAccess | None,
    going: HeldContact | None,
    why: WhyNoAccess | None,
    *,
    by: str,
    door: FamilyDoor,
) -> None:
    """Keep a code and queue its message; where there is no `going`, both are to nobody."""
    digits = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
    code_id, message_id = str(new_entry_id(door.at)), secrets.token_hex(16)
    is_sent = going is not None and access is not None and why is None
    expires = door.at + LASTS
    door.rows.issue(
        FamilyCode(
            code_id,
            asked,
            use,
            _digest(door.here.code_key, code_id, digits),
            access.id if access is not None and is_sent else None,
            access.person if access is not None and is_sent else None,
            door.at,
            expires,
        )
    )
    message = _message(going, digits) if is_sent and going is not None else None
    door.here.messages.queue(message_id, message, now=door.at, expires_at=expires)
    fields: dict[str, FieldValue] = {
        "code": code_id,
        "access": [access.id] if access is not None and is_sent else [],
        "use": use,
        "outcome": "sent" if why is None else why,
    }
    door.enter(LedgerEvent.FAMILY_CODE_ASKED, fields, by=by)


def _message(going: HeldContact, digits: str) -> Message | None:
    channel = going.contact.kind.channel
    words = f"{digits} is your code. It ends in 10 minutes. We never ring to ask for it."
    return None if channel is None else Message(channel, going.contact.value, words)


def why_not_taken(code: FamilyCode | None, typed: str, door: FamilyDoor) -> WhyNoAccess | None:
    """(1) There is none, (2) it was used, (3) is out of time, (4) tried too often, (5) wrong."""
    if code is None:  # (1)
        return WhyNoAccess.NOT_KNOWN
    door.rows.tried(code)
    if code.used_at is not None:  # (2)
        return WhyNoAccess.USED
    if not code.created_at <= door.at < code.expires_at:  # (3)
        return WhyNoAccess.EXPIRED
    if code.tries >= MOST_TRIES:  # (4)
        return WhyNoAccess.VOID
    digest = _digest(door.here.code_key, code.id, "".join(typed.split()))
    is_right = hmac.compare_digest(digest, code.code) and code.access is not None  # (5)
    return None if is_right else WhyNoAccess.WRONG


def refused_code(
    code: FamilyCode | None, why: WhyNoAccess, *, by: str, door: FamilyDoor
) -> WhyNoAccess:
    """Enter that a code opened nothing, and why."""
    fields: dict[str, FieldValue] = {
        "code": [] if code is None else [code.id],
        "because": why,
    }
    door.enter(LedgerEvent.FAMILY_CODE_REFUSED, fields, by=by)
    return why


def open_session(access: FamilyAccess, door: FamilyDoor) -> FamilySignedIn:
    """Open the one session of a person: any other of theirs ends with it, by whatever contact."""
    for one in door.rows.of(door.clusters.all_of([access.person])):
        door.rows.end(at=door.at, access=one.id)
    door.rows.end(at=door.at, access=access.id)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    session = FamilySession(
        secrets.token_hex(16), access, door.at, secrets.token_bytes(_SECRET_BYTES)
    )
    door.rows.open(_hash(secret), session, at=door.at, until=door.at + WHOLE)
    fields: dict[str, FieldValue] = {"access": access.id, "session": session.id}
    door.enter(LedgerEvent.FAMILY_SIGNED_IN, fields, by=access.actor)
    return FamilySignedIn(secret, session)


def asked_by(secret: str, door: FamilyDoor) -> bytes:
    """By what a code is found again: a keyed hash of the browser's secret, or of the session."""
    return hmac.digest(door.here.code_key, f"family-asked:{secret}".encode(), "sha256")


def _digest(key: bytes, code_id: str, digits: str) -> bytes:
    return hmac.digest(key, f"{code_id}:{digits}".encode(), "sha256")


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
