"""What the pages are for somebody who is watched: left fast, told by nothing, read by anybody."""

import re

import pytest

from tests.support.people.door_world import MOTHERS_DAY, PAGES, DoorWorld
from tests.support.portal.readability import reading_year, sentences_of

pytestmark = pytest.mark.postgres
NOT_SAID = re.compile(r"\b(data|consent|process|record|disclose)\w*", re.IGNORECASE)
OPEN = ("/", "/sign-in", "/code", "/safety", "/off")
_YEAR = 4.0
"""The school year of those who are nine; most of these pages are too short for any other."""


def test_safe_for_somebody_who_is_watched(door: DoorWorld):
    """Leaving, neutral titles and addresses, nothing kept; off looks like never set up."""
    stranger = door.client()
    never = [stranger.http.get(page) for page in PAGES]
    client = door.client_of("mother")
    pages = [client.get(page) for page in (*OPEN, "/new", "/others", "/story/add", *PAGES)]
    pages.append(client.get(next(a for a in client.get("/right").links.values() if "right/" in a)))

    for page in pages:
        assert page.title == "Exbury Family Hub"
        assert page.response.headers["referrer-policy"] == "no-referrer"
        assert page.tree.xpath("//a[@href='/leave'][contains(@class,'exit-this-page__button')]")
        inputs = page.tree.xpath("//input[@type='text']")
        assert all(one.get("autocomplete") == "off" for one in inputs)
        words = [" ".join(e.text_content().split()) for e in page.tree.xpath("//p|//li|//h1|//h2")]
        assert not NOT_SAID.findall(" ".join(words)), NOT_SAID.findall(" ".join(words))
        assert reading_year(sentences_of(page.tree)) <= _YEAR, page.response.url
    heads = [client.http.head(page) for page in ("/", "/home", "/looked")]
    assert {(one.status_code, one.content, "etag" in one.headers) for one in heads} == {
        (200, b"", False)
    }
    assert [client.http.head(one).status_code for one in ("/leave", "/back/any")] == [405, 405]
    assert client.http.get("/home").status_code == 200, "HEAD ends nothing"
    left = client.http.get("/leave")
    assert left.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert left.headers["location"].startswith("https://www.bbc.co.uk/weather")
    door.sign_in_at(client, door.world.mobile.value, MOTHERS_DAY)
    client.send_raw("/off", "/off", {})
    off = [client.http.get(page) for page in PAGES]
    assert [(a.status_code, a.headers["location"], a.text) for a in off] == [
        (a.status_code, a.headers["location"], a.text) for a in never
    ]
    known, unknown = (
        door.client().http.post("/sign-in", data={"contact": typed})
        for typed in (door.world.mobile.value, door.fathers.value)
    )
    hide = re.compile("family-began=[^;]*")
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    told = [hide.sub("", one.headers["set-cookie"]) for one in (known, unknown)]
    assert told[0] == told[1]


def test_forms_of_other_sites_and_sessions_change_nothing(door: DoorWorld):
    """Also where a browser says no origin, as it does when no referrer is sent."""
    client = door.client_of("mother")
    token = client.get("/off").token_of("/off")

    refused = [
        client.http.post("/off", data={"csrf": "0" * 64}),
        client.http.post("/off", data={"csrf": token}, headers={"sec-fetch-site": "cross-site"}),
        client.http.post("/off", data={"csrf": token}, headers={"origin": "https://evil.example"}),
        client.http.post("/sign-in", data={}, headers={"sec-fetch-site": "cross-site"}),
    ]
    told = {"origin": "null", "sec-fetch-site": "same-origin"}

    assert [one.status_code for one in refused] == [403] * 4
    assert client.http.post("/off", data={"csrf": token}, headers=told).status_code == 303
    assert client.http.get("/home").status_code == 303
