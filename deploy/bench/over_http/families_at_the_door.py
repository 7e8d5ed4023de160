"""Invented families with pages of their own: what a school tells, an access, a session each."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from itertools import islice

from connectors.ports import Received
from connectors.publishing.publish import PublishIfPermitted, publish_if_permitted
from consent.decisions.keeping import Asker
from consent.decisions.recording import record_decision
from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, RecordDecision, Response
from deploy.bench.invented.health_visiting import nhs_numbers
from deploy.bench.one_family import AGENCY, VISITOR, make_family
from deploy.bench.over_http.cpu import CpuSoFar, cpu_of_trees, postmaster
from deploy.bench.world import child_with
from schemas.identifiers import DecisionId, PersonId
from schemas.records.message import Record, SourceMessage, Subject, Version
from schemas.records.payloads import ContactDetails, Relationship, RelationshipKind, Telecom
from schemas.vocabulary import Category, IdentifierScheme, Purpose, Source
from services.bootstrap import Application, DatabaseRole
from services.people.family_access.model import AccessStanding, FamilyAccess, FamilySession
from services.people.presence.contacts import contact_from
from services.people.presence.postgres_contacts_held import contact_digest
from services.platform.processes.die_with_parent import command_that_dies_with_us
from services.profile.ports import Disclosure
from services.work import UnitOfWork, unit_of_work
from services.workers.draining import drain

LOOKS = 120
"""At each mother: a year's, of which a fifth is held back."""
_HELD_BACK = 5
_BOTH_HANDS = Asker(is_both_hands=True)
_STARTING_SECONDS = 60.0
_AS_DEMONSTRATION = {
    "TELL_ONCE_ENVIRONMENT": "demonstration",
    "TELL_ONCE_COOKIE_SECURE": "false",
}
_BORN = "1996-02-11"


@dataclass(frozen=True, slots=True)
class AtTheDoor:
    """A mother who is signed in: her cookie's secret, and a yes of hers."""

    person: PersonId
    secret: str
    decision: DecisionId

    @property
    def cookie(self) -> str:
        """As her browser sends it."""
        return f"family={self.secret}"


def make_families(application: Application, families: int) -> list[AtTheDoor]:
    """Make so many, as the program does: told, decided, given a page, signed in, looked at."""
    outside = application.outside(DatabaseRole.OWNER)
    make_family(outside)
    numbers = islice(nhs_numbers(), 10, None, 1)
    told = [(_subjects(next(numbers), next(numbers)), n) for n in range(families)]
    for subjects, number in told:
        with unit_of_work(outside) as work:
            record_decision(_yes(subjects), deciding=work.deciding(_BOTH_HANDS))
        with unit_of_work(application.outside(DatabaseRole.CONNECTORS)) as work:
            publishing = work.publishing(Source.SCHOOLS, None)
            found = [Received(0, _message(subjects, number), raw=bytes)]
            publish_if_permitted(PublishIfPermitted(Source.SCHOOLS, found), publishing=publishing)
    drain(application)
    made = []
    for subjects, number in told:
        with unit_of_work(outside) as work:
            made.append(_let_in(subjects[1], number, work))
    return made


def _subjects(child: str, mother: str) -> tuple[Subject, Subject]:
    scheme = IdentifierScheme.NHS_NUMBER
    return child_with(scheme, child, "2022-05-03"), _as_mother(child_with(scheme, mother, _BORN))


def _as_mother(subject: Subject) -> Subject:
    return Subject("mother", subject.identifiers, subject.demographics)


def _yes(subjects: tuple[Subject, ...]) -> RecordDecision:
    return RecordDecision(
        subjects=subjects,
        response=Response.GIVEN,
        categories=frozenset(Category),
        purposes=frozenset({Purpose.DIRECT_CARE}),
        basis=Basis.CONSENT,
        decided_by=Decider(DeciderKind.PARENT, "mother"),
        actor="job:bench",
    )


def _mobile(number: int) -> Telecom:
    return Telecom("phone", f"07700 9{number:05d}")


def _message(subjects: tuple[Subject, Subject], number: int) -> SourceMessage:
    mother = Relationship(RelationshipKind.MOTHER, "Eva Ash", has_responsibility=True)
    contacts = ContactDetails(telecoms=(_mobile(number),))
    records = (
        Record("tie", Category.FAMILY_AND_HOUSEHOLD, ("child", "mother"), mother),
        Record("contacts", Category.IDENTITY_AND_CONTACT, ("mother",), contacts),
    )
    version = Version("2026-01-01T00:00:00Z")
    return SourceMessage(Source.SCHOOLS, f"bench-{number}", version, subjects, records)


def _let_in(subject: Subject, number: int, work: UnitOfWork) -> AtTheDoor:
    person = work.persons.resolve_or_create(subject, at=work.now)
    contact = contact_from(_mobile(number))
    if contact is None:
        raise RuntimeError("an invented number is none")
    access = FamilyAccess(
        f"{number:032x}",
        1,
        person,
        contact_digest(contact, work.hasher),
        AccessStanding.USED,
        VISITOR,
        AGENCY,
        "code",
        f"{number:032x}",
        work.now,
    )
    door, secret = work.family_door(), secrets.token_urlsafe(32)
    door.rows.write(access, by="job:bench")
    session = FamilySession(secrets.token_hex(16), access, work.now, secrets.token_bytes(32))
    digest, until = sha256(secret.encode()).digest(), work.now + timedelta(hours=8)
    door.rows.open(digest, session, at=work.now, until=until)
    own = RecordDecision(
        subjects=(subject,),
        response=Response.GIVEN,
        categories=frozenset({Category.STORY}),
        purposes=frozenset({Purpose.DIRECT_CARE}),
        basis=Basis.CONSENT,
        decided_by=Decider(DeciderKind.ADULT_SELF, "themselves"),
        actor="job:bench",
    )
    decided = record_decision(own, deciding=work.deciding(_BOTH_HANDS)).decision
    for place in range(LOOKS):
        work.looks.save(_look(person, number, place, work))
    return AtTheDoor(person, secret, decided.id)


def _look(person: PersonId, number: int, place: int, work: UnitOfWork) -> Disclosure:
    is_held = place % _HELD_BACK == 0
    return Disclosure(
        f"{number:016x}{place:016x}",
        person,
        VISITOR,
        Purpose.SAFEGUARDING if is_held else Purpose.DIRECT_CARE,
        permitted=True,
        categories=(Category.IDENTITY_AND_CONTACT,),
        at=work.now - timedelta(days=3 * place),
    )


@contextmanager
def door_served(application: Application, port: int) -> Iterator[CpuSoFar]:
    """`tell-once family` on the application's data folder, until the block ends.

    Gives the CPU of it with its workers (`door`), and of the folder's database.
    """
    settings = application.settings
    words = ("family", "--port", str(port), "--data", str(settings.data), "--bus", settings.bus)
    process = subprocess.Popen(  # noqa: S603 our own program
        command_that_dies_with_us([sys.executable, "-m", "services", *words]),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | _AS_DEMONSTRATION,
    )
    try:
        _wait_for(port)
        yield cpu_of_trees({"door": process.pid, "postgresql": postmaster(settings.data)})
    finally:
        process.terminate()
        process.wait(_STARTING_SECONDS)


def _wait_for(port: int) -> None:
    ends = time.monotonic() + _STARTING_SECONDS
    while time.monotonic() < ends:
        connection = HTTPConnection("127.0.0.1", port)
        try:
            connection.request("GET", "/")
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except (OSError, HTTPException):
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError("the families' door did not open")
