"""Coming in: a link that anybody may fetch, a code to somebody's own telephone, a session.

(1) A link opens nothing by itself, however often it is fetched: scanners of mail fetch links.
(2) The same is done and queued whether a link is known, closed, void or never was: each question
    leaves one code and one message, some of them to nobody.
(3) A try counts before anybody knows whether it is right, against the code and against the link:
    many browsers have no more tries than one.
"""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256

from consent.ledger import FieldValue, new_entry_id
from consent.ledger.events import LedgerEvent
from services.interfaces.answering.links.model import (
    CODE_LASTS,
    MOST_TRIES,
    REGISTRATION,
    SESSION_LASTS,
    AnsweringCode,
    AnsweringLink,
    AnsweringSession,
    MailKind,
    WhyNotIn,
)
from services.interfaces.answering.links.ports import AnsweringDesk
from services.interfaces.answering.links.writing import hash_of_link, may_write_again, write_to
from services.people.community.model import PartnerPerson
from services.people.governance.queue import ItemKind, raise_item
from services.people.practitioners.postgres_limits import limit_reached
from services.platform.messages.ports import Message

CODES_AN_HOUR = 5
"""By one link, so that nobody is flooded."""
ASKED_AN_HOUR = 60
"""From one network address, whatever the link."""
_DIGITS = 6
_SECRET_BYTES = 32
_JOB = "job:answering"
_LIMIT_ONE, _LIMIT_NETWORK = "answering-code", "answering-network"


@dataclass(frozen=True, slots=True, repr=False)
class AnsweringBegun:
    """A session that was opened: the secret for its cookie."""

    secret: str
    session: AnsweringSession


def ask_for_code(link_secret: str, browser: str, network: str, *, desk: AnsweringDesk) -> None:
    """Send a code where one may go. `browser` is the secret that this browser was given."""
    link = desk.rows.link(hash_of_link(link_secret))
    person, why = _who(link, desk)
    if link is not None and link.is_void:
        person, why = None, WhyNotIn.VOID
    if not _within_limits(link_secret, network, desk):
        person, why = None, WhyNotIn.LIMITED
    digits = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
    code_id, message_id = str(new_entry_id(desk.at)), secrets.token_hex(16)
    going = link if person is not None else None
    expires = desk.at + CODE_LASTS
    digest = _digest(desk.code_key, code_id, digits)
    known = None if going is None else going.id
    asked = _asked(browser, desk)
    desk.rows.issue(AnsweringCode(code_id, asked, digest, known, desk.at, expires))
    message = None if person is None else _message(person, digits)
    desk.messages.queue(message_id, message, now=desk.at, expires_at=expires)
    fields: dict[str, FieldValue] = {
        "code": code_id,
        "link": [] if going is None else [going.id],
        "outcome": "sent" if why is None else why,
    }
    desk.enter(LedgerEvent.ANSWERING_CODE_ASKED, fields, by=_JOB)


def type_code(browser: str, typed: str, *, desk: AnsweringDesk) -> AnsweringBegun | WhyNotIn:
    """Open a session by a code. Why not is for the ledger alone."""
    code = desk.rows.newest_code(_asked(browser, desk))
    tries = 0 if code is None or code.link is None else desk.rows.try_link(code.link)
    link = None if code is None or code.link is None else desk.rows.link_of_id(code.link)
    why = _why_not(code, tries, typed, desk)
    _, why_closed = _who(link, desk) if why is None else (None, None)
    if code is None or link is None or why is not None or why_closed is not None:
        if link is not None and tries == MOST_TRIES:
            _link_is_void(link, desk)
        return _refused(code, why or why_closed or WhyNotIn.WRONG, desk)
    desk.rows.used(code, at=desk.at)
    desk.rows.was_right(link.id)
    return _open(link, desk)


def session_of(secret: str, *, desk: AnsweringDesk) -> AnsweringSession | None:
    """The session behind a cookie, while who came in still answers for the partner."""
    found = desk.rows.session(_hash(secret), at=desk.at)
    if found is None:
        return None
    standing = desk.community.standing(found.partner)
    if standing is None or standing.person(found.person) is None:
        close(found, desk=desk)
        return None
    return found


def close(session: AnsweringSession, *, desk: AnsweringDesk) -> None:
    """End a session."""
    ended = desk.rows.end(at=desk.at, session=session.id)
    fields: dict[str, FieldValue] = {"session": session.id, "sessions": len(ended)}
    desk.enter(LedgerEvent.ANSWERING_CLOSED, fields, by=session.actor)


def _who(
    link: AnsweringLink | None, desk: AnsweringDesk
) -> tuple[PartnerPerson | None, WhyNotIn | None]:
    """Who a link is for, while it opens something.

    (1) It is known. (2) Who it is for answers for the partner still. (3) The partner may see the
    request still; or what is registered is still to be confirmed.
    """
    if link is None:  # (1)
        return None, WhyNotIn.NOT_KNOWN
    standing = desk.community.standing(link.partner)
    person = None if standing is None else standing.person(link.person)
    if person is None:  # (2)
        return None, WhyNotIn.NO_PERSON
    if link.connection == REGISTRATION:  # (3)
        is_open = standing is not None and standing.is_due(desk.at)
    else:
        is_open = desk.connections.may_see(link.connection, link.partner)
    return (person, None) if is_open else (None, WhyNotIn.CLOSED)


def _why_not(
    code: AnsweringCode | None, tries: int, typed: str, desk: AnsweringDesk
) -> WhyNotIn | None:
    """(1) There is none, (2) it was used, (3) is out of time, (4) tried too often, (5) wrong."""
    if code is None:  # (1)
        return WhyNotIn.NOT_KNOWN
    desk.rows.tried(code)
    if code.used_at is not None:  # (2)
        return WhyNotIn.USED
    if not code.created_at <= desk.at < code.expires_at:  # (3)
        return WhyNotIn.EXPIRED
    if code.tries >= MOST_TRIES or tries > MOST_TRIES:  # (4)
        return WhyNotIn.VOID
    digest = _digest(desk.code_key, code.id, "".join(typed.split()))
    is_right = hmac.compare_digest(digest, code.code) and code.link is not None  # (5)
    return None if is_right else WhyNotIn.WRONG


def _link_is_void(link: AnsweringLink, desk: AnsweringDesk) -> None:
    """Five wrong codes: a new link goes to the mailbox, but not for ever; governance is told."""
    raise_item(
        ItemKind.MANY_CODES,
        link.id,
        by=_JOB,
        queue=desk.queue,
        ledger=desk.ledger,
        at=desk.at,
    )
    if may_write_again(link, desk=desk):
        kind = MailKind.YEARLY if link.connection == REGISTRATION else MailKind.AGAIN
        write_to(link.connection, link.partner, kind, desk=desk, only=link.person)


def _open(link: AnsweringLink, desk: AnsweringDesk) -> AnsweringBegun:
    """Open the one session of somebody about a request: another of theirs ends with it."""
    desk.rows.end(at=desk.at, connection=link.connection, person=link.person)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    session = AnsweringSession(
        secrets.token_hex(16),
        link.id,
        link.connection,
        link.partner,
        link.person,
        secrets.token_bytes(_SECRET_BYTES),
    )
    desk.rows.open(_hash(secret), session, at=desk.at, until=desk.at + SESSION_LASTS)
    fields: dict[str, FieldValue] = {
        "connection": session.connection,
        "partner": desk.opaque(session.partner),
        "person": session.person,
        "link": link.id,
        "session": session.id,
    }
    desk.enter(LedgerEvent.ANSWERING_OPENED, fields, by=session.actor)
    return AnsweringBegun(secret, session)


def _within_limits(link_secret: str, network: str, desk: AnsweringDesk) -> bool:
    is_one = desk.limits.take(_LIMIT_ONE, [link_secret], CODES_AN_HOUR)
    is_network = desk.limits.take(_LIMIT_NETWORK, [network], ASKED_AN_HOUR)
    for is_within, kind, most in (
        (is_one, _LIMIT_ONE, CODES_AN_HOUR),
        (is_network, _LIMIT_NETWORK, ASKED_AN_HOUR),
    ):
        if not is_within:
            desk.ledger.append([limit_reached(kind, most, actor=_JOB, at=desk.at)])
    if not (is_one and is_network):
        kind = ItemKind.MANY_CODES
        raise_item(kind, _JOB, by=_JOB, queue=desk.queue, ledger=desk.ledger, at=desk.at)
    return is_one and is_network


def _refused(code: AnsweringCode | None, why: WhyNotIn, desk: AnsweringDesk) -> WhyNotIn:
    fields: dict[str, FieldValue] = {"code": [] if code is None else [code.id], "because": why}
    desk.enter(LedgerEvent.ANSWERING_CODE_REFUSED, fields, by=_JOB)
    return why


def _message(person: PartnerPerson, digits: str) -> Message | None:
    channel = person.second.kind.channel
    words = f"{digits} is your code. It ends in 10 minutes. We never ring to ask for it."
    return None if channel is None else Message(channel, person.second.value, words)


def _asked(browser: str, desk: AnsweringDesk) -> bytes:
    return hmac.digest(desk.code_key, f"answering-asked:{browser}".encode(), "sha256")


def _digest(key: bytes, code_id: str, digits: str) -> bytes:
    return hmac.digest(key, f"{code_id}:{digits}".encode(), "sha256")


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
