"""Suspended means at once: what was being done is waited for, and nothing is done after it."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Disposition, Source
from services.interfaces.partners.onboarding import onboarding, resume_partner
from services.interfaces.partners.ports import Pace, PushedDisposition
from services.interfaces.partners.work import partner_work
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.messages.cloud_events import an_event
from tests.support.messages.nems_messages import professional_contact
from tests.support.partners import NORTHFIELD
from tests.support.partners_database import PartnersOnDatabase, partners_on
from tests.support.waiting import GENEROUS

pytestmark = pytest.mark.postgres

NEMS = professional_contact()
MINUTE = timedelta(minutes=1)


@pytest.fixture
def partners(outside: Outside) -> Iterator[PartnersOnDatabase]:
    """Give the partner interfaces over the main job on an empty database."""
    with InProcess.running(outside) as running, partners_on(running) as found:
        yield found


def test_a_suspended_partner_s_tokens_open_nothing_any_more(partners: PartnersOnDatabase):
    """And are not there again when it is let in again."""
    headers = partners.token()
    partners.suspend()
    shut_out = partners.push(an_event(NEMS), headers=headers)

    with onboarding(partners.running.outside, by="operator:one") as book:
        resume_partner(NORTHFIELD, onboarding=book)
    still_out = partners.push(an_event(NEMS), headers=headers)

    assert (shut_out.status_code, still_out.status_code) == (401, 401)
    assert partners.push(an_event(NEMS)).status_code == 200
    events = [e.event for e in partners.running.ledger()]
    assert events.index(LedgerEvent.PARTNER_SUSPENDED) < events.index(LedgerEvent.PARTNER_RESUMED)


def test_suspending_waits_for_what_is_being_done(partners: PartnersOnDatabase):
    """What has begun ends first; what begins meanwhile finds no token already."""
    headers = partners.token()
    with ThreadPoolExecutor() as pool:
        with partner_work(partners.running.connectors)() as work:
            work.tokens.keep_from_suspension(NORTHFIELD)
            suspending = pool.submit(partners.suspend)
            waited = not _ends_within(suspending, 1.0)
            meanwhile = partners.push(an_event(NEMS), headers=headers)
        suspending.result(timeout=GENEROUS)

    assert waited
    assert meanwhile.status_code == 401


def test_of_two_that_are_shown_one_assertion_one_believes_it(partners: PartnersOnDatabase):
    """In two processes at the same moment: the database decides."""
    partners.onboard()
    open_work = partner_work(partners.running.connectors)
    at = partners.running.outside.clock.now()
    together = threading.Barrier(2)

    def use() -> bool:
        with open_work() as work:
            together.wait(timeout=GENEROUS)
            return work.assertions.use(NORTHFIELD, b"id", until=at + MINUTE, at=at)

    with ThreadPoolExecutor() as pool:
        believed = [future.result() for future in [pool.submit(use) for _ in range(2)]]

    assert sorted(believed) == [False, True]


def test_several_that_empty_a_bucket_take_no_more_than_is_in_it(partners: PartnersOnDatabase):
    """Whichever process asks."""
    open_work = partner_work(partners.running.connectors)

    def take(_: int) -> bool:
        with open_work() as work:
            return work.pacing.take("bucket", Pace(0.001, 7)) is None

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, range(40)))

    assert taken.count(True) == 7


def test_what_one_worker_has_taken_ahead_no_other_takes_again(partners: PartnersOnDatabase):
    """Two workers, each with its own memory: together no more than is in the bucket."""
    workers = [partner_work(partners.running.connectors) for _ in range(2)]
    pace = Pace(0.001, 80)

    taken = 0
    for number in range(200):
        with workers[number % 2]() as work:
            taken += work.pacing.take_ahead("ahead", pace) is None

    assert 80 - pace.burst // 8 <= taken <= 80


def test_most_of_what_is_allowed_writes_no_row_of_a_limit(partners: PartnersOnDatabase):
    """Whoever asks often has some taken ahead: the row is written the more rarely."""
    open_work = partner_work(partners.running.connectors)
    written = set()

    for _ in range(200):
        with open_work() as work:
            assert work.pacing.take_ahead("often", Pace(1000.0, 2000)) is None
        with partners.running.connectors.engine.connect() as connection:
            query = text("SELECT xmin::text FROM partner_pace WHERE bucket = 'often'")
            written.add(connection.execute(query).scalar_one())

    assert len(written) < 20


def test_a_page_leaves_out_what_may_still_come_before_it(partners: PartnersOnDatabase):
    """A disposition of a transaction under way is on a later page, never on none."""
    partners.onboard()
    open_work = partner_work(partners.running.connectors)
    slow, quick = _disposition("a"), _disposition("b")
    with open_work() as first:
        first.dispositions.add(NORTHFIELD, *slow, at=first.now)
        with open_work() as second:
            second.dispositions.add(NORTHFIELD, *quick, at=second.now)
        early = partners.get("dispositions")["dispositions"]

    late = partners.get("dispositions")["dispositions"]

    assert early == []
    assert [one["receipt"][0] for one in late] == ["a", "b"]


def _disposition(letter: str) -> tuple[Source, list[PushedDisposition]]:
    return Source.SCHOOLS, [PushedDisposition(0, letter * 32, Disposition.PUBLISHED)]


def _ends_within(future: Future[None], seconds: float) -> bool:
    try:
        future.result(timeout=seconds)
    except TimeoutError:
        return False
    return True
