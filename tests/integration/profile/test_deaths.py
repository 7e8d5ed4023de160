"""A death from the file in which it is stated to every page; shown to whoever may see the name."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import orjson
import pytest

from schemas.identifiers import PersonId
from schemas.records.message import Demographics
from schemas.records.payloads import PersonDetails, Relationship, RelationshipKind
from schemas.vocabulary import Action, Category, Label, Source
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.profile.model import DeathStanding, Profile
from services.work import Outside, unit_of_work
from tests.support.builders import NOW, VISITOR
from tests.support.checkout import ROOT
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.source_messages import a_message, a_record, the_child, the_family
from tests.support.people.relating import relate
from tests.support.portal.pages import Page, PageClient

pytestmark = pytest.mark.postgres

CASE = ROOT.parent / "shared" / "cases" / "health" / "25-deceased-boolean.json"
IDENTITY, FAMILY = Category.IDENTITY_AND_CONTACT, Category.FAMILY_AND_HOUSEHOLD
SCHOOLS = Source.SCHOOLS
NAMED = replace(the_child(), demographics=Demographics("Quill", ("Ada",), "2024-05-03"))
ADA = PersonDetails("Quill", ("Ada",), date_of_birth="2024-05-03")
DIED, REPORTED = DeathStanding.DIED, DeathStanding.REPORTED


@dataclass(frozen=True)
class Desk:
    """The main job, and a health visitor's browser over it."""

    running: InProcess
    browser: PageClient

    def works_with(self, person: PersonId) -> None:
        """Put the person on the health visitor's case-load."""
        with unit_of_work(self.running.portal) as work:
            relate(work, VISITOR, person)

    def pages(self, person: PersonId) -> Iterator[tuple[str, Page]]:
        """The pages on which the family may be named."""
        for page in ("", "/timeline", "/story", "/consent", "/who-has-looked", "/record-decision"):
            address = f"/families/{person}{page}"
            response = self.browser.http.get(address)
            if response.status_code == 200:
                yield address, Page(response)
        yield "/", self.browser.get("/")

    def profile(self, person: PersonId) -> Profile:
        """The family as the health visitor may see it."""
        found = self.running.read(person)
        assert isinstance(found, Profile)
        return found


@pytest.fixture
def desk(outside: Outside) -> Iterator[Desk]:
    """Give it on an empty database."""
    with InProcess.running(outside) as running:
        services = PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)
        settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
        browser = PageClient(create_app(services, settings))
        browser.sign_in(VISITOR)
        yield Desk(running, browser)


def known(running: InProcess, number: str, born: str = "2024-05-03") -> PersonId:
    """Who has the number."""
    found = running.person(by_number(number, born))
    assert found is not None
    return found


@pytest.mark.skipif(not CASE.is_file(), reason="the shared cases are not here")
def test_the_child_of_the_case_has_died_said_first_and_everywhere(desk: Desk, tmp_path: Path):
    """A vaccination says so; and one that puts it right takes it back."""
    running = desk.running
    running.decide(by_number("9998203309", "2024-01-15"))
    (taken,) = running.ingest(Source.HEALTH_VISITING, CASE)
    running.settle()
    child = known(running, "9998203309", "2024-01-15")
    desk.works_with(child)

    for address, page in desk.pages(child):
        assert "has died" in page.whole_text.lower(), address
        if header := page.tree.find_class("app-record"):
            assert "Has died; the date is not recorded" in header[0].text_content(), address
    overview = desk.browser.get(f"/families/{child}").text
    assert taken.message.reason is None
    assert overview.index("Has died") < overview.index("Who to ring")
    assert "years old" not in overview

    later = tmp_path / "later.json"
    later.write_bytes(_later(CASE.read_bytes(), alive=True))
    running.ingest(Source.HEALTH_VISITING, later)
    running.settle()

    assert "has died" not in desk.browser.get(f"/families/{child}").whole_text.lower()


def _later(message: bytes, *, alive: bool) -> bytes:
    """The message again, two days later, saying something else of the death."""
    said = orjson.loads(BytesIO(message).read())
    header, *_, patient = (entry["resource"] for entry in said["entry"])
    header["meta"]["lastUpdated"] = header["timestamp"] = "2026-03-04T10:00:00+00:00"
    header["id"] = "another"
    patient["deceasedBoolean"] = not alive
    return orjson.dumps(said)


def test_what_another_source_denies_is_only_reported(desk: Desk):
    """Told at once as that; whoever said it takes it back, and nobody else does."""
    running = desk.running
    running.decide(NAMED)
    death = a_record("death", PersonDetails(died="2026-02-01"), IDENTITY)
    running.receive(_of(a_record("c", ADA, IDENTITY), death, at="2026-02-02"))
    running.settle()
    child = known(running, "9990000018")
    desk.works_with(child)
    certain = desk.profile(child).people[0].death

    denial = a_record("d", PersonDetails(has_died=False), IDENTITY)
    running.receive(_of(denial, at="2026-02-20", source=SCHOOLS))
    running.settle()
    reported = desk.profile(child).people[0].death
    words = {address: page.whole_text for address, page in desk.pages(child)}
    gone = replace(death, payload=None, action=Action.REMOVE)
    running.receive(_of(gone, at="2026-02-21"))
    running.settle()

    assert certain is not None
    assert (certain.standing, certain.on) == (DIED, "2026-02-01")
    assert reported is not None
    assert (reported.standing, reported.on) == (REPORTED, None)
    assert all("check before contact" in text.lower() for text in words.values()), words.keys()
    assert desk.profile(child).people[0].death is None


def _of(*records: object, at: str, source: Source = Source.HEALTH_VISITING) -> object:
    name = f"{source}-{at}"
    return a_message(name, *records, at=f"{at}T00:00:00Z", subjects=(NAMED,), source=source)


def test_a_death_is_shown_to_whoever_may_see_the_name_and_to_nobody_else(desk: Desk):
    """As the source that tells of it is shared: not to who sees the name by another source."""
    running = desk.running
    running.decide(NAMED, categories={Category.COMMUNICATION_NEEDS, IDENTITY}, sources={SCHOOLS})
    running.decide(NAMED, categories={Category.PRACTITIONERS})
    death = a_record("death", PersonDetails(died="2026-02-01"), IDENTITY)
    running.receive(_of(a_record("c", ADA, IDENTITY), at="2026-02-02", source=SCHOOLS))
    running.receive(_of(death, at="2026-02-02"))
    running.settle()
    child = known(running, "9990000018")
    desk.works_with(child)

    hidden = dict(desk.pages(child))
    running.decide(NAMED, categories={IDENTITY})
    running.receive(_of(death, at="2026-02-02"))
    running.settle()
    shown = dict(desk.pages(child))

    assert "Ada Quill" in hidden[f"/families/{child}"].whole_text
    for address, page in hidden.items():
        assert "died" not in page.whole_text, address
    for address, page in shown.items():
        assert "1 February 2026" in page.whole_text, address


def test_the_mother_s_death_is_told_on_the_child_s_page(desk: Desk):
    """By her own record, wherever she is named; the child's is not said to have died."""
    running = desk.running
    child_of, mother_of, _ = the_family()
    for subject in (child_of, mother_of):
        running.decide(subject)
    tie = Relationship(RelationshipKind.MOTHER, name="Leanne Quill")
    third = frozenset({Label.THIRD_PARTY})
    running.receive(
        a_message(
            "m",
            a_record("c", ADA, IDENTITY),
            a_record("m", PersonDetails("Quill", ("Leanne",)), IDENTITY, "mother"),
            a_record("md", PersonDetails(has_died=True), IDENTITY, "mother"),
            a_record("r", tie, FAMILY, "child", "mother", labels=third),
            subjects=(child_of, mother_of),
            at=NOW.isoformat(),
        )
    )
    running.settle()
    child = known(running, "9990000018")
    desk.works_with(child)

    page = desk.browser.get(f"/families/{child}")

    assert "Leanne Quill (mother): Has died; the date is not recorded." in page.text
    assert "Leanne Quill (has died)" in desk.browser.get(f"/families/{child}/people").text
    assert "died" not in page.tree.find_class("app-record")[0].text_content()
