"""What could not be read is remembered of whom it is about, by number and kind, and no longer."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import text

from connectors.registry import read_messages
from schemas.identifiers import PersonId
from schemas.records.kinds import MessageKind
from schemas.vocabulary import Source
from services.intake.postgres_unread import ParkedAbout
from services.platform.keys.vault import SecretName
from services.work import Outside, unit_of_work
from services.workers.replaying import replay
from tests.support.builders import DAY, NOW
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.ctf import APupil, ctf
from tests.support.messages.nems import NHS_NUMBER, AHeader, APerson
from tests.support.messages.nems_messages import professional_contact, vaccination
from tests.support.people.joined import UPN, joined, two_children, undo

pytestmark = pytest.mark.postgres

EDIE = APerson()
NUMBER = EDIE.nhs_number or ""
OTHER = "9990000026"
LATER = "2026-09-02T09:00:00+00:00"


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def known(running: InProcess, number: str = NUMBER) -> PersonId:
    """Somebody about whom something was decided."""
    (person,) = running.decide(by_number(number, EDIE.born)).decision.subjects
    return person


def about(running: InProcess, person: PersonId) -> list[ParkedAbout]:
    """What is parked about somebody, as the portal may read it."""
    with unit_of_work(running.portal) as work:
        return list(work.unread.about(person))


def send(running: InProcess, folder: Path, *messages: bytes) -> list[str]:
    """What became of these NEMS messages."""
    told = []
    for number, content in enumerate(messages):
        path = folder / f"{number}.xml"
        path.write_bytes(content)
        rows = running.ingest(Source.HEALTH_VISITING, path)
        told += [row.message.disposition.value for row in rows]
    return told


def unreadable(*, number: str = NUMBER, **header: str) -> bytes:
    """A vaccination that does not say whether it was given."""
    stated = {"event": "vaccinations-1", "message_id": "6b7e3a52-9e42-4f43-8a67-000000000001"}
    content = vaccination(APerson(nhs_number=number), AHeader(**(stated | header)))
    return content.replace(b'<notGiven value="false"/>', b"")


def readable(*, number: str = NUMBER, **header: str) -> bytes:
    """The same one, which does."""
    stated = {"event": "vaccinations-1", "message_id": "6b7e3a52-9e42-4f43-8a67-000000000001"}
    return vaccination(APerson(nhs_number=number), AHeader(**(stated | header)))


def test_a_message_that_cannot_be_read_is_known_of_whom_its_number_names(
    running: InProcess, tmp_path: Path
):
    """What kind and since when; the hash of a number is all that says whose it is."""
    person, stranger = known(running), known(running, OTHER)

    assert send(running, tmp_path, unreadable()) == ["parked"]

    (one,) = about(running, person)
    assert (one.source, one.kind, one.removes) == (
        Source.HEALTH_VISITING,
        MessageKind.VACCINATION,
        False,
    )
    assert one.since == NOW
    assert about(running, stranger) == []


def test_who_becomes_known_later_is_told_of_what_came_before(running: InProcess, tmp_path: Path):
    """Nothing need be known of a child for a message about them to be unreadable."""
    send(running, tmp_path, unreadable(event="safety-alerts-1"))

    person = known(running)

    assert [one.kind for one in about(running, person)] == [MessageKind.SAFETY_ALERT]


def test_the_same_message_that_can_be_read_clears_it(running: InProcess, tmp_path: Path):
    """By the id of its header or by what it is about; the parked one stays for a steward."""
    person = known(running)
    cases = {
        "the same id": readable(),
        "an update of the same thing": readable(
            message_id="6b7e3a52-9e42-4f43-8a67-000000000002", updated=LATER, event_type="update"
        ),
    }
    for case, content in cases.items():
        send(running, tmp_path, unreadable(timestamp=f"2026-09-01T09:00:{len(case)}+00:00"))
        assert about(running, person), case

        assert send(running, tmp_path, content) == ["published"], case

        assert about(running, person) == [], case
    assert running.count("parked") == len(cases)
    key = running.connectors.vault.secret(SecretName.PARKED)
    replay([], outside=running.connectors, key=key)
    assert about(running, person) == [], "what was said again has been said"


def test_what_is_older_or_of_somebody_else_clears_nothing(running: InProcess, tmp_path: Path):
    """Nor another kind of event, another child's message under the same id, or another thing."""
    person = known(running)
    known(running, OTHER)
    send(running, tmp_path, unreadable(updated=LATER))

    told = send(
        running,
        tmp_path,
        readable(),
        readable(number=OTHER, updated=LATER),
        professional_contact(
            EDIE, AHeader(message_id="6b7e3a52-9e42-4f43-8a67-000000000001", updated=LATER)
        ),
    )

    assert told == ["published", "published", "published"]
    assert len(about(running, person)) == 1


def test_it_goes_with_its_message(running: InProcess, tmp_path: Path):
    """Replayed and read, discarded, or past its time: nothing else keeps that it was there."""
    person = known(running)
    send(running, tmp_path, unreadable())
    key = running.connectors.vault.secret(SecretName.PARKED)

    (before,) = about(running, person)
    running.outside.clock.pass_by(DAY)  # type: ignore[attr-defined] # the standing clock
    replay([], outside=running.connectors, key=key)
    assert about(running, person) == [before], "still unreadable, and since then"
    with running.outside.engine.begin() as connection:
        connection.execute(text("DELETE FROM parked"))

    assert about(running, person) == []
    assert running.count("parked_about") == 0


def test_who_is_one_with_somebody_is_told_of_what_came_for_either(
    running: InProcess, tmp_path: Path
):
    """Nothing is moved by a join, so nothing is left behind when they are parted."""
    visited, taught = two_children(running)
    pupil = tmp_path / "pupil.xml"
    pupil.write_bytes(ctf(APupil(UPN, born="next week")))
    running.ingest(Source.SCHOOLS, pupil)
    assert about(running, visited) == []

    made = joined(running, visited, taught)

    for person in (visited, taught):
        assert [one.kind for one in about(running, person)] == [MessageKind.PUPIL]
    undo(running, made)
    assert about(running, visited) == []
    assert len(about(running, taught)) == 1


def test_a_contradiction_is_told_of_by_number_alone(running: InProcess, tmp_path: Path):
    """The born date of the message is another's: whose number it has is told that it came."""
    person = known(running)

    told = send(running, tmp_path, vaccination(APerson(born="2019-01-01")))

    assert told == ["parked"]
    assert [one.kind for one in about(running, person)] == [MessageKind.VACCINATION]


def test_a_message_that_is_cut_off_is_about_whom_it_still_names(running: InProcess, tmp_path: Path):
    """By the number that stands after its system, in either format; no other ten digits count."""
    person = known(running)
    ada = json.dumps({"system": NHS_NUMBER, "value": NUMBER}).encode()

    told = send(running, tmp_path, unreadable()[:-9], b'{"identifier": ' + ada, b"9990000018 <")

    assert told == ["parked", "parked", "parked"]
    assert {one.kind for one in about(running, person)} == {
        MessageKind.VACCINATION,
        MessageKind.UNKNOWN,
    }
    assert len(about(running, person)) == 2


def test_what_names_nobody_by_number_is_about_nobody(running: InProcess):
    """No text that is no message, nor a number that fails its check."""
    known(running)
    for content in (b"<Bundle", b"{}", unreadable(number="9990000019")):
        (received,) = read_messages(Source.HEALTH_VISITING, BytesIO(content), received_at=NOW)
        found = getattr(received.outcome, "about", None)
        assert found is None or not found.identifiers
