"""What other systems ask of the directory, by the filters of Open Referral UK 3.0.

In the order of ids, so that pages stay where they are while somebody fetches one after the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from services.interfaces.directory.entries.checking import Document
from services.interfaces.directory.search.asked import Filtered
from services.interfaces.directory.search.postgres import METRES, box_around

_SERVICES: Final = """
    SELECT s.document, count(*) OVER () AS total FROM directory_service AS s
    WHERE true{conditions} ORDER BY s.service_id LIMIT :limit OFFSET :offset
"""
_PLACES: Final = """
    SELECT t.there || jsonb_build_object('service_id', s.service_id, 'service', s.document)
        AS document, count(*) OVER () AS total
    FROM directory_service AS s
    CROSS JOIN LATERAL jsonb_array_elements(s.document -> 'service_at_locations') AS t (there)
    {near}
    WHERE NOT s.is_withheld{conditions}
    ORDER BY s.service_id, t.there ->> 'id' LIMIT :limit OFFSET :offset
"""
_PLACED: Final = f"""
    JOIN directory_place AS p ON p.service_id = s.service_id
        AND p.place_id = CAST(t.there ->> 'id' AS uuid)
        AND p.latitude BETWEEN :south AND :north AND p.longitude BETWEEN :west AND :east
        AND {METRES} <= :metres
"""
_FILTERS: Final[Mapping[str, str]] = {
    "words": "s.found @@ websearch_to_tsquery('english', :words)",
    "terms": "s.terms && CAST(:terms AS uuid[])",
    "taxonomies": "s.taxonomies && CAST(:taxonomies AS uuid[])",
    "minimum_age": "s.minimum_age >= :minimum_age",
    "maximum_age": "s.maximum_age <= :maximum_age",
    "slot": "EXISTS (SELECT FROM directory_slot AS t WHERE t.service_id = s.service_id "
    "AND (CAST(:day AS smallint) IS NULL OR t.day = :day) "
    "AND (CAST(:opens AS time) IS NULL OR t.opens >= :opens) "
    "AND (CAST(:closes AS time) IS NULL OR t.closes <= :closes))",
}
_BY_PLACE: Final = text("""
    SELECT t.there || jsonb_build_object('service_id', s.service_id, 'service', s.document)
        AS document
    FROM directory_service AS s
    CROSS JOIN LATERAL jsonb_array_elements(s.document -> 'service_at_locations') AS t (there)
    WHERE s.service_id IN (SELECT service_id FROM directory_service
        WHERE document -> 'service_at_locations' @> CAST(:pattern AS jsonb))
      AND t.there ->> 'id' = :id
""")
_TERMS: Final = """
    SELECT term AS document, count(*) OVER () AS total FROM (
        SELECT DISTINCT ON (a -> 'taxonomy_term' ->> 'id') a -> 'taxonomy_term' AS term
        FROM directory_service AS s,
            jsonb_array_elements(coalesce(s.document -> 'attributes', '[]')) AS l (a)
        WHERE a -> 'taxonomy_term' IS NOT NULL
          AND (CAST(:id AS text) IS NULL OR a -> 'taxonomy_term' ->> 'id' = :id)
        ORDER BY a -> 'taxonomy_term' ->> 'id', s.service_id) AS terms
    ORDER BY term ->> 'id' LIMIT :limit OFFSET :offset
"""
_TAXONOMIES: Final = """
    SELECT document, count(*) OVER () AS total FROM (
        SELECT DISTINCT ON (term ->> 'taxonomy_id') jsonb_build_object(
            'id', term ->> 'taxonomy_id', 'name', term ->> 'taxonomy',
            'description', term ->> 'taxonomy') AS document
        FROM (SELECT a -> 'taxonomy_term' AS term FROM directory_service AS s,
            jsonb_array_elements(coalesce(s.document -> 'attributes', '[]')) AS l (a)) AS terms
        WHERE term ->> 'taxonomy_id' IS NOT NULL
          AND (CAST(:id AS text) IS NULL OR term ->> 'taxonomy_id' = :id)
        ORDER BY term ->> 'taxonomy_id') AS taxonomies
    ORDER BY document ->> 'id' LIMIT :limit OFFSET :offset
"""


@dataclass(frozen=True, slots=True)
class Documents:
    """A page of documents, and how many there are in all."""

    contents: Sequence[Document]
    total: int


def services(connection: Connection, asked: Filtered) -> Documents:
    """A page of services, by filters."""
    values, conditions = _filters(asked)
    return _documents(connection, _SERVICES.format(conditions=conditions), values)


def services_at_locations(connection: Connection, asked: Filtered) -> Documents:
    """A page of services at locations, by filters and nearness."""
    values, conditions = _filters(asked)
    near = ""
    if asked.origin is not None and asked.metres is not None:
        values |= box_around(asked.origin, asked.metres)
        near = _PLACED
    return _documents(connection, _PLACES.format(near=near, conditions=conditions), values)


def service_at_location(connection: Connection, place: str) -> Document | None:
    """One of them, with its service."""
    values = {"id": place, "pattern": f'[{{"id": "{place}"}}]'}
    row = connection.execute(_BY_PLACE, values).first()
    return None if row is None else row.document


def terms(
    connection: Connection, *, term: str | None = None, page: int = 1, per_page: int = 1
) -> Documents:
    """A page of the terms of every taxonomy, or the one of that id."""
    values = {"id": term, "limit": per_page, "offset": (page - 1) * per_page}
    return _documents(connection, _TERMS, values)


def taxonomies(
    connection: Connection, *, taxonomy: str | None = None, page: int = 1, per_page: int = 1
) -> Documents:
    """A page of the taxonomies that terms are of, or the one of that id."""
    values = {"id": taxonomy, "limit": per_page, "offset": (page - 1) * per_page}
    return _documents(connection, _TAXONOMIES, values)


def _documents(connection: Connection, statement: str, values: Mapping[str, Any]) -> Documents:
    rows = connection.execute(text(statement), dict(values)).all()
    contents = [row.document for row in rows]
    if not rows and values["offset"]:  # after the last page there is still a first one
        rows = connection.execute(text(statement), {**values, "offset": 0}).all()
    return Documents(contents, rows[0].total if rows else 0)


def _filters(asked: Filtered) -> tuple[dict[str, Any], str]:
    said = {
        "words": asked.words or None,
        "terms": list(asked.terms) or None,
        "taxonomies": list(asked.taxonomies) or None,
        "minimum_age": asked.minimum_age,
        "maximum_age": asked.maximum_age,
    }
    values: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    conditions = [_FILTERS[name] for name in values]
    slot = {"day": asked.day, "opens": asked.opens, "closes": asked.closes}
    if any(value is not None for value in slot.values()):
        values |= slot
        conditions.append(_FILTERS["slot"])
    values |= {"limit": asked.per_page, "offset": (asked.page - 1) * asked.per_page}
    return values, "".join(f" AND {one}" for one in conditions)
