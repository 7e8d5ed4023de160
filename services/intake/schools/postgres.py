"""Schools and their own titles, in PostgreSQL."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, text

from connectors.registry import row_of
from connectors.schools.class_list.titles import SchoolTitles
from schemas.vocabulary import Source
from services.intake.schools.gias import School

_EMPTY = text("DELETE FROM school")
_ENTER = text("""
    INSERT INTO school (urn, number, name, telephone)
    SELECT * FROM unnest(CAST(:urns AS text[]), CAST(:numbers AS text[]), CAST(:names AS text[]),
                         CAST(:telephones AS text[]))
""")
_BY_CODE = text("""
    SELECT urn, number, name, telephone FROM school
    WHERE urn = ANY(:codes) OR number = ANY(:codes)
""")
_SET = text("""
    INSERT INTO school_titles (urn, titles, set_at, set_by)
    VALUES (:urn, CAST(:titles AS jsonb), :at, :by)
""")
_NEWEST = text("""
    SELECT titles, set_at, set_by FROM school_titles WHERE urn = :urn ORDER BY set_id DESC LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class TitlesSet:
    """What a school's own titles mean, since when and by whom it was said."""

    titles: SchoolTitles
    at: datetime
    by: str


class PostgresSchools:
    """Schools as one transaction sees them."""

    def __init__(self, connection: Connection, at: datetime) -> None:
        self._connection = connection
        self.at = at

    def replace_all(self, schools: Sequence[School]) -> None:
        """Take the register's file in the place of the one before; the owner's."""
        self._connection.execute(_EMPTY)
        columns = {
            "urns": [school.urn for school in schools],
            "numbers": [school.number for school in schools],
            "names": [school.name for school in schools],
            "telephones": [school.telephone for school in schools],
        }
        self._connection.execute(_ENTER, columns)

    def by_code(self, codes: Collection[str]) -> Mapping[str, School]:
        """The schools that these are the numbers of, of either sort."""
        rows = self._connection.execute(_BY_CODE, {"codes": list(codes)})
        found = [School(row.urn, row.number, row.name, row.telephone) for row in rows]
        return {code: one for one in found for code in (one.urn, one.number or "") if code in codes}

    def set_titles(self, urn: str, titles: SchoolTitles, *, by: str) -> None:
        """Keep what a school's titles mean, in the place of what was said before; the owner's."""
        said = {"titles": json.dumps(dict(titles.meaning)), "at": self.at, "by": by}
        self._connection.execute(_SET, {"urn": urn, **said})

    def titles_of(self, urn: str) -> TitlesSet | None:
        """What a school's own titles mean; None where nothing is said, or it was taken back."""
        row = self._connection.execute(_NEWEST, {"urn": urn}).first()
        if row is None or not row.titles:
            return None
        return TitlesSet(SchoolTitles(row.titles), row.set_at, row.set_by)

    def titles_of_file(
        self, source: Source, path: Path, school: str | None
    ) -> Mapping[str, str] | None:
        """What the titles of a file mean at its school: that which somebody said, or its name."""
        named = row_of(source).sender_of_file
        if named is None or (urn := school or named(path.name)) is None:
            return None
        said = self.titles_of(urn)
        return None if said is None else said.titles.by_name
