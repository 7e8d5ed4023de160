"""Facts about deciders as they come in, in PostgreSQL: sealed, the newest of each record.

What a source takes back leaves its version behind and nothing else, so that what is older and
comes later does not bring it back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, text

from connectors.publishing.telling.decider_ports import DeciderClearing, DeciderFact
from schemas.identifiers import PersonId, RecordKey
from schemas.records.published import ALL_RECORDS
from schemas.vocabulary import Source
from services.people.deciders.documents import document_from_fact
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import seal_at_rest

_KEEP = text("""
    INSERT INTO decider_fact (person_id, source, agency, record_key, version, scopes, keeps,
                              sealed, other_person_id, seen_at)
    SELECT person, :source, agency, key, version, string_to_array(scopes, ','),
           string_to_array(keeps, ','), sealed, other, :at
    FROM unnest(CAST(:persons AS text[]), CAST(:keys AS text[]), CAST(:versions AS text[]),
                CAST(:scopes AS text[]), CAST(:keeps AS text[]), CAST(:sealed AS bytea[]),
                CAST(:others AS text[]), CAST(:agencies AS text[]))
         AS new(person, key, version, scopes, keeps, sealed, other, agency)
    WHERE NOT EXISTS (
        SELECT FROM decider_fact AS cleared
        WHERE cleared.person_id = new.person AND cleared.source = :source
          AND cleared.agency = new.agency AND cleared.version > new.version
          AND cleared.record_key = ANY(string_to_array(new.scopes, ',') || CAST(:all AS text))
          AND NOT cleared.keeps && string_to_array(new.scopes, ','))
    ON CONFLICT (person_id, source, agency, record_key) DO UPDATE SET
        version = excluded.version, scopes = excluded.scopes, keeps = excluded.keeps,
        sealed = excluded.sealed, other_person_id = excluded.other_person_id,
        seen_at = excluded.seen_at
    WHERE decider_fact.version <= excluded.version
""")
_CLEAR = text("""
    UPDATE decider_fact SET sealed = NULL, other_person_id = NULL
    FROM unnest(CAST(:persons AS text[]), CAST(:keys AS text[]), CAST(:versions AS text[]),
                CAST(:keeps AS text[]), CAST(:agencies AS text[]))
         AS gone(person, scope, version, keeps, agency)
    WHERE decider_fact.person_id = gone.person AND decider_fact.source = :source
      AND decider_fact.agency IN (gone.agency, '') AND decider_fact.version < gone.version
      AND (gone.scope = :all OR decider_fact.scopes @> ARRAY[gone.scope])
      AND NOT decider_fact.scopes && string_to_array(gone.keeps, ',')
""")


class PostgresDeciderIntake:
    """Facts as one transaction keeps them, each of the agency whose feed told it."""

    def __init__(self, connection: Connection, keys: PersonKeys) -> None:
        self._connection = connection
        self._keys = keys

    def keep(
        self,
        told: Sequence[DeciderFact],
        cleared: Sequence[DeciderClearing],
        source: Source,
        *,
        at: datetime,
    ) -> None:
        """Take back what is cleared, and keep what is newer than what is known of each record."""
        gone = _newest({(c.person, c.scope, c.agency or ""): c for c in _oldest_first(cleared)})
        if gone:
            self._connection.execute(_CLEAR, _clearing_columns(gone, source))
            self._write([_mark_of(one) for one in gone], [one.keeps for one in gone], source, at)
        facts = _newest({(f.person, f.key, f.agency or ""): f for f in _oldest_first(told)})
        self._write(facts, [()] * len(facts), source, at)

    def _write(
        self,
        facts: Sequence[DeciderFact],
        keeps: Sequence[Sequence[RecordKey]],
        source: Source,
        at: datetime,
    ) -> None:
        if not facts:
            return
        self._keys.load({fact.person for fact in facts})
        columns = {
            "persons": [fact.person for fact in facts],
            "keys": [fact.key for fact in facts],
            "versions": [fact.version for fact in facts],
            "scopes": [",".join(fact.scopes) for fact in facts],
            "keeps": [",".join(scopes) for scopes in keeps],
            "sealed": [self._sealed(fact, source) for fact in facts],
            "others": [fact.other for fact in facts],
            "agencies": [fact.agency or "" for fact in facts],
        }
        whose = {"source": source.value, "all": ALL_RECORDS, "at": at}
        self._connection.execute(_KEEP, columns | whose)

    def _sealed(self, fact: DeciderFact, source: Source) -> bytes | None:
        if fact.said is None:
            return None
        bound_to = bound_to_fact(fact.person, fact.key, source, fact.agency or "")
        key = self._keys.data_key(fact.person)
        return seal_at_rest(key, document_from_fact(fact.said), bound_to=bound_to)


def bound_to_fact(person: PersonId, key: RecordKey, source: Source, agency: str) -> str:
    """What a sealed fact is bound to: moved to another row it cannot be opened."""
    return f"decider:{person}:{source}:{agency}:{key}"


def _mark_of(clearing: DeciderClearing) -> DeciderFact:
    """What stays of a clearing: which scope, at which version."""
    return DeciderFact(
        clearing.person, clearing.scope, clearing.version, None, agency=clearing.agency
    )


_Told = TypeVar("_Told", DeciderFact, DeciderClearing)


def _oldest_first(told: Sequence[_Told]) -> list[_Told]:
    return sorted(told, key=lambda one: one.version)


def _newest(told: Mapping[tuple[PersonId, RecordKey, str], _Told]) -> list[_Told]:
    """One for each row, in one order, so that two who write the same do not wait for each other."""
    return [told[row] for row in sorted(told)]


def _clearing_columns(cleared: Sequence[DeciderClearing], source: Source) -> dict[str, object]:
    return {
        "source": source.value,
        "all": ALL_RECORDS,
        "agencies": [one.agency or "" for one in cleared],
        "persons": [one.person for one in cleared],
        "keys": [one.scope for one in cleared],
        "versions": [one.version for one in cleared],
        "keeps": [",".join(one.keeps) for one in cleared],
    }
