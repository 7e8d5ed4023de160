"""Mail that says nothing, over a real mail server that also refuses and bounces."""

from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import CapturingLogger

from consent.ledger.events import LedgerEvent
from services.interfaces.answering.links.working import bringing
from services.interfaces.connections.life import ConnectionStatus
from services.interfaces.connections.working import follow_up_all
from services.interfaces.partners.ports import PartnerId, Scope
from services.platform.messages.smtp import Encryption, MailServer, SmtpMessages
from services.workers.relaying import send_due
from tests.support.message_servers import Taken, a_mail_server
from tests.support.partners_database import PartnersOnDatabase
from tests.support.people.answering_world import ANN, BEN, PLACE, AnsweringWorld, link_in

pytestmark = [pytest.mark.postgres, pytest.mark.enable_socket]

FROM, RETURN = "hub@northfield.example", "return@northfield.example"
_NEVER_TOLD = ("Novak", "Eva", "900417", "Polish", "Mornings", "Feeding", "mother", "Okafor")


def by(taken: Taken) -> SmtpMessages:
    """The sender that production has, over the server that is running."""
    server = MailServer("127.0.0.1", taken.port, FROM, Encryption.NONE, return_path=RETURN)
    return SmtpMessages(server)


def test_mail_has_the_hub_and_the_reference_and_nothing_else(answering: AnsweringWorld):
    """To both, each with a link of their own; received once a mail server has taken it."""
    answering.register()
    connection = answering.sent()
    with a_mail_server() as taken:
        answering.deliver(by(taken))

    reference = f"{connection.reference[:4]}-{connection.reference[4:]}"
    assert sorted(one["to"] for one in taken.messages) == sorted([ANN[0], BEN[0]])
    assert len({one["text"] for one in taken.messages}) == 2
    for one in taken.messages:
        assert one["subject"] == f"A request from Northfield Family Hub, reference {reference}"
        assert one["sender"] == f"return+{one['reference']}@northfield.example"
        assert not any(told in one["text"] + one["subject"] for told in _NEVER_TOLD)
        assert connection.id not in one["text"]
    assert answering.asking.find(connection.id).status is ConnectionStatus.DELIVERED


def test_refused_mailbox_turns_the_request_red_at_once(answering: AnsweringWorld):
    """RCPT is refused for good: nobody is written to a second time."""
    answering.register()
    connection = answering.sent()
    with a_mail_server() as taken:
        taken.answer = "550 no such mailbox"
        answering.deliver(by(taken))

    found = answering.asking.find(connection.id)
    assert (found.status, found.undelivered) == (ConnectionStatus.SENT, "recipient-refused")
    assert found.is_red
    assert taken.messages == []


def test_bounce_that_comes_later_turns_it_red_within_five_minutes(
    answering: AnsweringWorld, tmp_path: Path
):
    """Though the mail server had taken it, and another mailbox has it; told once."""
    answering.register()
    connection = answering.sent()
    with a_mail_server(maildir=tmp_path) as taken:
        taken.gone = {ANN[0]}
        answering.deliver(by(taken))
    received = answering.asking.find(connection.id).status
    answering.asking.world.clock.pass_by(timedelta(minutes=4, seconds=50))

    answering.keep(tmp_path)
    answering.keep(tmp_path)

    found = answering.asking.find(connection.id)
    assert received is ConnectionStatus.DELIVERED
    assert (found.is_red, found.undelivered) == (True, "bounced-5.1.1")
    [entry] = answering.entries(LedgerEvent.OUTGOING_MESSAGE_BOUNCED)
    assert entry.fields["because"] == "bounced-5.1.1"
    assert not list((tmp_path / "new").iterdir())


def test_bounce_after_somebody_opened_it_changes_nothing(answering: AnsweringWorld, tmp_path: Path):
    """It had arrived."""
    answering.register()
    connection = answering.sent()
    with a_mail_server(maildir=tmp_path) as taken:
        taken.gone = {BEN[0]}
        answering.deliver(by(taken))
    link = next(one["text"] for one in taken.messages if one["to"] == ANN[0])
    answering.come_in(link.partition(PLACE.url)[2].split()[0])

    answering.keep(tmp_path)

    found = answering.asking.find(connection.id)
    assert (found.status, found.is_red) == (ConnectionStatus.OPENED, False)


@pytest.mark.parametrize("has_system", [False, True])
def test_partner_for_whom_nobody_is_registered_is_undelivered_at_once(
    answering: AnsweringWorld, *, has_system: bool
):
    """Whoever asked is told, and rings; but for one whose own system asks for what is sent."""
    with answering.asking.world.running.outside.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE directory_service SET partner_code = partner_code")
        connection.exec_driver_sql(
            "INSERT INTO directory_partner (partner_code, name, kind, added_by, added_at)"
            " VALUES ('nobody', 'Nobody', 'charity', 'job:test', now()) ON CONFLICT DO NOTHING"
        )
        connection.exec_driver_sql("UPDATE directory_service SET partner_code = 'nobody'")

    if has_system:
        partners = PartnersOnDatabase.over(answering.asking.world.running)
        partners.onboard(PartnerId("nobodys"), Scope.COMMUNITY_WRITE, answers_for="nobody")

    asked = answering.sent()

    found = answering.asking.find(asked.id)
    assert (found.undelivered, answering.mail()) == (None if has_system else "no-address", [])


def test_nobody_answers_and_is_reminded_twice_and_told_of_the_end(answering: AnsweringWorld):
    """A link of each mail works until then; the last one has none."""
    answering.register()
    connection = answering.sent()
    first = answering.links()[ANN[0]]
    ours = f"{connection.reference[:4]}-{connection.reference[4:]}"
    portal = answering.asking.world.running.portal
    begins = []
    for _ in range(9):
        answering.asking.world.clock.pass_by(timedelta(days=1))
        follow_up_all(portal, post=bringing(PLACE))
        answering.keep()
        told = [one for one in answering.mail() if one.to == ANN[0] and ours in one.subject]
        begins += [one.text.partition("\n")[0] for one in told]
        if told and "still waits" in begins[-1]:
            assert answering.code_for(answering.client(), link_in(told[0]))

    assert begins == [
        "A request still waits for your answer.",
        "A request still waits for your answer.",
        "A request has closed because nobody answered. There is nothing to do.",
    ]
    assert answering.asking.find(connection.id).status is ConnectionStatus.LAPSED
    assert answering.code_for(answering.client(), first) is None


def test_codes_go_by_the_second_way_and_are_no_mail_about_a_request(answering: AnsweringWorld):
    """To a second address where there is no mobile; what becomes of them is told to no request."""
    answering.register(ANN, ("cat@home-start.example", "cat@own.example"))
    connection = answering.sent()
    link = answering.links()["cat@home-start.example"]
    client = answering.client()
    client.http.post(f"{link}/code")
    with a_mail_server() as taken:
        send_due(answering.asking.world.running.relay, by(taken), CapturingLogger())
    answering.keep()

    [code] = taken.messages
    assert (code["to"], code["subject"]) == ("cat@own.example", "A message from Tell Once")
    assert answering.asking.find(connection.id).status is ConnectionStatus.SENT
