"""A family with pages of their own: who meets them, what they type, and what they are shown."""

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from consent.ledger import FieldValue, LedgerEntry, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import Decider, DeciderKind, Response
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.records.message import Record, Subject
from schemas.records.payloads import PersonDetails, Relationship, RelationshipKind, Telecom
from schemas.vocabulary import Category, Purpose, Source
from services.interfaces.family_door.app import create_family_app
from services.interfaces.family_door.frame import FamilyDoorSettings
from services.interfaces.family_door.services import FamilyDoorOnDatabase
from services.people.family_access import signing_in
from services.people.family_access.giving import end_access, give_access
from services.people.family_access.model import (
    AccessEnd,
    FamilyAccess,
    FamilySession,
    SafetyAnswers,
    WhyNoAccess,
)
from services.people.family_access.signing_in import FamilySignedIn
from services.people.presence.model import ConfirmedPresence
from services.profile.ports import Disclosure
from services.work import unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.people.presence_world import PresenceWorld, own_contacts
from tests.support.portal.pages import PageClient

SAFE = SafetyAnswers(nobody_else_uses_it=True, safe_to_send=True, nobody_makes_them_show=True)
PAGES = ("/home", "/looked", "/choices", "/asked", "/story", "/right")
MOTHERS_DAY = date(1996, 2, 11)
FATHERS_DAY = date(1994, 8, 30)
NAMES: Mapping[str, str] = {"mother": "Eva Novak", "father": "Sam Ibori"}
KINDS = {"mother": RelationshipKind.MOTHER, "father": RelationshipKind.FATHER}
_browsers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class DoorWorld:
    """The family of a `PresenceWorld`, whose parents a school names; each call a transaction."""

    world: PresenceWorld
    fathers: Telecom

    @classmethod
    def of(cls, world: PresenceWorld) -> "DoorWorld":
        """Let the school name both parents, and tell the father's number too, for a month."""
        number = world.mobile.value.removeprefix("07700 9")
        door = cls(world, Telecom("phone", f"07911 1{number}"))
        world.tell(own_contacts("father", door.fathers))
        world.tell(*map(door.tie, KINDS))
        world.clock.pass_by(timedelta(days=29))
        return door

    def tie(self, who: str, *, until: str | None = None) -> Record:
        """A record by which the school says that somebody has responsibility."""
        tie = Relationship(KINDS[who], NAMES[who], has_responsibility=True)
        if until is not None:
            tie = replace(tie, period=replace(tie.period, end=until))
        return Record(f"{who} of the child", Category.FAMILY_AND_HOUSEHOLD, ("child", who), tie)

    # Giving and taking away.

    def confirmed(self, person: PersonId | None = None, **more: Any) -> str:
        """A visit that a code has confirmed; gives its id."""
        self.code()
        presence = self.world.begin(person or self.world.mother, **more)
        done = self.world.type_in(presence, self.world.code_for(presence))
        assert isinstance(done, ConfirmedPresence)
        return presence.id

    def may_give(self, person: PersonId) -> FamilyAccess | WhyNoAccess:
        """Give somebody a page if a code reaches them and nothing speaks against it."""
        presence = self.world.begin(person)
        self.world.ask(presence)
        code = self.code()
        if code is not None:
            self.world.type_in(presence, code)
        return self.give(presence.id)

    def give(
        self, presence: str, said: SafetyAnswers = SAFE, *, by: PractitionerId = VISITOR
    ) -> FamilyAccess | WhyNoAccess:
        """Give who is there a page of their own."""
        with unit_of_work(self.world.running.portal) as work:
            return give_access(presence, said, self.world.who(by), door=work.family_door())

    def end(self, person: PersonId) -> int:
        """Take it away."""
        with unit_of_work(self.world.running.portal) as work:
            return end_access(
                person, AccessEnd.BY_WORKER, by=f"practitioner:{VISITOR}", door=work.family_door()
            )

    # Signing in.

    def ask(self, typed: str, *, network: str = "192.0.2.1") -> str:
        """Ask for a code by what somebody types; gives the browser."""
        browser = f"browser-{next(_browsers)}"
        with unit_of_work(self.world.running.portal) as work:
            signing_in.ask_for_code(typed, browser, network, door=work.family_door())
        return browser

    def type_in(
        self, browser: str, code: str, born: date | None = MOTHERS_DAY
    ) -> FamilySignedIn | WhyNoAccess:
        """Type a code and a date of birth."""
        with unit_of_work(self.world.running.portal) as work:
            return signing_in.sign_in(browser, code, born, door=work.family_door())

    def code(self) -> str | None:
        """The code that was sent last, every message taken out; None where it went to nobody."""
        last = None
        with unit_of_work(self.world.running.relay) as work:
            while found := work.messages_out().claim(now=work.now, lease=timedelta(minutes=1)):
                work.messages_out().forget(found.id)
                last = found.message
        return None if last is None else last.text[:6]

    def signed_in(self, typed: str | None = None, born: date = MOTHERS_DAY) -> FamilySignedIn:
        """Sign in from the number to the session."""
        browser = self.ask(typed or self.world.mobile.value)
        code = self.code()
        assert code is not None, "no code was sent"
        done = self.type_in(browser, code, born)
        assert isinstance(done, FamilySignedIn), done
        return done

    def session(self, secret: str) -> FamilySession | None:
        """Who is behind a cookie now."""
        with unit_of_work(self.world.running.portal) as work:
            return signing_in.session_of(secret, door=work.family_door())

    def mother_signed_in(self) -> FamilySignedIn:
        """The mother, on her own page."""
        given = self.give(self.confirmed())
        assert isinstance(given, FamilyAccess), given
        return self.signed_in()

    def father_signed_in(self) -> FamilySignedIn:
        """The father, on his."""
        given = self.give(self.confirmed(self.world.father))
        assert isinstance(given, FamilyAccess), given
        return self.signed_in(self.fathers.value, FATHERS_DAY)

    # What workers do.

    def look(
        self,
        person: PersonId,
        *categories: Category,
        by: PractitionerId = TEACHER,
        purpose: Purpose = Purpose.DIRECT_CARE,
        rested_on: Collection[DecisionId] = (),
        permitted: bool = True,
    ) -> str:
        """Somebody looks, as reading a family writes it down; gives the look's id."""
        with unit_of_work(self.world.running.portal) as work:
            at, disclosure = work.now, str(new_entry_id(work.now))
            look = Disclosure(disclosure, person, by, purpose, permitted, categories, at)
            work.looks.save(look)
            fields: dict[str, FieldValue] = {
                "disclosure": disclosure,
                "subjects": [person],
                "purpose": purpose,
                "categories": categories,
                "withheld_categories": (),
                "policy_version": "test",
                "decided_from": list(rested_on),
            }
            if permitted:
                actor = f"practitioner:{by}"
                entry = ledger_entry(LedgerEvent.PROFILE_READ, fields, at=at, actor=actor)
                work.ledger.append([entry])
        return disclosure

    def client(self) -> PageClient:
        """A browser at the family's own door."""
        services = FamilyDoorOnDatabase(self.world.running.portal)
        app = create_family_app(services, FamilyDoorSettings("Exbury Family Hub", "01632 960100"))
        return PageClient(app, "https://testserver")

    def client_of(self, who: str) -> PageClient:
        """A parent's browser, signed in by a code on pages."""
        person, typed, born = {
            "mother": (self.world.mother, self.world.mobile, MOTHERS_DAY),
            "father": (self.world.father, self.fathers, FATHERS_DAY),
        }[who]
        assert isinstance(self.give(self.confirmed(person)), FamilyAccess)
        client = self.client()
        self.sign_in_at(client, typed.value, born)
        return client

    def sign_in_at(self, client: PageClient, typed: str, born: date) -> None:
        """Ask for a code, type it, and land on the first page."""
        self.code()
        asked = client.http.post("/sign-in", data={"contact": typed})
        assert asked.headers["location"] == "/code"
        code = self.code()
        assert code is not None, "no code was sent"
        form = {
            "code": code,
            "born-day": str(born.day),
            "born-month": str(born.month),
            "born-year": str(born.year),
        }
        done = client.http.post("/code", data=form)
        assert done.headers.get("location") == "/home", done.text

    # What is on record.

    def entries(self, *events: LedgerEvent) -> list[LedgerEntry]:
        """What was entered."""
        return self.world.entries(*events)

    def said(
        self,
        who: str,
        *subjects: Subject | PersonId,
        response: Response = Response.GIVEN,
        recipients: frozenset[str] = frozenset(),
        **more: Any,
    ) -> DecisionId:
        """A parent decides, by the name that the school gives them; gives the decision."""
        with unit_of_work(self.world.running.portal) as work:
            named = work.decider_facts.decider_named(NAMES[who], [self.world.child])
        about = subjects or (self.world.child,)
        told = {"decided_by": named, "recipients": recipients, **more}
        return self.world.running.decide(*about, response=response, **told).decision.id

    def said_of_oneself(self, person: PersonId, **more: Any) -> DecisionId:
        """An adult decides about themselves."""
        told = {"decided_by": Decider(DeciderKind.ADULT_SELF, "themselves"), **more}
        return self.world.running.decide(person, **told).decision.id

    def born(self, day: str) -> None:
        """A register says when the child was born."""
        details = PersonDetails(date_of_birth=day, is_verified=True)
        record = Record("birth", Category.IDENTITY_AND_CONTACT, ("child",), details)
        self.world.tell(record, source=Source.HEALTH_VISITING, at="2026-02-01T00:00:00Z")
