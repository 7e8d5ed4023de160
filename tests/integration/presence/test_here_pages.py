"""The pages for a family that is there: what they show, and that they tell nothing."""

from datetime import timedelta

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from tests.support.builders import TEACHER, VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.people.presence_world import COLLEAGUE, OFFICER, PresenceWorld
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres
ALONE = {"with": "own", "room": "alone"}
A_NUMBER = {
    "scheme": "nhs-number",
    "date-of-birth-day": "11",
    "date-of-birth-month": "2",
    "date-of-birth-year": "1996",
}


def sign_in(world: PresenceWorld, who: PractitionerId = VISITOR) -> PageClient:
    """A browser of somebody's."""
    services = PortalOnDatabase(world.running.portal, demonstration=True, receipts=AN_ISSUER)
    app = create_app(services, PortalSettings("Exbury Council", "demonstration"))
    client = PageClient(app, "https://testserver")
    client.sign_in(who)
    return client


def begin(client: PageClient, form: dict[str, str], at: str = "/here") -> str:
    """Say that a family is there; gives where the ways are."""
    response = client.send_raw(at, at, form)
    assert response.status_code == 303, response.text
    return str(response.headers["location"])


def typed(world: PresenceWorld) -> dict[str, str]:
    """The mother, by number and date of birth."""
    return {**A_NUMBER, **ALONE, "identifier": world.family[1].identifiers[0].value}


def test_card_says_what_it_means_and_asks_who_is_there(world: PresenceWorld):
    """Before anything is done."""
    client = sign_in(world)

    page = client.get("/here")
    wrong = client.send("/here", "/here", {})

    assert page.heading == "The family is with you"
    assert "is checked by another person" in page.text
    assert "Select who is with you" in wrong.errors
    assert "Select who else is in the room" in wrong.errors


def test_code_opens_the_record_with_its_bar_and_close_now(world: PresenceWorld):
    """From a number and a date of birth; what was typed is in no address."""
    client = sign_in(world)
    ways = begin(client, typed(world))
    asked = client.send_and_follow(ways, f"{ways}/code", {})
    message = world.sent()
    assert message is not None
    assert message.text[:6] not in asked.whole_text

    right = {"code": message.text[:6]}
    opened = client.send_and_follow(f"{ways}/code", f"{ways}/typed-code", right)

    overview = opened.links["Open their record"]
    record = client.get(overview)
    assert "The family is with you. Ends at" in record.whole_text
    assert world.family[1].identifiers[0].value not in ways
    client.send_raw(overview, f"{overview}/close", {})
    assert client.get(overview, 403).heading == "You cannot see this page"
    assert "Send a code" in client.get(ways).text


def test_everything_that_opens_nothing_is_one_page(world: PresenceWorld):
    """Wrong, expired, used, void and foreign codes, and visits that nobody has: byte for byte."""
    client, other = sign_in(world), sign_in(world, TEACHER)
    ways = begin(client, typed(world))
    client.send_raw(ways, f"{ways}/code", {})
    message = world.sent()
    assert message is not None
    code = message.text[:6]
    wrong = "000000" if code != "000000" else "000001"
    shown = {}

    def answer(name: str, place: str = ways, typed_code: str = code) -> None:
        response = client.send_raw(f"{ways}/code", f"{ways}/typed-code", {"code": wrong})
        if place != ways or typed_code != wrong:
            token_page = client.get(f"{place}/code")
            token = token_page.token_of(f"{place}/typed-code")
            data = {"csrf": token, "code": typed_code}
            response = client.http.post(f"{place}/typed-code", data=data)
        shown[name] = response.status_code, _without_nonce(response.text).replace(place, "WAYS")

    answer("wrong", typed_code=wrong)
    foreign = begin(other, typed(world))
    answer("somebody else's visit", foreign)
    answer("nobody's visit", "/here/" + "f" * 32)
    for number in range(3):
        answer(f"wrong again {number}", typed_code=wrong)
    answer("right, and the sixth")
    unknown = begin(client, {**typed(world), "identifier": "9990000131"})
    client.send_raw(unknown, f"{unknown}/code", {})
    answer("of nobody who is known", unknown)
    world.clock.pass_by(timedelta(minutes=11))
    answer("expired")

    assert len(set(shown.values())) == 1, {name: status for name, (status, _) in shown.items()}
    assert {status for status, _ in shown.values()} == {422}
    assert len(world.entries(LedgerEvent.PRESENCE_CODE_REFUSED)) >= len(shown)
    assert not world.opened()


def test_asking_for_a_code_looks_the_same_whoever_is_meant(world: PresenceWorld):
    """Somebody known, protected or unknown, by number and from a page."""
    client = sign_in(world)
    world.running.restrict(world.father)
    pages = set()
    for form, at in (
        (typed(world), "/here"),
        ({**typed(world), "identifier": "9990000131"}, "/here"),
        (ALONE, f"/families/{world.father}/here"),
        (ALONE, f"/families/{'e' * 32}/here"),
    ):
        card = client.http.get(at)
        ways = begin(client, form, at)
        asked = client.http.get(ways)
        code = client.http.post(f"{ways}/code", data={"csrf": _token(client, ways)})
        after = client.http.get(code.headers["location"])
        texts = (card.text.replace(at, "HERE"), asked.text, after.text)
        pages.add(tuple(_without_nonce(text).replace(ways, "WAYS") for text in texts[1:]))

    assert len(pages) == 1


def test_officer_answers_from_their_queue_and_sees_no_record(world: PresenceWorld):
    """A role of its own: its pages are closed to everybody else, and families' to it."""
    client, officer = sign_in(world), sign_in(world, OFFICER)
    ways = begin(client, typed(world))
    told = client.send(ways, f"{ways}/request", {"way": "officer"}, 200)
    assert officer.http.get("/").headers["location"] == "/officer"
    reference = told.tree.xpath("//main//strong")[0].text_content()

    request = officer.get("/officer").links[reference]
    page = officer.get(request)
    assert world.mobile.value[-6:] in page.text
    done = officer.send(request, request, {"answer": "rang-back"}, 200)

    assert "Your answer is written down." in done.text
    assert client.get(ways).heading == "It is them"
    for address in ("/here", f"/families/{world.mother}", "/colleagues"):
        officer.get(address, 403)
    client.get("/officer", 403)
    assert officer.get("/officer").text == "Who asks you to confirm Nobody waits."


def test_colleague_answers_and_is_shown_nothing_that_is_held(world: PresenceWorld):
    """Who asks, when, and a reference."""
    client, colleague = sign_in(world), sign_in(world, COLLEAGUE)
    ways = begin(client, typed(world))
    client.send(ways, f"{ways}/request", {"way": "colleague"}, 200)

    page = colleague.get("/colleagues")
    action = page.tree.forms[-1].action
    assert "Amara Okafor" in page.text
    done = colleague.send("/colleagues", action, {"answer": "sees-them"}, 200)

    assert "Your answer is written down." in done.text
    assert client.get(ways).heading == "It is them"


def test_before_a_partner_there_is_just_the_sheet(world: PresenceWorld):
    """What is written shows nothing that is held, and is not shown again."""
    client = sign_in(world)
    ways = begin(client, {**typed(world), "room": "partner-present"})
    page = client.get(ways)
    assert "Send a code" not in page.text
    assert [*client.send(f"{ways}/sheet", f"{ways}/sheet", {}).errors] == [
        "Write something on the sheet"
    ]

    form = {"story": "He must not know.", "refused": "social-care"}
    saved = client.send(f"{ways}/sheet", f"{ways}/sheet", form, 200)

    assert saved.heading == "The sheet is saved"
    assert "He must not know." not in client.get(f"{ways}/sheet").whole_text
    assert len(world.entries(LedgerEvent.PRESENCE_SHEET_WRITTEN)) == 1


def _token(client: PageClient, ways: str) -> str:
    return client.get(ways).token_of(f"{ways}/code")


def _without_nonce(text: str) -> str:
    """A page without what differs each time it is fetched."""
    parts = text.split('nonce="')
    return "".join([parts[0], *(part.partition('"')[2] for part in parts[1:])])
