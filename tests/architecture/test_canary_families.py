"""No personal value leaves by the families interface but in a family that is shown."""

from collections.abc import Iterator

import pytest
import structlog

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from services.platform.logging import configure_logging
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.people.families import FamiliesOnDatabase, a_known_family, families_on
from tests.support.traces.canaries import BORN, GIVEN, NAME, NUMBER, found_in

pytestmark = pytest.mark.postgres


@pytest.fixture
def families(outside: Outside) -> Iterator[FamiliesOnDatabase]:
    """Give the interface over the main job, with the real log processors on."""
    configure_logging("test")
    try:
        with InProcess.running(outside) as running, families_on(running) as found:
            yield found
    finally:
        structlog.reset_defaults()


def test_showing_a_family_leaves_its_values_in_the_answer_alone(
    families: FamiliesOnDatabase, capfd: pytest.CaptureFixture[str]
):
    """Not in headers, logs or the ledger; a refusal has none at all."""
    child, mother = a_known_family(families.running)
    headers = families.token()

    shown = families.get(child, headers)
    families.running.restrict(mother)
    families.running.restrict(child)
    refused = families.get(child, headers)
    broken = families.http.get(f"/api/v1/families/{child}", headers=headers | {"Accept": NAME})

    written = capfd.readouterr()
    entries = families.running.ledger(
        LedgerEvent.PROFILE_READ_THROUGH_PARTNER,
        LedgerEvent.PROFILE_READ_THROUGH_PARTNER_REFUSED,
    )
    assert set(found_in(shown.text)) >= {NAME, GIVEN, BORN}
    assert found_in(f"{shown.headers}") == []
    assert (refused.status_code, broken.status_code) == (403, 406)
    assert found_in("".join(f"{a.text} {a.headers}" for a in (refused, broken))) == []
    assert found_in(written.out + written.err) == []
    assert found_in("".join(entry.body.decode() for entry in entries)) == []


def test_a_wrong_question_tells_nothing_back(
    families: FamiliesOnDatabase, capfd: pytest.CaptureFixture[str]
):
    """In the address, the headers, or the form of a token exchange."""
    headers = families.token()

    answers = [
        families.get(f"nhs-number:{NUMBER}", headers),
        families.get(NAME, headers),
        families.get("0" * 32, headers, **{"If-None-Match": NAME}),
        families.get("0" * 32, {"Authorization": f"Bearer {NAME}"}),
        families.http.get(f"/api/v1/{NAME}", headers=headers),
        families.token_answer(who=PractitionerId(f"{GIVEN} {NAME}")),
        families.token_answer(purpose=NAME),
        families.token_answer(agency=NAME),
        families.token_answer(subject_token=f"{GIVEN}.{NAME}.{NUMBER}"),
        families.token_answer(subject_token_type=NAME),
        families.token_answer(resource=NAME),
    ]
    written = capfd.readouterr()

    assert [answer.status_code for answer in answers] == [403, 403, 403, 401, 404, *[400] * 6]
    assert found_in("".join(f"{answer.text} {answer.headers}" for answer in answers)) == []
    assert found_in(written.out + written.err) == []
