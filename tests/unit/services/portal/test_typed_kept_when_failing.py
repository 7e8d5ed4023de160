"""What was typed is on the form again where a page failed, expected or not; nothing was sent."""

# ruff: noqa: ARG002 - whatever is sent, it fails

from collections.abc import Mapping
from dataclasses import fields

import pytest

from schemas.identifiers import PersonId
from services.people.practitioners.people import SignedInPractitioner, SubjectEntry
from services.platform.errors import ServiceUnavailableError
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.profile.model import ProfileRefused
from services.profile.story.writing import ToldStory
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.portal.pages import Page, PageClient
from tests.support.portal.portal_builders import CHILD
from tests.unit.services.portal.conftest import Fake

WORDS = "Mornings are hard since Zephyrine left."
STORY = f"/families/{CHILD}/story/new"
TOLD = {"told-by": "Mum", "text": WORDS, "step": "save"}
FORMS = {
    "not-expected": (STORY, TOLD, "text", 500),
    "no-ledger": (
        "/find-a-family",
        {
            "scheme": "nhs-number",
            "identifier": "999 000 0042",
            "date-of-birth-day": "3",
            "date-of-birth-month": "5",
            "date-of-birth-year": "2024",
        },
        "identifier",
        503,
    ),
}


class SuddenlyFailing(FakePortalServices):
    """A ledger that cannot be written any more, and what nobody expected where a story is."""

    def add_story(
        self, who: SignedInPractitioner, person: PersonId, told: ToldStory
    ) -> ProfileRefused | None:
        raise RuntimeError(told.text)

    def find_family(self, who: SignedInPractitioner, subject: SubjectEntry) -> PersonId | None:
        raise ServiceUnavailableError("the ledger cannot be written; try again later")


@pytest.fixture
def failing(world: Fake) -> PageClient:
    """A browser in which a health visitor has signed in, before it fails."""
    kept = {one.name: getattr(world.services, one.name) for one in fields(world.services)}
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
    client = PageClient(create_app(SuddenlyFailing(**kept), settings))
    client.sign_in(world.practitioner.id)
    return client


@pytest.mark.parametrize("asked", FORMS.values(), ids=FORMS)
def test_the_form_is_filled_in_again(
    failing: PageClient,
    caplog: pytest.LogCaptureFixture,
    asked: tuple[str, Mapping[str, str], str, int],
) -> None:
    """Once; neither the answer nor the log has a word of it, and what was forged is not kept."""
    page, form, field, status = asked
    token = failing.get(page).token_of(page)
    failed = failing.http.post(page, data={"csrf": token, **form})
    forged = failing.http.post(page, data={"csrf": "made up", **form, field: "Forged"})

    shown, again = failing.get(page), failing.get(page)

    assert (failed.status_code, forged.status_code) == (status, 403)
    assert form[field] not in failed.text + caplog.text
    assert form[field] in _filled_in(shown, field)
    assert "Nothing was sent" in shown.text
    assert form[field] not in _filled_in(again, field)


def _filled_in(page: Page, field: str) -> str:
    element = page.tree.get_element_by_id(field)
    return str(element.get("value") or element.text_content())
