"""Reads NEMS messages: FHIR STU3 XML, one message a file."""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO, Final, cast

from lxml import etree

from connectors import limits
from connectors.health_visiting.elements import FHIR, descend, value
from connectors.health_visiting.mapper import source_message_from_bundle
from connectors.ports import Received, Unreadable
from connectors.safe_xml import Element, parse_xml
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DIGEST_CHARACTERS: Final = 16
_CONTENT = etree.XPath("/f:Bundle/f:entry//@*", namespaces={"f": FHIR[1:-1]}, smart_strings=False)


def read_nems(stream: BinaryIO) -> Iterator[Received]:
    """The one message of a NEMS file, as source message or with what makes it unreadable."""
    data = stream.read(limits.NEMS_MESSAGE_BYTES + 1)
    yield Received(index=0, outcome=_outcome(data), raw=lambda: data)


def _outcome(data: bytes) -> SourceMessage | Unreadable:
    if len(data) > limits.NEMS_MESSAGE_BYTES:
        return Unreadable(field="Bundle", reason="too-large")
    message_id = None
    try:
        root = parse_xml(data, field="Bundle", max_elements=limits.NEMS_ELEMENTS)
        message_id = _message_id(root)
        return source_message_from_bundle(root, message_id=message_id or "")
    except UnreadableMessageError as error:
        return Unreadable(field=error.field, reason=error.reason, message_id=message_id)


def _message_id(root: Element) -> str | None:
    """What redeliveries share: the header's id and a digest of the content.

    Different messages do come under one id (six of the 25 NHS examples share ids with others),
    so the id alone would lose messages. Bundle.id and white space may differ between deliveries.
    An id that is not a UUID could hold anything and so is only ever used in the digest.
    """
    header_id = value(descend(root, "entry", "resource", "MessageHeader"), "id")
    if header_id is None:
        return None
    content = cast("list[str]", _CONTENT(root))
    digest = sha256("\x1f".join(content).encode()).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{header_id.lower() if _UUID.fullmatch(header_id) else 'header'}.{digest}"
