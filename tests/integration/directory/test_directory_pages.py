"""The directory's pages: found, drawn, shown, flagged; without cookie, script or trace."""

from typing import Any

import httpx2
import pytest
from lxml import html
from sqlalchemy import text
from starlette.testclient import TestClient

from tests.integration.directory.conftest import ListedWorld

pytestmark = pytest.mark.postgres

_SOUGHT = {
    "need": "talking-and-play",
    "age": "1 year 7 months",
    "postcode": "ZZ99 3",
    "within": "2",
}


def words(response: httpx2.Response) -> str:
    return " ".join(html.document_fromstring(response.text).text_content().split())


def names(response: httpx2.Response) -> list[str]:
    found = html.document_fromstring(response.text).find_class("app-service")
    return [one.find(".//h3/a").text_content() for one in found]


def find(listed: ListedWorld, **sought: Any) -> httpx2.Response:
    return TestClient(listed.app).post("/find", data=sought)


def test_what_is_near_and_for_the_age_comes_first(listed: ListedWorld) -> None:
    """By distance, and last whose address is shown to nobody; each with a number in the picture."""
    response = find(listed, **_SOUGHT)

    assert response.status_code == 200
    assert "9 services for talking and play, 19 months, within 2 miles of ZZ99 3" in words(response)
    assert names(response)[-1] == "Safe start play group"
    assert "Address not shown, to keep people safe" in words(response)
    picture = html.document_fromstring(response.text).find(".//svg")
    assert picture.findtext("title") == "Map picture of the 8 services of this page with a place"
    assert "Sing and play lies" in picture.findtext("desc")
    assert "Safe start" not in picture.findtext("desc")
    assert "Checked 3 months ago" in words(response)
    assert "Wednesday, 1.30pm to 3pm" in words(response)


@pytest.mark.parametrize(
    ("sought", "first"),
    [
        ({"words": "nappies washed"}, "Baby bank"),
        ({"need": "birth-registration"}, "Registering a birth"),
        ({"need": "talking-and-play", "day": "5", "language": "pl"}, "Stories in Polish"),
        ({"need": "send", "must": "not-there"}, "Portage at home"),
        ({"age": "not born yet", "need": "pregnancy-and-birth", "day": "3"}, "Bumps and babies"),
        (
            {"must": ["hearing-loop", "free"], "need": "money-and-home", "language": "so"},
            "Housing advice",
        ),
        (
            {"postcode": "zz993vz", "within": "1", "need": "infant-feeding", "day": "1"},
            "Baby clinic",
        ),
        ({"postcode": "ZZ99 6", "need": "talking-and-play"}, "Bounce and rhyme, Quayside"),
        ({"age": "12", "day": "4"}, "Youth evening"),
    ],
)
def test_each_way_of_asking_finds_it(
    listed: ListedWorld, sought: dict[str, Any], first: str
) -> None:
    """Need, words, age, distance, day, language, access and cost."""
    assert first in names(find(listed, **sought))


def test_pages_of_a_long_list_follow_one_another(listed: ListedWorld) -> None:
    """By a button of a form: what was asked stands in no address."""
    first = find(listed, need="")
    more = html.document_fromstring(first.text).xpath("//button[@name='page']/@value")

    second = find(listed, page=more[0])

    assert (len(names(first)), len(names(second))) == (10, 10)
    assert not set(names(first)) & set(names(second))


def test_what_is_wrong_with_a_form_is_said_beside_the_field(listed: ListedWorld) -> None:
    """And nothing that was typed is in what is said."""
    response = find(listed, age="Zebedee", postcode="QQ1 1QQ", day="9", need="nothing")

    page = html.document_fromstring(response.text)
    told = page.find_class("govuk-error-summary__list")[0].text_content()
    assert response.status_code == 422
    assert "Enter an age such as 7 months, or 2" in told
    assert "Enter a postcode that we know" in told
    assert "Zebedee" not in told
    assert page.findtext(".//title").startswith("Error: ")
    for link in page.find_class("govuk-error-summary__list")[0].iter("a"):
        assert page.get_element_by_id(link.get("href").removeprefix("#")) is not None


def test_no_page_sets_a_cookie_or_holds_what_was_asked(
    listed: ListedWorld, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nor does any log, address, title or link."""
    response = find(listed, **_SOUGHT, words="zebedee")

    page = html.document_fromstring(response.text)
    assert "set-cookie" not in response.headers
    assert response.headers["cache-control"] == "no-store"
    assert "script" not in response.text
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert not [one for one in page.xpath("//@href | //@src | //@action") if "zebedee" in one]
    assert "ZZ99" not in (page.findtext(".//title") or "")
    told = capfd.readouterr()
    assert "zebedee" not in told.out + told.err
    with listed.engine.connect() as connection:
        kept = connection.execute(text("SELECT count(*) FROM directory_flag")).scalar()
    assert kept == 0


def test_one_press_says_that_an_entry_is_wrong(listed: ListedWorld) -> None:
    """It is counted by day and kind; another site's page cannot press."""
    http = TestClient(listed.app)
    page = html.document_fromstring(find(listed, words="nappies washed").text)
    action = page.xpath("//form[contains(@action, '/mistake')]/@action")[0]

    pressed = [http.post(action, data={"mistake": "telephone"}) for _ in range(2)]
    wrong = http.post(action, data={"mistake": "zebedee"})
    forged = http.post(action, data={"mistake": "closed"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert "Whoever looks after the entry of Baby bank will look at it" in words(pressed[0])
    assert (wrong.status_code, forged.status_code) == (400, 403)
    with listed.engine.begin() as connection:
        rows = connection.execute(text("DELETE FROM directory_flag RETURNING kind, presses")).all()
    assert [tuple(row) for row in rows] == [("telephone", 2)]


def test_a_service_has_a_page_with_all_there_is(listed: ListedWorld) -> None:
    """When next, what it costs, whom to ring, where; and none of that where it is kept secret."""
    http = TestClient(listed.app)
    page = html.document_fromstring(find(listed, words="breast and bottle").text)
    shown = words(http.get(page.xpath("//h3/a/@href")[0]))
    hidden = html.document_fromstring(find(listed, words="leave home").text)
    secret = http.get(hidden.xpath("//h3/a/@href")[0])

    for told in ("Tuesday 3 March 2026 10am to midday", "01632 960100", "Free", "ZZ99 3VZ"):
        assert told in shown
    assert "Ring to hear when and where" in words(secret)
    assert "ZZ99" not in secret.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/about", 200),
        ("/services/00000000-0000-0000-0000-000000000000", 404),
        ("/services/zebedee", 404),
        ("/nothing", 404),
        ("/find%00", 400),
    ],
)
def test_every_other_page_answers_in_words(listed: ListedWorld, path: str, status: int) -> None:
    """Never with what was asked for."""
    response = TestClient(listed.app).get(path)

    assert response.status_code == status
    assert "zebedee" not in response.text
    assert html.document_fromstring(response.text).find(".//h1") is not None


def test_the_address_of_a_list_leads_to_the_form(listed: ListedWorld) -> None:
    """Whoever copies it from the browser finds where to ask."""
    response = TestClient(listed.app, follow_redirects=False).get("/find")

    assert (response.status_code, response.headers["location"]) == (303, "/")
