"""What the pages ask of the service, each call one transaction (services.portal.ports)."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from consent.ledger import new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose
from services.people.practitioners.people import SignedInPractitioner, SubjectEntry
from services.portal.desk.decisions import DecisionsOnDatabase, ReceiptsOnDatabase
from services.portal.desk.looks import looks_told
from services.portal.desk.story import StoriesOnDatabase
from services.portal.desk.who_is_who import StewardsOnDatabase
from services.portal.desk.work import enter, family_summary, is_findable, reading_order, subject_of
from services.portal.ports import FamilySummary, Look, Session
from services.profile.model import Profile, ProfileRefused
from services.profile.reading import read_profile
from services.profile.viewing import view_family
from services.work import UnitOfWork

SESSION_LASTS = timedelta(hours=10)
_MOST_FAMILIES = 50
_MOST_LOOKS = 200


class PortalOnDatabase(
    ReceiptsOnDatabase, DecisionsOnDatabase, StoriesOnDatabase, StewardsOnDatabase
):
    """PortalServices on PostgreSQL."""

    def now(self) -> datetime:
        """The time by which pages count ages and days."""
        return self._outside.clock.now()

    def demonstration_people(self) -> Sequence[SignedInPractitioner]:
        """Whom one may sign in as; empty unless this is the demonstration."""
        if not self._demonstration:
            return []
        with self._work() as work:
            return work.directory.practitioners()

    def sign_in(self, practitioner: PractitionerId) -> str | None:
        """Open a session; its secret for the cookie, or None if there is no such practitioner."""
        with self._work() as work:
            if work.directory.practitioner(practitioner) is None:
                return None
            secret = secrets.token_urlsafe(32)
            work.sessions.open(
                _hash(secret),
                practitioner,
                secrets.token_bytes(32),
                at=work.now,
                until=work.now + SESSION_LASTS,
            )
            enter(work, practitioner, LedgerEvent.PRACTITIONER_SIGNED_IN)
            return secret

    def session(self, secret: str) -> Session | None:
        """The session behind a cookie, while it lasts."""
        with self._work() as work:
            found = work.sessions.find(_hash(secret), at=work.now)
            return None if found is None else Session(*found)

    def sign_out(self, secret: str) -> None:
        """End the session at once."""
        with self._work() as work:
            found = work.sessions.find(_hash(secret), at=work.now)
            work.sessions.close(_hash(secret))
            if found is not None:
                enter(work, found[0].id, LedgerEvent.PRACTITIONER_SIGNED_OUT)

    def my_families(self, who: SignedInPractitioner) -> Sequence[FamilySummary]:
        """Children with whom the practitioner has a legitimate relationship, youngest first."""
        with self._work() as work:
            mine = work.case_loads.of(who.id, most=_MOST_FAMILIES)
            summaries = [self._summary(who, p, g, work) for p, g in dict(mine).items()]
        known = [s for s in summaries if s is not None]
        return sorted(known, key=lambda s: s.date_of_birth or "", reverse=True)

    def find_family(self, who: SignedInPractitioner, subject: SubjectEntry) -> PersonId | None:
        """The person behind an identifier, if known and not protected; the search is recorded."""
        with self._work() as work:
            found = work.persons.resolve([subject_of(subject)])[0].person
            is_shown = found is not None and is_findable(found, who, work)
            shown = work.records.known_as(found) if found is not None and is_shown else None
            enter(
                work,
                who.id,
                LedgerEvent.SEARCH_MADE,
                {"search": str(new_entry_id(work.now)), "results": int(shown is not None)},
            )
            return shown

    def read_profile(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Profile | ProfileRefused:
        """One family as the practitioner may see it; the look, or its refusal, is recorded."""
        with self._work() as work:
            return read_profile(reading_order(who, person, purpose), reading=work.reading())

    def who_has_looked(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[Look] | ProfileRefused:
        """Every look at this family that may be told, newest first."""
        with self._work() as work:
            return looks_told(who, person, work, most=_MOST_LOOKS)

    def _summary(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        ground: RelationshipGround,
        work: UnitOfWork,
    ) -> FamilySummary | None:
        """A line of the list: only what the practitioner could read on the family's page."""
        viewing, found = view_family(
            reading_order(who, person, who.purpose),
            at=work.now,
            records=work.records,
            decisions=work.decisions,
            case_loads=work.case_loads,
        )
        if viewing.refusal() is not None:
            return None
        own = [r for r in found if r.persons[0] == person and viewing.ask(r).is_permitted]
        return family_summary(person, ground, list(work.records.open(own)))


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
