"""Writing to those who answer: that there is something, never about whom or what.

A subject stands on locked screens and in preview panes, and mail is read by whoever keeps the
mailbox. So mail has the hub's name and the request's reference, and a link that opens nothing
without a code. Each of those who answer has a link of their own.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Final

from consent.ledger.events import LedgerEvent
from services.interfaces.answering.links.model import (
    MOST_LINKS_A_DAY,
    AnsweringLink,
    MailKind,
    MailSent,
)
from services.interfaces.answering.links.ports import AnsweringDesk
from services.people.community.model import PartnerPerson
from services.platform.messages.ports import Message, MessageChannel

_JOB: Final = "job:answering"
_LINK_BYTES: Final = 16
_A_DAY: Final = timedelta(days=1)
_ID_BYTES: Final = 16
_BEGINS: Final[Mapping[MailKind, str]] = {
    MailKind.REQUEST: "There is a request for your group.",
    MailKind.AGAIN: "Here is a new link. The one before does not work any more.",
    MailKind.CHASE: "A request still waits for your answer.",
    MailKind.LAPSED: "A request has closed because nobody answered. There is nothing to do.",
    MailKind.YEARLY: "Once a year we ask your group if what it told us is still right.",
}
_HOW: Final = (
    "To open it, follow this link and ask for a code. The code goes to the phone that your group "
    "gave us."
)
_CLOSE: Final = "This mail says nothing about who asks or why. Please do not answer it."


def hash_of_link(secret: str) -> bytes:
    """By what a link is found: 128 random bits need no salt."""
    return sha256(f"answer:{secret}".encode()).digest()


def write_to(
    connection: str,
    partner: str,
    kind: MailKind,
    *,
    desk: AnsweringDesk,
    only: str | None = None,
) -> None:
    """Queue a mail to each who answers for a partner, or to one of them.

    Where nobody is registered that is noted as a mail that failed: whoever asked is told so.
    """
    standing = desk.community.standing(partner)
    people = () if standing is None else standing.registration.people
    for person in people:
        if only is None or person.id == only:
            _write(connection, partner, person, kind, desk)
    if not people:
        message = secrets.token_hex(_ID_BYTES)
        nobody = MailSent(message, connection, partner, "", kind, desk.at)
        desk.mail.add(replace(nobody, failed_at=desk.at, because="no-address"))


def may_write_again(link: AnsweringLink, *, desk: AnsweringDesk) -> bool:
    """Whether somebody who typed too many wrong codes gets another link today."""
    since = desk.at - _A_DAY
    return desk.rows.links_since(link.connection, link.person, since) < MOST_LINKS_A_DAY


def _write(
    connection: str, partner: str, person: PartnerPerson, kind: MailKind, desk: AnsweringDesk
) -> None:
    secret, message = secrets.token_urlsafe(_LINK_BYTES), secrets.token_hex(_ID_BYTES)
    link = AnsweringLink(secrets.token_hex(_ID_BYTES), connection, partner, person.id, desk.at)
    if kind is not MailKind.LAPSED:
        desk.rows.add_link(hash_of_link(secret), link)
    reference = "" if kind is MailKind.YEARLY else desk.connections.reference_of(connection)
    mail = _mail(person, kind, reference, secret, desk)
    desk.messages.queue(message, mail, now=desk.at, expires_at=desk.at + _A_DAY)
    desk.mail.add(MailSent(message, connection, partner, person.id, kind, desk.at))
    desk.enter(
        LedgerEvent.ANSWERING_LINK_SENT,
        {
            "connection": connection,
            "partner": desk.opaque(partner),
            "person": person.id,
            "link": link.id,
            "message": message,
            "because": kind.value,
        },
        by=_JOB,
    )


def _mail(
    person: PartnerPerson, kind: MailKind, reference: str, secret: str, desk: AnsweringDesk
) -> Message:
    place = desk.place
    lines = [_BEGINS[kind], *([f"Reference: {reference}"] if reference else [])]
    if kind is not MailKind.LAPSED:
        path = "still-right" if kind is MailKind.YEARLY else "answer"
        lines += [_HOW, f"{place.url}/{path}/{secret}"]
    if place.help_line:
        lines.append(f"Help: {place.help_line}")
    subject = f"A request from {place.hub}, reference {reference}"
    if kind is MailKind.YEARLY:
        subject = f"Is this still right? A question from {place.hub}"
    text = "\n\n".join([*lines, _CLOSE])
    return Message(MessageChannel.EMAIL, person.email.value, text, subject)
