"""A second contact, a lost telephone: what signs in to a page, and who says so."""

from datetime import timedelta

import pytest

from consent.ledger.events import LedgerEvent
from schemas.records.payloads import Telecom
from services.people.family_access.model import AccessEnd
from services.people.presence.contacts import contact_from_number
from services.people.presence.postgres_contacts_held import contact_digest
from services.work import unit_of_work
from tests.support.people.door_world import MOTHERS_DAY, DoorWorld
from tests.support.people.presence_world import own_contacts
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres


def with_a_second(door: DoorWorld) -> tuple[Telecom, str]:
    """The school tells a second number of the mother's; gives it and by what pages name it."""
    second = Telecom("phone", "07915 5" + door.world.mobile.value.removeprefix("07700 9"))
    new = own_contacts("mother", door.world.mobile, second)
    door.world.tell(new, at="2026-02-01T00:00:00Z")
    contact = contact_from_number(second.value)
    assert contact is not None
    return second, contact_digest(contact, door.world.running.portal.hasher).hex()


def codes(door: DoorWorld) -> list[str]:
    """Every code that was sent since, in the order in which they were."""
    found = []
    with unit_of_work(door.world.running.relay) as work:
        while message := work.messages_out().claim(now=work.now, lease=timedelta(minutes=1)):
            work.messages_out().forget(message.id)
            if message.message is not None:
                found.append((message.message.to, message.message.text[:6]))
    return [code for _, code in sorted(found)]


def post(client: PageClient, address: str, **typed: str) -> int:
    """Send a form of hers."""
    token = client.get("/off").token_of("/off")
    return client.http.post(address, data={"csrf": token, **typed}).status_code


def test_second_number_signs_in_too_and_a_lost_one_is_stopped(door: DoorWorld):
    """By both codes; a code to one of them alone adds nothing."""
    client = door.client_of("mother")
    second, key = with_a_second(door)
    page = client.get("/sign-in-with")
    assert f"Mobile that ends in {second.value[-2:]}" in page.text
    assert second.value not in page.response.text
    door.ask(second.value)
    assert codes(door) == [], "a number that a source tells signs in nobody by itself"

    assert post(client, f"/sign-in-with/{key}", say="use") == 303
    sent = codes(door)
    assert len(sent) == 2
    wrong = post(client, f"/sign-in-with/{key}/code", first=sent[0], second=sent[0])
    door.world.clock.pass_by(timedelta(minutes=1))
    assert wrong == 422
    assert post(client, f"/sign-in-with/{key}", say="use") == 303
    first, other = codes(door)
    assert post(client, f"/sign-in-with/{key}/code", first=first, second=other) == 303

    by_second = door.client()
    door.sign_in_at(by_second, second.value, MOTHERS_DAY)
    assert client.http.get("/home").status_code == 303, "one session at a time"
    assert post(by_second, f"/sign-in-with/{key}", say="stop") == 404, "that she is in by"
    contact = contact_from_number(door.world.mobile.value)
    assert contact is not None
    lost = contact_digest(contact, door.world.running.portal.hasher).hex()
    assert post(by_second, f"/sign-in-with/{lost}", say="stop") == 303
    door.ask(door.world.mobile.value)
    assert codes(door) == []
    assert by_second.http.get("/home").status_code == 200
    (chosen,) = door.entries(LedgerEvent.FAMILY_CONTACT_CHOSEN)
    (ended,) = door.entries(LedgerEvent.FAMILY_ACCESS_ENDED)
    assert ended.fields["because"] == AccessEnd.CONTACT_LOST
    assert ended.fields["access"] == chosen.fields["beside"]


def test_contact_that_is_not_hers_alone_is_not_offered(door: DoorWorld):
    """The father's, one that both have, and any that somebody makes up."""
    client = door.client_of("mother")
    second, key = with_a_second(door)
    door.world.tell(own_contacts("father", door.fathers, second), at="2026-02-03T00:00:00Z")

    assert "You can use it too." not in client.get("/sign-in-with").text
    for one in (key, "0" * 32):
        assert post(client, f"/sign-in-with/{one}", say="use") == 404
        assert post(client, f"/sign-in-with/{one}/code", first="1", second="2") == 422
    assert not door.entries(LedgerEvent.FAMILY_CONTACT_CHOSEN)
