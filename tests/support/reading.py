"""Reading one text with a connector's reader, and taking its outcome apart."""

from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import TypeVar

from connectors.health_visiting.reader import read_nems
from connectors.ports import MessageReader, Received, Unreadable
from connectors.schools.ctf.reader import read_ctf
from connectors.social_care.csc.reader import read_csc
from schemas.records.message import Record, SourceMessage
from schemas.vocabulary import Action
from tests.support.checkout import ROOT

SAMPLES = ROOT.parent / "shared" / "samples"
DEMONSTRATION = ROOT / "deploy" / "demo"

_Payload = TypeVar("_Payload")

nems: MessageReader = read_nems
ctf: MessageReader = read_ctf
csc: MessageReader = partial(read_csc, received_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC))


def received(reader: MessageReader, data: bytes) -> list[Received]:
    """Everything that a reader finds in a text."""
    return list(reader(BytesIO(data)))


def outcomes(reader: MessageReader, data: bytes) -> list[SourceMessage | Unreadable]:
    """What became of each message in a text."""
    return [one.outcome for one in received(reader, data)]


def the_message(reader: MessageReader, data: bytes) -> SourceMessage:
    """The one readable message of a text."""
    (outcome,) = outcomes(reader, data)
    assert isinstance(outcome, SourceMessage), outcome
    return outcome


def the_refusal(reader: MessageReader, data: bytes) -> tuple[str, str]:
    """Field and reason of the one unreadable message of a text."""
    (outcome,) = outcomes(reader, data)
    assert isinstance(outcome, Unreadable), [r.source_id for r in outcome.records]
    return outcome.field, outcome.reason


def payloads(message: SourceMessage, kind: type[_Payload]) -> list[_Payload]:
    """The payloads of one kind, in order."""
    return [record.payload for record in message.records if isinstance(record.payload, kind)]


def record_of(message: SourceMessage, kind: type[object]) -> Record:
    """The one record whose payload is of that kind."""
    (record,) = [r for r in message.records if isinstance(r.payload, kind)]
    return record


def removed(message: SourceMessage) -> set[str]:
    """The source ids that a message removes."""
    return {r.source_id for r in message.records if r.action is Action.REMOVE}


def upserted(message: SourceMessage) -> set[str]:
    """The source ids that a message states."""
    return {r.source_id for r in message.records if r.action is Action.UPSERT}
