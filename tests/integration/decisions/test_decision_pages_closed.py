"""Forms for decisions ask what reading asks: the pages over real PostgreSQL, and the ledger."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import DecisionId, PersonId
from services.people.practitioners.people import SubjectEntry
from services.portal.app import create_app
from services.portal.frame.session import TOKEN_FIELD, FormPurpose, form_token
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.portal.words.people import record_reference
from services.work import Outside, unit_of_work
from tests.support.fakes.in_process import DECIDED, InProcess
from tests.support.fixtures.fixtures_database import template_filled_by
from tests.support.people.relating import relate
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_forms import A_CHILD, A_PERMIT
from tests.support.portal.portal_world import PortalWorld
from tests.support.portal.portal_world_on_database import a_world_on_database, the_world_in

pytestmark = pytest.mark.postgres

MADE = ("person", "person_token", DECIDED, "relationship")
NOBODY = PersonId("0" * 32)
FORMS = {
    "/withdraw": FormPurpose.WITHDRAW_DECISION,
    "/replace": FormPurpose.REPLACE_DECISION,
    "/object": FormPurpose.OBJECT_TO_DECISION,
    "/end": FormPurpose.END_DECISION,
    "/invalidate": FormPurpose.INVALIDATE_DECISION,
}
Answer = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Place:
    running: InProcess
    world: PortalWorld[PortalOnDatabase]
    browser: PageClient
    decisions: Mapping[PersonId, DecisionId]

    def token(self, purpose: FormPurpose) -> str:
        session = self.world.services.session(self.browser.http.cookies["tell-once"])
        assert session is not None
        return form_token(session.csrf_secret, purpose)

    def get(self, address: str) -> Answer:
        response = self.browser.http.get(address)
        return response.status_code, response.text

    def post(self, address: str, purpose: FormPurpose, form: Mapping[str, object]) -> Answer:
        data = {TOKEN_FIELD: self.token(purpose), **form}
        response = self.browser.http.post(address, data=data)
        return response.status_code, response.text

    def made(self) -> Sequence[int]:
        return [self.running.count(table) for table in MADE]

    def refused(self) -> list[set[str]]:
        """About whom each refusal in the ledger is, in order."""
        entries = self.running.ledger(LedgerEvent.PROFILE_READ_REFUSED)
        assert {reason for e in entries for reason in e.fields["reasons"]} <= {"no-relationship"}
        return [set(e.fields["subjects"]) for e in entries]


_made: list[Mapping[PersonId, DecisionId]] = []


def _fill(outside: Outside) -> None:
    """Make the database to copy.

    Everybody but the unknown has a decision on record, which an operator recorded.
    """
    with InProcess.running(outside) as running:
        world = a_world_on_database(running)
        known = (world.child, world.unrelated, world.protected)
        _made.append({person: running.decide(person).decision.id for person in known})


migrated_template = template_filled_by(_fill)


@pytest.fixture
def place(outside: Outside) -> Iterator[_Place]:
    """Give this test's copy, and a browser in which the health visitor has signed in."""
    with InProcess.going_on(outside) as running:
        world = the_world_in(running)
        settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
        browser = PageClient(create_app(world.services, settings))
        browser.sign_in(world.practitioner.id)
        yield _Place(running, world, browser, _made[-1])


def _masked(answer: Answer, *own: str) -> Answer:
    status, text = answer
    for found in (*re.findall('nonce="([^"]+)"', text), *own):
        text = text.replace(found, "MASKED")
    return status, text


def _strangers(place: _Place) -> Sequence[tuple[PersonId, DecisionId]]:
    """Whom the practitioner does not work with, and a decision: theirs, or one made up."""
    world, made_up = place.world, DecisionId("0" * 32)
    people = (world.unrelated, world.protected, world.unknown)
    return [(person, place.decisions.get(person, made_up)) for person in people]


@pytest.mark.parametrize(
    "page", ["/new", "/D", "/D/receipt", "/D/receipt-file", *(f"/D{form}" for form in FORMS)]
)
def test_every_page_answers_a_stranger_alike_and_enters_it(place: _Place, page: str):
    """Byte for byte as the overview does, and one entry for each attempt."""
    overview = {
        _masked(place.get(f"/families/{p}"), record_reference(p)) for p, _ in _strangers(place)
    }

    answers = {
        _masked(
            place.get(f"/families/{person}/consent{page.replace('D', decision)}"),
            record_reference(person),
        )
        for person, decision in _strangers(place)
    }

    assert answers == overview
    assert len(answers) == 1
    assert {status for status, _ in answers} == {403}
    asked = [{person} for person, _ in _strangers(place)]
    assert place.refused() == asked * 2


@pytest.mark.parametrize("form", [A_PERMIT, {}], ids=["filled in", "empty"])
@pytest.mark.parametrize("change", ["/new", *(f"/D{form}" for form in FORMS)])
def test_every_form_answers_a_stranger_alike_and_makes_nothing(
    place: _Place, change: str, form: Mapping[str, object]
):
    """Whatever was filled in; what is made up is answered as what there is.

    What only takes back is taken, from anybody: nothing is told by that.
    """
    purpose = FORMS.get(change.removeprefix("/D"), FormPurpose.RECORD_DECISION)
    before = place.made()

    answers = {
        _masked(
            place.post(f"/families/{person}/consent{change.replace('D', decision)}", purpose, form),
            record_reference(person),
        )
        for person, decision in _strangers(place)
    }

    is_taken = change == "/D/withdraw" or (change == "/D/object" and form)
    assert len(answers) == 1
    assert {status for status, _ in answers} == {303 if is_taken else 403}
    assert place.made() == before
    asked = [] if is_taken else [{person} for person, _ in _strangers(place)]
    assert place.refused() == asked


def test_a_no_by_number_is_in_force_where_it_is_about_anybody(place: _Place):
    """One answer; who is known is refused from then on, and nobody is made or learnt of."""
    world = place.world
    everybody = (world.unrelated_entry, world.protected_entry, world.unknown_entry)
    people, tokens, decisions, relationships = place.made()

    answers = {
        _masked(
            place.post(
                "/record-a-decision",
                FormPurpose.RECORD_DECISION,
                {**_typed(entry), "response": "refused"},
            )
        )
        for entry in everybody
    }

    assert len(answers) == 1
    assert {status for status, _ in answers} == {303}
    assert place.made() == [people, tokens, decisions + 2, relationships]
    assert place.refused() == []
    (failed,) = place.running.ledger(LedgerEvent.SHARING_DECISION_ACT_REFUSED)
    assert failed.fields["because"] == "is-not-there"


def test_a_yes_is_withdrawn_from_then_on_whoever_writes_it_down(place: _Place):
    """The very next question is refused."""
    unrelated, decision = place.world.unrelated, place.decisions[place.world.unrelated]

    place.post(
        f"/families/{unrelated}/consent/{decision}/withdraw", FormPurpose.WITHDRAW_DECISION, {}
    )

    with unit_of_work(place.running.outside) as work:
        withdrawn = work.decisions.find(decision)
    assert withdrawn is not None
    assert withdrawn.withdrawn_at is not None


def test_a_number_and_a_date_of_birth_tell_nothing(place: _Place):
    """A restricted child's, nobody's, an unknown one, one's own born otherwise: one answer."""
    world = place.world
    everybody = (world.unrelated_entry, world.protected_entry, world.unknown_entry)
    asked = [*map(_typed, everybody), *(_typed(e, year="2019") for e in everybody)]
    asked.append(_typed(world.child_entry, year="2019"))
    before = place.made()

    answers = {
        _masked(place.post("/record-a-decision", FormPurpose.RECORD_DECISION, form))
        for form in asked
    }

    assert len(answers) == 1
    assert {status for status, _ in answers} == {403}
    assert place.made() == before
    known = [{world.unrelated}, {world.protected}]
    assert place.refused() == [*known, *[{NOBODY}] * 5]


def test_a_restriction_looks_the_same_to_who_works_with_them(place: _Place):
    """On the case-load and not on the allow-list: told what a stranger is told."""
    world = place.world
    with unit_of_work(place.running.portal) as work:
        ground = RelationshipGround.REFERRAL
        relate(work, world.practitioner.id, world.protected, ground)
    people, before = (world.unrelated, world.protected), place.made()

    pages = {_masked(place.get(f"/families/{p}/consent/new"), record_reference(p)) for p in people}
    answers = {
        _masked(place.post("/record-a-decision", FormPurpose.RECORD_DECISION, _typed(entry)))
        for entry in (world.unrelated_entry, world.protected_entry)
    }

    assert len(pages) == len(answers) == 1
    assert place.made() == before
    entries = place.running.ledger(LedgerEvent.PROFILE_READ_REFUSED)
    assert [e.fields["reasons"] for e in entries] == [("no-relationship",), ("restricted",)] * 2


def test_who_works_with_the_child_records_it_by_number(place: _Place):
    """As before; nobody is made and nothing is learnt of who they are."""
    people, tokens, decisions, relationships = place.made()
    form = _typed(place.world.child_entry)

    status, _ = place.post("/record-a-decision", FormPurpose.RECORD_DECISION, form)

    assert status == 303
    assert place.made() == [people, tokens, decisions + 1, relationships]
    assert place.refused() == []


def test_a_refusal_is_listed_among_the_looks(place: _Place):
    """The family can see who tried, and that nothing was shown."""
    place.get(f"/families/{place.world.unrelated}/consent/new")

    assert place.running.count("look") == 1


def _typed(entry: SubjectEntry, *, year: str = "2024") -> Mapping[str, object]:
    return {**A_CHILD, **A_PERMIT, "identifier": entry.value, "date-of-birth-year": year}
