"""Roles that open no family records are refused by `decide`, whichever way they ask."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from consent import Reason
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose, Role, Source
from services.__main__ import main
from services.interfaces.access.app import EVALUATION, create_access_app
from services.interfaces.access.postgres import admit_askers, evaluating
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.platform.keys.files import FileKeyVault
from services.portal.services import PortalOnDatabase
from services.profile.model import ProfileRefused
from services.profile.reading import read_profile
from services.profile.viewing import ReadProfile
from services.work import Outside, unit_of_work
from tests.support.consents.issuing import AN_ISSUER
from tests.support.demonstrating import mark
from tests.support.fakes.in_process import AGENCY, InProcess
from tests.support.partners import PUBLIC_URL
from tests.support.partners_database import partners_on, the_patient
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres

ROLES = [role for role in Role if role not in {Role.PRACTITIONER, Role.LEAD_PRACTITIONER}]
WHO = PractitionerId("9f" * 16)
REASON = Reason.ROLE_OPENS_NO_RECORDS
REFUSED_BY_COMMAND = 3


@pytest.fixture
def vault(database: str, tmp_path: Path) -> FileKeyVault:  # noqa: ARG001 it brings the keys
    """Give the key vault of the data folder that the commands are run on."""
    return FileKeyVault.open(tmp_path / "keys" / "root.key")


@dataclass(frozen=True, slots=True)
class _Place:
    running: InProcess
    child: PersonId
    data: Path

    def command(self, *words: str) -> int:
        database = self.running.outside.engine.url.render_as_string(hide_password=False)
        mark(database, is_demonstration=True)
        where = ("--data", str(self.data), "--database", database)
        return main([*words, "--json", *where])

    def enter(self, role: Role) -> None:
        """Somebody of the agency that has the child on its case-load, whom the family names."""
        entry = PractitionerEntry(
            WHO, "A worker", role, "Worker", AGENCY, None, None, Purpose.DIRECT_CARE
        )
        with unit_of_work(self.running.portal) as work:
            work.directory.save_practitioner(entry)
            relate(work, WHO, self.child, RelationshipGround.REFERRAL)


@pytest.fixture
def place(outside: Outside, tmp_path: Path) -> Iterator[_Place]:
    """A child of whom everything is shared with everybody, and with this one by name."""
    with InProcess.running(outside) as running:
        (child,) = running.decide(the_patient()).decision.subjects
        running.decide(child, recipients=frozenset({f"practitioner:{WHO}"}))
        yield _Place(running, child, tmp_path)


def _question(child: PersonId, action: str) -> dict[str, Any]:
    return {
        "subject": {"type": "practitioner", "id": WHO},
        "action": {"name": action},
        "resource": {"type": "child-health", "id": child},
        "context": {"purpose": "direct-care"},
    }


@pytest.mark.parametrize("role", [*ROLES, "cleaner"])
def test_reading_is_refused_and_entered(place: _Place, role: str):
    """For every family alike, also where the directory holds a role that nobody knows."""
    place.enter(Role.ADMINISTRATOR)
    order = ReadProfile(place.child, WHO, role, Source.HEALTH_VISITING, Purpose.DIRECT_CARE)

    with unit_of_work(place.running.portal) as work:
        answers = [
            read_profile(replace(order, person=person), reading=work.reading())
            for person in (place.child, PersonId("0" * 32))
        ]

    assert isinstance(answers[0], ProfileRefused)
    assert answers[0].reasons == (REASON,)
    assert answers[0] == answers[1]
    entries = place.running.ledger(LedgerEvent.PROFILE_READ_REFUSED)
    assert [entry.fields["reasons"] for entry in entries] == [(REASON.value,)] * 2


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ["read", "exists"])
def test_other_systems_are_told_no(place: _Place, role: Role, action: str):
    """In both modes, as any stranger is told; why is entered."""
    place.enter(role)
    with partners_on(place.running) as partners:
        app = create_access_app(
            evaluating(place.running.portal),
            admit=admit_askers(place.running.connectors),
            base_url=PUBLIC_URL,
        )
        answer = TestClient(app).post(
            EVALUATION, json=_question(place.child, action), headers=partners.token()
        )

    assert answer.json()["decision"] is False
    told = {"code": Reason.NO_RIGHT.value, "text": Reason.NO_RIGHT.label}
    assert answer.json()["context"]["reasons"] == [told]
    (entry,) = place.running.ledger(LedgerEvent.ACCESS_EVALUATED)
    assert entry.fields["reasons"] == (REASON.value,)


@pytest.mark.parametrize("role", ROLES)
def test_what_stands_behind_the_pages_is_closed(place: _Place, role: Role):
    """Though the pages' own guard should ever let them by."""
    place.enter(role)
    services = PortalOnDatabase(place.running.portal, demonstration=True, receipts=AN_ISSUER)
    (who,) = (p for p in services.demonstration_people() if p.id == WHO)

    answers = (
        services.read_profile(who, place.child, Purpose.DIRECT_CARE),
        services.decisions(who, place.child),
        services.refusal_about(who, [place.child]),
        services.who_has_looked(who, place.child),
    )

    assert {a.reasons for a in answers if isinstance(a, ProfileRefused)} == {(REASON,)}
    assert all(isinstance(answer, ProfileRefused) for answer in answers)
    assert services.my_families(who) == []


def test_commands_answer_a_steward_as_they_answer_strangers(
    place: _Place, capfd: pytest.CaptureFixture[str]
):
    """`profile show --as` and `decide`: the same bytes about nobody, and for nobody."""
    place.enter(Role.DATA_STEWARD)
    nobody, shown, decided = "9c" * 16, [], []

    for child, who in ((place.child, WHO), (nobody, WHO), (place.child, nobody), (nobody, nobody)):
        show = ("profile", "show", "--person", child, "--as", who, "--purpose", "direct-care")
        assert place.command(*show) == REFUSED_BY_COMMAND
        shown.append(capfd.readouterr().out)
        asked = place.data / "request.json"
        question = _question(PersonId(child), "read")
        question["subject"]["id"] = who
        asked.write_text(json.dumps(question))
        assert place.command("decide", "--request", str(asked)) == 0
        decided.append(capfd.readouterr().out)

    assert (len(set(shown)), len(set(decided))) == (1, 1)
    assert [reason["code"] for reason in json.loads(shown[0])["reasons"]] == ["no-right"]
    assert json.loads(decided[0])["decision"] is False
    told = json.loads(decided[0])["context"]["reasons"]
    assert [reason["code"] for reason in told] == ["no-right"]
    asked_by = {e.actor for e in place.running.ledger(LedgerEvent.ACCESS_EVALUATED)}
    assert {actor.partition(":")[0] for actor in asked_by} == {"operator"}
