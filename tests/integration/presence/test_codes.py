"""A code: where it goes, what a right one opens, and that a wrong one says nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from consent.circumstances import Present
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.records.message import Record
from schemas.records.payloads import PersonDetails, RelationshipKind, Telecom
from schemas.vocabulary import Category, Source
from services.people.presence.codes import MOST_ABOUT_ONE, MOST_TRIES
from services.people.presence.model import ConfirmedPresence, WhyNotConfirmed, WithWhom
from services.platform.errors import ServiceUnavailableError
from services.platform.messages.ports import MessageChannel
from services.work import unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.people.presence_world import (
    E_MAIL,
    PresenceWorld,
    a_tie,
    own_contacts,
)

pytestmark = pytest.mark.postgres
LATER = "2026-02-20T00:00:00Z"


def refusals(world: PresenceWorld) -> list[object]:
    """Why codes opened nothing, as entered."""
    entries = world.entries(LedgerEvent.PRESENCE_CODE_REFUSED)
    return [entry.fields["because"] for entry in entries]


def outcomes(world: PresenceWorld) -> list[object]:
    """What became of each question for a code, as entered."""
    entries = world.entries(LedgerEvent.PRESENCE_CODE_ASKED)
    return [entry.fields["outcome"] for entry in entries]


def test_code_goes_to_the_number_that_another_agency_has_held(world: PresenceWorld):
    """And says for whom alone it is."""
    presence = world.begin()

    world.ask(presence)

    message = world.sent()
    assert message is not None
    dialled = "+44" + world.mobile.value[1:].replace(" ", "")
    assert (message.channel, message.to) == (MessageChannel.SMS, dialled)
    assert "only for somebody who is with you now. We never ring for it." in message.text


def test_no_code_goes_to_the_telephone_of_who_has_died(world: PresenceWorld):
    """Whoever has it is not her; nor is it shown to whoever would ring, until it is taken back."""
    death = Record("d", Category.IDENTITY_AND_CONTACT, ("mother",), PersonDetails(has_died=True))
    world.tell(a_tie(RelationshipKind.MOTHER, world.mobile, to="mother"))
    world.tell(death, source=Source.HEALTH_VISITING, at="2026-02-01T00:00:00Z")

    for about, with_whom in ((None, WithWhom.THEMSELVES), (world.child, WithWhom.MOTHER)):
        world.ask(world.begin(about, with_whom))
        assert world.sent() is None, with_whom

    denied = replace(death, payload=PersonDetails(has_died=False))
    world.tell(denied, source=Source.HEALTH_VISITING, at="2026-02-02T00:00:00Z")
    world.ask(world.begin())
    assert world.sent() is not None


def test_right_code_opens_her_own_part_and_her_children_s_for_an_hour(world: PresenceWorld):
    """Not the father's: nobody asked him."""
    world.tell(a_tie(RelationshipKind.MOTHER, world.mobile, to="mother"))
    presence = world.begin()

    done = world.type_in(presence, world.code_for(presence))

    assert isinstance(done, ConfirmedPresence)
    assert {r.subject for r in world.opened()} == {world.mother, world.child}
    assert {r.ground for r in world.opened()} == {RelationshipGround.FAMILY_CONFIRMED}
    world.clock.pass_by(timedelta(minutes=59))
    assert world.opened()
    world.clock.pass_by(timedelta(minutes=1))
    assert not world.opened()


def test_everything_about_it_is_entered_and_no_number(world: PresenceWorld):
    """Who begun it, what it went to as a keyed hash, what was made and by what warrant."""
    presence = world.begin()
    world.type_in(presence, world.code_for(presence))

    entries = world.entries(
        LedgerEvent.PRESENCE_BEGUN,
        LedgerEvent.PRESENCE_CODE_ASKED,
        LedgerEvent.RELATIONSHIP_MADE,
        LedgerEvent.PRESENCE_CONFIRMED,
    )

    assert [e.event for e in entries][-4:] == [
        LedgerEvent.PRESENCE_BEGUN,
        LedgerEvent.PRESENCE_CODE_ASKED,
        LedgerEvent.RELATIONSHIP_MADE,
        LedgerEvent.PRESENCE_CONFIRMED,
    ]
    assert entries[-1].fields["warrant"] == "code"
    assert all(world.mobile.value[-6:].encode() not in e.body for e in entries)


def test_closing_ends_it_at_once_and_a_new_code_is_needed(world: PresenceWorld):
    """For the very next question; nobody else can close it."""
    world.tell(a_tie(RelationshipKind.MOTHER, world.mobile, to="mother"))
    presence = world.begin()
    code = world.code_for(presence)
    world.type_in(presence, code)

    world.close(world.child, by=TEACHER)
    assert len(world.opened()) == 2
    world.close(world.child)

    assert not world.opened()
    assert world.type_in(presence, code) is WhyNotConfirmed.USED


def test_wrong_used_expired_and_foreign_codes_open_nothing_and_are_entered(world: PresenceWorld):
    """Each is a row of the ledger; the page has one answer for all of them."""
    presence, other = world.begin(), world.begin()
    code, others = world.code_for(presence), world.code_for(other)
    wrong = "000000" if code != "000000" else "000001"

    answers = [world.type_in(presence, wrong), world.type_in(presence, "not a code")]
    if others != code:
        answers.append(world.type_in(presence, others))
    answers.append(world.type_in(presence, code, by=TEACHER))
    answers.append(world.type_in("f" * 32, code))
    assert not world.opened()
    assert isinstance(world.type_in(presence, code), ConfirmedPresence)
    answers.append(world.type_in(presence, code))
    world.clock.pass_by(timedelta(minutes=10))
    answers.append(world.type_in(other, others))

    assert set(answers) == {
        WhyNotConfirmed.WRONG,
        WhyNotConfirmed.FOREIGN,
        WhyNotConfirmed.USED,
        WhyNotConfirmed.EXPIRED,
    }
    assert refusals(world) == [str(answer) for answer in answers]


def test_sixth_try_is_void_though_it_is_right(world: PresenceWorld):
    """Five may be wrong; then a new one has to be asked for."""
    presence = world.begin()
    code = world.code_for(presence)
    wrong = "000000" if code != "000000" else "000001"
    for _ in range(MOST_TRIES):
        assert world.type_in(presence, wrong) is WhyNotConfirmed.WRONG

    assert world.type_in(presence, code) is WhyNotConfirmed.VOID
    assert not world.opened()


def test_clock_that_is_set_back_lengthens_nothing(world: PresenceWorld):
    """A code from the future is void, and so is a visit that has not begun."""
    presence = world.begin()
    code = world.code_for(presence)

    world.clock.pass_by(timedelta(minutes=-1))

    assert world.type_in(presence, code) is WhyNotConfirmed.FOREIGN
    assert not world.opened()


def test_what_was_confirmed_lasts_an_hour_however_the_clock_is_set(world: PresenceWorld):
    """Before it was confirmed nothing is open, nor after the hour; set forward it ends."""
    presence = world.begin()
    assert isinstance(world.type_in(presence, world.code_for(presence)), ConfirmedPresence)
    found = []
    for set_by in (timedelta(hours=-1), timedelta(hours=2), timedelta(hours=-3)):
        world.clock.pass_by(set_by)
        found.append(world.opened())
    world.clock.pass_by(timedelta(hours=2, minutes=59))

    assert found == [set(), set(), set()]
    assert {r.until for r in world.opened()} == {world.clock.now() + timedelta(minutes=1)}


def test_code_that_is_asked_for_again_takes_the_other_s_place(world: PresenceWorld):
    """So that two codes on two telephones are not ten tries."""
    presence = world.begin()
    first = world.code_for(presence)
    world.clock.pass_by(timedelta(seconds=1))
    second = world.code_for(presence)

    if first != second:
        assert world.type_in(presence, first) is WhyNotConfirmed.WRONG
    assert isinstance(world.type_in(presence, second), ConfirmedPresence)


def test_who_is_known_and_who_is_not_are_asked_about_alike(world: PresenceWorld):
    """One row and one message for each question, whoever was meant; just the ledger knows."""
    world.running.restrict(world.father)
    counted = ("presence", "presence_code", "message_out")
    before = [world.running.count(table) for table in counted]

    for person in (world.father, world.child, "0" * 32):
        world.ask(world.begin(person))  # type: ignore[arg-type] # an id that nobody has

    assert [world.running.count(table) for table in counted] == [n + 3 for n in before]
    assert [world.sent() for _ in range(3)] == [None, None, None]
    assert outcomes(world) == ["no-contact", "no-contact", "no-contact"]


def test_own_agency_s_number_and_one_held_for_less_than_28_days_get_no_code(world: PresenceWorld):
    """What the asker's agency wrote down proves nothing about who is with them."""
    world.tell(own_contacts("father", world.mobile), source=Source.HEALTH_VISITING)
    world.clock.pass_by(timedelta(days=29))
    world.tell(own_contacts("child", E_MAIL), at=LATER)
    world.clock.pass_by(timedelta(days=27, hours=23))

    for person in (world.father, world.child):
        world.ask(world.begin(person))
        assert world.sent() is None

    world.clock.pass_by(timedelta(hours=1))
    world.ask(world.begin(world.child))
    message = world.sent()
    assert message is not None
    assert message.to == "eva@family.example"


@pytest.mark.parametrize("number", ["07700 900998", "07700 900777"])
def test_number_of_a_worker_or_of_their_relative_gets_no_code(world: PresenceWorld, number: str):
    """A worker who is the ex-partner's cousin has that number sent to somebody who helps them."""
    telecom = Telecom("phone", number)
    world.tell(own_contacts("father", telecom))
    world.clock.pass_by(timedelta(days=29))
    with unit_of_work(world.running.portal) as work:
        presences = work.presences()
        held = presences.contacts.of(world.father)
        if number.endswith("777"):
            digest, at = held[0].digest, work.now
            presences.contacts.mark(
                digest, "of-a-worker", by="job:test", at=at, practitioner=VISITOR
            )

    world.ask(world.begin(world.father))

    assert world.sent() is None
    assert outcomes(world)[-1] == "no-contact"


@pytest.mark.parametrize("mark", ["shared", "unsafe"])
def test_number_that_two_parents_share_or_that_was_marked_gets_no_code(
    world: PresenceWorld, mark: str
):
    """Nobody knows who would read it; an officer can still look at a document."""
    shared, marked = Telecom("phone", "07700 900555"), Telecom("phone", "07700 900556")
    world.tell(
        a_tie(RelationshipKind.MOTHER, shared),
        a_tie(RelationshipKind.FATHER, shared),
        own_contacts("father", marked),
    )
    world.clock.pass_by(timedelta(days=29))
    with unit_of_work(world.running.portal) as work:
        contacts = work.presences().contacts
        digest = contacts.of(world.father)[-1].digest
        contacts.mark(digest, mark, by="job:test", at=work.now)

    for person, whom in ((world.child, WithWhom.MOTHER), (world.father, WithWhom.THEMSELVES)):
        world.ask(world.begin(person, whom))
        assert world.sent() is None


def test_code_to_a_child_s_mother_goes_to_hers_and_opens_the_child_s_part(world: PresenceWorld):
    """Never to the father's number that the same record tells: it would tell him."""
    world.tell(
        a_tie(RelationshipKind.FATHER, Telecom("phone", "07700 900001")),
        a_tie(RelationshipKind.MOTHER, Telecom("phone", "07700 900002")),
    )
    world.clock.pass_by(timedelta(days=29))
    presence = world.begin(world.child, WithWhom.MOTHER)

    world.ask(presence)

    message = world.sent()
    assert message is not None
    assert message.to == "+447700900002"
    assert isinstance(world.type_in(presence, message.text[:6]), ConfirmedPresence)
    assert {r.subject for r in world.opened()} == {world.child}


@pytest.mark.parametrize("present", [Present.RELATIVE_INTERPRETING, Present.PARTNER])
def test_nobody_is_confirmed_before_a_partner_or_by_a_relative(
    world: PresenceWorld, present: Present
):
    """An interpreter who is the partner says what the partner wants."""
    presence = world.begin(in_the_room=frozenset({present}))

    world.ask(presence)

    assert world.sent() is None
    assert outcomes(world) == ["not-free-to-say"]


def test_telephones_get_no_code_until_something_carries_it(world: PresenceWorld):
    """Without a gateway codes go by e-mail alone."""
    portal = replace(world.running.portal, channels=frozenset({MessageChannel.EMAIL}))
    world = replace(world, running=replace(world.running, portal=portal))
    world.ask(world.begin())
    assert world.sent() is None
    world.tell(own_contacts("mother", world.mobile, E_MAIL), at=LATER)
    world.clock.pass_by(timedelta(days=28))

    world.ask(world.begin())

    message = world.sent()
    assert message is not None
    assert message.channel is MessageChannel.EMAIL


def test_questions_about_one_person_are_limited_and_governance_is_told(world: PresenceWorld):
    """The page stays the same; nothing is sent, and it is entered."""
    presence = world.begin()
    for _ in range(MOST_ABOUT_ONE):
        world.ask(presence)
        assert world.sent() is not None

    world.ask(world.begin())

    assert world.sent() is None
    assert outcomes(world)[-1] == "too-many"
    raised = world.entries(LedgerEvent.GOVERNANCE_ITEM_RAISED)
    assert [entry.fields["kind"] for entry in raised] == ["many-codes"]


def test_nothing_is_opened_where_the_ledger_cannot_be_written(own_world: PresenceWorld):
    """Nor is a code used up by it."""
    presence = own_world.begin()
    code = own_world.code_for(presence)
    own_world.running.break_the_ledger()

    with pytest.raises(ServiceUnavailableError):
        own_world.type_in(presence, code)

    assert not own_world.opened()
    assert own_world.running.count("presence_confirmed") == 0


def test_no_code_is_issued_where_the_outbox_cannot_be_written(own_world: PresenceWorld):
    """It would open something though nobody was told it."""
    presence = own_world.begin()
    with own_world.running.outside.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE message_out RENAME TO message_out_away")

    with pytest.raises(Exception, match="message_out"):
        own_world.ask(presence)

    assert own_world.running.count("presence_code") == 0
