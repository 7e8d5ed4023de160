"""What was withheld from a push stays with its partner, and is asked for once it is permitted."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from consent.lawfulness import Basis
from consent.model import Response
from schemas.records.payloads import ContactDetails
from schemas.vocabulary import Category, Source
from services.work import Outside
from tests.support.builders import SOCIAL_WORKER
from tests.support.fakes.in_process import InProcess
from tests.support.messages.cloud_events import an_event
from tests.support.messages.csc import a_child, a_child_details, csc
from tests.support.messages.nems_messages import professional_contact
from tests.support.partners import OTHER
from tests.support.partners_database import (
    PartnersOnDatabase,
    by_upn,
    dispositions_of,
    partners_on,
    the_patient,
)

pytestmark = pytest.mark.postgres

NEMS = professional_contact()
UPN = "T999200119011"


@pytest.fixture
def partners(outside: Outside) -> Iterator[PartnersOnDatabase]:
    """Give the partner interfaces over the main job on an empty database."""
    with InProcess.running(outside) as running, partners_on(running) as found:
        yield found


def asked(partners: PartnersOnDatabase) -> list[str]:
    """What the partner is asked for, by receipt."""
    partners.running.settle()
    return [one["receipt"] for one in partners.get("resend")["messages"]]


def test_nothing_is_asked_for_while_nothing_permits_it(partners: PartnersOnDatabase):
    """It would be withheld again."""
    partners.push(an_event(NEMS))

    assert asked(partners) == []


def test_what_is_permitted_now_is_asked_for_by_its_receipt(partners: PartnersOnDatabase):
    """Once; sent again it is published and asked for no more."""
    event = an_event(NEMS)
    (told,) = partners.push(event).json()["dispositions"]
    partners.running.decide(the_patient())

    wanted = asked(partners)
    again = partners.push(event)

    assert wanted == [told["receipt"]]
    assert dispositions_of(again) == ["published"]
    assert again.json()["dispositions"][0]["receipt"] == told["receipt"]
    assert asked(partners) == []


def test_a_refusal_asks_for_nothing_and_takes_back_what_was_asked(partners: PartnersOnDatabase):
    """The list says how things stand now."""
    partners.push(an_event(NEMS))
    partners.running.decide(the_patient(), response=Response.REFUSED)
    refused = asked(partners)
    given = partners.running.decide(the_patient(), categories=[Category.STORY])
    elsewhere = asked(partners)
    partners.running.withdraw(given.decision.id)

    assert (refused, elsewhere, asked(partners)) == ([], [], [])


def test_what_was_asked_for_leaves_the_list_when_the_permit_ends(partners: PartnersOnDatabase):
    """Before it was sent."""
    partners.push(an_event(NEMS))
    decided = partners.running.decide(the_patient())
    assert len(asked(partners)) == 1

    partners.running.withdraw(decided.decision.id)

    assert asked(partners) == []


def test_what_came_and_is_still_withheld_is_not_asked_for_again(partners: PartnersOnDatabase):
    """Until something else is decided."""
    partners.push(an_event(NEMS))
    decided = partners.running.decide(the_patient())
    assert len(asked(partners)) == 1
    partners.running.withdraw(decided.decision.id)

    assert dispositions_of(partners.push(an_event(NEMS))) == ["withheld"]
    assert asked(partners) == []
    partners.pass_by(timedelta(days=1))
    partners.running.decide(the_patient())
    assert len(asked(partners)) == 1


def test_a_message_permitted_in_part_is_asked_for_when_more_is(partners: PartnersOnDatabase):
    """What was published of it already is no reason not to."""
    partners.running.decide(the_patient(), categories=[Category.IDENTITY_AND_CONTACT])
    event = an_event(NEMS)
    (told,) = partners.push(event).json()["dispositions"]
    assert told["disposition"] == "published"
    assert told["reason"].startswith("partly-withheld:")
    assert asked(partners) == []

    partners.running.decide(the_patient())

    assert asked(partners) == [told["receipt"]]
    assert dispositions_of(partners.push(event)) == ["published"]
    assert asked(partners) == []


def test_only_the_partner_that_sent_it_is_asked(partners: PartnersOnDatabase):
    """Another learns nothing of it."""
    partners.push(an_event(NEMS))
    partners.onboard(OTHER)
    partners.running.decide(the_patient())

    assert len(asked(partners)) == 1
    assert partners.get("resend", OTHER)["messages"] == []


def test_what_comes_again_is_no_newer_than_it_was(partners: PartnersOnDatabase):
    """A payload has no date of its own: sent again later, it does not undo what came since."""
    old = an_event(csc(a_child()), Source.SOCIAL_CARE)
    new = an_event(
        csc(a_child(child_details=a_child_details(postcode="NF2 2BB"))), Source.SOCIAL_CARE
    )
    partners.push(old)
    partners.pass_by(timedelta(days=1))
    decided = partners.running.decide(
        by_upn(UPN, "2019-03-05"), basis=Basis.PUBLIC_TASK, decided_by=SOCIAL_WORKER
    )
    partners.push(new)
    partners.pass_by(timedelta(days=1))
    partners.push(old)
    partners.running.settle()

    (person,) = decided.decision.subjects
    homes = [
        address.postcode
        for record in partners.running.stored(person)
        if isinstance(record.payload, ContactDetails)
        for address in record.payload.addresses
    ]

    assert homes == ["NF2 2BB"]
