"""A code that the family reads out: it goes to them by a way that the asker's agency did not give.

Whoever asks, and the screen that everybody in the room sees, learn neither where it went nor
whether it did: there is a code for every question, only some of them reach anybody.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from consent.ledger import FieldValue, new_entry_id
from consent.ledger.events import LedgerEvent
from services.people.governance.queue import ItemKind, raise_item
from services.people.practitioners.people import SignedInPractitioner
from services.people.presence.beginning import (
    may_be_confirmed,
    open_to,
    own_presence,
)
from services.people.presence.contacts import HeldContact, contact_for_code, usable_contacts
from services.people.presence.model import (
    ConfirmedPresence,
    IssuedCode,
    PresenceBegun,
    WhyNotConfirmed,
)
from services.people.presence.ports import Presences
from services.people.relationships.model import Warrant, WarrantKind
from services.platform.messages.ports import Message

LASTS = timedelta(minutes=10)
MOST_TRIES = 5
MOST_BY_ONE = 10
MOST_ABOUT_ONE = 5
_COUNTED_OVER = timedelta(hours=1)
_DIGITS = 6
_SENT = "sent"
_NO_CONTACT = "no-contact"


@dataclass(frozen=True, slots=True)
class _Destination:
    """Where a code goes, if anywhere, and in a code why not."""

    contact: HeldContact | None
    outcome: str


def ask_for_code(presence_id: str, who: SignedInPractitioner, *, presences: Presences) -> None:
    """Send a code where one may go; nothing tells whether that was anywhere."""
    presence = own_presence(presence_id, who, presences=presences)
    if presence is None:
        _enter_asked(None, None, WhyNotConfirmed.FOREIGN, who, presences)
        return
    going = _where_to(presence, who, presences)
    digits = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
    code_id, message_id = str(new_entry_id(presences.at)), secrets.token_hex(16)
    expires = presences.at + LASTS
    code = IssuedCode(
        code_id,
        presence.id,
        who.id,
        presence.asked_about,
        _digest(presences.code_key, code_id, digits),
        None if going.contact is None else going.contact.digest,
        presences.at,
        expires,
    )
    presences.rows.issue(code)
    message = None if going.contact is None else _message(going.contact, digits)
    presences.messages.queue(message_id, message, now=presences.at, expires_at=expires)
    _enter_asked(code, message_id, going.outcome, who, presences)


def try_code(
    presence_id: str, typed: str, who: SignedInPractitioner, *, presences: Presences
) -> ConfirmedPresence | WhyNotConfirmed:
    """Open what a right code opens. Why not is for the ledger: to whoever typed it all is one."""
    presence = own_presence(presence_id, who, presences=presences)
    code = None if presence is None else presences.rows.newest_code(presence.id)
    if presence is None or code is None:
        why = WhyNotConfirmed.FOREIGN if presence is None else WhyNotConfirmed.NOT_THERE
        return _refused(presence, code, why, who, presences)
    presences.rows.tried(code)
    why_not = _why_not(code, typed, presences)
    if why_not is not None or presence.person is None:
        why = why_not or WhyNotConfirmed.NOBODY_KNOWN
        return _refused(presence, code, why, who, presences)
    presences.rows.used(code, at=presences.at)
    warrant = Warrant(WarrantKind.CODE, code.id)
    opened = open_to(presence, presence.person, who, warrant, by=who, presences=presences)
    if opened is None:
        return _refused(presence, code, WhyNotConfirmed.USED, who, presences)
    return opened


def _why_not(code: IssuedCode, typed: str, presences: Presences) -> WhyNotConfirmed | None:
    """(1) Used, (2) outside its time, (3) tried too often, (4) sent to nobody, or wrong."""
    if code.used_at is not None:  # (1)
        return WhyNotConfirmed.USED
    if presences.at < code.created_at:  # (2) a clock that was set back lengthens nothing
        return WhyNotConfirmed.VOID
    if presences.at >= code.expires_at:
        return WhyNotConfirmed.EXPIRED
    if code.tries >= MOST_TRIES:  # (3)
        return WhyNotConfirmed.VOID
    digest = _digest(presences.code_key, code.id, "".join(typed.split()))
    is_right = hmac.compare_digest(digest, code.code) and code.contact is not None  # (4)
    return None if is_right else WhyNotConfirmed.WRONG


def _where_to(
    presence: PresenceBegun, who: SignedInPractitioner, presences: Presences
) -> _Destination:
    """To whom it goes; all is looked up for everybody, so that no question takes longer."""
    held = presences.contacts.of(presence.person)
    unusable = presences.contacts.unusable(held, who.id)
    usable = usable_contacts(
        held, presence.with_whom.value, who, unusable=unusable, at=presences.at
    )
    found = contact_for_code(usable, presences.channels)
    after = presences.at - _COUNTED_OVER
    by_asker, about = presences.rows.issued_since(after, who.id, presence.asked_about)
    if by_asker >= MOST_BY_ONE or about >= MOST_ABOUT_ONE:
        _tell_governance(who, presences)
        return _Destination(None, WhyNotConfirmed.LIMITED)
    if not may_be_confirmed(presence):
        return _Destination(None, WhyNotConfirmed.NOT_FREE)
    return _Destination(found, _NO_CONTACT if found is None else _SENT)


def _tell_governance(who: SignedInPractitioner, presences: Presences) -> None:
    raise_item(
        ItemKind.MANY_CODES,
        who.actor,
        by="job:presence",
        queue=presences.queue,
        ledger=presences.ledger,
        at=presences.at,
    )


def _message(going: HeldContact, digits: str) -> Message | None:
    channel = going.contact.kind.channel
    if channel is None:
        return None
    words = (
        f"{digits} is a code from Tell Once. It is only for somebody who is with you now. "
        "We never ring for it. It ends in 10 minutes."
    )
    return Message(channel, going.contact.value, words)


def _digest(key: bytes, code_id: str, digits: str) -> bytes:
    return hmac.digest(key, f"{code_id}:{digits}".encode(), "sha256")


def _enter_asked(
    code: IssuedCode | None,
    message_id: str | None,
    outcome: str,
    who: SignedInPractitioner,
    presences: Presences,
) -> None:
    contact = None if code is None else code.contact
    fields: dict[str, FieldValue] = {
        "presence": [] if code is None else [code.presence],
        "code": [] if code is None else [code.id],
        "contact": [] if contact is None else [contact.hex()],
        "message": [] if contact is None or message_id is None else [message_id],
        "outcome": outcome,
    }
    presences.enter(LedgerEvent.PRESENCE_CODE_ASKED, fields, by=who.actor)


def _refused(
    presence: PresenceBegun | None,
    code: IssuedCode | None,
    why: WhyNotConfirmed,
    who: SignedInPractitioner,
    presences: Presences,
) -> WhyNotConfirmed:
    fields: dict[str, FieldValue] = {
        "presence": [] if presence is None else [presence.id],
        "code": [] if code is None else [code.id],
        "because": why,
    }
    presences.enter(LedgerEvent.PRESENCE_CODE_REFUSED, fields, by=who.actor)
    return why
