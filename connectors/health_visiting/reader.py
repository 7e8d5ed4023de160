"""Reads NEMS messages, signals, and answers of the register and of the immunisation service.

FHIR in XML or JSON, one message a file; and lists of contacts, a message a row.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, Final

from connectors.health_visiting.contact_list.mapper import CONTACT_LIST
from connectors.health_visiting.envelope import sender_of, urgency_of
from connectors.health_visiting.mapper import source_message_from_bundle
from connectors.health_visiting.nems.bare import in_a_message
from connectors.health_visiting.nems.encodings import nodes_from_json, nodes_from_xml
from connectors.health_visiting.nems.entries import unwrapped
from connectors.health_visiting.nems.message import header_id, instant_of
from connectors.health_visiting.nems.nodes import Node, child, children, descend, digest_of
from connectors.health_visiting.register.answers import as_message, is_answer, with_moment
from connectors.health_visiting.register.signals import (
    Signal,
    signal_in,
    source_message_from_signal,
    unreadable_signal,
)
from connectors.health_visiting.unread import about_of_bundle, about_of_text
from connectors.parsing import limits
from connectors.parsing.peek import look_at
from connectors.parsing.tables.templates import read_template
from connectors.ports import Received, Unreadable
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage

_LOOK_AT: Final = 4096
_CLOCKS_DIFFER: Final = timedelta(days=1)
_BEGINS_AS_JSON: Final = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*[{\[]")


def read_health_visiting(stream: BinaryIO, *, received_at: datetime) -> Iterator[Received]:
    """A list of contacts, or the one message of a file; `received_at` (aware) is when it came."""
    beginning, whole = look_at(stream, limits.NEMS_MESSAGE_BYTES + 1)
    if CONTACT_LIST.is_in(beginning[:_LOOK_AT]):
        return read_template(whole, CONTACT_LIST, received_at=received_at)
    return iter((_received(beginning, received_at),))


def read_nems(stream: BinaryIO, *, received_at: datetime | None = None) -> Iterator[Received]:
    """The one message of a NEMS file, as source message or with what makes it unreadable.

    `received_at` (aware) versions what has no date of its own: a record as the register answers.
    """
    yield _received(stream.read(limits.NEMS_MESSAGE_BYTES + 1), received_at)


def _received(data: bytes, received_at: datetime | None) -> Received:
    if len(data) > limits.NEMS_MESSAGE_BYTES:
        outcome = Unreadable(field="Bundle", reason="too-large", about=about_of_text(data))
        return Received(index=0, outcome=outcome, raw=lambda: data)
    reading = _NemsReading(data, received_at)
    read, raw = reading.outcome(), reading.raw
    return Received(index=0, outcome=read, raw=lambda: raw)


def is_signal(data: bytes) -> bool:
    """Whether a text is a signal of the national notification service.

    In a mailbox they come under whatever workflow its owner has named.
    """
    if len(data) > limits.NEMS_MESSAGE_BYTES or not _BEGINS_AS_JSON.match(data):
        return False
    try:
        return signal_in(nodes_from_json(data)) is not None
    except UnreadableMessageError:
        return False


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


class _NemsReading:
    """One file while it is read; `raw` is what gives the same again, whenever it is read."""

    def __init__(self, data: bytes, received_at: datetime | None) -> None:
        self.raw = data
        self._received_at = received_at
        self._document: Node | None = None
        self._message_id: str | None = None

    def outcome(self) -> SourceMessage | Unreadable:
        """What it says, or why it cannot be read."""
        try:
            self._document = unwrapped(self._nodes())
            signal = signal_in(self._document)
            return self._message() if signal is None else self._of_signal(signal)
        except UnreadableMessageError as error:
            return self._unreadable(error)

    def _nodes(self) -> Node:
        is_json = _BEGINS_AS_JSON.match(self.raw)
        return nodes_from_json(self.raw) if is_json else nodes_from_xml(self.raw)

    def _of_signal(self, signal: Signal) -> SourceMessage | Unreadable:
        """The record that was sent with it, or else what it says alone."""
        try:
            self._refuse_what_is_yet_to_happen(signal)
            if signal.record is None or not is_answer(signal.record):
                return source_message_from_signal(signal)
            at = instant_of(signal.time, "Signal.time")
        except UnreadableMessageError as error:
            return unreadable_signal(signal, error)
        self._document = as_message(signal.record, at=at, asked=signal.number)
        return self._mapped()

    def _refuse_what_is_yet_to_happen(self, signal: Signal) -> None:
        """What is dated ahead of time would stand until then, whatever is said meanwhile."""
        if self._received_at is None or signal.time is None:
            return
        if instant_of(signal.time, "Signal.time") > _instant(self._received_at + _CLOCKS_DIFFER):
            raise UnreadableMessageError(field="Signal.time", reason="contradicts")

    def _message(self) -> SourceMessage:
        document = self._document or {}
        if is_answer(document):
            # In XML nothing is written into the text, so that would be another moment each time.
            came = self._received_at if _BEGINS_AS_JSON.match(self.raw) else None
            at = None if came is None else _instant(came)
            self._document = as_message(document, at=at)
            if at is not None:
                self.raw = with_moment(self.raw, at)
        else:
            self._document = in_a_message(document)
        return self._mapped()

    def _mapped(self) -> SourceMessage:
        document = self._document or {}
        self._message_id = _message_id(child(document, "Bundle"))
        return source_message_from_bundle(document, message_id=self._message_id or "")

    def _unreadable(self, error: UnreadableMessageError) -> Unreadable:
        document = self._document
        if document is None:
            return Unreadable(error.field, error.reason, about=about_of_text(self.raw))
        return Unreadable(
            error.field,
            error.reason,
            self._message_id,
            about=about_of_bundle(document) or about_of_text(self.raw),
            sender=sender_of(document),
            urgency=urgency_of(document),
        )


def _message_id(bundle: Node | None) -> str | None:
    """What redeliveries share: the header's id and a digest of the content.

    Different messages do come under one id (six of the 25 NHS examples share ids with others),
    so the id alone would lose messages. Bundle.id and white space may differ between deliveries.
    An id that is not a UUID could hold anything and so is only ever used in the digest; that
    stands alone where there is none.
    """
    header = descend(bundle, "entry", "resource", "MessageHeader")
    if bundle is None or header is None:
        return None
    digest = digest_of(children(bundle, "entry"))
    return f"{header_id(header) or 'header'}.{digest}"
