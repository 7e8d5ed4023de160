"""Who is on whose list, in PostgreSQL: keyed hashes, and what tells a person sealed under them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Row, text

from connectors.publishing.lists.ports import OnList, SeenOnList
from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.people.persons.postgres_clusters import PostgresClusters
from services.platform.errors import KeyDestroyedError
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import open_at_rest, seal_at_rest

_PUPIL_BYTES = 16
_FIND = text("""
    SELECT * FROM listed_pupil
    WHERE source = :source AND sender = ANY(:senders) AND person_id = ANY(:persons)
    ORDER BY sender, since, person_id
""")
_WHOLES = text("""
    SELECT sender, part, version FROM whole_list
    WHERE source = :source AND sender = ANY(:senders)
""")
# What a person is kept by stays; only who is one with somebody else takes over what they have.
_KEEP = text("""
    INSERT INTO listed_pupil (source, sender, pupil, person_id, own, said, alike, parts, since,
                              version, left_version, is_in_part, has_left)
    SELECT :source, sender, pupil, person, own, said, alike, string_to_array(parts, ','), version,
           version, left_version, is_in_part, has_left
    FROM unnest(CAST(:senders AS text[]), CAST(:pupils AS bytea[]), CAST(:persons AS text[]),
                CAST(:owns AS bytea[]), CAST(:saids AS text[]), CAST(:alikes AS text[]),
                CAST(:parts AS text[]), CAST(:versions AS text[]), CAST(:lefts AS text[]),
                CAST(:in_parts AS boolean[]), CAST(:have_left AS boolean[]))
         AS new(sender, pupil, person, own, said, alike, parts, version, left_version, is_in_part,
                has_left)
    ON CONFLICT (source, sender, pupil) DO UPDATE SET
        own = excluded.own, said = excluded.said, alike = excluded.alike, parts = excluded.parts,
        version = excluded.version, has_left = excluded.has_left,
        is_in_part = listed_pupil.is_in_part OR excluded.is_in_part,
        left_version = excluded.left_version
    WHERE excluded.version >= listed_pupil.version
""")
_KNOWN_NOW = text("""
    DELETE FROM listed_pupil USING unnest(CAST(:senders AS text[]), CAST(:pupils AS bytea[]))
         AS known(sender, pupil)
    WHERE listed_pupil.source = :source AND listed_pupil.sender = known.sender
      AND listed_pupil.pupil = known.pupil AND listed_pupil.person_id IS NULL
""")
_IN_PART_OF = text("""
    SELECT * FROM listed_pupil
    WHERE source = :source AND sender = :sender AND NOT has_left AND left_version IS NULL
      AND (CAST(:part AS text) IS NULL OR CAST(:part AS text) = ANY(parts))
    ORDER BY pupil
""")
_TAKE_OFF = text("""
    UPDATE listed_pupil SET left_version = :version
    WHERE source = :source AND sender = :sender AND pupil = ANY(:pupils)
""")
_FORGET = text("""
    DELETE FROM listed_pupil WHERE source = :source AND sender = :sender AND pupil = ANY(:pupils)
      AND person_id IS NULL
""")
_WHOLE = text("""
    INSERT INTO whole_list (source, sender, part, version)
    VALUES (:source, :sender, :part, :version)
    ON CONFLICT (source, sender, part) DO UPDATE SET version = excluded.version
    WHERE excluded.version > whole_list.version
""")


@dataclass(frozen=True, slots=True, repr=False)
class PupilOnList:
    """One row: who it is where that is known, and since when and when last they were there."""

    pupil: bytes
    person: PersonId | None
    own: str | None
    alike: str
    since: str
    version: str


class PostgresPupilLists:
    """connectors.publishing.lists.ports.PupilLists of one source, over one transaction."""

    def __init__(
        self,
        connection: Connection,
        source: Source,
        hasher: KeyedHasher,
        keys: PersonKeys,
        clusters: PostgresClusters,
    ) -> None:
        self._connection = connection
        self._source = source
        self._hasher = hasher
        self._keys = keys
        self._clusters = clusters

    def find(
        self, asked: Collection[tuple[str, PersonId]]
    ) -> Mapping[tuple[str, PersonId], OnList]:
        """How each sender has each person, or who is one with them, on its list.

        Of several who are one all records are named by what the first of them was told by.
        """
        if not asked:
            return {}
        persons = {person for _, person in asked}
        wanted = {
            "source": self._source.value,
            "senders": sorted({sender for sender, _ in asked}),
            "persons": self._clusters.all_of(persons),
        }
        rows = self._connection.execute(_FIND, wanted).all()
        members = self._clusters.members(persons)
        found = {}
        for sender, person in asked:
            theirs = [r for r in rows if r.sender == sender and r.person_id in members[person]]
            on_list = self._on_list(person, theirs)
            if on_list is not None:
                found[sender, person] = on_list
        return found

    def wholes(self, senders: Collection[str]) -> Mapping[tuple[str, str], str]:
        """The version of the last whole list of each sender, by the part that it was whole for."""
        wanted = {"source": self._source.value, "senders": sorted(senders)}
        rows = self._connection.execute(_WHOLES, wanted)
        return {(row.sender, row.part): row.version for row in rows}

    def keep(self, seen: Sequence[SeenOnList]) -> None:
        """Keep who is there; who was nobody known and is somebody now, is that from now on."""
        newest: dict[tuple[str, bytes], SeenOnList] = {}
        for one in sorted(seen, key=lambda one: one.version):
            newest[one.sender, self._pupil(one)] = one
        if not newest:
            return
        self._keys.load({one.person for one in newest.values() if one.person is not None})
        places = sorted(newest)
        rows = [newest[place] for place in places]
        self._connection.execute(_KEEP, self._columns(places, rows))
        known = [one for one in rows if one.person is not None]
        self._connection.execute(
            _KNOWN_NOW,
            {
                "source": self._source.value,
                "senders": [one.sender for one in known],
                "pupils": [self._pupil(replace(one, person=None)) for one in known],
            },
        )

    def standing(self, sender: str, part: str | None) -> Sequence[PupilOnList]:
        """Everybody in a part of a sender's list who has not left; without a part, in all of it."""
        wanted = {"source": self._source.value, "sender": sender, "part": part}
        rows = self._connection.execute(_IN_PART_OF, wanted).all()
        self._keys.load({PersonId(row.person_id) for row in rows if row.person_id})
        return [
            PupilOnList(
                bytes(row.pupil),
                None if row.person_id is None else PersonId(row.person_id),
                self._own(row),
                row.alike,
                row.since,
                row.version,
            )
            for row in rows
        ]

    def take_off(self, sender: str, gone: Sequence[PupilOnList], version: str) -> None:
        """Say of these that they are not on the list of that version; of nobody known, forget."""
        pupils = [one.pupil for one in gone]
        wanted = {"source": self._source.value, "sender": sender, "pupils": pupils}
        self._connection.execute(_FORGET, wanted)
        self._connection.execute(_TAKE_OFF, wanted | {"version": version})

    def declare_whole(self, sender: str, part: str, version: str) -> None:
        """Say that a list was whole for this part; an older one says nothing new."""
        wanted = {"source": self._source.value, "sender": sender, "part": part}
        self._connection.execute(_WHOLE, wanted | {"version": version})

    def _on_list(self, person: PersonId, rows: Sequence[Row[tuple[object, ...]]]) -> OnList | None:
        told = [(row, own) for row in rows if (own := self._own(row)) is not None]
        if not told:
            return None
        own = told[0][1]
        mine = [(row, by) for row, by in told if row.person_id == person]
        row = max((row for row, _ in mine or told), key=lambda row: row.version)
        others = (by for _, by in mine if by != own)
        return OnList(
            own,
            row.version,
            row.said,
            row.alike,
            own_before=next(others, None),
            left=row.left_version,
            is_in_part=any(row.is_in_part for row, _ in told),
        )

    def _own(self, row: Row[tuple[object, ...]]) -> str | None:
        """What a person was told by; of one who was erased nothing is left."""
        if row.person_id is None or row.own is None:
            return None
        person = PersonId(row.person_id)
        with suppress(KeyDestroyedError):
            key = self._keys.data_key(person)
            return open_at_rest(
                key, bytes(row.own), bound_to=_bound_to(row.sender, person)
            ).decode()
        return None

    def _pupil(self, seen: SeenOnList) -> bytes:
        who = ("own", seen.own) if seen.person is None else ("person", seen.person)
        return self._hasher.digest("listed-pupil", seen.sender, *who)[:_PUPIL_BYTES]

    def _columns(
        self, places: Sequence[tuple[str, bytes]], rows: Sequence[SeenOnList]
    ) -> dict[str, object]:
        return {
            "source": self._source.value,
            "senders": [sender for sender, _ in places],
            "pupils": [pupil for _, pupil in places],
            "persons": [one.person for one in rows],
            "owns": list(self._sealed(rows)),
            "saids": [one.said for one in rows],
            "alikes": [one.alike for one in rows],
            "parts": [",".join(sorted(one.stands_in)) for one in rows],
            "versions": [one.version for one in rows],
            "lefts": [one.left for one in rows],
            "in_parts": [one.is_in_part for one in rows],
            "have_left": [one.has_left for one in rows],
        }

    def _sealed(self, rows: Sequence[SeenOnList]) -> Iterator[bytes | None]:
        for one in rows:
            if one.person is None:
                yield None
            else:
                key, bound_to = self._keys.data_key(one.person), _bound_to(one.sender, one.person)
                yield seal_at_rest(key, one.own.encode(), bound_to=bound_to)


def _bound_to(sender: str, person: PersonId) -> str:
    return f"listed:{sender}:{person}"
