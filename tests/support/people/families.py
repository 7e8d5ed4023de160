"""The families interface over a real PostgreSQL, beside partners and the main job."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from schemas.identifiers import PersonId, PractitionerId
from schemas.records.payloads import (
    Address,
    CommunicationNeeds,
    ContactDetails,
    PersonDetails,
    Plan,
    Relationship,
    RelationshipKind,
)
from schemas.vocabulary import Category, Label, Purpose, Role
from services.interfaces.families.app import create_families_app
from services.interfaces.families.postgres import reading_families
from services.interfaces.partners.ports import PartnerId
from services.platform.database.migrating import mark_installation
from services.work import unit_of_work
from tests.support.assertions import P256, a_form, an_assertion
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import AGENCY, InProcess
from tests.support.messages.source_messages import (
    A_REVIEW,
    A_VISITOR,
    a_message,
    a_record,
    the_family,
)
from tests.support.one_loop import client_of
from tests.support.partners import NORTHFIELD
from tests.support.partners_database import PartnersOnDatabase, partners_on
from tests.support.people.bringing import a_brought_token, an_exchange
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

    def assertion(self, name: PartnerId = NORTHFIELD, **claims: Any) -> dict[str, str]:
        """Write what a partner shows that it is itself with, as a form has it."""
        soon = int(self.running.outside.clock.now().timestamp()) + 60
        usual: dict[str, Any] = {"iss": name, "sub": name, "jti": f"jti-{next(_numbers)}"}
        usual["exp"] = soon
        # The key's own id is a name of the partner's: here it goes without.
        return a_form(an_assertion(P256, header={"kid": None}, **(usual | claims)))

    def brought(self, who: PractitionerId = VISITOR, client: str = NORTHFIELD) -> str:
        """Sign a token of somebody who is signed in to the demonstration now, as they work now."""
        at = self.running.outside.clock.now()
        with unit_of_work(self.running.portal) as work:
            found = work.directory.practitioner(who)
        as_what = (Role.PRACTITIONER, AGENCY) if found is None else (found.role, found.agency_code)
        named = {"role": as_what[0], "agency": as_what[1]}
        return a_brought_token(who, client=client, signed_in_at=at, at=at, **named)

    def token_answer(
        self,
        name: PartnerId = NORTHFIELD,
        *,
        who: PractitionerId = VISITOR,
        purpose: str = Purpose.DIRECT_CARE,
        **form: Any,
    ) -> Response:
        """Ask for a token with the practitioner's own, which was made for this partner."""
        if name not in self.partners.secrets:
            self.partners.onboard(name)
        asked = an_exchange(self.assertion(name), self.brought(who, name), purpose, **form)
        return self.partners.http.post("/oauth/token", data=asked)

    def token(self, name: PartnerId = NORTHFIELD, **asked: Any) -> dict[str, str]:
        """Get a token; give the header it is sent in."""
        answer = self.token_answer(name, **asked)
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
        app = create_families_app(reading_families(running.portal, running.connectors))
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
