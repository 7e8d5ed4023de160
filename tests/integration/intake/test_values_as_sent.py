"""Data stewards' look at what was sent in the field at fault, on a real database."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Role
from services.intake.parked.as_sent import NothingAsSent, ShownAsSent, WhyAsSent, show_as_sent
from services.intake.parked.model import ParkedMessage
from services.intake.parked.showing import ParkedOnlooker
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import InProcess
from tests.support.messages.nems import AHeader
from tests.support.messages.nems_messages import vaccination
from tests.support.people.parked_world import CHILD, PATH, ParkedWorld

pytestmark = pytest.mark.postgres

CANARY = "<b>31-02-2014</b>"
_BROKEN = vaccination(CHILD, AHeader("vaccinations-1")).replace(
    b'<birthDate value="2014-05-03"', b'<birthDate value="&lt;b>31-02-2014&lt;/b>"'
)
_OTHER = {"routing_number": "9990000026", "routing_family": "Other"}
_OTHER_NUMBER = vaccination(CHILD, AHeader("vaccinations-1", **_OTHER))
_BORN_OTHERWISE = vaccination(CHILD, AHeader("vaccinations-1"))


@pytest.fixture
def world(outside: Outside, tmp_path: Path) -> Iterator[ParkedWorld]:
    """Give two data stewards, and a child on record."""
    with InProcess.running(outside) as running:
        yield ParkedWorld.made(running, tmp_path)


def test_a_steward_sees_the_field_as_sent_and_only_that_it_was_looked_at_is_kept(
    world: ParkedWorld, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    """Escaped, with a reason; the value is in no address, no log and no entry."""
    parked = world.park(_BROKEN)
    address = f"{PATH}/{parked.id}"
    browser = world.browser(world.first)
    assert CANARY not in browser.get(address).whole_text

    unsaid = browser.send(address, f"{address}/as-sent", {})
    sent = browser.send_raw(address, f"{address}/as-sent", {"as-sent": "tell-source"})

    assert unsaid.errors == ["Select why"]
    assert sent.status_code == 200
    assert "&lt;b&gt;31-02-2014&lt;/b&gt;" in sent.text
    assert CANARY not in sent.text
    assert not [name for name in ("Quillfeather", "Ottoline", "Test Lane") if name in sent.text]
    assert "31-02" not in str(sent.url)
    (shown,) = world.running.ledger(LedgerEvent.PARKED_VALUES_SHOWN)
    assert shown.actor == world.first.actor
    assert shown.fields == {
        "message": parked.ref,
        "fields": ("Patient.birthDate",),
        "because": "tell-source",
        "subjects": (world.child,),
    }
    printed = capfd.readouterr()
    assert "31-02" not in caplog.text + printed.out + printed.err
    assert not [one for one in world.running.ledger(*LedgerEvent) if "31-02" in repr(one)]


def test_only_a_steward_who_has_signed_in_may_and_only_by_the_form(world: ParkedWorld):
    """Another role, an operator, a form of somebody else and a GET show nothing."""
    parked = world.park(_BROKEN)
    browser = world.browser(world.first)

    assert browser.http.get(f"{PATH}/{parked.id}/as-sent").status_code in {404, 405}
    forged = browser.http.post(f"{PATH}/{parked.id}/as-sent", data={"as-sent": "tell-source"})

    assert forged.status_code in {400, 403}
    assert world.running.ledger(LedgerEvent.PARKED_VALUES_SHOWN) == []
    for who in (_onlooker(world, role=Role.PRACTITIONER), _onlooker(world, id="")):
        assert _asked(world, parked.id, who) is NothingAsSent.NOT_A_DATA_STEWARD
    refused = world.running.ledger(LedgerEvent.PARKED_VALUES_REFUSED)
    assert [entry.fields["because"] for entry in refused] == ["not-a-data-steward"] * 2


def test_what_cannot_be_shown_says_why_and_is_entered(world: ParkedWorld):
    """Gone, cannot be opened, a whole message, and somebody in it who is protected."""
    parked = world.park(_BROKEN)
    other, whole = world.park(_OTHER_NUMBER, "b.xml"), world.park(_BORN_OTHERWISE, "c.xml")

    assert _asked(world, "made-up") is NothingAsSent.NOT_KNOWN
    assert _asked(world, whole.id) is NothingAsSent.NO_FIELD
    both = _asked(world, other.id)
    assert isinstance(both, ShownAsSent)
    assert [one.value for one in both.values] == ["9990000018", "9990000026"]
    _break(world, other)
    assert _asked(world, other.id) is NothingAsSent.CANNOT_BE_OPENED
    world.running.restrict(world.child, VISITOR)
    page = world.browser(world.first).send(
        f"{PATH}/{parked.id}", f"{PATH}/{parked.id}/as-sent", {"as-sent": "our-reader"}, 200
    )

    assert "Somebody in it is protected" in page.text
    assert "31-02" not in page.whole_text
    refused = world.running.ledger(LedgerEvent.PARKED_VALUES_REFUSED)
    assert [entry.fields["because"] for entry in refused] == [
        *("not-known", "no-field", "cannot-be-opened", "protected")
    ]


def test_whose_page_is_not_there_is_not_shown_this_either(world: ParkedWorld):
    """A doubt about somebody protected from them is as one that is not there."""
    doubtful = world.park()
    world.running.restrict(world.child, VISITOR)

    assert _asked(world, doubtful.id) is NothingAsSent.NOT_KNOWN


def _onlooker(world: ParkedWorld, **other: object) -> ParkedOnlooker:
    first = world.first
    return replace(ParkedOnlooker(first.actor, first.role, first.id), **other)


def _asked(
    world: ParkedWorld, parked: str, who: ParkedOnlooker | None = None
) -> ShownAsSent | NothingAsSent:
    with unit_of_work(world.running.portal) as work:
        onlooker = who or _onlooker(world)
        return show_as_sent(parked, WhyAsSent.TELL_SOURCE, onlooker, showing=work.showing_parked())


def _break(world: ParkedWorld, parked: ParkedMessage) -> None:
    with unit_of_work(world.running.outside) as work:
        work.connection.execute(
            text("UPDATE parked SET sealed = 'broken' WHERE parked_id = :id"), {"id": parked.id}
        )
