"""Where somebody works, what is agreed, where a code goes: changed by hand, it opens nothing.

Found and named is what tests beside this one ask of every bound table alike.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Role
from services.ledger.postgres_bound_verifying import agreements_not_held, compare_bound_rows
from services.people.own_cases.postgres_told import PostgresTold
from services.people.practitioners.postgres_sessions import NewSession
from services.people.relationships.leads import WhyNoLead
from services.platform.keys.vault import SecretName
from services.profile.model import Profile, ProfileRefused
from services.work import Outside, unit_of_work
from tests.support.builders import NOW, TEACHER, VISITOR, a_rule, an_agreement
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, SCHOOL, InProcess
from tests.support.messages.source_messages import A_REVIEW, a_message, a_record, the_child
from tests.support.people.presence_world import PresenceWorld, presences_running
from tests.support.people.relating import a_colleague, on_rota, relate, works_as

pytestmark = pytest.mark.postgres
A_MINUTE = timedelta(minutes=1)

_TRIGGERS_OFF = "SET LOCAL session_replication_role = replica"
_SECRET = b"s" * 32
_ROLE = Role.PRACTITIONER.value
_IDLE = timedelta(minutes=30)
# Each lets somebody do more than they may, if it were believed.
_MEMBERSHIPS = {
    "role": "UPDATE membership SET role = 'lead-practitioner'",
    "agency": "UPDATE membership SET agency_code = '9992001'",
    "reference": "UPDATE membership SET worker_ref = 'HV-1'",
    "since": "UPDATE membership SET since = since - interval '9 years'",
    "until": "UPDATE membership SET until = until + interval '9 years', known_at = known_at",
    "who": "UPDATE membership SET warranted_by = 'operator:other', asked_by = 'operator:one'",
    "no seal": "UPDATE membership SET seal = NULL, salt = NULL",
}


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give a family that shares, with its health visitor, and sessions of all who are here."""
    with InProcess.running(outside) as found:
        (child,) = found.decide(the_child()).decision.subjects
        found.receive(a_message("m1", a_record("h", A_REVIEW)))
        found.settle()
        with unit_of_work(outside) as work:
            relate(work, VISITOR, child)
            now, until = work.now, work.now + timedelta(hours=1)
            session = NewSession("s" * 32, VISITOR, _ROLE, AGENCY, now, now, until, None)
            work.sessions.open(_SECRET, b"c" * 32, session, None, at=now)
        with outside.engine.begin() as connection:  # as those from before: the seal alone tells
            connection.execute(text("UPDATE session SET role = NULL, agency_code = NULL"))
        yield found


def _child(running: InProcess) -> PersonId:
    child = running.person(the_child())
    assert child is not None, "the fixture decided about them"
    return child


def _change(running: InProcess, *statements: str) -> None:
    with running.outside.engine.begin() as connection:
        connection.execute(text(_TRIGGERS_OFF))
        for statement in statements:
            assert connection.execute(text(statement)).rowcount, statement


def _faults(running: InProcess) -> list[str]:
    key = running.outside.vault.secret(SecretName.BOUND_ROWS)
    with running.outside.engine.connect() as connection:
        found = [*compare_bound_rows(connection, key=key), *agreements_not_held(connection)]
    return [str(fault) for fault in found]


def _grounds(running: InProcess, who: PractitionerId) -> list[str]:
    child = _child(running)
    with unit_of_work(running.portal) as work:
        found = work.relationships.may_open(who, [child])[child]
    return sorted(one.ground.value for one in found.relationships)


@pytest.mark.parametrize("statement", _MEMBERSHIPS.values(), ids=_MEMBERSHIPS)
def test_a_membership_that_was_changed_is_none(running: InProcess, statement: str) -> None:
    """No session goes on, no record is opened, no list of leads names them; it is named."""
    child = _child(running)
    before = running.read(child)
    if " until = " in statement:
        with unit_of_work(running.outside) as work:
            for member, _ in work.memberships.everybody():
                work.memberships.add(replace(member.ended(work.now), state=member.state + 1))

    _change(running, statement)
    with unit_of_work(running.portal) as work:
        session = work.sessions.find(_SECRET, at=work.now, idle=_IDLE)
        who = work.directory.practitioner(VISITOR)
        everybody = work.directory.practitioners()
        named = work.colleagues.behind(["HV-1"])
        why_no_lead = work.leads.why_not(AGENCY, VISITOR)

    assert isinstance(before, Profile)
    assert (session, who, named) == (None, None, [])
    assert VISITOR not in {one.id for one in everybody}
    assert why_no_lead is WhyNoLead.NOT_OF_THE_AGENCY
    assert _grounds(running, VISITOR) == []
    assert any(fault.startswith("membership") for fault in _faults(running))


def test_what_stood_beside_the_name_before_is_gone(running: InProcess) -> None:
    """Role and agency are nowhere but in the membership; the portal changes none of both."""
    for statement in (
        "UPDATE practitioner SET role = 'practitioner'",
        "UPDATE practitioner SET name = 'Somebody Else'",
        "UPDATE agency SET kind = 'social-care'",
        "UPDATE membership SET role = 'practitioner'",
        "DELETE FROM membership",
    ):
        with running.portal.engine.connect() as connection, pytest.raises(ProgrammingError):
            connection.execute(text(statement))


def test_a_state_that_the_portal_writes_without_the_key_makes_nobody(running: InProcess) -> None:
    """It is newer than what holds, so that whoever it is about is nobody until it is mended."""
    with running.portal.engine.begin() as connection:
        connection.execute(
            text("""
                INSERT INTO membership (practitioner_id, state, agency_code, role, since,
                                        asked_by, warranted_by, known_at)
                SELECT :who, 2, agency_code, role, since, asked_by, warranted_by, known_at
                FROM membership WHERE practitioner_id = :other
            """),
            {"who": TEACHER, "other": VISITOR},
        )
    with unit_of_work(running.portal) as work:
        who = work.directory.practitioner(TEACHER)
    with unit_of_work(running.outside) as work:
        works_as(work, TEACHER, agency=SCHOOL)
        mended = work.directory.practitioner(TEACHER)

    assert who is None
    assert mended is not None
    assert mended.agency_code == SCHOOL


def test_a_family_that_the_portal_says_confirmed_corroborates_nothing(running: InProcess) -> None:
    """Without the key it makes no case-load of what one person typed."""
    child = _child(running)
    with running.portal.engine.begin() as connection:
        connection.execute(
            text("""
                INSERT INTO relationship (relationship_id, state, person_id, agency_code,
                                          practitioner_id, ground, since, warrant, warranted_by,
                                          asked_by, known_at)
                VALUES (repeat('2', 32), 1, :child, :agency, :who, 'family-confirmed', :at, 'code',
                        'job:test', 'job:test', :at)
            """),
            {"child": child, "agency": SCHOOL, "who": TEACHER, "at": NOW},
        )
    with unit_of_work(running.outside) as work:
        told = PostgresTold(work.connection, work.now, work.bound)

        assert told.confirmed([(SCHOOL, child)]) == set()


def test_whoever_was_away_finds_nothing_of_before(running: InProcess, clock: StandingClock) -> None:
    """Though nothing ended it: it was made under another membership, and so was their list."""
    before = _grounds(running, VISITOR)
    for agency in (SCHOOL, AGENCY):
        clock.pass_by(A_MINUTE)
        with unit_of_work(running.outside) as work:
            works_as(work, VISITOR, agency=agency)

    assert before
    assert _grounds(running, VISITOR) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cover_rota SET until = until + interval '9 years'",
        "UPDATE membership SET since = since - interval '9 years' WHERE worker_ref = 'HV-1'",
    ],
)
def test_who_covers_opens_nothing_by_a_rota_or_a_membership_that_was_changed(
    running: InProcess, statement: str
) -> None:
    """Neither theirs nor that of whom they stand in for."""
    with unit_of_work(running.outside) as work:
        works_as(work, VISITOR, worker_ref="HV-1")
        covering = a_colleague(work, AGENCY)
        on_rota(work, covered=VISITOR, covering=covering)
    before = _grounds(running, covering)

    _change(running, statement)

    assert set(before) == {"cover"}
    assert _grounds(running, covering) == []


def test_a_list_of_leads_that_was_changed_gives_nobody_its_cases(running: InProcess) -> None:
    """The list is what lets them ask."""
    child = _child(running)
    with unit_of_work(running.outside) as work:
        named = relate(work, VISITOR, child, RelationshipGround.REFERRAL)
        over = replace(named, until=work.now)
        work.relationships.add([over, replace(named, id="1" * 32, practitioner=None)])
    before = _grounds(running, VISITOR)

    _change(running, "UPDATE safeguarding_lead SET until = '2099-01-01Z'")

    assert "referral" in before
    assert "referral" not in _grounds(running, VISITOR)


_AGREEMENTS = {
    "version": "UPDATE data_sharing_agreement SET version = 'other' WHERE state = 2",
    "when": "UPDATE data_sharing_agreement SET adopted_at = '2001-01-01Z' WHERE state = 2",
    "later": "UPDATE data_sharing_agreement SET adopted_at = '2099-01-01Z' WHERE state = 2",
    "hash": "UPDATE data_sharing_agreement SET sha256 = repeat('0', 64) WHERE state = 2",
    "whose": "UPDATE data_sharing_agreement SET adopted_by = 'operator:other' WHERE state = 2",
    "order": "UPDATE data_sharing_agreement SET state = 9 WHERE state = 2",
    "swapped": "UPDATE data_sharing_agreement SET state = 3 - state WHERE state < 3",
    "unbound": "UPDATE data_sharing_agreement SET seal = NULL WHERE state = 2",
}


@pytest.mark.parametrize("statement", _AGREEMENTS.values(), ids=_AGREEMENTS)
def test_an_agreement_that_was_changed_agrees_nothing_until_another_is_adopted(
    running: InProcess, clock: StandingClock, statement: str
) -> None:
    """Not what it said, nor what the one before it did; it is named, also afterwards."""
    clock.pass_by(A_MINUTE)
    running.adopt(an_agreement(a_rule(), version="second"))
    child = _child(running)
    clock.pass_by(A_MINUTE)
    before = running.read(child)

    _change(running, *_one_by_one(statement))
    changed = running.read(child)
    faults = _faults(running)
    running.adopt(an_agreement(a_rule(), version="third"))
    clock.pass_by(A_MINUTE)
    after = running.read(child)

    assert isinstance(before, Profile)
    assert isinstance(changed, ProfileRefused)
    assert any(fault.startswith("data-sharing-agreement") for fault in faults)
    assert isinstance(after, Profile)
    assert _faults(running) != []


def _one_by_one(statement: str) -> list[str]:
    if "3 - state" not in statement:
        return [statement]
    swap = "UPDATE data_sharing_agreement SET state = {} WHERE state = {}"
    return [swap.format(new, old) for new, old in ((7, 1), (1, 2), (2, 7))]


def test_a_document_that_was_changed_is_named(running: InProcess) -> None:
    """It is held by its hash; whoever has read it already goes by what it said."""
    _change(running, "UPDATE data_sharing_agreement SET document = 'other'")

    assert [fault for fault in _faults(running) if "another document" in fault]


_CONTACTS = {
    "since": "UPDATE contact_held SET since = since - interval '90 days'",
    "whose": "UPDATE contact_held SET other_person_id = person_id",
    "agency": "UPDATE contact_held SET agency_code = 'another'",
    "no seal": "UPDATE contact_held SET seal = NULL",
}


@pytest.mark.parametrize("statement", _CONTACTS.values(), ids=_CONTACTS)
def test_a_contact_that_was_changed_is_sent_no_code(
    outside: Outside, clock: StandingClock, statement: str
) -> None:
    """However long it says that it was held, and by whom."""
    with presences_running(outside) as running:
        world = PresenceWorld.among(running, clock)
        clock.pass_by(timedelta(days=29))
        if "90 days" in statement:
            clock.pass_by(timedelta(days=-20))

        _change(running, statement)
        world.ask(world.begin())

        assert world.sent() is None
        assert any(fault.startswith("contact-held") for fault in _faults(running))


def test_a_mark_that_was_changed_still_lets_no_code_go(running: InProcess) -> None:
    """It only ever takes away."""
    with unit_of_work(running.outside) as work:
        contacts = work.presences().contacts
        contacts.mark(b"m" * 16, "unsafe", by="operator:one", at=NOW)

    _change(running, "UPDATE contact_mark SET marked_by = 'operator:other'")
    with unit_of_work(running.portal) as work:
        marked = work.connection.execute(text("SELECT count(*) FROM contact_mark")).scalar()

    assert marked == 1
    assert any(fault.startswith("contact-mark") for fault in _faults(running))


def test_the_role_of_who_is_here_is_the_newest_memberships(running: InProcess) -> None:
    """A new state takes effect at once, in every session."""
    with unit_of_work(running.outside) as work:
        works_as(work, VISITOR, role=Role.INFORMATION_GOVERNANCE)
    with unit_of_work(running.portal) as work:
        session = work.sessions.find(_SECRET, at=work.now, idle=_IDLE)

    assert session is not None
    assert session.practitioner.role is Role.INFORMATION_GOVERNANCE
    assert _grounds(running, VISITOR) == []
