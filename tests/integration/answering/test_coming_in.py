"""Coming in by a link and a code: a fetch changes nothing, guesses end, all looks alike."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from services.interfaces.answering.links.coming_in import CODES_AN_HOUR
from services.interfaces.answering.links.model import MOST_LINKS_A_DAY, MOST_TRIES
from tests.support.people.answering_world import ANN, BEN, AnsweringWorld

pytestmark = pytest.mark.postgres

_COUNTED = ("answering_code", "answering_session", "answering_link", "message_out", "ledger_entry")
_REFUSED = LedgerEvent.ANSWERING_CODE_REFUSED
_BYTES = re.compile(r"\\+x((?:[0-9a-f]{2})+)")


def counted(answering: AnsweringWorld) -> list[int]:
    """How many rows there are of all that coming in could make."""
    running = answering.asking.world.running
    return [running.count(table) for table in _COUNTED]


def _as_words(row: str) -> str:
    """A row with its bytes as the text that they may be: in hex any digits turn up by chance."""
    return _BYTES.sub(lambda found: bytes.fromhex(found[1]).decode("latin-1"), row)


def wrong_for(code: str) -> str:
    """Six digits that are not the code."""
    return "000000" if code != "000000" else "111111"


def test_link_that_a_scanner_fetched_twenty_times_still_works(answering: AnsweringWorld):
    """GET and HEAD change nothing and tell nothing, not even the reference."""
    answering.register()
    connection = answering.sent()
    link = answering.links()[ANN[0]]
    client, before = answering.client(), counted(answering)

    pages = [client.http.get(link) for _ in range(20)]
    heads = [client.http.head(link) for _ in range(3)]

    assert counted(answering) == before
    assert {page.status_code for page in (*pages, *heads)} == {200}
    assert connection.reference[:4] not in pages[0].text
    assert not any("set-cookie" in page.headers for page in (*pages, *heads))
    assert "Can you help?" in answering.come_in(link).http.get("/request").text


def test_wrong_link_looks_like_any_other(answering: AnsweringWorld):
    """The same page, answer and number of rows, for one that never was, is void or is withdrawn."""
    answering.register()
    connection = answering.sent()
    links = answering.links()
    asked = []
    for link in (links[ANN[0]], "/answer/AAAAAAAAAAAAAAAAAAAAAA", links[BEN[0]]):
        if link == links[BEN[0]]:
            answering.asking.withdraw_decisions(connection)
        client, before = answering.client(), counted(answering)
        page = client.http.get(link).text.replace(link, "LINK")
        done = client.http.post(f"{link}/code")
        made = [now - then for now, then in zip(counted(answering), before, strict=True)]
        cookie = len(done.headers.pop("set-cookie"))
        told = sorted(done.headers.items() - {("content-security-policy", "")})
        told = [one for one in told if one[0] != "content-security-policy"]
        asked.append((nonce_free(page), done.status_code, done.text, told, cookie, made))
        answering.mail()

    assert asked[0] == asked[1] == asked[2]
    outcomes = [e.fields["outcome"] for e in answering.entries(LedgerEvent.ANSWERING_CODE_ASKED)]
    assert outcomes == ["sent", "is-not-known", "is-closed"]


def nonce_free(page: str) -> str:
    """A page without what is at random in each."""
    return page.partition("<body")[2].partition("</script>")[2]


def test_guessing_ends_after_five_and_a_new_link_goes_to_the_mailbox(answering: AnsweringWorld):
    """Over all browsers together; the right code is worth nothing then, and it is entered."""
    answering.register()
    answering.sent()
    link = answering.links()[ANN[0]]
    browsers = [(one := answering.client(), answering.code_for(one, link)) for _ in range(2)]
    (first, _), (second, code) = browsers
    assert code is not None
    for n in range(MOST_TRIES):
        client = (first, second)[n % 2]
        answer = client.http.post("/code", data={"code": wrong_for(code)})
        assert answer.status_code == 422
        assert "did not work" in answer.text

    refused = second.http.post("/code", data={"code": code})
    fresh = answering.links()

    assert refused.status_code == 422
    because = [e.fields["because"] for e in answering.entries(_REFUSED)]
    assert because == ["is-wrong"] * MOST_TRIES + ["is-void"]
    items = answering.entries(LedgerEvent.GOVERNANCE_ITEM_RAISED)
    assert [one.fields["kind"] for one in items] == ["many-codes"]
    assert list(fresh) == [ANN[0]]
    assert answering.code_for(answering.client(), link) is None
    assert answering.come_in(fresh[ANN[0]])


def test_new_links_and_codes_are_bounded_too(answering: AnsweringWorld):
    """Whoever reads the mailbox alone has fifteen tries a day in a million, and no flood."""
    answering.register()
    answering.sent()
    link, rounds = answering.links()[ANN[0]], 0
    while True:
        client = answering.client()
        code = answering.code_for(client, link)
        assert code is not None
        for _ in range(MOST_TRIES):
            client.http.post("/code", data={"code": wrong_for(code)})
        rounds += 1
        fresh = answering.links()
        if not fresh:
            break
        link = fresh[ANN[0]]
    other = answering.client()
    codes = [answering.code_for(other, "/answer/never-was") for _ in range(CODES_AN_HOUR + 1)]

    assert rounds == MOST_LINKS_A_DAY
    assert codes == [None] * (CODES_AN_HOUR + 1)
    assert len(answering.entries(LedgerEvent.LIMIT_REACHED)) == 1


def test_code_is_used_once_and_lasts_ten_minutes(answering: AnsweringWorld):
    """And it is worth nothing in another browser."""
    answering.register()
    answering.sent()
    link = answering.links()[ANN[0]]
    client, stranger = answering.client(), answering.client()
    code = answering.code_for(client, link)
    assert code is not None

    tries = [stranger.http.post("/code", data={"code": code}).status_code]
    tries.append(client.http.post("/code", data={"code": f" {code[:3]} {code[3:]}"}).status_code)
    again = answering.client()
    late = answering.code_for(again, link)
    answering.asking.world.clock.pass_by(timedelta(minutes=10))
    tries.append(again.http.post("/code", data={"code": late or ""}).status_code)

    assert tries == [422, 303, 422]
    assert [e.fields["because"] for e in answering.entries(_REFUSED)] == [
        "is-not-known",
        "has-expired",
    ]


def test_session_ends_after_thirty_minutes_and_with_who_it_is_of(answering: AnsweringWorld):
    """Somebody who answers no more sees nothing more, at once."""
    answering.register()
    answering.sent()
    links = answering.links()
    ann, ben = answering.come_in(links[ANN[0]]), answering.come_in(links[BEN[0]])

    answering.register(ANN, ("cat@home-start.example", "07700 900833"))
    bens = ben.http.get("/request")
    anns = ann.http.get("/request")
    answering.asking.world.clock.pass_by(timedelta(minutes=30))
    late = ann.http.get("/request")

    assert (anns.status_code, bens.status_code, late.status_code) == (200, 410, 410)
    assert nonce_free(bens.text) == nonce_free(late.text)


def test_what_is_kept_holds_no_code_link_number_or_name(answering: AnsweringWorld):
    """Whoever reads the tables comes in nowhere, and learns of nobody."""
    answering.register()
    answering.sent()
    link = answering.links()[ANN[0]]
    client = answering.client()
    code = answering.code_for(client, link)
    client.http.post("/code", data={"code": code or ""})
    answering.post(client, "/terms", {"name": "Ann Firth", "role": "Lead", "agree": "yes"})
    tables = ("answering_link", "answering_code", "answering_session", "answering_mail")
    tables += ("community_partner", "community_people", "partner_terms", "two_hands_order")
    with answering.asking.world.running.outside.engine.connect() as connection:
        kept = " ".join(
            _as_words(row)
            for table in tables
            for row in connection.execute(text(f"SELECT t::text FROM {table} t")).scalars()  # noqa: S608
        )

    for secret in (link.rpartition("/")[2], f"({code})", "900811", "900822", "Ann", "ann@"):
        assert secret not in kept
