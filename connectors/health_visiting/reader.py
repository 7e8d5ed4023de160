"""Reads NEMS messages, and bare vaccinations: FHIR in XML or JSON, one message a file."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from connectors.health_visiting.envelope import sender_of, urgency_of
from connectors.health_visiting.mapper import source_message_from_bundle
from connectors.health_visiting.nems.bare import in_a_message
from connectors.health_visiting.nems.encodings import nodes_from_json, nodes_from_xml
from connectors.health_visiting.nems.entries import unwrapped
from connectors.health_visiting.nems.message import header_id
from connectors.health_visiting.nems.nodes import Node, child, children, descend, digest_of
from connectors.health_visiting.unread import about_of_bundle, about_of_text
from connectors.parsing import limits
from connectors.ports import Received, Unreadable
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage

_BEGINS_AS_JSON: Final = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*[{\[]")


def read_nems(stream: BinaryIO) -> Iterator[Received]:
    """The one message of a NEMS file, as source message or with what makes it unreadable."""
    data = stream.read(limits.NEMS_MESSAGE_BYTES + 1)
    yield Received(index=0, outcome=_outcome(data), raw=lambda: data)


def _outcome(data: bytes) -> SourceMessage | Unreadable:
    if len(data) > limits.NEMS_MESSAGE_BYTES:
        return Unreadable(field="Bundle", reason="too-large", about=about_of_text(data))
    message_id: str | None = None
    document: Node | None = None
    try:
        is_json = _BEGINS_AS_JSON.match(data)
        document = unwrapped(nodes_from_json(data) if is_json else nodes_from_xml(data))
        document = in_a_message(document)
        message_id = _message_id(child(document, "Bundle"))
        return source_message_from_bundle(document, message_id=message_id or "")
    except UnreadableMessageError as error:
        if document is None:
            return Unreadable(error.field, error.reason, message_id, about=about_of_text(data))
        return Unreadable(
            error.field,
            error.reason,
            message_id,
            about=about_of_bundle(document) or about_of_text(data),
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
