"""Whose own somebody is, and on whose case-load, as feeds tell it; withheld or published alike."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

import pytest

from connectors.ports import Received, Unreadable
from connectors.publishing.publish import PublishIfPermitted, publish_if_permitted
from schemas.identifiers import PersonId
from schemas.records.message import Demographics, SourceMessage, Subject
from schemas.records.payloads import Involvement, Period
from schemas.vocabulary import Category, Source
from services.intake.feeds.model import FeedClass
from services.platform.keys.vault import SecretName
from services.work import Outside, unit_of_work
from services.workers.replaying import replay
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.nems import APerson
from tests.support.messages.nems_messages import professional_contact
from tests.support.messages.source_messages import (
    A_REVIEW,
    a_clearing,
    a_message,
    a_record,
    a_removal,
    the_child,
    the_family,
)
from tests.support.people.feeding_agencies import (
    CASE_LOAD,
    OWN,
    FeedingAgency,
    a_feeding_agency,
    states_of,
)

pytestmark = pytest.mark.postgres

NUMBERS = (
    "9990000018",
    "9990000026",
    "9990000034",
    "9990000042",
    "9990000050",
    "9990000069",
)
LATER, LAST = "2026-02-01T00:00:00Z", "2026-02-15T00:00:00Z"


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _child(running: InProcess) -> PersonId:
    found = running.person(the_child())
    assert found is not None
    return found


def _visited(agency: FeedingAgency, named: str | None = None, **more: object) -> SourceMessage:
    """A message of health visiting: which agency works with the child."""
    involvement = Involvement("Health visiting", named or agency.code, **more)
    return a_message("m1", a_record("w", involvement, Category.PRACTITIONERS))


def _taught(agency: FeedingAgency, *other: tuple[str, Period], **more: object) -> SourceMessage:
    """A file of a school: that it teaches the child, and which schools did before."""
    own = Involvement("School", agency.code, period=Period("2025-09-01"))
    former = [Involvement("School", code, period=period) for code, period in other]
    records = [
        a_record(f"{agency.code}/{n}", one, Category.EDUCATION)
        for n, one in enumerate([own, *former])
    ]
    return a_message(f"of {agency.code}", *records, source=Source.SCHOOLS, **more)


def test_a_school_that_a_transfer_file_only_names_gets_nothing(running: InProcess):
    """The school whose feed it is has the pupil; that of the history has not."""
    here = a_feeding_agency(running, "9991001", Source.SCHOOLS)
    before = a_feeding_agency(running, "9991002", Source.SCHOOLS)

    here.receive(_taught(here, (before.code, Period("2020-09-01"))))

    child = _child(running)
    assert here.held(child) == {OWN, CASE_LOAD}
    assert before.held(child) == set()


def test_a_trust_that_a_message_only_names_gets_nothing_nor_does_its_sender(running: InProcess):
    """Its content gives the child to the other, whose own feed has not told of them."""
    sender, named = a_feeding_agency(running, "RA1"), a_feeding_agency(running, "RB2")

    sender.receive(_visited(sender, named.code))

    child = _child(running)
    assert sender.held(child) == named.held(child) == set()


def test_a_typed_list_with_somebody_s_number_puts_nobody_on_a_case_load(running: InProcess):
    """Only when something that is not of the school agrees; whichever comes first."""
    typist = a_feeding_agency(running, "9991001", Source.SCHOOLS, FeedClass.TYPED)
    other = a_feeding_agency(running, "9991002", Source.SCHOOLS)
    row = a_message(
        "row", a_record("r", Involvement("School"), Category.EDUCATION), source=Source.SCHOOLS
    )

    typist.receive(row)
    alone = typist.held(_child(running))
    other.receive(_taught(other, (typist.code, Period("2026-01-05"))))

    assert alone == {OWN}
    assert typist.held(_child(running)) == {OWN, CASE_LOAD}


def test_a_mention_that_is_over_agrees_with_nothing(running: InProcess):
    """They went there once: a list that says they do is one person's word again."""
    typist = a_feeding_agency(running, "9991001", Source.SCHOOLS, FeedClass.TYPED)
    other = a_feeding_agency(running, "9991002", Source.SCHOOLS)
    other.receive(_taught(other, (typist.code, Period("2020-09-01", "2025-07-20"))))

    typist.receive(_taught(typist))

    assert typist.held(_child(running)) == {OWN}


def test_a_typed_number_contradicts_nobody_who_has_it(running: InProcess):
    """Another name and date of birth beside it keep no other agency's child away."""
    typist = a_feeding_agency(running, "9991001", Source.SCHOOLS, FeedClass.TYPED)
    trust = a_feeding_agency(running, "RA1")
    wrong = replace(the_child(), demographics=Demographics("Wrong", ("Ada",), "2019-01-01"))

    typist.receive(_taught(typist, subjects=(wrong,)))
    trust.receive(_visited(trust))

    assert trust.held(_child(running)) == {OWN, CASE_LOAD}
    assert running.count("parked") == 0


def test_a_withdrawal_takes_no_child_off_its_own_health_visitor_s_list(running: InProcess):
    """The records are purged; who works with the child is the agency's own."""
    trust = a_feeding_agency(running, "RA1")
    decided = running.decide(the_child()).decision
    trust.receive(_visited(trust))
    running.settle()

    running.withdraw(decided.id)
    running.settle()

    (child,) = decided.subjects
    assert running.stored(child) == []
    assert trust.held(child) == {OWN, CASE_LOAD}


def test_the_named_worker_holds_the_case_and_the_leads_do_not(running: InProcess):
    """Until a message names another."""
    trust = a_feeding_agency(running, "RA1")
    trust.receive(_visited(trust, practitioner_ref="w-1"))
    child = _child(running)
    assert trust.held(child, by=trust.worker) == {OWN, CASE_LOAD}
    assert trust.held(child) == set()

    handed = a_record("w", Involvement("Health visiting", trust.code), Category.PRACTITIONERS)
    trust.receive(a_message("m2", handed, at=LATER))

    assert trust.held(child, by=trust.worker) == set()
    assert trust.held(child) == {OWN, CASE_LOAD}


def test_twice_and_in_any_order_comes_to_the_same(running: InProcess):
    """Begun, handed over, taken back; and a second telling writes nothing at all."""
    outcomes = []
    for number, order in enumerate(permutations(range(3))):
        trust = a_feeding_agency(running, f"RA{number}")
        child = by_number(NUMBERS[number])
        begun = Involvement("Health visiting", trust.code, practitioner_ref="w-1")
        told = (
            a_message("a", a_record("w", begun, Category.PRACTITIONERS), subjects=(child,)),
            a_message("b", a_record("v", A_REVIEW), at=LATER, subjects=(child,)),
            a_message("c", a_removal("w", Category.PRACTITIONERS), at=LAST, subjects=(child,)),
        )
        trust.receive(*(told[place] for place in order))
        before = states_of(running)
        for place in order:
            trust.receive(told[place])
        assert states_of(running) == before
        person = running.person(child)
        assert person is not None
        outcomes.append((trust.held(person), trust.held(person, by=trust.worker)))

    assert outcomes == [(set(), set())] * 6


def test_a_pupil_who_has_left_is_nobody_s_own_from_the_day_after(running: InProcess):
    """Rows end; none goes."""
    school = a_feeding_agency(running, "9991001", Source.SCHOOLS)
    school.receive(_taught(school))
    gone = Involvement("School", school.code, period=Period("2025-09-01", "2026-02-27"))
    left = a_record(f"{school.code}/0", gone, Category.EDUCATION)

    school.receive(a_message("left", left, at=LATER, source=Source.SCHOOLS))

    assert school.held(_child(running)) == set()
    assert {row[5] is not None for row in states_of(running) if row[6] == 2} == {True}


def test_a_child_whom_an_authority_purges_is_its_own_no_longer(running: InProcess):
    """Everything that it said is taken back, details as well as workers."""
    authority = a_feeding_agency(running, "998", Source.SOCIAL_CARE)
    worker = Involvement("Children's social care", authority.code)
    scopes = ("child", "child/worker")
    told = a_record("w", worker, Category.SOCIAL_CARE, scopes=scopes)
    authority.receive(a_message("m1", told, source=Source.SOCIAL_CARE))
    before = authority.held(_child(running))

    purged = a_message("m2", a_clearing("child"), at=LATER, source=Source.SOCIAL_CARE)
    authority.receive(purged)

    assert before == {OWN, CASE_LOAD}
    assert authority.held(_child(running)) == set()


def test_a_baby_without_a_number_is_reached_through_the_mother(running: InProcess):
    """Nothing tells one baby without a name from another."""
    trust = a_feeding_agency(running, "RA1")
    mother = the_family()[1]
    baby = Subject("baby", (), Demographics("Smith", ("Baby",), "2026-02-20", None, True))

    birth = a_record("b", A_REVIEW, Category.CHILD_HEALTH, "baby")
    trust.receive(a_message("birth", birth, subjects=(baby, mother)))

    person = running.person(mother)
    assert person is not None
    assert trust.held(person) == {OWN, CASE_LOAD}
    assert running.count("person") == 1


def test_two_authorities_of_a_looked_after_child_do_not_contradict(running: InProcess):
    """The one that is responsible, and the one in whose area the child is placed."""
    ours, theirs = (a_feeding_agency(running, code, Source.SOCIAL_CARE) for code in ("998", "997"))
    for agency in (ours, theirs):
        worker = Involvement("Children's social care", agency.code, practitioner_ref="w-1")
        told = a_record(f"{agency.code}/w", worker, Category.SOCIAL_CARE)
        agency.receive(a_message(agency.code, told, source=Source.SOCIAL_CARE))

    child = _child(running)
    assert ours.held(child, by=ours.worker) == theirs.held(child, by=theirs.worker)
    assert ours.held(child, by=ours.worker) == {OWN, CASE_LOAD}


def test_what_comes_by_no_registered_feed_is_nobody_s_own(running: InProcess):
    """Whatever agency its envelope names as its sender."""
    trust = a_feeding_agency(running, "RA1")
    stranger = replace(trust, came_by=replace(trust.came_by, reference="somebody-else"))

    stranger.receive(replace(_visited(trust), sender=trust.code))

    assert running.person(the_child()) is None
    assert running.count("relationship") == 0


def test_a_parked_message_stays_of_the_feed_by_which_it_came(running: InProcess):
    """Once it can be read it is replayed, and its agency has the child."""
    trust = a_feeding_agency(running, "X9H01")
    person = APerson()
    content = professional_contact(person, start="2026-01-05")
    unread = Received(0, Unreadable("Bundle", "not-xml"), raw=lambda: content)
    with unit_of_work(running.connectors) as work:
        publishing = work.publishing(trust.source, None, trust.came_by)
        publish_if_permitted(PublishIfPermitted(trust.source, [unread]), publishing=publishing)
    assert running.count("relationship") == 0

    key = running.connectors.vault.secret(SecretName.PARKED)
    replay([], outside=running.connectors, key=key)

    assert person.nhs_number is not None
    child = running.person(by_number(person.nhs_number, person.born))
    assert child is not None
    assert trust.held(child) == {OWN, CASE_LOAD}
