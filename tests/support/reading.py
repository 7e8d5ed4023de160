"""Reading one text with a connector's reader, and taking its outcome apart."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeVar

from connectors.health_visiting.reader import read_nems
from connectors.ports import Received, Unreadable
from connectors.schools.ctf.reader import read_ctf
from connectors.social_care.csc.reader import read_csc
from schemas.records.message import Record, SourceMessage
from schemas.vocabulary import Action

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT.parent / "shared" / "samples"
DEMONSTRATION = ROOT / "deploy" / "demo"

Reader = Callable[[BinaryIO], Iterator[Received]]
_Payload = TypeVar("_Payload")

nems: Reader = read_nems
ctf: Reader = read_ctf
csc: Reader = partial(read_csc, received_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC))


def received(reader: Reader, data: bytes) -> list[Received]:
    """Everything that a reader finds in a text."""
    return list(reader(BytesIO(data)))


def outcomes(reader: Reader, data: bytes) -> list[SourceMessage | Unreadable]:
    """What became of each message in a text."""
    return [one.outcome for one in received(reader, data)]


def the_message(reader: Reader, data: bytes) -> SourceMessage:
    """The one readable message of a text."""
    (outcome,) = outcomes(reader, data)
    assert isinstance(outcome, SourceMessage), outcome
    return outcome


def the_refusal(reader: Reader, data: bytes) -> tuple[str, str]:
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
