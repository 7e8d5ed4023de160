"""What is found, and in which order, against a plain reading of every entry."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import asin, cos, radians, sin, sqrt
from typing import Any

import pytest
from sqlalchemy import Connection, text
from starlette.testclient import TestClient

from services.interfaces.directory.entries.facts import Point
from services.interfaces.directory.entries.needs import MeetingWay, Need, PlaceAccess
from services.interfaces.directory.search.asked import METRES_A_MILE, ServicesAsked
from services.interfaces.directory.search.postgres import find, find_places
from services.platform.database.direct import direct_pool
from tests.integration.directory.conftest import ListedWorld

pytestmark = pytest.mark.postgres

SEARCHES = 60
CENTRE = Point(52.0, -1.0)
_CHANGES = """
    INSERT INTO directory_place (place_id, service_id, latitude, longitude)
    SELECT md5(service_id::text || n)::uuid, service_id,
        52 + (get_byte(digest, n) - 128) / 900.0, -1 + (get_byte(digest, n + 1) - 128) / 900.0
    FROM directory_service, generate_series(1, 3) AS n WHERE get_byte(digest, 9) % 3 = 0;
    DELETE FROM directory_place USING directory_service AS s
    WHERE s.service_id = directory_place.service_id AND get_byte(s.digest, 9) % 7 = 1;
    UPDATE directory_service SET capacity = 'places' WHERE get_byte(digest, 5) % 2 = 0;
    UPDATE directory_service SET assured_on = NULL WHERE get_byte(digest, 6) % 4 = 0;
    UPDATE directory_service SET status = 'temporarily closed' WHERE get_byte(digest, 7) % 5 = 0;
    UPDATE directory_service SET status = 'inactive' WHERE get_byte(digest, 8) % 9 = 0;
    UPDATE directory_service SET is_withheld = true WHERE get_byte(digest, 10) % 9 = 0;
    UPDATE directory_service SET name = 'The same' WHERE get_byte(digest, 11) % 3 = 0;
    DELETE FROM directory_service WHERE get_byte(digest, 12) % 11 = 0;
"""


@dataclass(frozen=True, slots=True)
class Known:
    """An entry as the oracle knows it: its row, and its places."""

    row: Any
    places: Sequence[Point]

    def metres(self, asked: ServicesAsked) -> float | None:
        """To the nearest place that is near enough."""
        if asked.origin is None or self.row.is_withheld:
            return None
        far = min((distance(asked.origin, place) for place in self.places), default=None)
        limit = asked.within and asked.within * METRES_A_MILE
        return None if far is None or (limit is not None and far > limit) else far


def distance(one: Point, other: Point) -> float:
    """By the haversine formula."""
    north = sin(radians(other.latitude - one.latitude) / 2) ** 2
    east = sin(radians(other.longitude - one.longitude) / 2) ** 2
    across = cos(radians(one.latitude)) * cos(radians(other.latitude))
    return 2 * 3958.7613 * METRES_A_MILE * asin(min(1, sqrt(north + across * east)))


def is_wanted(known: Known, asked: ServicesAsked, worded: Mapping[str, set[str]]) -> bool:
    """By everything that was asked for."""
    row = known.row
    comes = not {MeetingWay.HOME, MeetingWay.ONLINE}.isdisjoint(row.ways)
    is_near = asked.within is None or known.metres(asked) is not None
    return (
        row.status in {"active", "temporarily closed"}
        and (is_near or comes or row.is_withheld)
        and (asked.need is None or asked.need in row.needs)
        and (not asked.words or str(row.service_id) in worded[asked.words])
        and (asked.day is None or asked.day in row.days)
        and (asked.language is None or asked.language in row.languages)
        and asked.access <= set(row.access)
        and (row.is_free or not asked.is_free)
        and (comes or not asked.is_not_there)
        and (asked.age is None or (row.minimum_age or 0) <= asked.age)
        and (asked.age is None or row.maximum_age is None or asked.age < row.maximum_age + 1)
    )


def in_order(known: Known, asked: ServicesAsked) -> tuple[Any, ...]:
    """Open first, then nearest, then checked lately, then places free."""
    row, metres = known.row, known.metres(asked)
    return (
        row.is_withheld,
        row.status != "active",
        metres is None,
        metres or 0,
        -(row.assured_on or date.min).toordinal(),
        row.capacity != "places",
        row.name,
        row.service_id,
    )


def a_search(chance: random.Random) -> ServicesAsked:
    """Mostly little is asked for: who asks for all finds nothing."""

    def now_and_then(likely: float, among: Sequence[Any]) -> Any:
        return chance.choice(among) if chance.random() < likely else None

    origin = now_and_then(0.7, [CENTRE, Point(52.05, -1.1)])
    return ServicesAsked(
        need=now_and_then(0.3, list(Need)),
        words=now_and_then(0.2, ["group", "baby -bank", "tea"]) or "",
        age=now_and_then(0.3, [0.0, 0.6, 2.0, 5.0, 12.0]),
        origin=origin,
        within=None if origin is None else now_and_then(0.7, [1.0, 2.0, 5.0, 10.0]),
        day=now_and_then(0.2, range(7)),
        language=now_and_then(0.1, ["en", "pl", "ur"]),
        access=frozenset(now_and_then(0.2, [[one] for one in PlaceAccess]) or ()),
        is_free=chance.random() < 0.1,
        is_not_there=chance.random() < 0.1,
        page=chance.choice([1, 1, 2]),
        per_page=chance.choice([3, 10, 50]),
    )


def all_known(connection: Connection) -> list[Known]:
    """Every entry with its places."""
    places: dict[Any, list[Point]] = {}
    for row in connection.execute(text("SELECT * FROM directory_place")):
        places.setdefault(row.service_id, []).append(Point(row.latitude, row.longitude))
    rows = connection.execute(text("SELECT * FROM directory_service"))
    return [Known(row, places.get(row.service_id, ())) for row in rows]


def worded(connection: Connection, words: str) -> set[str]:
    """What has these words."""
    found = text(
        "SELECT service_id FROM directory_service"
        " WHERE found @@ websearch_to_tsquery('english', :words)"
    )
    return {str(row.service_id) for row in connection.execute(found, {"words": words})}


def test_every_search_finds_what_reading_all_finds(listed: ListedWorld) -> None:
    """However entries and places came to be as they are, and on both kinds of connection."""
    chance = random.Random(7)
    with listed.engine.connect() as connection:
        for change in filter(str.strip, _CHANGES.split(";")):
            connection.execute(text(change))
        every = all_known(connection)
        said = {words: worded(connection, words) for words in ("group", "baby -bank", "tea")}
        lengths = []
        for asked in [a_search(chance) for _ in range(SEARCHES)]:
            page = find(connection, asked)

            wanted = [one for one in every if is_wanted(one, asked, said)]
            wanted.sort(key=lambda one: in_order(one, asked))
            first = (asked.page - 1) * asked.per_page
            shown = wanted[first : first + asked.per_page]
            assert [one.id for one in page.entries] == [str(one.row.service_id) for one in shown]
            assert [one.document for one in page.entries] == [one.row.document for one in shown]
            assert [one.miles for one in page.entries] == [
                None if (far := one.metres(asked)) is None else pytest.approx(far / METRES_A_MILE)
                for one in shown
            ]
            assert page.total == (len(wanted) if shown else 0)
            lengths.append(len(shown))
    assert len({one.row.status for one in every}) == 3
    assert sum(length > 1 for length in lengths) > SEARCHES // 3


def test_both_kinds_of_connection_find_the_same(listed: ListedWorld) -> None:
    """The driver's own plans once for all values, and answers in binary."""
    chance = random.Random(8)
    searches = [a_search(chance) for _ in range(20)]

    with direct_pool(listed.engine).alone() as direct, listed.engine.connect() as connection:
        for asked in searches:
            assert find_places(direct, asked) == find_places(connection, asked)


def test_a_service_without_a_place_is_found_at_any_distance(listed: ListedWorld) -> None:
    """Last, without a distance, and without a number in the picture."""
    with listed.engine.connect() as connection:
        asked = ServicesAsked(origin=CENTRE, is_not_there=True, per_page=50)
        online = [one for one in find(connection, asked).entries if not one.is_withheld]
    sought = {"postcode": "ZZ99 3AB", "within": "any", "must": "not-there"}

    page = TestClient(listed.app, raise_server_exceptions=False).post("/find", data=sought)

    assert [one.miles for one in online if one.at is None]
    assert page.status_code == 200
    assert "12,4" not in page.text


def test_what_is_written_out_once_is_not_shown_after_a_change(listed: ListedWorld) -> None:
    """An entry's version is another as soon as anything of it is."""
    client, sought = TestClient(listed.app), {"words": "Baby bank"}
    before = client.post("/find", data=sought).text
    change = "UPDATE directory_service SET capacity = :to, capacity_on = :on WHERE name = :name"
    values = {"to": "full", "on": date(2026, 11, 1), "name": "Baby bank"}
    with listed.engine.begin() as connection:
        was = connection.execute(
            text("SELECT capacity, capacity_on FROM directory_service WHERE name = 'Baby bank'")
        ).one()
        connection.execute(text(change), values)
    after = client.post("/find", data=sought).text
    with listed.engine.begin() as connection:
        back = {"to": was.capacity, "on": was.capacity_on, "name": "Baby bank"}
        connection.execute(text(change), back)

    assert before != after
    assert client.post("/find", data=sought).text == before
