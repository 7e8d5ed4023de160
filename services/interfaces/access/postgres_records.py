"""What is on record about a question, in PostgreSQL: read alike, whoever is named in it."""

import re
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from sqlalchemy import text

from consent import Practitioner, Reason
from consent.ledger.fields import OPAQUE_ID
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.message import Subject
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Purpose, Role, Source
from services.interfaces.access.asked import Asked
from services.interfaces.access.on_record import QuestionOnRecord
from services.interfaces.partners.ports import PartnerId
from services.people.persons.subjects import subject_from_text
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_directory import PostgresDirectory
from services.people.relationships.model import MayOpen
from services.people.relationships.postgres import (
    PostgresLastingRelationships,
    PostgresRelationships,
)
from services.profile.viewing import NOBODY
from services.work import UnitOfWork

_ASKED = text("""
    INSERT INTO partner_use (use_id, kind, partner_id, practitioner_id, purpose, at)
    SELECT :use, 'question', :partner, practitioner_id, :purpose, :at
    FROM practitioner WHERE practitioner_id = :practitioner
""")


class UnitOfWorkRecords:
    """services.interfaces.access.on_record.AccessRecords over one transaction.

    `speaks_for` says for the practitioners of which agencies whoever asks may ask. Whoever is
    named, known or not, the same statements are executed: nobody learns who is known by waiting.
    Where a partner asks, each use of a name is kept, and emergency and presence count for nothing.
    """

    def __init__(
        self, work: UnitOfWork, speaks_for: Callable[[str], bool], partner: PartnerId | None = None
    ) -> None:
        self._work = work
        self._speaks_for = speaks_for
        self._partner = partner
        self._named: set[tuple[PractitionerId, Purpose]] = set()

    def known(self, asked: Asked, *, at: datetime) -> QuestionOnRecord:
        """What bears on the practitioner and person named, read alike whoever they are."""
        found = self._person(asked.person)
        person = self._work.records.known_as(found or NOBODY)
        name = PractitionerId(_opaque(asked.practitioner) or NOBODY)
        connection, bound = self._work.connection, self._work.bound
        who = PostgresDirectory(connection, at, bound).practitioner(name)
        self._keep_use(name, asked.purpose)
        count = PostgresLastingRelationships if self._partner else PostgresRelationships
        relationships = count(connection, at, bound, self._work.clusters)
        may_open = relationships.may_open(name, [person])[person]
        on_record = self._work.decisions.on_record([person])
        unknown = [
            element for element, one in (("resource.id", found), ("subject.id", who)) if one is None
        ]
        return QuestionOnRecord(
            person,
            _practitioner(name, who, may_open),
            on_record,
            unknown,
            () if who is None else self._why_closed(who, person, may_open, at),
        )

    def _keep_use(self, name: PractitionerId, purpose: Purpose) -> None:
        """Keep that they were asked for, once a request and purpose; of nobody nothing is kept."""
        if self._partner is None or (name, purpose) in self._named:
            return
        self._named.add((name, purpose))
        used = {"use": uuid4().hex, "partner": self._partner, "practitioner": name}
        more = {"purpose": purpose.value, "at": self._work.now}
        self._work.connection.execute(_ASKED, used | more)

    def _person(self, typed: str) -> PersonId | None:
        """The person with this opaque id or `SCHEME:VALUE`; None when nobody is known by it."""
        subject = subject_from_text(typed) if ":" in typed else PersonId(typed)
        if isinstance(subject, Subject):
            return self._work.persons.resolve([subject])[0].person
        known = PersonId(_opaque(subject) or NOBODY)
        return known if self._work.persons.exists(known) else None

    def _why_closed(
        self, who: SignedInPractitioner, person: PersonId, may_open: MayOpen, at: datetime
    ) -> tuple[Reason, ...]:
        """Why it is not asked at all what the family decided, if it is not."""
        if not self._speaks_for(who.agency_code):
            return (Reason.NOT_SPOKEN_FOR,)
        if who.role not in OPENS_FAMILY_RECORDS:
            return (Reason.ROLE_OPENS_NO_RECORDS,)
        is_related = any(r.subject == person and r.is_in_force(at) for r in may_open.relationships)
        if not is_related:
            return (Reason.NO_RELATIONSHIP,)
        return (Reason.RESTRICTED,) if may_open.is_restricted else ()


def _practitioner(
    name: PractitionerId, who: SignedInPractitioner | None, may_open: MayOpen
) -> Practitioner:
    """Who asks; whoever is not known is asked about as a stranger is."""
    if who is None:
        return Practitioner(name, Role.PRACTITIONER, Source.HEALTH_VISITING)
    return Practitioner(who.id, who.role, who.agency_kind, may_open.relationships)


def _opaque(typed: str) -> str | None:
    return typed if re.fullmatch(OPAQUE_ID, typed) else None
