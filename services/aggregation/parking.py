"""Events that cannot be read: parked as they came, with an entry in the ledger for each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Protocol

import orjson

from consent.ledger import LedgerEntry, entry_id_for, ledger_entry
from consent.ledger_events import LedgerEvent
from consent.ports import Clock, Ledger
from schemas.envelope import Event
from schemas.errors import UnreadableEventError
from schemas.fhir_mapping import records_from_bundle
from schemas.identifiers import PersonId
from schemas.records.published import PublishedRecord
from schemas.topics import PARKED, records_topic
from schemas.vocabulary import Source
from services.aggregation.ports import Opener
from services.errors import KeyDestroyedError, KeyUnusableError

_ACTOR = "job:aggregation"
_SOURCES = {records_topic(source): source for source in Source}


class Parking(Protocol):
    """What opening and parking work with, in one transaction."""

    @property
    def opener(self) -> Opener:
        """Decryption of events."""

    @property
    def ledger(self) -> Ledger:
        """The ledger."""

    @property
    def clock(self) -> Clock:
        """Tells the time."""

    def announce(self, events: Sequence[Event], /) -> None:
        """Queue the events in order."""


def open_or_park(event: Event, parking: Parking) -> tuple[PublishedRecord, ...]:
    """One event that cannot be read is parked as it came and never stops the others."""
    try:
        plain = parking.opener.open(PersonId(event.subject), event.data)
        return records_from_bundle(orjson.loads(plain))
    except KeyDestroyedError:
        return ()  # erased: there is nobody any more whom it would be about
    except (UnreadableEventError, KeyUnusableError, orjson.JSONDecodeError):
        at = parking.clock.now()
        parking.announce([replace(event, topic=PARKED)])
        parking.ledger.append(entries_for_parked(event.topic, [event.id], at=at, actor=_ACTOR))
        return ()


def entries_for_parked(
    topic: str, places: Sequence[str], *, at: datetime, actor: str
) -> list[LedgerEntry]:
    """That what lay in these places of a topic of records could not be read.

    A place is an id or an offset, never content: nobody knows whose that is. What is on another
    topic came from no source; it is parked without an entry.
    """
    source = _SOURCES.get(topic)
    if source is None:
        return []
    refs = [sha256(f"{topic}/{place}".encode()).hexdigest() for place in places]
    return [
        ledger_entry(
            LedgerEvent.MESSAGE_PARKED,
            {"source": source, "message": ref, "reason": "is-not-readable", "field": "event"},
            at=at,
            actor=actor,
            entry_id=entry_id_for("parked-event", ref),
        )
        for ref in refs
    ]
