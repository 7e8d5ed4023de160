"""What partners push: as if a connector had read it, and told apart for its partner."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Source
from services.interfaces.partners.ports import Scope
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.messages.cloud_events import an_event
from tests.support.messages.csc import a_child, csc
from tests.support.messages.ctf import APupil, ctf
from tests.support.messages.nems_messages import professional_contact
from tests.support.partners import NORTHFIELD, OTHER
from tests.support.partners_database import (
    PartnersOnDatabase,
    by_upn,
    dispositions_of,
    partners_on,
    the_patient,
)

pytestmark = pytest.mark.postgres

NEMS = professional_contact()


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def partners(running: InProcess) -> Iterator[PartnersOnDatabase]:
    """Give the partner interfaces over it."""
    with partners_on(running) as found:
        yield found


def test_what_is_permitted_is_published_and_stored(partners: PartnersOnDatabase):
    """In one transaction, with the partner as the actor."""
    partners.running.decide(the_patient())

    answer = partners.push(an_event(NEMS))
    partners.running.settle()

    assert dispositions_of(answer) == ["published"]
    (entry,) = partners.running.ledger(LedgerEvent.PUBLICATION_PERMITTED)
    assert entry.actor == f"partner:{NORTHFIELD}"
    assert partners.running.count("record") > 0


def test_what_was_published_is_a_duplicate_and_changes_nothing(partners: PartnersOnDatabase):
    """Also under another id, and whoever sends it: the message is known by itself."""
    partners.running.decide(the_patient())
    partners.push(an_event(NEMS))
    partners.running.settle()
    before = [partners.running.count(t) for t in ("record", "outbox", "bus_messages")]

    again = partners.push(an_event(NEMS), an_event(NEMS))
    partners.running.settle()

    assert dispositions_of(again) == ["duplicate", "duplicate"]
    assert [partners.running.count(t) for t in ("record", "outbox", "bus_messages")] == before


@pytest.mark.parametrize(
    ("source", "data"),
    [
        (Source.HEALTH_VISITING, NEMS),
        (Source.SCHOOLS, ctf(APupil())),
        (Source.SOCIAL_CARE, csc(a_child())),
    ],
    ids=lambda value: str(value)[:15],
)
def test_nothing_is_kept_of_what_is_withheld(
    partners: PartnersOnDatabase, source: Source, data: bytes
):
    """Neither held nor parked: only keyed hashes, whichever source it is."""
    answer = partners.push(an_event(data, source))

    assert dispositions_of(answer) == ["withheld"]
    for table in ("holding_health_visiting.held_message", "file_to_reread", "parked"):
        assert partners.running.count(table) == 0
    (entry,) = partners.running.ledger(LedgerEvent.PUBLICATION_WITHHELD)
    assert entry.actor == f"partner:{NORTHFIELD}"


def test_each_message_is_told_apart(partners: PartnersOnDatabase):
    """A pupil that cannot be read stops nobody else; field and reason are told, no value."""
    partners.running.decide(by_upn(APupil().upn))
    born = APupil(upn="T999200119012", born="not-a-day")

    answer = partners.push(an_event(ctf(APupil(), born), Source.SCHOOLS), an_event(b"<Bundle/>"))

    told = answer.json()["dispositions"]
    assert [(d["event"], d["index"], d["disposition"]) for d in told] == [
        (0, 0, "published"),
        (0, 1, "parked"),
        (1, 0, "parked"),
    ]
    assert told[1]["field"]
    assert told[1]["reason"]
    assert "not-a-day" not in answer.text


def test_a_partner_sees_its_own_dispositions_and_no_others(partners: PartnersOnDatabase):
    """By the receipts that it was given."""
    mine = partners.push(an_event(NEMS)).json()["dispositions"]
    partners.onboard(OTHER)
    partners.push(an_event(csc(a_child()), Source.SOCIAL_CARE), name=OTHER)

    found = partners.get("dispositions")

    assert [d["receipt"] for d in found["dispositions"]] == [d["receipt"] for d in mine]
    assert found["next"] is None
    assert found["dispositions"][0]["source"] == "health-visiting"


def test_pages_meet_every_disposition_once(partners: PartnersOnDatabase):
    """Following `next` from the beginning, and from a moment on."""
    for _ in range(5):
        partners.push(an_event(NEMS))
        partners.pass_by(timedelta(minutes=1))

    first = partners.get("dispositions?limit=3")
    rest = partners.get(f"dispositions?limit=3&cursor={first['next']}")
    since = partners.get("dispositions", since=first["dispositions"][2]["at"])

    assert (len(first["dispositions"]), len(rest["dispositions"])) == (3, 2)
    assert rest["next"] is None
    assert since["dispositions"] == first["dispositions"][2:] + rest["dispositions"]


def test_an_event_of_a_source_that_the_token_is_not_for_does_nothing(
    partners: PartnersOnDatabase,
):
    """Nor do the events beside it."""
    partners.onboard(NORTHFIELD, Scope.EVENTS_HEALTH_VISITING, Scope.DISPOSITIONS_READ)

    answer = partners.push(an_event(NEMS), an_event(csc(a_child()), Source.SOCIAL_CARE))

    assert answer.status_code == 403
    assert partners.get("dispositions")["dispositions"] == []
    assert partners.running.count("message_outcome") == 0


def test_without_a_ledger_nothing_is_told(partners: PartnersOnDatabase):
    """503, and nothing was done."""
    headers = partners.token()
    partners.running.break_the_ledger()

    answer = partners.push(an_event(NEMS), headers=headers)

    assert answer.status_code == 503
    assert partners.running.count("message_outcome") == 0
    assert partners.running.count("partner_disposition") == 0
