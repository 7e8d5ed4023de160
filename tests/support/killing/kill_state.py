"""All that a data folder holds, put so that two of them can be compared."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import orjson
import zstandard
from sqlalchemy import Row, text

from consent.ledger import LedgerEntry, read_entry
from consent.ledger.events import PROFILE_READS, PROFILE_READS_REFUSED, LedgerEvent
from schemas.identifiers import PersonId
from schemas.vocabulary import Purpose
from services.bootstrap import DatabaseRole, opened
from services.platform.keys.sealing import open_at_rest
from services.platform.keys.vault import SecretName
from services.platform.settings import Settings
from services.profile.reading import read_profile
from services.profile.viewing import reading_order
from services.work import UnitOfWork, unit_of_work
from tests.support.killing.kill_preparation import HEALTH_VISITOR

_NOT_OF_THE_MAIN_JOB = {
    *PROFILE_READS,
    *PROFILE_READS_REFUSED,
    LedgerEvent.SESSION_OPENED,
    LedgerEvent.SESSION_ENDED,
    LedgerEvent.RETENTION_SWEPT,
    LedgerEvent.INTEGRITY_CHANGED,
}
# Told when a state changes, which happens once: its id need not come of what was received.
_WITH_AN_ID_OF_ITS_OWN = {LedgerEvent.LINK_FACTS_FORGOTTEN}
_WITHDRAWN = "withdrawn"
# Everything that the main job writes, without the columns that hold a time or a place in an order.
_TABLES = {
    "message_outcome": "SELECT source, ref, disposition, reason, withheld FROM message_outcome",
    "withheld_token": "SELECT token, source, ref FROM withheld_token",
    "published_subject": "SELECT source, person_id FROM published_subject",
    "person": "SELECT person_id, wrapped_key, birth_token FROM person",
    "person_token": "SELECT token, person_id, kind FROM person_token",
    "person_purge": "SELECT person_id FROM person_purge",
    "case_load": "SELECT agency_code, person_id, record_key, since, until FROM case_load",
    "inbox": "SELECT consumer, event_id FROM inbox",
    "outbox": "SELECT aggregatetype, aggregateid, type FROM outbox",
}


@dataclass(frozen=True, slots=True)
class Everything:
    """What there is, each part with how often: equal when nothing is lost, doubled or changed."""

    rows: Counter[tuple[str, str]]
    records: Counter[str]
    held: Counter[tuple[str, bytes]]
    parked: Counter[tuple[str, str, bytes]]
    ledger: Counter[str]
    profiles: Counter[tuple[str, str]]

    def differences(self, other: "Everything") -> list[str]:
        """What the other has more or less of; nothing when they are the same."""
        found = []
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            for where, more in (("here", mine - theirs), ("there", theirs - mine)):
                found += [f"{field.name} only {where}: {n} × {what}" for what, n in more.items()]
        return found


def count_of_entries(data: Path) -> int:
    """How many entries the ledger has, those beside the main job too."""
    with opened(Settings(data=data)) as application:
        engine = application.outside(DatabaseRole.OWNER).engine
        with engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM ledger_entry")).scalar_one())


def everything_in(data: Path) -> Everything:
    """Read all of it, opening what is sealed; every profile as the health visitor sees it."""
    with opened(Settings(data=data)) as application:
        outside = application.outside(DatabaseRole.OWNER)
        parking = application.vault.secret(SecretName.PARKED)
        holding = application.vault.secret(SecretName.KEPT_BACK_HEALTH_VISITING)
        with unit_of_work(outside) as work:
            return Everything(
                rows=Counter(_rows(work, _sent_around_a_purge(work))),
                records=Counter(_records(work)),
                held=Counter(_held(work, holding)),
                parked=Counter(_parked(work, parking)),
                ledger=Counter(_ledger(work)),
                profiles=Counter(_profiles(work)),
            )


def _select(work: UnitOfWork, statement: str) -> Iterator[Row[tuple[object, ...]]]:
    yield from work.connection.execute(text(statement))


def _rows(work: UnitOfWork, left_out: frozenset[str]) -> Iterator[tuple[str, str]]:
    for table, statement in _TABLES.items():
        for row in _select(work, statement):
            if left_out.isdisjoint(map(str, row)):
                yield table, " ".join(_plain(value) for value in row)


def _sent_around_a_purge(work: UnitOfWork) -> frozenset[str]:
    """Events by which a source took something back of whom all is withdrawn.

    There is nothing left to take. They go once or twice, and under other ids, as the purge came
    before or after them, which is another moment in every run.
    """
    bodies = _select(work, "SELECT body FROM ledger_entry")
    entries = (read_entry(bytes(row.body)) for row in bodies)
    return frozenset(str(e.fields["event_id"]) for e in entries if _is_around_a_purge(e))


def _is_around_a_purge(entry: LedgerEntry) -> bool:
    is_sent = entry.event is LedgerEvent.PUBLICATION_PERMITTED
    return is_sent and _WITHDRAWN in (entry.fields.get("reasons") or ())


def _plain(value: object) -> str:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def _records(work: UnitOfWork) -> Iterator[str]:
    """What each record says. When it came, and whether it is folded yet, is a question of time."""
    for row in _select(work, "SELECT * FROM record"):
        sealed, key = row.sealed, work.keys.data_key(PersonId(row.person_id))
        content = sealed and open_at_rest(key, bytes(sealed), bound_to=row.record_key).decode()
        told = {**row._asdict(), "sealed": content, "folded_in": None, "arrived_at": None}
        yield _document(told)


def _held(work: UnitOfWork, key: bytes) -> Iterator[tuple[str, bytes]]:
    for row in _select(work, "SELECT * FROM holding_health_visiting.held_message"):
        ref = bytes(row.ref).hex()
        packed = open_at_rest(key, bytes(row.sealed), bound_to=ref)
        yield f"{ref} {row.record_keys}", zstandard.decompress(packed)


def _parked(work: UnitOfWork, key: bytes) -> Iterator[tuple[str, str, bytes]]:
    for row in _select(work, "SELECT * FROM parked"):
        packed = open_at_rest(key, bytes(row.sealed), bound_to=bytes(row.ref).hex())
        yield row.parked_id, f"{row.field}: {row.reason}", zstandard.decompress(packed)


def _ledger(work: UnitOfWork) -> Iterator[str]:
    """Entries without their time; which comes before which is left open on purpose.

    Two aggregators, or a message that comes again after a kill, may write in another order.
    """
    for row in _select(work, "SELECT body FROM ledger_entry"):
        entry = read_entry(bytes(row.body))
        if entry.event not in _NOT_OF_THE_MAIN_JOB and not _is_around_a_purge(entry):
            yield _document(
                {
                    "id": entry.event not in _WITH_AN_ID_OF_ITS_OWN and str(entry.entry_id),
                    "event": entry.event,
                    "actor": entry.actor,
                    "fields": dict(entry.fields),
                }
            )


def _profiles(work: UnitOfWork) -> Iterator[tuple[str, str]]:
    who = work.directory.practitioner(HEALTH_VISITOR)
    assert who is not None
    for row in _select(work, "SELECT person_id FROM person"):
        order = reading_order(who, PersonId(row.person_id), Purpose.DIRECT_CARE)
        answer = orjson.loads(orjson.dumps(read_profile(order, reading=work.reading())))
        yield row.person_id, _document(_without_times_of_reading(answer))


def _without_times_of_reading(profile: Mapping[str, object]) -> dict[str, object]:
    plain = {name: value for name, value in profile.items() if name != "as_of"}
    sources = plain.get("sources")
    if isinstance(sources, list):
        plain["sources"] = [{**source, "last_heard": None} for source in sources]
    return plain


def _document(content: Mapping[str, object]) -> str:
    return json.dumps(content, sort_keys=True, default=str)
