"""What services said beside their answers, and how far others are told of it; in PostgreSQL."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import Connection as Database
from sqlalchemy import text

from schemas.identifiers import PersonId
from services.interfaces.connections.telling.said import (
    NamedService,
    SaidBeside,
    SaidHere,
    StepAhead,
)
from services.platform.keys.sealing import JweSealer

_ADD: Final = text("""
    INSERT INTO connection_said (connection_id, version, at, contacted_on, next_step, sealed,
                                 happened_on)
    VALUES (:id, :version, :at, :contacted_on, :next_step, :sealed, :happened_on)
""")
_SAID: Final = text("""
    SELECT version, at, contacted_on, next_step, sealed, happened_on FROM connection_said
    WHERE connection_id = :id ORDER BY version
""")
_TOLD: Final = text("SELECT version, at, is_all FROM connection_told WHERE connection_id = :id")
_SAVE_TOLD: Final = text("""
    INSERT INTO connection_told (connection_id, version, at, is_all)
    VALUES (:id, :version, :at, :is_all)
    ON CONFLICT (connection_id) DO UPDATE
        SET version = excluded.version, at = excluded.at, is_all = excluded.is_all
""")
_NAMED: Final = text("""
    SELECT s.name, p.name AS partner FROM directory_service AS s
        LEFT JOIN directory_partner AS p USING (partner_code)
    WHERE s.service_id = CAST(:id AS uuid)
""")
_ABOUT: Final = text("""
    SELECT DISTINCT connection_id FROM connection_person WHERE person_id = ANY(:persons)
    ORDER BY connection_id
""")


@dataclass(frozen=True, slots=True)
class ToldOthers:
    """Which version others were told last, when, and whether all of it was permitted."""

    version: int
    at: datetime
    is_all: bool


class PostgresSaid:
    """What services said, as one transaction sees it; words under the key of whom they help."""

    def __init__(self, database: Database, sealer: JweSealer) -> None:
        self._database = database
        self._sealer = sealer

    def add(
        self, connection: str, version: int, said: SaidBeside, person: PersonId, *, at: datetime
    ) -> None:
        """Keep what was said with one change."""
        words = orjson.dumps({"words": said.words, "role": said.role})
        values = {
            "id": connection,
            "version": version,
            "at": at,
            "contacted_on": said.contacted_on,
            "next_step": said.next_step and said.next_step.value,
            "sealed": self._sealer.seal(person, words) if said.words else None,
            "happened_on": said.happened_on,
        }
        self._database.execute(_ADD, values)

    def of(self, connection: str, person: PersonId) -> Sequence[SaidHere]:
        """All that was said of one, the first first."""
        found = []
        for row in self._database.execute(_SAID, {"id": connection}):
            told: dict[str, str] = {}
            if row.sealed is not None:
                told = orjson.loads(self._sealer.open(person, bytes(row.sealed)))
            step = row.next_step and StepAhead(row.next_step)
            beside = SaidBeside(row.contacted_on, step, **told, happened_on=row.happened_on)
            found.append(SaidHere(row.version, row.at, beside))
        return found

    def told(self, connection: str) -> ToldOthers | None:
        """What others were told last of one; None where nothing was ever told."""
        row = self._database.execute(_TOLD, {"id": connection}).first()
        return None if row is None else ToldOthers(row.version, row.at, row.is_all)

    def save_told(self, connection: str, told: ToldOthers) -> None:
        """Remember it."""
        values = {"id": connection, "version": told.version, "at": told.at, "is_all": told.is_all}
        self._database.execute(_SAVE_TOLD, values)

    def named(self, service: str) -> NamedService:
        """What a service is called, also one that can be asked no more."""
        row = self._database.execute(_NAMED, {"id": service}).first()
        return NamedService() if row is None else NamedService(row.name, row.partner)

    def about(self, persons: Iterable[PersonId]) -> Sequence[str]:
        """The ids of the requests about any of these."""
        found = self._database.execute(_ABOUT, {"persons": sorted(persons)})
        return list(found.scalars())


def words_not_told(
    said: PostgresSaid, connection: str, person: PersonId
) -> tuple[tuple[str, str], ...]:
    """What a service wrote that is no record of the person's, as not all of it was permitted.

    Each with a label, for whoever asks what is held.
    """
    told = said.told(connection)
    if told is not None and told.is_all:
        return ()
    every = said.of(connection, person)
    return tuple(("What the service wrote", one.beside.words) for one in every if one.beside.words)
