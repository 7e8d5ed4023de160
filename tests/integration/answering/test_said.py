"""What a partner says with a report: a day, what comes next, and words for something else."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from schemas.records.payloads import ConnectionReport, StoryEntry
from schemas.records.published import PublishedRecord, kept_to_category
from schemas.uk_time import uk_day
from schemas.vocabulary import Category, Source
from services.interfaces.connections.life import ConnectionStatus
from services.interfaces.connections.telling.postgres import PostgresSaid, words_not_told
from services.platform.keys.sealing import JweSealer
from services.work import unit_of_work
from tests.support.people.answering_world import ANN, AnsweringWorld
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres

CANARY = "Zebedee likes the quiet room"


def on(moment: datetime) -> dict[str, str]:
    """A day as it is typed."""
    day = uk_day(moment)
    return {"on-day": str(day.day), "on-month": str(day.month), "on-year": str(day.year)}


def yes(answering: AnsweringWorld) -> tuple[PageClient, str]:
    """Ann has said yes, and comes in again three days later; she, and the request."""
    answering.register()
    connection = answering.sent()
    link = answering.links()[ANN[0]]
    answering.post(answering.come_in(link), "/request", {"answer": "yes"})
    answering.asking.world.clock.pass_by(timedelta(days=3))
    return answering.come_in(link), connection.id


def community(answering: AnsweringWorld) -> list[PublishedRecord]:
    """What the shared side has from services in the community."""
    running = answering.asking.world.running
    running.settle()
    found = running.stored(answering.asking.world.mother)
    return [record for record in found if record.source is Source.COMMUNITY]


def payloads(records: list[PublishedRecord], sort: type[Any]) -> list[Any]:
    """Those of one sort."""
    return [record.payload for record in records if isinstance(record.payload, sort)]


def test_a_day_is_not_to_come_nor_before_the_request_and_something_else_needs_words(
    answering: AnsweringWorld,
):
    """What was typed is given back, and nothing is written down."""
    client, connection = yes(answering)
    now = answering.asking.world.clock.now()
    contact = {"next": "contact", "words": CANARY}

    def say(**more: str) -> Any:
        return answering.post(client, "/request", contact | more, "/next")

    to_come, before = say(**on(now + timedelta(days=1))), say(**on(now - timedelta(days=4)))
    no_day = say(**{"on-day": "31", "on-month": "2", "on-year": "2026"})
    no_words = say(step="other", words=" ")
    unended = answering.post(client, "/finish", {"reason": "other"})
    ended_early = answering.post(
        client, "/finish", {"reason": "moved"} | on(now - timedelta(days=9))
    )

    for page in (to_come, before, ended_early):
        assert page.status_code == 422
        assert "still to come, or before you were asked" in page.text
    assert CANARY in before.text
    assert "Enter a real day" in no_day.text
    for page in (no_words, unended):
        assert page.status_code == 422
        assert "Say what, in a few words" in page.text
    assert answering.asking.find(connection).status is ConnectionStatus.ACCEPTED


def test_days_and_words_are_told_as_records_and_stand_in_no_mail_or_log(
    answering: AnsweringWorld,
):
    """Words are a record of their own, kept to whoever may see that a service was asked."""
    client, _ = yes(answering)
    clock = answering.asking.world.clock
    spoke = clock.now() - timedelta(days=3)
    answering.mail()
    with capture_logs() as logged:
        said = {"next": "contact", "step": "other", "words": CANARY} | on(spoke)
        answering.post(client, "/request", said, "/next")
        contacted = community(answering)
        began = {"next": "start"} | on(clock.now() - timedelta(days=1))
        answering.post(client, "/request", began, "/next")
        started = community(answering)
        ended = {"reason": "other", "words": "She moved on."} | on(clock.now())
        done = answering.post(client, "/finish", ended)
        finished = community(answering)

    [report] = payloads(contacted, ConnectionReport)
    assert (report.contacted_on, report.next_step) == (uk_day(spoke).isoformat(), "other")
    [report] = payloads(started, ConnectionReport)
    assert report.since == uk_day(clock.now() - timedelta(days=1)).isoformat()
    assert "Thank you" in done.text
    [report] = payloads(finished, ConnectionReport)
    assert (report.reason_code, report.since) == ("other", uk_day(clock.now()).isoformat())
    written = {one.text: one.written_by for one in payloads(finished, StoryEntry)}
    assert written == dict.fromkeys((CANARY, "She moved on."), "Coordinator, Home-Start Northfield")
    story = [record for record in finished if record.category is Category.STORY]
    assert {one.kept_to for one in story} == {frozenset({kept_to_category(Category.EARLY_HELP)})}
    told = repr(logged) + repr([one.text + one.subject for one in answering.mail()])
    assert "Zebedee" not in told


def test_words_that_are_withheld_are_still_told_to_whose_they_are(answering: AnsweringWorld):
    """In subject access; and erasing the key leaves none."""
    client, connection = yes(answering)
    answering.post(client, "/request", {"next": "contact", "words": CANARY}, "/next")
    world = answering.asking.world
    with unit_of_work(world.running.outside) as work:
        said = PostgresSaid(work.connection, JweSealer(work.keys.data_key))
        published = words_not_told(said, connection, world.mother)
        work.connection.exec_driver_sql("UPDATE connection_told SET is_all = false")
        withheld = words_not_told(said, connection, world.mother)

    assert published == ()
    assert withheld == (("What the service wrote", CANARY),)
