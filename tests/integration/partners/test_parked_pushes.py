"""A push that could not be read is its partner's: when it is read again, they are told."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from connectors.ports import Received, Unreadable
from schemas.records.message import Record, SourceMessage
from schemas.vocabulary import Source
from services.interfaces.partners.work import partner_work
from services.platform.keys.vault import SecretName
from services.work import Outside
from services.workers.replaying import replay
from tests.support.fakes.in_process import InProcess
from tests.support.messages.nems_messages import professional_contact
from tests.support.messages.source_messages import a_message, a_record, a_removal, the_child
from tests.support.partners import NORTHFIELD
from tests.support.partners_database import PartnersOnDatabase, partners_on, the_patient

pytestmark = pytest.mark.postgres

NEMS = professional_contact()
SOURCE = Source.HEALTH_VISITING


@pytest.fixture
def partners(outside: Outside) -> Iterator[PartnersOnDatabase]:
    """Give the partner interfaces over the main job on an empty database."""
    with InProcess.running(outside) as running, partners_on(running) as found:
        yield found


def parked(partners: PartnersOnDatabase) -> str:
    """Push a good message that the mapper of the day could not read; give its receipt."""
    partners.onboard()
    why = Unreadable("Bundle.entry[9]", "not-mapped")
    with partner_work(partners.running.connectors)() as work:
        received = [Received(0, why, raw=lambda: NEMS)]
        (told,) = work.publish(NORTHFIELD, SOURCE, received)
        work.dispositions.add(NORTHFIELD, SOURCE, [told], at=work.now)
    return told.receipt


def read_again(partners: PartnersOnDatabase) -> list[str]:
    """Read everything again that is parked, the mapper being mended."""
    outside = partners.running.connectors
    done = replay([], outside=outside, key=outside.vault.secret(SecretName.PARKED))
    return [disposition.disposition.value for _, disposition in done]


def told(partners: PartnersOnDatabase) -> list[tuple[str, str]]:
    """What the partner can read of it."""
    found = partners.get("dispositions")["dispositions"]
    return [(one["receipt"], one["disposition"]) for one in found]


def test_what_is_published_then_is_told_under_the_receipt_it_has(partners: PartnersOnDatabase):
    """The partner need not send it again, and learns that."""
    partners.running.decide(the_patient())
    receipt = parked(partners)

    assert read_again(partners) == ["published"]
    assert told(partners) == [(receipt, "parked"), (receipt, "published")]


def test_what_is_withheld_then_is_asked_for_under_the_receipt_it_has(
    partners: PartnersOnDatabase,
):
    """Nothing of it is kept any more."""
    receipt = parked(partners)

    assert read_again(partners) == ["withheld"]
    for table in ("parked", "holding_health_visiting.held_message"):
        assert partners.running.count(table) == 0
    partners.running.decide(the_patient())
    partners.running.settle()
    asked = partners.get("resend")["messages"]
    assert [one["receipt"] for one in asked] == [receipt]


@pytest.mark.parametrize("together", [True, False], ids=["together", "apart"])
@pytest.mark.parametrize(
    ("later", "asked"),
    [(a_removal("r1"), 0), (a_removal("another"), 1)],
    ids=["removed", "something-else"],
)
def test_what_its_source_took_back_is_not_asked_for(
    partners: PartnersOnDatabase, later: Record, asked: int, *, together: bool
):
    """Neither when both come at once, nor when the removal comes later."""
    partners.onboard()
    record = a_message("m1", a_record("r1"))
    removal = a_message("m2", later, at="2026-02-01T00:00:00Z")
    for messages in [[record, removal]] if together else [[record], [removal]]:
        push(partners, *messages)

    with partners.running.outside.engine.connect() as connection:
        kept = connection.execute(
            text("SELECT count(*) FROM partner_withheld WHERE record_keys <> '{}'")
        ).scalar_one()
    assert kept == asked


def test_a_removal_that_comes_late_takes_back_only_what_is_older(partners: PartnersOnDatabase):
    """Pushes come in no order."""
    partners.onboard()
    newer = a_message("m3", a_record("r1"), at="2026-03-01T00:00:00Z")
    push(partners, newer)
    push(partners, a_message("m2", a_removal("r1"), at="2026-02-01T00:00:00Z"))
    partners.running.decide(the_child())
    partners.running.settle()
    partners.pass_by(timedelta(minutes=1))

    assert len(partners.get("resend")["messages"]) >= 1


def push(partners: PartnersOnDatabase, *messages: SourceMessage) -> None:
    """Push messages as if a connector had read them from what was sent."""
    with partner_work(partners.running.connectors)() as work:
        received = [Received(n, m, raw=lambda: b"") for n, m in enumerate(messages)]
        work.publish(NORTHFIELD, SOURCE, received)
