"""What somebody keeps in hand on their own page: how they are reached, and copies."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from structlog.testing import CapturingLogger

from consent.ledger.events import LedgerEvent
from services.interfaces.subject_access.held import GivenTo
from services.interfaces.subject_access.ordering import asked_on_page
from services.people.family_access.keeping.copies import lay_ready
from services.people.family_access.keeping.postgres_copies import PostgresFamilyCopies
from services.people.family_access.keeping.postgres_reach import PostgresFamilyReach
from services.people.family_access.keeping.reach import tell_that_there_is_something
from services.people.presence.model import WithWhom
from services.platform.keys.sealing import JweSealer
from services.platform.messages.ports import Message, MessageChannel
from services.work import unit_of_work
from services.workers.relaying import send_due
from tests.support.people.door_world import DoorWorld
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres
_CARRIED: frozenset[MessageChannel] = frozenset(MessageChannel)
NOTICE = "There is a message for you at the family hub."


@dataclass(slots=True)
class AnyCarrier:
    """Carries everything."""

    took: list[Message] = field(default_factory=list)

    @property
    def channels(self) -> frozenset[MessageChannel]:
        return _CARRIED

    def send(self, message: Message, *, reference: str) -> None:
        assert reference
        self.took.append(message)


def typed(door: DoorWorld) -> str:
    """The code that came last."""
    code = door.code()
    assert code is not None, "no code was sent"
    return code


def way_of(client: PageClient, words: str) -> str:
    """The key of a contact on the page, by what is said of it."""
    page = client.get("/reach")
    (link,) = [href for name, href in page.links.items() if name.startswith(words)]
    return link.removeprefix("/reach/not-safe/")


def notice(door: DoorWorld) -> Message | None:
    """Tell her that there is something, as an answer does; gives what waits to be sent."""
    access = door.entries(LedgerEvent.FAMILY_SIGNED_IN)[-1].fields["access"]
    with unit_of_work(door.world.running.portal) as work:
        reach = PostgresFamilyReach(work.connection)
        tell_that_there_is_something(str(access), door=work.family_door(), reach=reach)
    with unit_of_work(door.world.running.relay) as work:
        later = work.now + timedelta(days=1)
        found = work.messages_out().claim(now=later, lease=timedelta(minutes=1))
        if found is not None:
            work.messages_out().forget(found.id)
        return None if found is None else found.message


def test_nothing_is_sent_until_she_chooses_and_then_it_says_nothing(door: DoorWorld):
    """By a new code; at a time that she says is safe; never to somebody else's."""
    client = door.client_of("mother")
    door.code()
    before = notice(door)
    way = way_of(client, "This is not safe")

    missing = client.send("/reach/messages", "/reach/messages", {"way": way})
    client.send("/reach/messages", "/reach/messages", {"way": way, "time": "morning"}, status=200)
    token = client.get("/off").token_of("/off")
    form = {"csrf": token, "way": way, "time": "morning", "code": "x"}
    wrong = client.http.post("/reach/code", data=form)
    code = typed(door)
    kept = client.http.post("/reach/code", data={**form, "code": code})
    again = client.http.post("/reach/code", data={**form, "way": "0" * 32, "code": code})

    assert before is None
    assert missing.errors == ["Pick when it is safe."]
    assert (wrong.status_code, kept.status_code, again.status_code) == (422, 303, 422)
    assert "In the morning, 8 to 12" in client.get("/reach").text
    assert door.world.mobile.value[-6:] not in client.get("/reach").response.text
    told = notice(door)
    assert told is not None
    assert told.text == NOTICE
    assert door.entries(LedgerEvent.FAMILY_REACH_CHOSEN)[-1].fields["notices"] == "on"


def test_what_is_not_safe_is_used_by_nothing_from_then_on(door: DoorWorld):
    """At once and without a code: what waited is not sent, and her page is shut."""
    client = door.client_of("mother")
    father = door.client_of("father")
    way = way_of(client, "This is not safe")
    browser = door.ask(door.world.mobile.value)
    said = f"/reach/not-safe/{way}"
    theirs = father.http.get(said)

    done = client.send_raw(said, said, {})
    carrier = AnyCarrier()
    send_due(door.world.running.relay, carrier, CapturingLogger())

    assert theirs.status_code == 404
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert carrier.took == []
    failed = door.entries(LedgerEvent.OUTGOING_MESSAGE_FAILED)[-1]
    assert failed.fields["because"] == "not-safe"
    assert client.http.get("/home").status_code == 303
    assert browser
    door.ask(door.world.mobile.value)
    assert door.code() is None
    assert "not safe" not in father.get("/reach").text.replace("This is not safe", "")
    entry = door.entries(LedgerEvent.CONTACT_MARKED)[-1]
    assert entry.actor.startswith("family:")


def test_copy_is_asked_for_here_made_by_two_and_taken_by_a_new_code(door: DoorWorld):
    """Of her child to whom she is a parent; the other parent has no part in it."""
    client, father = door.client_of("mother"), door.client_of("father")
    child = door.world.child
    door.code()
    client.send("/copy", "/copy", {"about": child}, status=200)
    token = client.get("/off").token_of("/off")
    asked = client.http.post("/copy/ask", data={"csrf": token, "about": child, "code": typed(door)})
    waits = client.get("/copy").text
    copy = str(door.entries(LedgerEvent.FAMILY_COPY_ASKED)[-1].fields["copy"])

    with unit_of_work(door.world.running.outside) as work:
        order = asked_on_page(copy, child, WithWhom.MOTHER, work=work)
        of_nobody = asked_on_page(copy, door.world.father, WithWhom.MOTHER, work=work)
        copies = PostgresFamilyCopies(work.connection)
        found = copies.find(copy)
        assert found is not None
        sealer = JweSealer(work.keys.data_key)
        told = {"order": "c" * 32, "by": "operator:a", "copies": copies, "sealer": sealer}
        lay_ready(found, b"<p>what is held</p>", door=work.family_door(), **told)
    door.world.clock.pass_by(timedelta(minutes=1))
    client.http.post(f"/copy/{copy}", data={"csrf": token})
    code = typed(door)
    taken = client.http.post(f"/copy/{copy}/take", data={"csrf": token, "code": code})
    again = client.http.post(f"/copy/{copy}/take", data={"csrf": token, "code": code})
    his = father.get("/off").token_of("/off")
    father.http.post(f"/copy/{copy}", data={"csrf": his})
    foreign = father.http.post(f"/copy/{copy}/take", data={"csrf": his, "code": typed(door)})

    assert asked.headers["location"] == "/copy"
    assert "We are making it." in waits
    assert order is not None
    assert (order.given_to, order.parent) == (GivenTo.PARENT, WithWhom.MOTHER)
    assert of_nobody is None
    assert taken.content == b"<p>what is held</p>"
    assert taken.headers["content-disposition"] == 'attachment; filename="page.html"'
    assert taken.headers["cache-control"] == "no-store"
    assert (again.status_code, foreign.status_code) == (422, 422)
    assert "You asked on" not in father.get("/copy").text
    assert len(door.entries(LedgerEvent.FAMILY_COPY_TAKEN)) == 1
    with door.world.running.outside.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT sealed FROM family_copy").scalar_one()
    assert b"what is held" not in bytes(row)
