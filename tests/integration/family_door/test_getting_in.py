"""Getting in: who is given a page, what signs in to it, and that nobody learns of anybody."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from consent.circumstances import Present
from consent.ledger.events import LedgerEvent
from schemas.records.message import Record
from schemas.records.payloads import ContactDetails, PersonDetails, Telecom
from schemas.vocabulary import Category, Source
from services.people.family_access.model import FamilyAccess, WhyNoAccess
from services.people.family_access.signing_in import ASKED_AN_HOUR, CODES_AN_HOUR, MOST_TRIES
from services.people.presence.model import ConfirmingAnswer, Way, WithWhom
from services.work import unit_of_work
from tests.support.builders import TEACHER
from tests.support.people.door_world import FATHERS_DAY, MOTHERS_DAY, SAFE, DoorWorld
from tests.support.people.presence_world import COLLEAGUE, OFFICER, own_contacts

pytestmark = pytest.mark.postgres
NOBODYS = "07700 000000"


def outcomes(door: DoorWorld) -> list[object]:
    """What became of each question for a code, as entered."""
    return [e.fields["outcome"] for e in door.entries(LedgerEvent.FAMILY_CODE_ASKED)]


def refusals(door: DoorWorld, event: LedgerEvent) -> list[object]:
    """Why something was refused, as entered."""
    return [e.fields["because"] for e in door.entries(event)]


def test_code_after_meeting_opens_a_page_and_all_of_it_is_entered(door: DoorWorld):
    """Given by who met her, warranted by another hand; used within the visit, then it lasts."""
    access = door.give(door.confirmed())
    assert isinstance(access, FamilyAccess)
    first = door.signed_in()
    door.world.clock.pass_by(timedelta(days=3))

    later = door.signed_in()

    assert (first.session.person, later.session.person) == (door.world.mother,) * 2
    assert first.session.actor == f"family:{access.id}"
    found = door.entries(LedgerEvent.FAMILY_ACCESS_GIVEN, LedgerEvent.FAMILY_SIGNED_IN)
    assert [e.actor[:6] for e in found] == ["practi", "family", "family"]
    told = b"".join(e.body for e in door.entries())
    assert door.world.mobile.value[-6:].encode() not in told
    assert b"1996-02-11" not in told


def test_nobody_makes_their_own_second_hand(door: DoorWorld):
    """A colleague of the worker's is none; without any, and for a child's parent, there is none."""
    by_colleague = door.world.begin()
    request = door.world.request(by_colleague, Way.COLLEAGUE)
    door.world.answer(request, ConfirmingAnswer.SEES_THEM, by=COLLEAGUE)
    of_child = door.world.begin(door.world.child, WithWhom.MOTHER)
    confirmed = door.confirmed()

    answers = [
        door.give(by_colleague.id),
        door.give(door.world.begin().id),
        door.give(of_child.id),
        door.give(confirmed, by=TEACHER),
        door.give("f" * 32),
    ]

    assert answers == [
        WhyNoAccess.NOT_CONFIRMED,
        WhyNoAccess.NOT_CONFIRMED,
        WhyNoAccess.NOT_ALONE,
        WhyNoAccess.FOREIGN,
        WhyNoAccess.FOREIGN,
    ]
    assert refusals(door, LedgerEvent.FAMILY_ACCESS_REFUSED) == answers


def test_confirming_officer_gives_it_too(door: DoorWorld):
    """Who rang the number that another agency holds; that number then signs in."""
    presence = door.world.begin()
    request = door.world.request(presence)
    door.world.answer(request, ConfirmingAnswer.RANG_BACK, by=OFFICER)

    access = door.give(presence.id)

    assert isinstance(access, FamilyAccess)
    assert access.warrant == "officer"
    assert door.signed_in().session.person == door.world.mother


def test_not_safe_means_no_page(door: DoorWorld):
    """One answer is enough; and whoever is not alone is not asked."""
    confirmed = door.confirmed()

    for unsafe in ("nobody_else_uses_it", "safe_to_send", "nobody_makes_them_show"):
        assert door.give(confirmed, replace(SAFE, **{unsafe: False})) is WhyNoAccess.NOT_SAFE
    watched = door.confirmed(in_the_room=frozenset({Present.OTHER_RELATIVE}))
    assert door.give(watched) is WhyNoAccess.NOT_ALONE


def test_page_that_was_not_used_in_the_visit_never_was(door: DoorWorld):
    """Whoever was not there does not come in later by a telephone alone."""
    assert isinstance(door.give(door.confirmed()), FamilyAccess)
    door.world.clock.pass_by(timedelta(hours=12))

    door.ask(door.world.mobile.value)

    assert door.code() is None
    assert outcomes(door) == [WhyNoAccess.NOT_KNOWN]


def test_same_is_done_for_known_unknown_switched_off_and_restricted(door: DoorWorld):
    """One code, one message and one entry for each; only the ledger knows which is which."""
    door.mother_signed_in()
    door.father_signed_in()
    running = door.world.running
    running.restrict(door.world.father)
    counted = ("family_code", "message_out", "ledger_entry")

    def done(typed: str) -> list[int]:
        before = [running.count(table) for table in counted]
        door.ask(typed)
        return [running.count(t) - n for t, n in zip(counted, before, strict=True)]

    known, unknown, nothing = (
        done(typed) for typed in (door.world.mobile.value, NOBODYS, "nothing at all")
    )
    restricted = done(door.fathers.value)
    door.end(door.world.mother)
    off = done(door.world.mobile.value)

    assert known == unknown == nothing == restricted == off
    assert outcomes(door)[2:] == [
        "sent",
        WhyNoAccess.NOT_KNOWN,
        WhyNoAccess.NOT_KNOWN,
        WhyNoAccess.PROTECTED,
        WhyNoAccess.NOT_KNOWN,
    ]


def test_statements_are_the_same_whoever_is_asked_for(door: DoorWorld):
    """So that no question takes longer: what is left of a difference the tick hides."""
    from sqlalchemy import event  # noqa: PLC0415 for this test alone

    door.mother_signed_in()
    engine = door.world.running.portal.engine

    def statements(typed: str) -> int:
        found: list[str] = []
        seen = lambda *told: found.append(told[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", seen)
        try:
            door.ask(typed)
        finally:
            event.remove(engine, "before_cursor_execute", seen)
        return len(found)

    counts = [statements(t) for t in (NOBODYS, door.fathers.value, door.world.mobile.value)]

    assert max(counts) - min(counts) <= 3, counts


def test_address_that_two_parents_share_signs_in_neither(door: DoorWorld):
    """Also when it becomes shared later, with a session open."""
    signed_in = door.mother_signed_in()

    door.world.tell(
        own_contacts("father", door.fathers, door.world.mobile), at="2026-02-01T00:00:00Z"
    )

    assert door.session(signed_in.secret) is None
    door.ask(door.world.mobile.value)
    assert door.code() is None
    assert outcomes(door)[-1] == WhyNoAccess.SHARED


def test_number_that_was_given_to_somebody_else_or_taken_back_signs_in_nobody(door: DoorWorld):
    """A source that holds it no more is enough."""
    door.mother_signed_in()
    new = own_contacts("mother", Telecom("phone", "07700 900555"))

    door.world.tell(new, at="2026-02-01T00:00:00Z")

    door.ask(door.world.mobile.value)
    assert door.code() is None
    door.ask("07700 900555")
    assert door.code() is None, "a new number needs meeting again"


def test_taking_it_away_ends_every_session_and_looks_like_never_set_up(door: DoorWorld):
    """One's own alone: the other parent's stays."""
    mother, father = door.mother_signed_in(), door.father_signed_in()

    assert door.end(door.world.mother) == 1

    assert door.session(mother.secret) is None
    assert door.session(father.secret) is not None
    door.ask(door.world.mobile.value)
    assert door.code() is None


def test_codes_are_bounded_and_every_failure_is_entered(door: DoorWorld):
    """Five tries a code, five codes an hour to a contact, and a bound for each network."""
    door.give(door.confirmed())
    browser = door.ask(door.world.mobile.value)
    code = door.code()
    assert code is not None
    wrong = "000000" if code != "000000" else "000001"

    tried = [door.type_in(browser, wrong) for _ in range(MOST_TRIES)]
    tried += [door.type_in(browser, code), door.type_in("another browser", code)]
    for _ in range(CODES_AN_HOUR):
        door.ask(door.world.mobile.value)
    sent = [one for one in outcomes(door) if one == "sent"]

    assert tried == [WhyNoAccess.WRONG] * MOST_TRIES + [WhyNoAccess.VOID, WhyNoAccess.NOT_KNOWN]
    assert refusals(door, LedgerEvent.FAMILY_CODE_REFUSED) == tried
    assert len(sent) == CODES_AN_HOUR
    assert outcomes(door)[-1] == WhyNoAccess.LIMITED
    with unit_of_work(door.world.running.portal) as work:
        for _ in range(ASKED_AN_HOUR - 1):
            work.limits.take("family-network", ["198.51.100.7"], ASKED_AN_HOUR)
    door.ask("07700 800800", network="198.51.100.7")
    door.ask("07700 700700", network="198.51.100.7")
    assert outcomes(door)[-2:] == [WhyNoAccess.NOT_KNOWN, WhyNoAccess.LIMITED]
    assert door.entries(LedgerEvent.LIMIT_REACHED)


def test_code_opens_once_in_time_and_only_with_the_right_birthday(door: DoorWorld):
    """In the browser that asked for it."""
    door.give(door.confirmed())
    browser = door.ask(door.world.mobile.value)
    code = door.code()
    assert code is not None

    answers = [
        door.type_in(browser, code, FATHERS_DAY),
        door.type_in(browser, code, None),
        door.type_in(browser, code, MOTHERS_DAY),
        door.type_in(browser, code, MOTHERS_DAY),
    ]
    late = door.ask(door.world.mobile.value)
    code = door.code()
    assert code is not None
    door.world.clock.pass_by(timedelta(minutes=10))

    assert [answers[0], answers[1], answers[3]] == [
        WhyNoAccess.WRONG,
        WhyNoAccess.WRONG,
        WhyNoAccess.USED,
    ]
    assert not isinstance(answers[2], WhyNoAccess)
    assert door.type_in(late, code) is WhyNoAccess.EXPIRED


def test_session_ends_when_idle_after_eight_hours_and_with_the_next(door: DoorWorld):
    """Fifteen minutes; there is one at a time."""
    door.give(door.confirmed())
    idle = door.signed_in()
    door.world.clock.pass_by(timedelta(minutes=14))
    assert door.session(idle.secret) is not None
    door.world.clock.pass_by(timedelta(minutes=15))
    assert door.session(idle.secret) is None

    long = door.signed_in()
    for _ in range(33):
        door.world.clock.pass_by(timedelta(minutes=14))
        assert door.session(long.secret) is not None
    door.world.clock.pass_by(timedelta(minutes=14))
    door.world.clock.pass_by(timedelta(minutes=5))
    assert door.session(long.secret) is None

    first, second = door.signed_in(), door.signed_in()
    assert (door.session(first.secret), door.session(second.secret) is None) == (None, False)
    assert not second.session.is_fresh(door.world.clock.now() + timedelta(minutes=5))


def test_protection_and_death_end_a_session_at_the_next_page(door: DoorWorld):
    """Asked anew each time: nothing waits for a sweep."""
    mother, father = door.mother_signed_in(), door.father_signed_in()
    death = Record("d", Category.IDENTITY_AND_CONTACT, ("father",), PersonDetails(has_died=True))

    door.world.running.restrict(door.world.mother)
    door.world.tell(death, source=Source.HEALTH_VISITING, at="2026-02-01T00:00:00Z")

    assert door.session(mother.secret) is None
    assert door.session(father.secret) is None


def test_child_under_thirteen_has_no_page_and_fourteen_does(door: DoorWorld):
    """By the date that sources hold; the young person's contact is their own."""
    mobile = Telecom("phone", "07911 555" + door.world.mobile.value[-3:])
    door.world.tell(
        Record(
            "contacts of child",
            Category.IDENTITY_AND_CONTACT,
            ("child",),
            ContactDetails(telecoms=(mobile,)),
        )
    )
    door.world.clock.pass_by(timedelta(days=29))

    assert door.give(door.confirmed(door.world.child)) is WhyNoAccess.TOO_YOUNG
    typed = PersonDetails(date_of_birth="2001-01-01")
    record = Record("typed", Category.IDENTITY_AND_CONTACT, ("child",), typed)
    door.world.tell(record, source=Source.HEALTH_VISITING, at="2026-01-15T00:00:00Z")
    assert door.give(door.confirmed(door.world.child)) is WhyNoAccess.TOO_YOUNG, "by the giver"
    door.born("2011-06-01")
    assert isinstance(door.give(door.confirmed(door.world.child)), FamilyAccess)
    session = door.signed_in(mobile.value, date(2011, 6, 1)).session
    assert session.person == door.world.child


def test_row_that_was_changed_in_the_database_opens_nothing(door: DoorWorld):
    """Whoever can write there alone gives nobody a page, nor turns one on again."""
    signed_in = door.mother_signed_in()
    with door.world.running.outside.engine.begin() as connection:
        connection.execute(text("ALTER TABLE family_access DISABLE TRIGGER USER"))
        connection.execute(
            text("UPDATE family_access SET agency_code = 'X' WHERE person_id = :person"),
            {"person": door.world.mother},
        )
        connection.execute(text("ALTER TABLE family_access ENABLE TRIGGER USER"))

    assert door.session(signed_in.secret) is None


def test_contact_of_the_child_is_nobody_elses(door: DoorWorld):
    """A number that stands as the mother's and as the young person's own signs in neither."""
    door.world.tell(own_contacts("child", door.world.mobile))
    door.ask(door.world.mobile.value)

    assert door.give(door.confirmed()) is WhyNoAccess.SHARED
