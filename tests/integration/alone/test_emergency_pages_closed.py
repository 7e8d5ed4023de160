"""An emergency opens four parts: no story, no timeline, no list of decisions or of looks."""

from datetime import timedelta

import pytest
from lxml import html

from consent.model import RelationshipGround
from services.portal.app import create_app
from services.portal.frame.session import TOKEN_FIELD, FormPurpose, form_token
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import unit_of_work
from tests.support.consents.issuing import AN_ISSUER
from tests.support.people.alone_world import STRANGER, WORDS, AloneWorld
from tests.support.people.relating import relate
from tests.support.portal.pages import PageClient
from tests.support.rolled_back import rolled_back

pytestmark = pytest.mark.postgres

_FORMS = ("/support/help/new", "/support/step/new", "/support/involved")
_PAGES = ("", "/timeline", "/story", "/story/new", *_FORMS, "/consent", "/who-has-looked")
_WHO_MAY_READ = "may be read by"


def test_an_emergency_opens_no_page_beyond_its_row(alone: AloneWorld):
    """Who may read the story tells what the family decided; so it is not told, nor written."""
    with rolled_back(alone.running.outside) as acting:
        with unit_of_work(acting.portal) as work:
            soon = work.now + timedelta(minutes=30)
            relate(work, STRANGER, alone.child, RelationshipGround.EMERGENCY, until=soon)
        services = PortalOnDatabase(acting.portal, demonstration=True, receipts=AN_ISSUER)
        app = create_app(services, PortalSettings("Exbury Council", "demonstration"))
        client = PageClient(app, "https://testserver")
        client.sign_in(STRANGER)
        family = f"/families/{alone.child}"
        answers = {page: client.http.get(family + page) for page in _PAGES}
        session = services.session(next(iter(client.http.cookies.values())))
        assert session is not None
        token = form_token(session.csrf_secret, FormPurpose.ADD_STORY)
        told = {"told-by": "Mum", "text": "We moved in spring", TOKEN_FIELD: token}
        checked = client.http.post(f"{family}/story/new", data=told)
        written = client.http.post(f"{family}/story/new", data={**told, "step": "save"})

    closed = {page for page, answer in answers.items() if answer.status_code == 403}
    assert closed == {"/timeline", "/story", "/story/new", *_FORMS}
    assert (checked.status_code, written.status_code) == (403, 403)
    everything = " ".join(_words(answer.text) for answer in (*answers.values(), checked, written))
    shown = {category for category, words in WORDS.items() if any(w in everything for w in words)}
    assert {category.value for category in shown} == {
        *("identity-and-contact", "practitioners", "communication-needs", "safeguarding"),
    }
    assert _WHO_MAY_READ not in everything
    overview = answers[""].text
    assert f"{family}/timeline" not in overview
    assert f"{family}/story" not in overview
    assert "No sharing decision" in answers["/consent"].text
    assert "Nobody has looked" in answers["/who-has-looked"].text


def _words(page: str) -> str:
    return " ".join(html.document_fromstring(page).xpath("//main")[0].text_content().split())
