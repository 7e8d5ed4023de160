"""The names of deciders as they were typed, in PostgreSQL: sealed with whom they decided for.

A decision names its decider by a reference that tells nothing; who has to ask them again, or is to
say that it was them, needs the name.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from consent.decisions.deciders import DeciderFacts
from consent.model import Decider
from schemas.identifiers import PersonId
from services.people.deciders.postgres import PostgresDeciderFacts
from services.platform.errors import KeyDestroyedError
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import open_at_rest, seal_at_rest

_KEEP = text("""
    INSERT INTO decider_name (person_id, reference, sealed, seen_at)
    VALUES (:person, :reference, :sealed, :at) ON CONFLICT DO NOTHING
""")
_READ = text("""
    SELECT person_id, reference, sealed, seen_at FROM decider_name
    WHERE person_id = ANY(:persons) ORDER BY person_id, reference
""")


@dataclass(frozen=True, slots=True, repr=False)
class DeciderName:
    """Who a reference means for one person, since when."""

    person: PersonId
    reference: str
    name: str
    since: datetime


class PostgresDeciderNames:
    """Names of deciders as one transaction sees them."""

    def __init__(self, connection: Connection, keys: PersonKeys) -> None:
        self._connection = connection
        self._keys = keys

    def keep(
        self, name: str, reference: str, subjects: Collection[PersonId], *, at: datetime
    ) -> None:
        """Keep who decided, with each of the subjects; known already, nothing changes."""
        self._keys.load(set(subjects))
        for person in sorted(subjects):
            bound_to = _bound_to(person, reference)
            sealed = seal_at_rest(self._keys.data_key(person), name.encode(), bound_to=bound_to)
            values = {"person": person, "reference": reference, "sealed": sealed, "at": at}
            self._connection.execute(_KEEP, values)

    def of(self, persons: Collection[PersonId]) -> Iterator[DeciderName]:
        """Everybody who has decided for these, opened; nobody where a person was erased."""
        rows = self._connection.execute(_READ, {"persons": sorted(persons)}).all()
        self._keys.load({PersonId(row.person_id) for row in rows})
        for row in rows:
            person = PersonId(row.person_id)
            try:
                key = self._keys.data_key(person)
            except KeyDestroyedError:
                continue
            bound_to = _bound_to(person, row.reference)
            name = open_at_rest(key, bytes(row.sealed), bound_to=bound_to).decode()
            yield DeciderName(person, row.reference, name, row.seen_at)


@dataclass(frozen=True, slots=True)
class PostgresDeciders:
    """consent.decisions.deciders.Deciders over one transaction."""

    facts: PostgresDeciderFacts
    names: PostgresDeciderNames

    def of(self, subjects: Collection[PersonId]) -> DeciderFacts:
        """What is held of each of these."""
        return self.facts.of(subjects)

    def decider_named(self, name: str, subjects: Collection[PersonId], *, at: datetime) -> Decider:
        """The parent of this name, which is kept with each of the subjects."""
        decider = self.facts.decider_named(name, subjects)
        self.names.keep(name, decider.reference, subjects, at=at)
        return decider


def _bound_to(person: PersonId, reference: str) -> str:
    return f"decider-name:{person}:{reference}"
