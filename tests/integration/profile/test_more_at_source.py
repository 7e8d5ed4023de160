"""A page says when a source knows more than it shows, to whoever may know of that."""

from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from lxml import etree

from schemas.identifiers import PersonId
from schemas.records.unused import MoreKind
from schemas.vocabulary import Category, Source
from services.portal.family.overview import source_lines
from services.profile.model import Profile
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.nems import AHeader, APerson, part
from tests.support.messages.nems_messages import vaccination
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres

EDIE = APerson()
NUMBER = EDIE.nhs_number or ""


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def a_child(running: InProcess, categories: Collection[Category] = Category) -> PersonId:
    """Edie, of whom this may be shared with the health visitor who works with her."""
    (person,) = running.decide(
        by_number(NUMBER, EDIE.born), categories=categories
    ).decision.subjects
    with unit_of_work(running.portal) as work:
        relate(work, VISITOR, person)
    return person


def send(running: InProcess, folder: Path, *kinds: str, **header: str) -> None:
    """A vaccination with resources of these types beside it, that nobody reads."""
    stated = {"event": "vaccinations-1", "updated": "2026-09-01T09:00:00+00:00"}
    bundle = etree.fromstring(vaccination(EDIE, AHeader(**(stated | header))))
    for kind in kinds:
        held = part("resource", part(kind, part("status", value="active")))
        bundle.append(part("entry", part("fullUrl", value=f"urn:test:{kind}"), held))
    path = folder / "message.xml"
    path.write_bytes(etree.tostring(bundle))
    running.ingest(Source.HEALTH_VISITING, path)
    running.settle()


def more(running: InProcess, person: PersonId) -> tuple[MoreKind, ...]:
    """What health visiting is said to know more of."""
    profile = running.read(person)
    assert isinstance(profile, Profile)
    (found,) = (s.more for s in profile.sources if s.source is Source.HEALTH_VISITING)
    return found


def test_what_was_not_used_is_said_in_words_until_its_source_says_otherwise(
    running: InProcess, tmp_path: Path
):
    """A later version without it, an older one that comes late, and the removal of it all."""
    person = a_child(running)
    send(running, tmp_path, "CarePlan", "AllergyIntolerance")
    (said,) = [li for li in source_lines(_shown(running, person)) if li.to_ask_for]
    found = [more(running, person)]

    later = {"event_type": "update", "updated": "2026-09-03T09:00:00+00:00"}
    send(running, tmp_path, "Goal", **later)
    send(running, tmp_path, "Flag", updated="2026-09-02T09:00:00+00:00")
    found.append(more(running, person))
    send(running, tmp_path, event_type="delete", updated="2026-09-04T09:00:00+00:00")
    found.append(more(running, person))

    assert said.to_ask_for == ("More is at the source: a plan, an allergy",)
    assert found == [(MoreKind.PLAN, MoreKind.ALLERGY), (MoreKind.PLAN,), ()]


def _shown(running: InProcess, person: PersonId) -> Profile:
    profile = running.read(person)
    assert isinstance(profile, Profile)
    return profile


def test_a_kind_of_a_category_of_its_own_is_told_to_whoever_may_know_of_that(
    running: InProcess, tmp_path: Path
):
    """That there is an alert is safeguarding, whatever it came with; what is hidden tells none."""
    person = a_child(running, set(Category) - {Category.SAFEGUARDING})
    send(running, tmp_path, "Flag", "CarePlan")
    without = more(running, person)

    running.decide(person, categories=[Category.SAFEGUARDING])
    running.settle()

    assert without == (MoreKind.PLAN,)
    assert more(running, person) == (MoreKind.ALERT, MoreKind.PLAN)


def test_a_withdrawal_takes_it_back_with_its_record(running: InProcess, tmp_path: Path):
    """It lies sealed in the record, and nowhere else."""
    recorded = running.decide(by_number(NUMBER, EDIE.born), categories=[Category.CHILD_HEALTH])
    person = a_child(running, set(Category) - {Category.CHILD_HEALTH})
    send(running, tmp_path, "CarePlan")
    before = more(running, person)

    running.withdraw(recorded.decision.id)
    refused = more(running, person)
    running.settle()

    assert (before, refused) == ((MoreKind.PLAN,), ())
    assert all(not record.more for record in running.stored(person))
