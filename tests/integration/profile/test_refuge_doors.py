"""A refuge is in no answer to whoever may not know it: page, list, interface, command, report."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from consent.model import RestrictionScope
from schemas.identifiers import PersonId
from schemas.records.message import Demographics
from schemas.records.payloads import ContactDetails, PersonDetails
from schemas.vocabulary import Category, Role, Source
from services.__main__ import main
from services.people.linking.stewards_view import SideBySide, Steward, compare_two
from services.platform.keys.files import FileKeyVault
from services.portal.app import create_app
from services.portal.frame.settings import Environment, PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import Outside, considering, unit_of_work
from services.workers.rebuild import Origin
from tests.support.builders import DAY, TEACHER, VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.demonstrating import mark
from tests.support.fixtures.fixtures_database import template_filled_by
from tests.support.messages.source_messages import a_message, a_record
from tests.support.people.families import families_on
from tests.support.people.joined import by_la_id, joined, undo
from tests.support.portal.pages import PageClient
from tests.support.rebuilding import damage, rebuilt
from tests.support.subject_access import the_report, told
from tests.support.traces.in_the_clear import found_in_the_clear
from tests.support.traces.refuge import CANARIES, REFUGE, Refuge, homes_of

pytestmark = pytest.mark.postgres

FHIR = {"Accept": "application/fhir+json"}


@pytest.fixture
def vault(database: str, tmp_path: Path) -> FileKeyVault:  # noqa: ARG001 it brings the keys
    """Give the key vault of the data folder that the commands are run on."""
    return FileKeyVault.open(tmp_path / "keys" / "root.key")


def _fill(outside: Outside) -> None:
    """Make the database to copy, in which it is known where they live."""
    with Refuge.known(outside) as found:
        found.both_live_there()


migrated_template = template_filled_by(_fill)


@pytest.fixture
def refuge(outside: Outside) -> Iterator[Refuge]:
    """Give a child and a mother who live in a refuge; of her nothing is said yet."""
    with Refuge.in_a_copy(outside) as found:
        yield found


def _left_in(*answers: str) -> list[str]:
    return [word for word in CANARIES for answer in answers if word in answer]


@pytest.mark.parametrize("scope", RestrictionScope)
def test_no_page_tells_it(refuge: Refuge, scope: RestrictionScope):
    """Before she is restricted they do."""
    services = PortalOnDatabase(refuge.running.portal, demonstration=True, receipts=AN_ISSUER)
    settings = PortalSettings("Exbury", Environment.DEMONSTRATION, cookie_secure=False)
    client = PageClient(create_app(services, settings))
    client.sign_in(VISITOR)
    family = f"/families/{refuge.child}"
    below = ("timeline", "people", "story", "consent", "who-has-looked")
    pages = ["/", family, *(f"{family}/{page}" for page in below)]
    before = [client.http.get(page).text for page in pages]

    refuge.restrict(TEACHER, scope=scope)
    after = [client.http.get(page) for page in pages]

    assert _left_in(*before)
    assert {answer.status_code for answer in after} == {200}
    assert _left_in(*(answer.text for answer in after)) == []


def test_no_answer_to_a_partner_tells_it(refuge: Refuge):
    """Neither as JSON nor as FHIR."""
    with families_on(refuge.running) as families:
        before = [families.get(refuge.child), families.get(refuge.child, **FHIR)]

        refuge.restrict(TEACHER)
        after = [families.get(refuge.child), families.get(refuge.child, **FHIR)]

    assert len(_left_in(*(answer.text for answer in before))) > 1
    assert {answer.status_code for answer in after} == {200}
    assert _left_in(*(answer.text for answer in after)) == []


def test_no_command_tells_it(refuge: Refuge, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """To whoever it is shown as; the one on her allow-list reads it there."""
    refuge.restrict(VISITOR)
    url = refuge.running.outside.engine.url.render_as_string(hide_password=False)
    mark(url, is_demonstration=True)
    where = ["--database", url, "--data", str(tmp_path), "--purpose", "direct-care"]
    said = {}
    for who in (TEACHER, VISITOR):
        for form in ([], ["--json"]):
            assert (
                main(["profile", "show", "--person", refuge.child, "--as", who, *where, *form]) == 0
            )
            said.setdefault(who, []).append(capfd.readouterr().out)

    assert _left_in(*said[TEACHER]) == []
    assert "Quillfeather" in said[VISITOR][0]
    assert json.loads(said[VISITOR][1])["location_protected"]


def test_no_report_of_what_is_held_tells_it(refuge: Refuge):
    """Though nothing, the ledger least of all, says that they are mother and child."""
    before = told(the_report(refuge.running, refuge.child))

    refuge.restrict(VISITOR)
    after = told(the_report(refuge.running, refuge.child, practitioner=VISITOR))

    assert _left_in(before)
    assert _left_in(after) == []


def test_no_data_steward_is_told_it(refuge: Refuge):
    """Who looks whether the child is somebody else sees the names, and not the place."""
    subject = replace(by_la_id("999/2"), demographics=Demographics(date_of_birth="2024-05-03"))
    (other,) = refuge.running.decide(subject).decision.subjects
    home = ContactDetails((REFUGE,))
    identity = Category.IDENTITY_AND_CONTACT
    told = (a_record("o", PersonDetails("Wren", ("Eve",)), identity), a_record("h", home, identity))
    refuge.running.receive(a_message("other", *told, subjects=(subject,), source=Source.SCHOOLS))
    before = _side_by_side(refuge, other)

    refuge.restrict(VISITOR)
    after = _side_by_side(refuge, other)

    assert "QUILLFEATHER" in before
    assert "QUILLFEATHER" not in after
    assert "9990000018" in after


def _side_by_side(refuge: Refuge, other: PersonId) -> str:
    steward = Steward(TEACHER, Role.DATA_STEWARD)
    with unit_of_work(refuge.running.portal) as work:
        ports = considering(work, refuge.running.portal)
        shown = compare_two(refuge.child, other, steward, considering=ports)
    assert isinstance(shown, SideBySide), shown
    return " ".join(f"{line.one} {line.other}" for line in shown.lines)


def test_it_is_kept_nowhere_in_the_clear(refuge: Refuge):
    """Only the keyed hashes of the ways in which it may be told."""
    refuge.restrict()

    assert refuge.running.count("protected_place") > 0
    assert found_in_the_clear(refuge.running.outside.engine, CANARIES) == []


def test_records_from_before_are_opened_to_know_it(refuge: Refuge):
    """Until they are said or built again."""
    damage(refuge.running, "UPDATE record SET places = NULL")

    refuge.restrict()

    assert homes_of(refuge.read(TEACHER), refuge.child) == []


@pytest.mark.parametrize("origin", Origin)
def test_a_rebuild_makes_it_known_again(refuge: Refuge, origin: Origin):
    """What stands beside the records, and from the bus what of hers may not be stored."""
    refuge.restrict(*([VISITOR] if origin is Origin.RECORDS else []))
    damage(refuge.running, "UPDATE record SET places = NULL")
    damage(refuge.running, "DELETE FROM protected_place")
    forgotten = homes_of(refuge.read(TEACHER), refuge.child)

    dry = rebuilt(refuge.running, origin, dry_run=True)
    after_dry_run = refuge.running.count("protected_place")
    found = rebuilt(refuge.running, origin)
    again = rebuilt(refuge.running, origin)

    assert forgotten == [REFUGE]
    assert (after_dry_run, dry.compared.is_identical) == (0, False)
    assert not found.compared.is_identical
    assert again.compared.is_identical
    assert homes_of(refuge.read(TEACHER), refuge.child) == []


def test_it_is_that_of_everybody_who_is_one_with_her(refuge: Refuge):
    """Whoever of them was restricted, and also when they are parted again."""
    refuge.running.outside.clock.pass_by(DAY)  # type: ignore[attr-defined] # the standing clock
    (other,) = refuge.running.decide(by_la_id("999/1")).decision.subjects
    made = joined(refuge.running, refuge.mother, other)
    refuge.restrict(person=other)
    as_one = homes_of(refuge.read(TEACHER), refuge.child)

    undo(refuge.running, made)

    assert as_one == []
    assert homes_of(refuge.read(TEACHER), refuge.child) == []


def test_a_record_that_does_not_open_keeps_nobody_from_being_restricted(refuge: Refuge):
    """It tells nobody anything either."""
    damage(
        refuge.running, "UPDATE record SET sealed = 'spoilt' WHERE person_id = :p", p=refuge.mother
    )

    assert refuge.restrict().subject == refuge.mother


def test_one_question_more_is_asked_and_only_where_a_place_is_named(refuge: Refuge):
    """About the places of all records of a family at once."""
    asked: list[str] = []

    @event.listens_for(refuge.running.portal.engine, "before_cursor_execute")
    def note(_: object, __: object, statement: str, *_more: object) -> None:
        if "protected_place" in statement:
            asked.append(statement)

    refuge.read(VISITOR)
    damage(refuge.running, "DELETE FROM record WHERE category = 'identity-and-contact'")
    refuge.read(VISITOR)

    assert len(asked) == 1
