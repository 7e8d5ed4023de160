"""Feeds and lists of leads: what opens by them takes two people, what ends takes one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Role, Source
from services.intake.feeds.model import CameBy, FeedChannel, FeedClass, by_folder
from services.intake.feeds.registering import (
    RegisterFeed,
    Registering,
    WhyNoFeed,
    answer_feed,
    ask_feed,
    end_feed,
)
from services.people.governance.orders import NotTheirs, Order
from services.people.practitioners.postgres_directory import Agency
from services.people.relationships.leads import (
    Listing,
    WhyNoLead,
    answer_lead,
    ask_lead,
    remove_lead,
)
from services.platform.database.migrating import mark_installation
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.fakes.in_process import AGENCY, SCHOOL, InProcess
from tests.support.people.relating import works_as

pytestmark = pytest.mark.postgres

ONE, OTHER = "operator:one", "operator:other"
MAILBOX = CameBy(FeedChannel.MAILBOX, "X26HC001")
A_FEED = RegisterFeed(Source.HEALTH_VISITING, AGENCY, MAILBOX, FeedClass.KEPT)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _registering(work: UnitOfWork) -> Registering:
    ports = (work.feeds, work.directory.kind_of, work.orders, work.ledger, work.now)
    return Registering(*ports, is_demonstration=work.is_demonstration)


def _listing(work: UnitOfWork) -> Listing:
    ports = (work.leads, work.leads.why_not, work.orders, work.ledger, work.now)
    return Listing(*ports, is_demonstration=work.is_demonstration)


def _feed_of_the_mailbox(running: InProcess) -> object:
    with unit_of_work(running.connectors) as work:
        return work.feeds.feed_of(Source.HEALTH_VISITING, MAILBOX)


def _ask(running: InProcess, command: RegisterFeed = A_FEED) -> Order | WhyNoFeed:
    with unit_of_work(running.outside) as work:
        return ask_feed(command, by=ONE, registering=_registering(work))


def _answer(running: InProcess, order: Order | WhyNoFeed, by: str) -> Order | NotTheirs:
    assert isinstance(order, Order)
    with unit_of_work(running.outside) as work:
        return answer_feed(order.id, by=by, confirms=True, registering=_registering(work))


def test_a_feed_is_registered_once_another_has_confirmed_it(running: InProcess):
    """Not by whoever asked, whatever they try; both are named on it."""
    order = _ask(running)
    before = _feed_of_the_mailbox(running)
    own = _answer(running, order, ONE)
    still = _feed_of_the_mailbox(running)
    _answer(running, order, OTHER)

    assert before is still is None
    assert own is NotTheirs.ASKED_IT
    found = _feed_of_the_mailbox(running)
    assert (found.agency, found.is_kept) == (AGENCY, True)
    (entry,) = running.ledger(LedgerEvent.FEED_REGISTERED)
    assert entry.actor == OTHER
    assert entry.fields["feed"] == found.id


@pytest.mark.parametrize(
    ("agency", "why"),
    [(SCHOOL, WhyNoFeed.OTHER_KIND), ("NOBODY", WhyNoFeed.AGENCY_NOT_KNOWN)],
)
def test_no_feed_is_of_an_agency_of_another_kind(running: InProcess, agency: str, why: WhyNoFeed):
    """Nor of one that the directory does not know; that it was tried is entered."""
    command = RegisterFeed(Source.HEALTH_VISITING, agency, MAILBOX, FeedClass.KEPT)

    assert _ask(running, command) is why

    (entry,) = running.ledger(LedgerEvent.FEED_REFUSED)
    assert entry.fields == {"because": why.value}


def test_one_ends_a_feed_and_only_two_begin_it_again(running: InProcess):
    """Registering the same way again is the same feed, perhaps of another agency."""
    _answer(running, _ask(running), OTHER)
    feed = _feed_of_the_mailbox(running)
    with unit_of_work(running.outside) as work:
        end_feed(feed.id, by=OTHER, registering=_registering(work))
    with unit_of_work(running.outside) as work:
        again = end_feed(feed.id, by=OTHER, registering=_registering(work))
    ended = _feed_of_the_mailbox(running)
    with unit_of_work(running.portal) as work:
        work.directory.save_agency(Agency("RB2", "Other", Source.HEALTH_VISITING, None))
    moved = RegisterFeed(Source.HEALTH_VISITING, "RB2", MAILBOX, FeedClass.TYPED)
    _answer(running, _ask(running, moved), OTHER)

    assert again is WhyNoFeed.NOT_THERE
    assert ended is None
    found = _feed_of_the_mailbox(running)
    assert (found.id, found.agency, found.is_kept) == (feed.id, "RB2", False)


def test_an_order_of_another_kind_is_not_there(running: InProcess):
    """Confirming a lead's order as a feed's does nothing."""
    with unit_of_work(running.outside) as work:
        order = ask_lead(AGENCY, VISITOR, by=ONE, listing=_listing(work))

    assert _answer(running, order, OTHER) is NotTheirs.NOT_THERE


def test_only_where_people_are_invented_is_a_file_its_sender_s(running: InProcess):
    """There one command is both hands; everywhere else nothing that is not registered counts."""
    upload = CameBy(FeedChannel.UPLOAD, "8881111")
    with unit_of_work(running.connectors) as work:
        usual = work.feeds.feed_of(Source.SCHOOLS, upload)
    with running.outside.engine.begin() as connection:
        mark_installation(connection, is_demonstration=True)
    with unit_of_work(running.connectors) as work:
        invented = work.feeds.feed_of(Source.SCHOOLS, upload)
        mailbox = work.feeds.feed_of(Source.HEALTH_VISITING, MAILBOX)

    order = _ask(running)

    assert usual is None
    assert (invented.agency, invented.is_kept) == (None, True)
    assert mailbox is None
    assert isinstance(order, Order)
    assert order.asked_by == ONE
    assert _feed_of_the_mailbox(running) is not None


def test_a_way_in_has_the_class_that_fits_it():
    """A mailbox or a client has a system behind it, a file one person can write."""
    folder = by_folder(Path("/srv/schools"))

    assert MAILBOX.usual_class is FeedClass.KEPT
    assert CameBy(FeedChannel.CLIENT, "northfield").usual_class is FeedClass.KEPT
    assert folder.usual_class is FeedClass.TYPED
    assert CameBy(FeedChannel.UPLOAD, SCHOOL).usual_class is FeedClass.TYPED
    assert "schools" not in folder.reference


def test_two_put_somebody_on_the_list_and_one_takes_them_off(running: InProcess):
    """The list is the agency's own; nobody is on it who does not work there."""
    with unit_of_work(running.outside) as work:
        removed = remove_lead(AGENCY, VISITOR, by=ONE, listing=_listing(work))
    with unit_of_work(running.outside) as work:
        nobody = remove_lead(AGENCY, VISITOR, by=ONE, listing=_listing(work))
        stranger = ask_lead(AGENCY, TEACHER, by=ONE, listing=_listing(work))
        order = ask_lead(AGENCY, VISITOR, by=ONE, listing=_listing(work))
        assert isinstance(order, Order)
        own = answer_lead(order.id, by=ONE, confirms=True, listing=_listing(work))
        themselves = answer_lead(
            order.id, by=f"practitioner:{VISITOR}", confirms=True, listing=_listing(work)
        )
        before = work.leads.of(AGENCY)
        answer_lead(order.id, by=OTHER, confirms=True, listing=_listing(work))
        (lead,) = work.leads.of(AGENCY)

    assert removed is not nobody is WhyNoLead.NOT_LISTED
    assert stranger is WhyNoLead.NOT_OF_THE_AGENCY
    assert (own, themselves, before) == (NotTheirs.ASKED_IT, NotTheirs.NOT_THERE, [])
    assert (lead.practitioner, lead.asked_by, lead.warranted_by) == (VISITOR, ONE, OTHER)
    assert running.ledger(LedgerEvent.LEAD_ADDED, LedgerEvent.LEAD_REFUSED)


def test_whoever_opens_no_records_leads_no_cases(running: InProcess):
    """Governance and stewards are on no list."""
    with unit_of_work(running.outside) as work:
        works_as(work, VISITOR, role=Role.DATA_STEWARD)
    with unit_of_work(running.outside) as work:
        why = ask_lead(AGENCY, VISITOR, by=ONE, listing=_listing(work))

    assert why is WhyNoLead.OPENS_NO_RECORDS
