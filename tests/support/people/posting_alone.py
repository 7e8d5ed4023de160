"""What one person can do with a browser, and a partner beside them; what they read of a family."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from httpx2 import Response
from lxml import html
from starlette.testclient import TestClient

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Category, Purpose
from services.interfaces.access.app import EVALUATIONS, create_access_app
from services.interfaces.access.postgres import admit_askers, evaluating
from services.portal.app import create_app
from services.portal.frame.session import TOKEN_FIELD, FormPurpose, form_token
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import AGENCY, SCHOOL
from tests.support.one_loop import client_of
from tests.support.partners import NORTHFIELD, PUBLIC_URL
from tests.support.people.alone_world import CHILD_BORN, MOTHER_BORN, WORDS, AloneWorld
from tests.support.people.families import FamiliesOnDatabase, families_on
from tests.support.people.presence_world import COUNCIL
from tests.support.portal.pages import Form
from tests.support.rolled_back import RolledBack

Read = frozenset[tuple[str, ...]]
_PAGES = ("", "/consent", "/story", "/timeline", "/who-has-looked")
_SETTINGS = PortalSettings("Exbury Council", "demonstration")
_OK, _SEE_OTHER = 200, 303
_A_SECOND = timedelta(seconds=1)
_BORN: Mapping[int, str] = {0: CHILD_BORN, 1: MOTHER_BORN}
_HERE = re.compile(r"/here/([0-9a-f-]{32,36})")


@dataclass(slots=True)
class PostingAlone:
    """One practitioner's browser in one history; `partner` is a system that may speak for them.

    `presence` is the last that they began. Whoever acts knows every id that there is.
    """

    world: AloneWorld
    acting: RolledBack
    who: PractitionerId
    families: FamiliesOnDatabase
    access: TestClient
    services: PortalOnDatabase = field(init=False)
    browser: TestClient = field(init=False)
    presence: str = "f" * 32

    def __post_init__(self) -> None:
        """Sign in."""
        self.services = PortalOnDatabase(self.acting.portal, demonstration=True, receipts=AN_ISSUER)
        app = create_app(self.services, _SETTINGS)
        self.browser = client_of(app, base_url="https://testserver", follow_redirects=False)
        self.sign_in(self.who)

    def sign_in(self, who: PractitionerId) -> None:
        """Begin a session of one of one's accounts."""
        self.browser.cookies.clear()
        answer = self.browser.post("/sign-in", data={"person": who})
        assert answer.status_code == _SEE_OTHER, "could not sign in"

    def send(
        self, address: str, purpose: FormPurpose, form: Form, *, shown_at: str | None = None
    ) -> Response:
        """Send a form, with the token of the page that shows it; if none does, as if one had."""
        self.world.clock.pass_by(_A_SECOND)
        page = self.get(shown_at or address)
        token = _token_in(page, address)
        if token is None:
            session = self.services.session(self.browser.cookies["__Host-tell-once"])
            assert session is not None
            token = form_token(session.csrf_secret, purpose)
        answer = self.browser.post(address, data={TOKEN_FIELD: token, **form})
        began = _HERE.search(answer.headers.get("location", ""))
        if began is not None:
            self.presence = began[1]
        return answer

    def get(self, address: str) -> Response:
        """Fetch a page; whose session has run out signs in again."""
        answer = self.browser.get(address)
        if answer.headers.get("location", "").startswith("/sign-in"):
            self.sign_in(self.who)
            answer = self.browser.get(address)
        return answer

    def typed(self, which: int) -> dict[str, str]:
        """Who is meant, as it is typed into a form: by number and date of birth."""
        year, month, day = _BORN[which].split("-")
        number = self.world.subjects[which].identifiers[0].value
        born = {"year": year, "month": month, "day": day}
        whole = {f"date-of-birth-{part}": value for part, value in born.items()}
        return whole | {"scheme": "nhs-number", "identifier": number}

    def ids(self, table: str, column: str) -> Sequence[str]:
        """The ids of all that lie there, as somebody who had them would use them."""
        with self.acting.owner.engine.connect() as connection:
            rows = connection.exec_driver_sql(f"SELECT DISTINCT {column} FROM {table} ORDER BY 1")  # noqa: S608
            return [str(row[0]) for row in rows] or ["f" * 32]

    def read(self) -> Read:
        """Whatever of the family is on any page, or is answered to a system that asks for them."""
        return frozenset(
            [*self._on_pages(), *self._found(), *self._told_to_partners(), *self._as_json()]
        )

    def _on_pages(self) -> Iterator[tuple[str, ...]]:
        child, mother = self.world.child, self.world.mother
        addresses = [f"/families/{child}{page}" for page in _PAGES]
        addresses += [f"/families/{child}?purpose=safeguarding", f"/families/{mother}", "/"]
        for address in addresses:
            answer = self.get(address)
            if answer.status_code == _OK and address != "/":
                yield address, "opened"
            for words in self._words_in(answer.text):
                yield address, words
            for decision in self.world.decisions:
                if decision in answer.text:
                    yield address, decision

    def _found(self) -> Iterator[tuple[str, ...]]:
        """Whether a number is somebody's whom they may open."""
        page = self.get("/find-a-family")
        token = _token_in(page, "/find-a-family")
        form = {TOKEN_FIELD: token or "", **self.typed(0)}
        answer = self.browser.post("/find-a-family", data=form)
        if answer.headers.get("location", "").startswith("/families/"):
            yield "found", "child"

    def _told_to_partners(self) -> Iterator[tuple[str, ...]]:
        """Every category to two ends, in one question."""
        asked = [(c, p) for c in Category for p in (Purpose.DIRECT_CARE, Purpose.SAFEGUARDING)]
        question = {
            "subject": {"type": "practitioner", "id": self.who},
            "action": {"name": "read"},
            "evaluations": [
                {
                    "resource": {"type": category.value, "id": self.world.child},
                    "context": {"purpose": purpose.value},
                }
                for category, purpose in asked
            ],
        }
        answer = self.access.post(
            EVALUATIONS, json=question, headers=self.families.partners.token()
        )
        assert answer.status_code == _OK, answer.text
        for (category, purpose), one in zip(asked, answer.json()["evaluations"], strict=True):
            if one["decision"]:
                yield "asked", category.value, purpose.value

    def _as_json(self) -> Iterator[tuple[str, ...]]:
        given = self.families.token_answer(who=self.who)
        if given.status_code == _OK:
            headers = {"Authorization": f"Bearer {given.json()['access_token']}"}
            answer = self.families.get(self.world.child, headers)
            for words in self._words_in(answer.text):
                yield "families", words

    def _words_in(self, text: str) -> Iterator[str]:
        held = {words for found in WORDS.values() for words in found}
        yield from (words for words in held if words in text)


def _token_in(answer: Response, action: str) -> str | None:
    if answer.status_code != _OK:
        return None
    forms = html.document_fromstring(answer.text).forms
    found = (str(f.fields[TOKEN_FIELD]) for f in forms if f.action == action)
    return next(found, None)


@contextmanager
def posting(world: AloneWorld, acting: RolledBack, who: PractitionerId) -> Iterator[PostingAlone]:
    """Give somebody a browser, and a partner that may ask for anybody."""
    running = replace(
        world.running, outside=acting.owner, portal=acting.portal, connectors=acting.connectors
    )
    with ExitStack() as stack:
        families = stack.enter_context(families_on(running))
        families.partners.onboard(NORTHFIELD, agencies=frozenset({AGENCY, SCHOOL, COUNCIL}))
        app = create_access_app(
            evaluating(acting.portal), admit=admit_askers(acting.connectors), base_url=PUBLIC_URL
        )
        yield PostingAlone(world, acting, who, families, client_of(app))
