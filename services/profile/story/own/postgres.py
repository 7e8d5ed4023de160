"""What somebody wrote on their own page, in PostgreSQL: a row a state, sealed under their key.

It opens, widens and hides nothing, so no row is bound to the ledger; what becomes of it is entered.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId
from services.platform.errors import KeyDestroyedError
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import open_at_rest, seal_at_rest

_WRITE = text("""
    INSERT INTO family_words (words_id, state, person_id, about_person_id, use, sealed, known_at)
    VALUES (:id, :state, :person, :about, :use, :sealed, :at)
""")
_BY = text("""
    SELECT DISTINCT ON (words_id) * FROM family_words
    WHERE person_id = ANY(:persons) AND use = :use ORDER BY words_id, state DESC
""")
_ONE = text("SELECT * FROM family_words WHERE words_id = :id ORDER BY state DESC LIMIT 1")
_ALL = text("""
    SELECT DISTINCT ON (words_id) * FROM family_words
    WHERE person_id = ANY(:persons) ORDER BY words_id, state DESC
""")


class OwnUse(StrEnum):
    """What the words are for."""

    STORY = "story"
    PUT_RIGHT = "put-right"


@dataclass(frozen=True, slots=True, repr=False)
class OwnWords:
    """One state of what somebody wrote about somebody: `said` is a document in JSON."""

    id: str
    state: int
    person: PersonId
    about: PersonId
    use: OwnUse
    said: bytes
    at: datetime


class PostgresOwnWords:
    """Own words as one transaction sees them; of whom was erased, none."""

    def __init__(self, connection: Connection, keys: PersonKeys) -> None:
        self._connection = connection
        self._keys = keys

    def write(self, words: OwnWords) -> None:
        """Keep new words, or their next state."""
        self._keys.load({words.person})
        key = self._keys.data_key(words.person)
        row = {
            "id": words.id,
            "state": words.state,
            "person": words.person,
            "about": words.about,
            "use": words.use.value,
            "sealed": seal_at_rest(key, words.said, bound_to=_bound_to(words.id, words.state)),
            "at": words.at,
        }
        self._connection.execute(_WRITE, row)

    def by(self, persons: Collection[PersonId], use: OwnUse) -> Sequence[OwnWords]:
        """What these, who are one, wrote for this, each as it stands."""
        wanted = {"persons": sorted(persons), "use": use.value}
        return self._opened(self._connection.execute(_BY, wanted).all())

    def every(self, persons: Collection[PersonId]) -> Sequence[OwnWords]:
        """All that these wrote: for their own access to it."""
        return self._opened(self._connection.execute(_ALL, {"persons": sorted(persons)}).all())

    def find(self, words: str) -> OwnWords | None:
        """One as it stands."""
        found = self._opened(self._connection.execute(_ONE, {"id": words}).all())
        return found[0] if found else None

    def _opened(self, rows: Iterable[Row[tuple[object, ...]]]) -> Sequence[OwnWords]:
        listed = list(rows)
        self._keys.load({PersonId(row.person_id) for row in listed})
        return [one for one in map(self._words, listed) if one is not None]

    def _words(self, row: Row[tuple[object, ...]]) -> OwnWords | None:
        person = PersonId(row.person_id)
        try:
            key = self._keys.data_key(person)
        except KeyDestroyedError:
            return None
        said = open_at_rest(key, bytes(row.sealed), bound_to=_bound_to(row.words_id, row.state))
        about = PersonId(row.about_person_id)
        return OwnWords(row.words_id, row.state, person, about, OwnUse(row.use), said, row.known_at)


def _bound_to(words: str, state: int) -> str:
    return f"family-words:{words}:{state}"
