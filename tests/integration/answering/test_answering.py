"""Answering a request: what was agreed and no more, and only while it is agreed."""

from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from consent.ledger.events import LedgerEvent
from services.interfaces.connections.life import ConnectionStatus, DeclineReason, EndReason
from services.interfaces.connections.model import WhatIsTold
from tests.support.people.answering_world import ANN, BEN, PLACE, AnsweringWorld
from tests.support.people.connecting_world import TOLD

pytestmark = pytest.mark.postgres


def body(page: Any) -> str:
    """What is on a page, without what is at random in each."""
    return str(page.text).partition("<body")[2].partition("</script>")[2]


def test_terms_come_first_and_are_noted_with_their_version(answering: AnsweringWorld):
    """Nothing is shown, nor called opened, before somebody said who they are and agreed."""
    answering.register()
    connection = answering.sent()
    link = answering.links()[ANN[0]]
    client = answering.client()
    client.http.post("/code", data={"code": answering.code_for(client, link) or ""})

    first = client.http.get("/request")
    unsure = answering.post(client, "/terms", {"name": "", "role": "Lead"})
    before = answering.asking.find(connection.id).status
    answering.post(client, "/terms", {"name": "Ann Firth", "role": "Lead", "agree": "yes"})

    assert first.headers["location"] == "/terms"
    assert "Enter your name" in body(unsure)
    assert before is ConnectionStatus.SENT
    assert answering.asking.find(connection.id).status is ConnectionStatus.OPENED
    [entry] = answering.entries(LedgerEvent.PARTNER_TERMS_ACCEPTED)
    assert (entry.actor, entry.fields["version"]) == ("partner:community.home-start", "2026-12")


def test_page_has_exactly_what_was_agreed_and_each_view_is_entered(answering: AnsweringWorld):
    """By partner, for the family's own page and for auditors."""
    answering.register()
    connection = answering.sent()
    client = answering.come_in(answering.links()[ANN[0]])
    before = len(answering.entries(LedgerEvent.CONNECTION_SHOWN))

    page = client.http.get("/request").text
    client.http.get("/request")

    for told in ("Eva Novak", "07700 900417", "Text first.", "Polish", "Mornings are the hardest"):
        assert told in page
    assert "Amara Okafor" in page
    shown = answering.entries(LedgerEvent.CONNECTION_SHOWN)
    assert {entry.fields["connection"] for entry in shown} == {connection.id}
    assert len(shown) == before + 2
    assert {entry.actor for entry in shown} == {"partner:community.home-start"}


def test_every_page_says_whom_to_ring_about_a_child_and_what_it_is_called(
    answering: AnsweringWorld,
):
    """Titles, addresses and what the browser passes on tell nothing of anybody."""
    answering.register()
    connection = answering.sent()
    link = answering.links()[ANN[0]]
    with capture_logs() as logged:
        client = answering.come_in(link)
        pages = [
            client.http.get(at)
            for at in (link, "/code", "/terms", "/request", "/decline", "/finish", "/nowhere")
        ]

    for page in pages:
        assert "Worried about a child’s safety?" in page.text
        assert PLACE.worry_line in page.text
        assert "<title>A request – Northfield Family Hub</title>" in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert link.rpartition("/")[2] not in page.text.replace(f'"{link}/code"', "")
    said = repr(logged) + repr([str(page.url) for page in pages[1:]])
    for secret in ("Novak", "900417", "Mornings", connection.id, link):
        assert secret not in said


def test_two_who_answer_at_once_make_one_answer(answering: AnsweringWorld):
    """The second is told that somebody of their group has answered."""
    answering.register()
    connection = answering.sent()
    links = answering.links()
    ann, ben = answering.come_in(links[ANN[0]]), answering.come_in(links[BEN[0]])
    ben.http.get("/decline")

    answering.post(ann, "/request", {"answer": "yes"})
    late = answering.post(ben, "/decline", {"reason": "full"})

    assert "Somebody of your group has answered since" in body(late)
    assert answering.asking.find(connection.id).status is ConnectionStatus.ACCEPTED


def test_withdrawal_between_page_and_answer_shuts_it(answering: AnsweringWorld):
    """The same page as for who never came in; nothing becomes of the answer."""
    answering.register()
    connection = answering.sent()
    client = answering.come_in(answering.links()[ANN[0]])
    page = client.http.get("/request").text

    answering.asking.withdraw_decisions(connection)
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    late = client.http.post("/request", data={"csrf": token, "answer": "yes"})
    never = answering.client().http.get("/request")

    assert late.status_code == never.status_code == 410
    assert body(late) == body(never)
    assert "You can no longer see this request" in late.text
    assert answering.asking.find(connection.id).status is ConnectionStatus.OPENED
    assert client.http.get("/request").status_code == 410


def test_no_needs_a_reason_and_then_there_is_nothing_to_see(answering: AnsweringWorld):
    """The decision ends with it; the link asks for a code that nobody is sent."""
    answering.register()
    connection = answering.sent()
    link = answering.links()[ANN[0]]
    client = answering.come_in(link)

    unsure = answering.post(client, "/request", {})
    asked = answering.post(client, "/request", {"answer": "no"})
    without = answering.post(client, "/decline", {})
    done = answering.post(client, "/decline", {"reason": "waiting-list"})

    assert "Pick an answer" in body(unsure)
    assert asked.headers["location"] == "/decline"
    assert "Pick the nearest reason" in body(without)
    assert "We tell the family" in body(done)
    found = answering.asking.find(connection.id)
    assert (found.status, found.declined) == (ConnectionStatus.DECLINED, DeclineReason.WAITING_LIST)
    assert client.http.get("/request").status_code == 410
    assert answering.code_for(answering.client(), link) is None


def test_yes_then_spoken_started_and_finished_by_the_same_link(answering: AnsweringWorld):
    """Each told once; when it is finished the link shuts."""
    answering.register()
    connection = answering.sent()
    link = answering.links()[ANN[0]]
    client = answering.come_in(link)
    rung = answering.post(client, "/request", {"answer": "ring"})
    is_to_ring = answering.asking.find(connection.id).is_to_ring
    answering.post(client, "/request", {"answer": "yes"})

    client = answering.come_in(link)
    told = []
    for step in ("contact", "start"):
        answering.post(client, "/request", {"next": step}, "/next")
        told.append(answering.asking.find(connection.id).status)
    asked = answering.post(client, "/request", {"next": "finish"}, "/next")
    answering.post(client, "/finish", {"reason": "goals-met"})

    assert rung.headers["location"] == "/request?rung=yes"
    assert is_to_ring
    assert told == [ConnectionStatus.CONTACTED, ConnectionStatus.STARTED]
    assert asked.headers["location"] == "/finish"
    found = answering.asking.find(connection.id)
    assert (found.status, found.ended) == (ConnectionStatus.FINISHED, EndReason.GOALS_MET)
    assert client.http.get("/request").status_code == 410


def test_form_of_another_site_or_session_is_refused(answering: AnsweringWorld):
    """Nothing becomes of it."""
    answering.register()
    connection = answering.sent()
    links = answering.links()
    ann, ben = answering.come_in(links[ANN[0]]), answering.come_in(links[BEN[0]])
    bens = ben.http.get("/request").text.partition('name="csrf" value="')[2].partition('"')[0]

    crossed = ann.http.post("/request", data={"csrf": bens, "answer": "yes"})
    foreign = ann.http.post(
        "/request", data={"answer": "yes"}, headers={"sec-fetch-site": "cross-site"}
    )

    assert (crossed.status_code, foreign.status_code) == (403, 403)
    assert answering.asking.find(connection.id).status is ConnectionStatus.OPENED


def test_what_was_not_agreed_is_nowhere_on_the_page(answering: AnsweringWorld):
    """Without language or why there is no row for it."""
    told: WhatIsTold = replace(TOLD, language="", why="")
    answering.register()
    answering.sent(told)
    client = answering.come_in(answering.links()[ANN[0]])

    page = client.http.get("/request").text

    assert "Eva Novak" in page
    assert "Language" not in page
    assert ">Why<" not in page
