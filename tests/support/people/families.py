"""The families interface over a real PostgreSQL, beside partners and the main job."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from schemas.identifiers import PersonId
from schemas.records.payloads import (
    Address,
    CommunicationNeeds,
    ContactDetails,
    PersonDetails,
    Plan,
    Relationship,
    RelationshipKind,
)
from schemas.vocabulary import Category, Label, Purpose
from services.interfaces.families.app import create_families_app
from services.interfaces.families.postgres import opening_families
from services.interfaces.partners.acting import PRACTITIONER_CLAIM, PURPOSE_CLAIM
from services.interfaces.partners.edge import PartnerSettings
from services.interfaces.partners.ports import PartnerId
from services.interfaces.partners.work import partner_work
from services.platform.database.migrating import mark_installation
from tests.support.assertions import P256, a_form, an_assertion
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import (
    A_REVIEW,
    A_VISITOR,
    a_message,
    a_record,
    the_family,
)
from tests.support.one_loop import client_of
from tests.support.partners import NORTHFIELD, PUBLIC_URL
from tests.support.partners_database import PartnersOnDatabase, partners_on
from tests.support.traces.canaries import BORN, GIVEN, LINE, NAME, POSTCODE

_numbers = itertools.count(1)
_IDENTITY = Category.IDENTITY_AND_CONTACT
_NEEDS = Category.COMMUNICATION_NEEDS
_WHERE = frozenset({Label.LOCATION})
_MOTHER_OF = Relationship(RelationshipKind.MOTHER, f"Leanne {NAME}", has_responsibility=True)


@dataclass(slots=True)
class FamiliesOnDatabase:
    """Asks for families as a partner does; `running` is everything behind."""

    partners: PartnersOnDatabase
    http: TestClient

    @property
    def running(self) -> InProcess:
        """Everything behind."""
        return self.partners.running

    def token_answer(
        self, name: PartnerId = NORTHFIELD, form: dict[str, str] | None = None, **claims: Any
    ) -> Response:
        """Ask for a token with a signed assertion that names a practitioner and a purpose."""
        if name not in self.partners.secrets:
            self.partners.onboard(name)
        usual: dict[str, Any] = {"iss": name, "sub": name, "jti": f"jti-{next(_numbers)}"}
        usual |= {PRACTITIONER_CLAIM: VISITOR, PURPOSE_CLAIM: Purpose.DIRECT_CARE.value}
        # The key's own id is a name of the partner's: here it goes without.
        assertion = an_assertion(P256, header={"kid": None}, **(usual | claims))
        asked = a_form(assertion) | (form or {})
        return self.partners.http.post("/oauth/token", data=asked)

    def token(self, name: PartnerId = NORTHFIELD, **claims: Any) -> dict[str, str]:
        """Get a token; give the header it is sent in."""
        answer = self.token_answer(name, **claims)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def get(self, family: str, headers: dict[str, str] | None = None, **more: str) -> Response:
        """Ask for a family, with a new token unless one is given."""
        sent = self.token() if headers is None else headers
        return self.http.get(f"/api/v1/families/{family}", headers=sent | more)


@contextmanager
def families_on(running: InProcess) -> Iterator[FamiliesOnDatabase]:
    """Give the interface, where people are invented; nothing is left open at the end."""
    with running.outside.engine.begin() as connection:
        mark_installation(connection, is_demonstration=True)
    with partners_on(running) as partners:
        app = create_families_app(
            opening_families(running.portal),
            open_work=partner_work(running.connectors),
            settings=PartnerSettings(PUBLIC_URL),
        )
        with client_of(app, raise_server_exceptions=False) as http:
            yield FamiliesOnDatabase(partners, http)


def a_known_family(running: InProcess) -> tuple[PersonId, PersonId]:
    """Store a child and her mother, named by canaries, on the visitor's case-load."""
    family = the_family()[:2]
    child, mother = [p for s in family for p in running.decide(s).decision.subjects]
    address = Address((LINE,), POSTCODE)
    running.receive(
        a_message(
            "m1",
            a_record("c", PersonDetails(NAME, (GIVEN,), date_of_birth=BORN), _IDENTITY),
            a_record("a", ContactDetails((address,)), _IDENTITY, labels=_WHERE),
            a_record("n", CommunicationNeeds(("pl",), interpreter_needed=True), _NEEDS),
            a_record("m", PersonDetails(NAME, ("Leanne",)), _IDENTITY, "mother"),
            a_record("r", _MOTHER_OF, Category.FAMILY_AND_HOUSEHOLD, "child", "mother"),
            a_record("w", A_VISITOR, Category.PRACTITIONERS),
            a_record("h", A_REVIEW),
            a_record("p", Plan("ehc", "Education, health and care plan"), Category.EDUCATION),
            subjects=family,
        )
    )
    running.settle()
    return child, mother
