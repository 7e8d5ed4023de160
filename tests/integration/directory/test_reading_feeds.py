"""Councils' feeds over a real connection: good ones, old ones, and every way to be a bad one."""

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, text

from services.interfaces.directory.entries.postgres import DirectoryRole
from services.interfaces.directory.feeds import postgres
from services.interfaces.directory.feeds.fetching import FeedFailure, Fetching, FetchLimits
from services.interfaces.directory.feeds.postgres import ServiceFeed
from services.interfaces.directory.feeds.pulling import is_due, read_feed
from services.interfaces.directory.feeds.reading import FeedVersion
from services.platform.database.engine import open_engine
from tests.support.clock import StandingClock
from tests.support.directory import FeedServer, a_feed, a_service, an_id, an_old_service

pytestmark = [pytest.mark.postgres, pytest.mark.enable_socket]

_CLOCK = StandingClock()


class Reader:
    """Reads feeds with the rights of the process that does."""

    def __init__(self, owner: Engine) -> None:
        self.owner = owner
        address = owner.url.set(username=DirectoryRole.FEEDS.value)
        self.engine = open_engine(address.render_as_string(hide_password=False))

    def read(self, feed: FeedServer, *, name: str = "exbury", **limits: Any) -> FeedFailure | None:
        version = FeedVersion.V1 if feed.is_old else FeedVersion.V3
        known = ServiceFeed(name, name, feed.url, version)
        with self.owner.begin() as connection:
            postgres.add_feed(connection, known, by="job:tests", at=_CLOCK.now())
        opened = partial(Fetching, private=feed.named, limits=FetchLimits(**limits))
        return read_feed(known, engine=self.engine, clock=_CLOCK, open_feed=opened)

    def listed(self) -> dict[str, str]:
        """Every entry's status, by name."""
        with self.owner.connect() as connection:
            rows = connection.execute(text("SELECT name, status FROM directory_service"))
            return {row.name: row.status for row in rows}

    def parked(self) -> list[tuple[str, str, str]]:
        with self.owner.connect() as connection:
            rows = postgres.parked_of(connection)
        return [(row.record, row.field, row.fault) for row in rows]

    def one(self, statement: str) -> Any:
        with self.owner.connect() as connection:
            return connection.execute(text(statement)).scalar()


@pytest.fixture
def reader(shared_engine: Engine) -> Iterator[Reader]:
    """A directory without entries."""
    with shared_engine.begin() as connection:
        connection.execute(text("DELETE FROM directory_feed"))
    made = Reader(shared_engine)
    yield made
    made.engine.dispose()


def test_a_feed_is_read_page_by_page_and_again_only_where_it_changed(reader: Reader) -> None:
    """What it lists by heads is asked for one by one, and next time only by its mark."""
    marked = [a_service(f"Group {n}", last_modified="2026-01-01T00:00:00Z") for n in range(120)]

    with a_feed(*marked) as feed:
        first = reader.read(feed)
        asked = len(feed.asked)
        feed.services[3] = a_service("Group 3", last_modified="2026-02-01T00:00:00Z", alert="Shut")
        again = reader.read(feed)

    assert (first, again) == (None, None)
    assert (asked, len(feed.asked) - asked) == (2 + 120, 2 + 1)
    assert len(reader.listed()) == 120
    assert reader.one("SELECT count(*) FROM directory_place") == 120
    assert reader.one("SELECT document ->> 'alert' FROM directory_service WHERE name = 'Group 3'")


def test_version_1_is_listed_by_the_newer_names(reader: Reader) -> None:
    """Ages, days, access, languages, cost and place of an old feed are found like any other's."""
    with a_feed(an_old_service(), is_old=True) as feed:
        assert reader.read(feed) is None

    found = reader.one("""
        SELECT row_to_json(s) FROM (SELECT minimum_age, maximum_age, days, languages, access,
            is_free, needs, document -> 'contacts' -> 0 -> 'phones' -> 0 ->> 'number' AS rings
            FROM directory_service) AS s
    """)
    assert found == {
        "minimum_age": 0,
        "maximum_age": 5,
        "days": [0],
        "languages": ["ur"],
        "access": ["step-free"],
        "is_free": True,
        "needs": ["talking-and-play"],
        "rings": "01632 960999",
    }
    assert reader.one("SELECT latitude FROM directory_place") == 52.01


def test_a_faulty_service_is_parked_and_the_feed_is_not(reader: Reader) -> None:
    """Told are record and field; nothing of what stood there; what was there before stays."""
    canary = "Zebedee Canary"
    good, known = a_service("Good"), a_service("Known")

    with a_feed(good, known) as feed:
        reader.read(feed)
        feed.services += [
            a_service("No state", status=canary),
            a_service("Bad link", url="javascript:alert(1)", email=canary),
            a_service("Nameless", id=canary),
            a_service("Far", id=an_id("far"))
            | {"service_at_locations": [{**a_service("Far")["service_at_locations"][0]}]},
            canary,
            a_service("Good", alert="the same id again"),
        ]
        feed.services[-3]["service_at_locations"][0]["location"] = {
            **feed.services[-3]["service_at_locations"][0]["location"],
            "latitude": 100,
        }
        feed.services[1] = known | {"name": "\ud800"}
        feed.is_whole = True
        assert reader.read(feed) is None

    assert reader.listed() == {"Good": "active", "Known": "active", "Far": "active"}
    parked = {(field, fault) for _, field, fault in reader.parked()}
    assert parked == {
        ("status", "not-in-the-list"),
        ("url", "not-a-link"),
        ("email", "not-an-email-address"),
        ("id", "not-a-uuid"),
        ("name", "not-text"),
        ("service_at_locations[0].location.latitude", "no-such-place"),
        ("service", "not-an-object"),
        ("id", "twice-in-the-feed"),
    }
    assert canary not in str(reader.parked())
    assert reader.one("SELECT parked FROM directory_feed") == 6


def test_what_a_feed_does_not_list_any_more_becomes_inactive(reader: Reader) -> None:
    """It is not deleted: whoever knows its id is told."""
    with a_feed(a_service("Stays"), a_service("Goes")) as feed:
        reader.read(feed)
        del feed.services[1]
        reader.read(feed)
        assert reader.listed() == {"Stays": "active", "Goes": "inactive"}

        feed.services.append(a_service("Goes"))
        reader.read(feed)

    assert reader.listed() == {"Stays": "active", "Goes": "active"}
    assert reader.one("SELECT document ->> 'status' FROM directory_service WHERE name = 'Goes'")


def test_one_feed_cannot_write_another_s_entries(reader: Reader) -> None:
    """Whose id it is first, stays so."""
    with a_feed(a_service("Mine")) as mine, a_feed(a_service("Mine", name="Taken")) as theirs:
        reader.read(mine)
        reader.read(theirs, name="other")

    assert reader.listed() == {"Mine": "active"}
    assert reader.parked() == [(an_id("Mine"), "id", "belongs-to-another-feed")]


@pytest.mark.parametrize(
    ("told", "limits", "failure"),
    [
        ({"redirects_to": "http://127.0.0.1:9/"}, {}, FeedFailure.REDIRECTED),
        ({"redirects_to": "https://exbury.example/"}, {}, FeedFailure.REDIRECTED),
        ({"status": 410}, {}, FeedFailure.GONE),
        ({"status": 503}, {}, FeedFailure.REFUSED),
        ({"filler": 3}, {"bytes": 1024 * 1024}, FeedFailure.TOO_LARGE),
        ({"drips": threading.Event()}, {"seconds": 0.3}, FeedFailure.TOO_SLOW),
        ({"services": []}, {}, FeedFailure.NOT_A_FEED),
    ],
    ids=["to-loopback", "elsewhere", "gone", "refused", "huge", "slow", "empty"],
)
def test_what_cannot_be_read_changes_nothing(
    reader: Reader, told: dict[str, Any], limits: dict[str, Any], failure: FeedFailure
) -> None:
    """It is noted with the feed, and every entry stays as it was."""
    with a_feed(a_service()) as feed:
        reader.read(feed)
        for name, value in told.items():
            setattr(feed, name, value)
        found = reader.read(feed, **limits)
        if feed.drips is not None:
            feed.drips.set()

    assert found is failure
    assert reader.listed() == {"Sing and play": "active"}
    assert reader.one("SELECT failure FROM directory_feed") == failure.value
    assert reader.one("SELECT count(*) FROM directory_staged") == 0


def test_a_feed_on_this_machine_is_read_only_where_it_is_named(reader: Reader) -> None:
    """Without the setting not even a connection is made."""
    with a_feed(a_service()) as feed:
        known = ServiceFeed("exbury", "Exbury", feed.url, FeedVersion.V3)
        with reader.owner.begin() as connection:
            postgres.add_feed(connection, known, by="job:tests", at=_CLOCK.now())

        found = read_feed(known, engine=reader.engine, clock=_CLOCK, open_feed=Fetching)

    assert found is FeedFailure.ADDRESS
    assert feed.asked == []


def test_feeds_are_due_at_night() -> None:
    """One that was never read is due at once, one that failed again the same night."""
    now = _CLOCK.now()
    never = ServiceFeed("a", "A", "https://a.example", FeedVersion.V3)
    read = ServiceFeed("b", "B", "https://b.example", FeedVersion.V3, last_read=now)

    assert is_due(never, now, is_night=False)
    assert not is_due(read, now, is_night=True)


def test_the_process_has_no_right_to_a_person(reader: Reader) -> None:
    """Nor to write what partners wrote."""
    with reader.owner.connect() as connection:
        rights = connection.execute(
            text("""
                SELECT role, table_name FROM unnest(ARRAY['tell_once_directory',
                    'tell_once_directory_feeds']) AS r (role), information_schema.tables AS t
                WHERE t.table_schema IN ('public', 'own')
                  AND has_schema_privilege(role, t.table_schema, 'USAGE')
                  AND has_table_privilege(role, format('%I.%I', table_schema, table_name),
                    'SELECT, INSERT, UPDATE, DELETE')
            """)
        ).all()

    assert rights
    assert {row.table_name for row in rights if not row.table_name.startswith("directory_")} <= {
        "alembic_version"
    }
