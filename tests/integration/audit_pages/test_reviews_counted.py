"""Reviews that really came through are counted once, stay so, and are told to service managers."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import Disposition, Source
from services.audit.figures.measures import Measure
from services.audit.figures.postgres_reviews import CountingMonth, who_may_have_had_one
from services.audit.index.postgres_catching_up import check_index, empty_index
from services.platform.keys.vault import KeyVault
from services.work import Outside, unit_of_work
from services.workers.aggregation import CountingOfReviews, count_all_reviews
from services.workers.rebuild import Origin
from tests.support.audit.office_world import AuditOffice, an_audit_office
from tests.support.erasing import erased
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_child_health import AnEncounter, encounter_message
from tests.support.people.joined import make_one
from tests.support.people.link_traps import nhs_number
from tests.support.portal.pages import PageClient
from tests.support.rebuilding import rebuilt

pytestmark = pytest.mark.postgres

MARCH = date(2026, 3, 1)
_BORN = date(2026, 3, 1)
_ON_TIME, _LATE = (8, 9, 10, 11, 12, 12, 13, 14), (20, 20, 21, 22, 23, 24)
_CANCELLED = 110, date(2025, 3, 3)
_EXPECTED = {
    ("reviews", "new-birth:on-time"): 8,
    ("reviews", "new-birth:late"): 6,
    ("reviews", "two-years:early"): 1,
    ("reviews", "twelve-months:not-done"): 1,
    **{("new-birth", str(d)): _ON_TIME.count(d) for d in _ON_TIME},
    **{("new-birth", str(d)): _LATE.count(d) for d in _LATE},
}


class Told:
    """Children, each with a number of their own, and what is sent of them."""

    def __init__(self, world: AuditOffice, folder: Path) -> None:
        self.world = world
        self._folder = folder
        self._sent = 0
        self._waiting: list[Path] = []

    def child(self, number: int, born: date = _BORN, *, is_shared: bool = True) -> Subject:
        """Somebody whose family shares everything, or has said nothing."""
        child = _by_number(number, born)
        if is_shared:
            self.world.running.decide(child)
        return child

    def send(self, child: Subject, on: date, words: str = "New birth visit", **more: str) -> None:
        """Write a message about an encounter, as the trust's system does."""
        self._sent += 1
        born = child.demographics.date_of_birth
        person = APerson(nhs_number=child.identifiers[0].value, born=born, lines=())
        met = AnEncounter(f"e{self._sent}", words=words, on=on.isoformat(), **more)
        header = AHeader("encounter-1", message_id=f"m{self._sent}")
        file = self._folder / f"{self._sent}.xml"
        file.write_bytes(encounter_message(person, header, met))
        self._waiting.append(file)

    def arrive(self) -> None:
        """Let all of it arrive."""
        files = self.world.running.ingest(Source.HEALTH_VISITING, *self._waiting)
        assert all(one.message.disposition is not Disposition.PARKED for one in files)
        self.world.running.settle()
        self._waiting.clear()


@pytest.fixture(scope="module")
def world(
    shared_engine: Engine, vault: KeyVault, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AuditOffice]:
    """Reviews of March, and others that are not to be counted; it is the middle of April."""
    with an_audit_office(shared_engine, vault, tmp_path_factory.mktemp("office")) as found:
        told = Told(found, tmp_path_factory.mktemp("files"))
        _send_visits(told)
        _send_what_counts_as_nothing(told)
        found.clock.pass_by(timedelta(days=45))
        found.count()
        count_all_reviews(found.running.folding)
        yield found


def _send_visits(told: Told) -> None:
    """Fourteen new birth visits, two of them of twins, and what is told of one child twice."""
    for number, days in enumerate((*_ON_TIME, *_LATE)):
        child = told.child(number)
        told.send(child, _BORN + timedelta(days=days))
        if number == 0:
            told.send(child, _BORN + timedelta(days=27))
    # Two whom somebody has found to be one: what was told of each is of one child.
    pair = [told.child(100 + n, date(2024, 5, 3)) for n in range(2)]
    for child in pair:
        told.send(child, date(2026, 3, 9), "2 to 2½ year review")
    told.send(told.child(*_CANCELLED), MARCH, "12 month review", status="cancelled")
    told.arrive()
    one, other = (_person(told.world, child) for child in pair)
    with unit_of_work(told.world.running.portal) as work:
        make_one(work, one, other)


def _send_what_counts_as_nothing(told: Told) -> None:
    """Another month, another thing, planned, taken back, not shared, or shared no more."""
    told.send(told.child(120), date(2026, 4, 2))
    told.send(told.child(121), date(2026, 3, 12), "Clinic", code="999")
    told.send(told.child(122), date(2026, 3, 12), status="planned")
    told.send(told.child(123), date(2026, 3, 12), status="entered-in-error")
    told.send(told.child(124, is_shared=False), date(2026, 3, 12))
    gone = told.child(125, is_shared=False)
    decided = told.world.running.decide(gone)
    told.send(gone, date(2026, 3, 12))
    told.arrive()
    told.world.running.withdraw(decided.decision.id)
    told.world.running.settle()


def _by_number(number: int, born: date = _BORN) -> Subject:
    known = Demographics(date_of_birth=born.isoformat())
    return Subject("child", (nhs_number(number),), known)


def _person(world: AuditOffice, child: Subject) -> PersonId:
    found = world.running.person(child)
    assert found is not None
    return found


def _counted(world: AuditOffice) -> dict[tuple[str, str], int]:
    query = text("SELECT * FROM audit_count WHERE measure IN ('reviews', 'new-birth')")
    with world.running.outside.engine.connect() as connection:
        rows = connection.execute(query).all()
    assert {(row.period, row.agency) for row in rows} <= {(MARCH, "")}
    return {(row.measure, row.code): row.times for row in rows}


def test_each_child_is_counted_once_for_each_review_and_by_no_name(world: AuditOffice) -> None:
    """Only what holds, of children who are shared; that it was counted is entered."""
    assert _counted(world) == _EXPECTED
    assert all(re.fullmatch(r"[a-z-]+:[a-z-]+|[0-9]{1,2}", code) for _, code in _counted(world))
    (entry,) = world.running.ledger(LedgerEvent.FIGURES_COUNTED)
    assert entry.actor == "job:aggregation"
    assert entry.fields.keys() == {"since", "until", "records", "unreadable"}
    assert entry.fields["unreadable"] == 0


def test_a_service_manager_reads_them_on_the_page_and_as_csv(world: AuditOffice) -> None:
    """By kind of review, and days after birth; small counts hidden, and what hangs on them."""
    manager = world.office.browser(world.manager)

    page = manager.get("/figures")

    kinds = _csv(manager, page.links["CSV: Reviews of children, on time or not, March 2026"])
    assert kinds[0][1:] == ["On time", "Early", "Late", "Not known", "Did not take place", "All"]
    by_kind = {row[0]: row[1:] for row in kinds[1:]}
    assert set(by_kind["New birth visit"]) <= {"8", "0", "6", "14", "hidden"}
    assert by_kind["2 to 2½ year review"][1] == by_kind["12 month review"][4] == "hidden"
    days = _csv(manager, page.links["CSV: Days from birth to the new birth visit, by month"])
    is_whole = {by_kind["New birth visit"][0], by_kind["New birth visit"][2]} == {"8", "6"}
    assert days[1:] == [["March 2026", *(("14", "13 days") if is_whole else ("hidden", "hidden"))]]
    assert all(cell in page.text for row in (*kinds, *days) for cell in row)
    assert "New birth visit: on time within 14 days of birth" in page.text
    assert "These were counted on 16 April 2026." in page.text


def _csv(browser: PageClient, address: str) -> list[list[str]]:
    answer = browser.http.get(address)
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.text)))


def test_auditors_figures_have_none_of_them(world: AuditOffice) -> None:
    """They are about the service, not about access."""
    page = world.office.browser(world.office.governance).get("/audit/figures")

    assert "birth visit" not in page.text


def test_what_was_counted_stays_whatever_becomes_of_the_records(world: AuditOffice) -> None:
    """An erasure, a rebuild of the profile or of the index, and asking again change nothing."""
    running = world.running

    erased(_person(world, _by_number(*_CANCELLED)), running.outside)
    rebuilt(running, Origin.RECORDS)
    empty_index(running.relay.engine)
    world.count()
    count_all_reviews(running.folding)

    assert _counted(world) == _EXPECTED
    assert check_index(running.relay.engine).is_none
    assert len(running.ledger(LedgerEvent.FIGURES_COUNTED)) == 1


def _who(world: AuditOffice) -> list[PersonId]:
    """Give whom the job looks at."""
    with unit_of_work(world.running.folding) as work:
        return list(who_may_have_had_one(work.connection, MARCH))


def test_what_cannot_be_read_is_not_counted_and_entered_as_that(world: AuditOffice) -> None:
    """It stops nobody else's from being counted."""
    damaged = "UPDATE record SET sealed = 'none' WHERE person_id = :person"
    counting = CountingMonth(MARCH, _who(world))
    with unit_of_work(world.running.folding) as work:
        work.connection.execute(text(damaged), {"person": _person(world, _by_number(0))})
        counting.count_next(work, most=100)
        work.connection.rollback()

    assert counting.unreadable == 2  # both visits of the first child
    assert counting.counts[Measure.REVIEWS, "new-birth:on-time"] == 7


def test_killed_before_its_end_it_has_counted_nothing_and_then_counts_once(
    world: AuditOffice,
) -> None:
    """Half-way through, in the middle of writing, and where two count the same month."""
    outside = world.running.folding
    _forget(world)
    half = CountingOfReviews()
    assert half(outside) == 1  # a month is found
    assert half(outside) > 1  # the children are counted, and nothing is written
    assert _counted(world) == {}
    both = [CountingMonth(MARCH, _who(world)) for _ in range(2)]
    for one in both:
        with unit_of_work(outside) as work:
            while one.waiting:
                one.count_next(work, most=3)
    with pytest.raises(KeyboardInterrupt):
        _write_and_die(both[0], outside)
    assert _counted(world) == {}

    written: list[bool] = []
    for one in both:
        with unit_of_work(outside) as work:
            written.append(one.write(work))
    count_all_reviews(outside)

    assert written == [True, False]
    gone = ("reviews", "twelve-months:not-done")  # whom another test may have erased
    assert _counted(world) | {gone: 1} == _EXPECTED


def _write_and_die(counting: CountingMonth, outside: Outside) -> None:
    with unit_of_work(outside) as work:
        counting.write(work)
        raise KeyboardInterrupt


def _forget(world: AuditOffice) -> None:
    with world.running.outside.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_reviews_counted"))
        connection.execute(
            text("DELETE FROM audit_count WHERE measure IN ('reviews', 'new-birth')")
        )
