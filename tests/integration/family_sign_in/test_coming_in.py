"""Coming in by a provider: onto one's own page, or nobody's; and what is entered of it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.records.message import Record
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Category, Source
from services.interfaces.family_door.app import create_family_app
from services.interfaces.family_door.frame import FamilyDoorSettings
from services.interfaces.family_door.getting_in.ways import GettingIn
from services.interfaces.family_door.services import FamilyDoorOnDatabase
from services.people.family_access.getting_in.client import FamilyProviderClient
from services.people.family_access.getting_in.coming_in import come_in, sign_out_there
from services.people.family_access.getting_in.ports import CameFromProvider, ProvedIdentity
from services.people.family_access.model import WhyNoAccess
from services.people.family_access.reaching import reached_by
from services.people.family_access.signing_in import FamilySignedIn, ask_to_decide
from services.people.signing_in.tokens import SignedOut
from services.platform.clock import SystemClock
from services.work import unit_of_work
from tests.support.family_providers.running import (
    ONE_LOGIN,
    family_providers_running,
    in_one_login,
    what_is_missing,
)
from tests.support.oidc_provider.running import Visitor
from tests.support.people.door_world import MOTHERS_DAY, DoorWorld
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres
ISSUER = "https://nhs-login.example"
HERE = "https://families.example"


def number_of(door: DoorWorld, n: int) -> str:
    """The NHS number of somebody of the family."""
    return door.world.family[n].identifiers[0].value


def named(door: DoorWorld, number: int = 1) -> None:
    """A school tells the name of the mother beside her number; `number` counts the messages."""
    child, mother, father = door.world.family
    called = replace(mother.demographics, given_names=("Eva",), family_name="Novak")
    about = (child, replace(mother, demographics=called), father)
    at = f"2026-02-{number:02d}T00:00:00Z"
    details = PersonDetails(given_names=("Eva",), family_name="Novak", date_of_birth="1996-02-11")
    record = Record("name of mother", Category.IDENTITY_AND_CONTACT, ("mother",), details)
    door.world.tell(record, subjects=about, at=at)
    door.world.running.settle()


def the_mother(door: DoorWorld) -> CameFromProvider:
    """She comes back from NHS login."""
    identity = ProvedIdentity(
        ("EVA",), frozenset({"NOVAK"}), MOTHERS_DAY, nhs_number=number_of(door, 1)
    )
    return CameFromProvider(ISSUER, f"eva-{number_of(door, 1)}", door.world.clock.now(), identity)


def comes(door: DoorWorld, came: CameFromProvider) -> FamilySignedIn | WhyNoAccess:
    """Somebody comes in."""
    with unit_of_work(door.world.running.portal) as work:
        return come_in(came, door=work.family_door(), likenesses=work.likenesses)


def reached(door: DoorWorld, signed_in: FamilySignedIn) -> list[PersonId]:
    """Whom their page is about."""
    with unit_of_work(door.world.running.portal) as work:
        return [one.person for one in reached_by(signed_in.session, door=work.family_door())]


def test_whoever_is_matched_has_a_page_and_comes_in_again_without_proof(door: DoorWorld):
    """Children are on it whom two agencies name; deciding still takes a code to her own contact."""
    named(door)
    known_before = comes(door, replace(the_mother(door), identity=None))

    first = comes(door, the_mother(door))

    assert known_before is WhyNoAccess.NOT_KNOWN
    assert isinstance(first, FamilySignedIn)
    assert reached(door, first) == [door.world.mother]
    door.world.tell(door.tie("mother"), source=Source.HEALTH_VISITING)
    again = comes(door, replace(the_mother(door), identity=None))
    assert isinstance(again, FamilySignedIn)
    assert reached(door, again) == [door.world.mother, door.world.child]
    assert door.session(first.secret) is None, "one at a time"
    door.code()
    with unit_of_work(door.world.running.portal) as work:
        ask_to_decide(again.session, door=work.family_door())
    assert door.code() is not None
    matched = door.entries(LedgerEvent.FAMILY_PROVIDER_MATCHED)
    assert [list(e.fields["subjects"]) for e in matched] == [[door.world.mother]]
    told = b"".join(e.body for e in door.entries())
    assert number_of(door, 1).encode() not in told
    assert b"Novak" not in told


def test_signing_out_there_ends_what_was_open_by_then(door: DoorWorld):
    """A token that is sent again, or late, ends nothing that was opened since."""
    named(door)
    first = comes(door, the_mother(door))
    assert isinstance(first, FamilySignedIn)
    now = door.world.clock.now()
    told = SignedOut(ISSUER, the_mother(door).subject, None, "once", now, now)

    def told_us() -> int:
        with unit_of_work(door.world.running.portal) as work:
            return sign_out_there(told, door=work.family_door())

    assert told_us() == 1
    assert door.session(first.secret) is None
    door.world.clock.pass_by(timedelta(minutes=1))
    second = comes(door, replace(the_mother(door), identity=None))
    assert isinstance(second, FamilySignedIn)
    assert told_us() == 0
    assert door.session(second.secret) is not None


def _restricted(door: DoorWorld) -> None:
    door.world.running.restrict(door.world.mother)


def _turned_off(door: DoorWorld) -> None:
    door.give(door.confirmed())
    door.end(door.world.mother)


def _too_young(door: DoorWorld) -> None:
    details = PersonDetails(date_of_birth=f"{door.world.clock.now().year - 9}-01-01")
    record = Record("b", Category.IDENTITY_AND_CONTACT, ("mother",), details)
    door.world.tell(record, source=Source.SOCIAL_CARE)


@pytest.mark.parametrize(
    ("before", "changed", "why"),
    [
        (_restricted, {}, WhyNoAccess.NOT_KNOWN),
        (_turned_off, {}, WhyNoAccess.OFF),
        (_too_young, {}, WhyNoAccess.TOO_YOUNG),
        (None, {"born": date(1996, 2, 12)}, WhyNoAccess.NOT_KNOWN),
        (None, {"family_names": frozenset({"IBORI"})}, WhyNoAccess.NOT_KNOWN),
        (None, {"nhs_number": "9990000999"}, WhyNoAccess.NOT_KNOWN),
    ],
)
def test_whoever_may_not_or_is_nobody_does_not_come_in(
    door: DoorWorld,
    before: Callable[[DoorWorld], None] | None,
    changed: dict[str, Any],
    why: WhyNoAccess,
):
    """Each is entered with its reason, and leaves no access."""
    named(door)
    if before is not None:
        before(door)
    came = the_mother(door)
    assert came.identity is not None

    done = comes(door, replace(came, identity=replace(came.identity, **changed)))

    assert done is why
    refused = door.entries(LedgerEvent.FAMILY_PROVIDER_REFUSED)
    assert [e.fields["because"] for e in refused] == [why]
    assert not door.entries(LedgerEvent.FAMILY_PROVIDER_MATCHED)


@pytest.mark.enable_socket
@pytest.mark.skipif(what_is_missing() is not None, reason=f"no oidc-provider: {what_is_missing()}")
def test_pages_answer_alike_whoever_does_not_come_in(door: DoorWorld, tmp_path: Path):
    """Unknown, restricted, forged and sent twice: one page, the same bytes, at a tick."""
    named(door)
    home = {"buildingNumber": "1", "streetName": "Hub Road", "postalCode": "ZZ99 3VZ"}
    people = {"eva": in_one_login(), "nobody": in_one_login(vot="Cl.Cm", address=home)}
    with family_providers_running(tmp_path, people, here=HERE) as there:
        providers = _Now(there.providers, public_url=HERE, is_demonstration=True)
        services = FamilyDoorOnDatabase(
            door.world.running.portal, GettingIn(door.world.running.portal, providers)
        )
        app = create_family_app(services, FamilyDoorSettings("Exbury Family Hub"))

        def try_as(who: str) -> tuple[int, str]:
            client, visitor = PageClient(app, "https://testserver"), Visitor()
            assert "GOV.UK One Login" in client.get("/sign-in").text
            address = client.http.post(f"/sign-in/{ONE_LOGIN}").headers["location"]
            brought = visitor.sign_in(address, name=who, here=HERE)
            on = client.http.get(f"/back/{ONE_LOGIN}", params=brought)
            assert on.status_code == 303, "asked to prove who they are"
            brought = visitor.sign_in(on.headers["location"], name=who, here=HERE)
            visitor.close()
            answer = client.http.get(f"/back/{ONE_LOGIN}", params=brought)
            assert "family=" not in answer.headers.get("set-cookie", "").replace("family-back=", "")
            return answer.status_code, _plain(answer.text)

        answers = [try_as("nobody")]
        door.world.running.restrict(door.world.mother)
        answers.append(try_as("eva"))
        client = PageClient(app, "https://testserver")
        for brought in ({}, {"state": "x" * 43, "code": "y"}, {"error": "access_denied"}):
            answer = client.http.get(f"/back/{ONE_LOGIN}", params=brought)
            answers.append((answer.status_code, _plain(answer.text)))
        answer = client.http.get("/back/another", params={"state": "x"})
        answers.append((answer.status_code, _plain(answer.text)))
        providers.close()
    assert {status for status, _ in answers} == {403}
    assert len({page for _, page in answers}) == 1
    assert "Ask at your hub" in answers[0][1]
    assert len(door.entries(LedgerEvent.FAMILY_PROVIDER_REFUSED)) == len(answers) - 1


class _Now(FamilyProviderClient):
    """Providers have the real time, whatever time it is with the family."""

    def complete(self, *told: Any, now: Any) -> Any:
        del now
        return super().complete(*told, now=SystemClock().now())


def _plain(page: str) -> str:
    return re.sub(r'nonce="[^"]*"', "", page)
