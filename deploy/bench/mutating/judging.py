"""What may become of one damaged input: messages that can travel, or reasons of a closed list."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.ports import Received, Unreadable
from connectors.publishing.events import RecordKeys, record_event
from deploy.bench.mutating.seeds import CANARY, RECEIVED_AT, Format, read
from schemas.errors import UnreadableMessageError
from schemas.identifiers import PersonId
from schemas.records.message import Record, SourceMessage
from schemas.records.published import PublishedRecord
from services.platform.keys.hashing import KeyedHasher, tokens_of

REASONS: Final = frozenset(
    {
        *("another-authority", "check-digit", "contradicts", "doctype-forbidden", "duplicate"),
        *("duplicate-id", "duplicate-key", "empty", "encoding-not-read", "encoding-unclear"),
        *("incomplete", "missing", "no-known-column", "not-a-upn", "not-a-workbook"),
        *("not-a-boolean", "not-a-code", "not-a-date", "not-a-list", "not-a-message"),
        *("not-a-number", "not-a-postcode", "not-a-telephone-number", "not-a-year"),
        *("not-an-email-address", "not-an-id", "not-an-instant", "not-an-object"),
        *("not-children-in-need", "not-csv", "not-fhir", "not-found", "not-json"),
        *("not-decodable", "not-in-its-encoding", "not-ten-digits", "not-text", "not-unicode"),
        *("not-utf-8", "not-verified", "not-xml", "old-workbook", "several-lists"),
        *(
            "redacted",
            "several-values",
            "shared-by-two",
            "too-deep",
            "too-large",
            "too-long",
            "too-many",
        ),
        *("too-many-cells", "too-many-elements", "too-many-rows", "unexpected-type", "unknown"),
        *("wrong-root",),
    }
)
"""Every code; after a colon `contradicts` names the other field."""
MESSAGE: Final = "message"
"""What stands for a reason where a message was read, and can travel."""
NOTHING: Final = "nothing"
"""What stands for a reason where there is nothing in a list of what is new."""
_PLACE: Final = re.compile(r"[A-Za-z0-9_.,:/\[\]()@ -]{1,200}")
_CANARY: Final = re.compile(f"{CANARY[:6]}|{CANARY[-6:]}", re.IGNORECASE)
_PERSON: Final = PersonId("c0" * 16)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an input, by reason; `fault` says what may not be, with no value in it."""

    became: Sequence[str]
    fault: str | None = None


def judge(form: Format, data: bytes) -> Verdict:
    """Read one input as whoever takes it in does, and make of it what would be published."""
    became: list[str] = []
    try:
        for received in read(form, data):
            for field, reason, message_id in _told_of(received):
                code = reason.partition(":")[0]
                became.append(code)
                fault = fault_of(field, reason, message_id)
                if fault is not None:
                    return Verdict(became, fault)
    except MemoryError:
        return Verdict(became, "too much memory")
    except Exception as error:  # noqa: BLE001 the door of this bench: any of them is a finding
        return Verdict(became, f"raised {_named(error)}")
    if not became and form is not Format.CSC:  # an authority to whom nothing is new says so
        return Verdict(became, "nothing was said of it")
    return Verdict(became or [NOTHING])


def _told_of(received: Received) -> Iterator[tuple[str, str, str | None]]:
    """Field, reason and id that would be told of one message."""
    outcome = received.outcome
    if isinstance(outcome, Unreadable):
        yield outcome.field, outcome.reason, outcome.message_id
        return
    try:
        travel(outcome)
    except UnreadableMessageError as error:
        yield error.field, error.reason, outcome.message_id
    else:
        yield MESSAGE, MESSAGE, outcome.message_id


def fault_of(field: str, reason: str, message_id: str | None) -> str | None:
    """What may not be told of a message, if it is; codes and places may."""
    if _CANARY.search(f"{field}\n{reason}\n{message_id}"):
        return "a value is told"
    if reason != MESSAGE and reason.partition(":")[0] not in REASONS:
        return "a reason that is not listed"
    if not _PLACE.fullmatch(field) or not _PLACE.fullmatch(reason):
        return "a field or a reason that is none"
    return None


def _named(error: Exception) -> str:
    """Its type and the place of ours that it came from: its words may hold values."""
    traceback, place = error.__traceback__, ""
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if "/connectors/" in code.co_filename or "/schemas/" in code.co_filename:
            file = code.co_filename.rpartition("/")[2]
            place = f" in {file}:{traceback.tb_lineno} {code.co_name}"
        traceback = traceback.tb_next
    return f"{type(error).__name__}{place}"


# Made ready to be sent, but for encryption: everybody in it is one person, who is known.


class _Plain:
    """connectors.publishing.ports.Sealer without encryption: nothing here is anybody's."""

    def seal(self, person: PersonId, plain: bytes) -> bytes:
        """As it is."""
        del person
        return plain


_SEALER: Final = _Plain()
_HASHER: Final = KeyedHasher(b"anybody may know this one" + bytes(7))


def travel(message: SourceMessage) -> None:
    """Write all of a message as it would be published. Raises UnreadableMessageError."""
    for subject in message.subjects:
        list(tokens_of(subject, _HASHER))
    keys = RecordKeys(message.source, _HASHER)
    persons = {subject.ref: _PERSON for subject in message.subjects}
    records = [_published(message, record, keys, persons) for record in message.records]
    if records:
        parts = (_HASHER.opaque("message", message.source, message.message_id),)
        record_event(_PERSON, records, parts=parts, sealer=_SEALER, hasher=_HASHER, at=RECEIVED_AT)


def _published(
    message: SourceMessage, record: Record, keys: RecordKeys, persons: Mapping[str, PersonId]
) -> PublishedRecord:
    return PublishedRecord(
        key=keys.of(record),
        source=message.source,
        category=record.category,
        persons=tuple(persons[ref] for ref in record.subjects),
        version=message.version.sort_key,
        payload=record.payload,
        action=record.action,
        labels=record.labels,
        scopes=keys.of_scopes(record.scopes),
        keeps=keys.of_scopes(record.keeps),
        part_of=None if record.part_of is None else keys.of_record(record.part_of),
    )
