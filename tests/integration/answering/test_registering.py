"""Partners are registered by two hands, and confirmed each year by two hands."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from consent.ledger.events import LedgerEvent
from services.interfaces.answering.links.working import community_desk
from services.interfaces.connections.agreeing import ServiceAsked
from services.interfaces.connections.model import NotAsked
from services.lifecycle.retention.postgres import AGGREGATION
from services.lifecycle.retention.rules import retention_rules
from services.people.community.model import PartnerStanding, RegistrationFault
from services.people.community.registering import (
    RegisterPartner,
    RegistrationRefusal,
    answer_registration,
    ask_to_confirm,
    ask_to_register,
)
from services.people.governance.orders import NotTheirs, Order
from services.work import unit_of_work
from tests.support.people.answering_world import ANN, ASKED, BEN, CONFIRMED, AnsweringWorld, reached
from tests.support.people.connecting_world import PARTNER

pytestmark = pytest.mark.postgres

CAT = ("cat@home-start.example", "07700 900833")


def standing(answering: AnsweringWorld) -> PartnerStanding | None:
    """How the partner stands."""
    with unit_of_work(answering.asking.world.running.portal) as work:
        return community_desk(work).rows.standing(PARTNER)


def answer(answering: AnsweringWorld, order: Order, by: str, *, confirms: bool = True) -> object:
    """Answer as somebody."""
    with unit_of_work(answering.asking.world.running.portal) as work:
        desk = community_desk(work, by_one_hand=True)
        return answer_registration(order.id, by=by, confirms=confirms, desk=desk)


def test_registration_takes_two_and_the_second_is_somebody_else(answering: AnsweringWorld):
    """Until then mail goes where it went before; what is declined is forgotten."""
    answering.register()
    before = standing(answering)
    assert before is not None

    order = answering.register(ANN, CAT, confirmed=False)
    own = answer(answering, order, ASKED)
    unchanged = standing(answering)
    done = answer(answering, order, CONFIRMED)
    after = standing(answering)
    declined = answering.register(BEN, CAT, confirmed=False)
    answer(answering, declined, CONFIRMED, confirms=False)

    assert own is NotTheirs.ASKED_IT
    assert isinstance(done, Order)
    assert unchanged == before
    assert after is not None
    assert (after.asked_by, after.warranted_by) == (ASKED, CONFIRMED)
    anns = {one.id for one in before.registration.people if one.email.value == ANN[0]}
    assert {one.id for one in after.registration.people} & anns == anns
    assert standing(answering) == after
    assert answering.asking.world.running.count("community_proposal") == 0


def test_what_was_changed_since_it_was_asked_for_is_not_confirmed(answering: AnsweringWorld):
    """Neither after another change, nor where somebody wrote over what waits."""
    answering.register()
    first = answering.register(ANN, CAT, confirmed=False)
    second = answering.register(BEN, CAT, confirmed=False)
    answer(answering, first, CONFIRMED)

    late = answer(answering, second, CONFIRMED)
    third = answering.register(ANN, BEN, confirmed=False)
    with answering.asking.world.running.outside.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM community_proposal")
    gone = answer(answering, third, CONFIRMED)

    assert late is RegistrationRefusal.CHANGED
    assert gone is RegistrationRefusal.GONE
    refused = answering.entries(LedgerEvent.COMMUNITY_PARTNER_REFUSED)
    assert [one.fields["because"] for one in refused] == [late.value, gone.value]


def test_row_that_somebody_wrote_into_the_database_reaches_nobody(answering: AnsweringWorld):
    """The ledger does not vouch for it: nobody is registered, and it is not offered."""
    answering.register()
    with answering.asking.world.running.outside.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO community_partner (partner_code, state, people, is_commissioned,"
            " asked_by, warranted_by, order_id, known_at)"
            " SELECT partner_code, state + 1, people, true, asked_by, warranted_by, order_id,"
            " known_at FROM community_partner ORDER BY state DESC LIMIT 1"
        )

    answering.asking.mother_is_here()
    assert standing(answering) is None
    assert answering.asking.ask() is NotAsked.NO_PARTNER
    with answering.asking.world.running.outside.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM community_partner WHERE seal IS NULL")


def test_partner_that_nobody_confirmed_this_year_is_not_offered(answering: AnsweringWorld):
    """Nor one whose insurance is over; confirmed by two it is offered again."""
    answering.register()
    now = answering.asking.world.clock.now()
    first = standing(answering)
    assert first is not None
    year = now + timedelta(days=365)
    with unit_of_work(answering.asking.world.running.portal) as work:
        desk = community_desk(work, by_one_hand=True)
        order = ask_to_confirm(PARTNER, year.date(), by=ASKED, desk=desk)
    assert isinstance(order, Order)
    answer(answering, order, CONFIRMED)
    again = standing(answering)
    assert again is not None

    answering.asking.mother_is_here()
    asked = [answering.asking.ask()]
    answering.asking.world.clock.pass_by(timedelta(days=366))
    answering.asking.mother_is_here()
    asked.append(answering.asking.ask())

    assert isinstance(asked[0], ServiceAsked)
    assert asked[1] is NotAsked.NO_PARTNER
    assert first.may_be_offered(now)
    assert not first.may_be_offered(now + timedelta(days=301))  # no insurance
    assert not replace(
        first, registration=replace(first.registration, insured_until=year.date())
    ).may_be_offered(year)
    assert again.may_be_offered(now + timedelta(days=301))
    assert again.registration.people == first.registration.people


@pytest.mark.parametrize(
    ("people", "until", "lead", "fault"),
    [
        ([ANN], 100, "Ruth, 01632 960177", RegistrationFault.FEW),
        ([ANN, (BEN[0], ANN[1])], 100, "Ruth, 01632 960177", RegistrationFault.SAME_WAY),
        ([ANN, (BEN[0], ANN[0])], 100, "Ruth, 01632 960177", RegistrationFault.SAME_WAY),
        ([ANN, (BEN[0], "01632 960111")], 100, "Ruth, 01632 960177", RegistrationFault.NUMBER),
        ([ANN, BEN], -1, "Ruth, 01632 960177", RegistrationFault.INSURANCE),
        ([ANN, BEN], 100, " ", RegistrationFault.LEAD),
    ],
    ids=["one", "shared number", "code into the same mailbox", "landline", "uninsured", "no lead"],
)
def test_registration_that_one_person_could_answer_alone_is_none(
    answering: AnsweringWorld,
    people: list[tuple[str, str]],
    until: int,
    lead: str,
    fault: RegistrationFault,
):
    """And what lacks insurance or a safeguarding lead; why is told, and entered."""
    today: date = answering.asking.world.clock.now().date()
    command = RegisterPartner(
        PARTNER,
        [reached(*one) for one in people],
        lead,
        today + timedelta(days=until),
        is_commissioned=True,
    )
    with unit_of_work(answering.asking.world.running.portal) as work:
        found = ask_to_register(command, by=ASKED, desk=community_desk(work))

    assert found is fault


def test_what_no_request_can_need_any_more_goes_by_itself(answering: AnsweringWorld):
    """As the role that sweeps, which reads none of it; who answers now stays."""
    answering.register()
    answering.sent()
    answering.come_in(answering.links()[ANN[0]])
    answering.register(ANN, CAT)
    running = answering.asking.world.running
    answering.asking.world.clock.pass_by(timedelta(days=800))
    kept = retention_rules(None).housekeeping
    with unit_of_work(running.folding) as work:
        gone = [
            AGGREGATION[name](work.connection, work.now, kept) for name in ("codes", "answering")
        ]

    assert min(gone) > 0
    tables = ("answering_code", "answering_session", "answering_link", "answering_mail")
    assert [running.count(table) for table in (*tables, "partner_terms")] == [0] * 5
    found = standing(answering)
    assert found is not None
    assert {one.email.value for one in found.registration.people} == {ANN[0], CAT[0]}
    assert running.count("community_people") == 1
