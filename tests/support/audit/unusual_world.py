"""Looks in a real ledger, at invented people, for rules of unusual access to judge."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.publishing.ports import ToldSubject
from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import Purpose, Role, Source
from services.audit.unusual.hits import Hit
from services.audit.unusual.model import UnusualRule
from services.audit.unusual.postgres_hits import HitFilter, PostgresHits
from services.audit.unusual.settings import UnusualSettings, unusual_rules
from services.audit.unusual.staff.importing import StaffListImported, import_staff_list
from services.audit.unusual.sweeping import SweepStep, sweep
from services.ledger.postgres_access import LedgerAccess
from services.work import Outside, unit_of_work
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.ledger.ledger_builders import SIGNER
from tests.support.people.relating import a_colleague

NUMBERS = ("9990000018", "9990000026", "9990000034", "9990000042")


@dataclass(slots=True)
class UnusualWorld:
    """One database with its sweep, as the relay's process runs it."""

    running: InProcess
    now: datetime
    rules: UnusualSettings = field(default_factory=lambda: unusual_rules(None))

    @property
    def relay(self) -> Outside:
        """Whose rights a sweep has."""
        return self.running.relay

    def worker(self, role: Role = Role.PRACTITIONER) -> PractitionerId:
        """One more, of an agency that is theirs and others'."""
        with unit_of_work(self.running.outside) as work:
            return a_colleague(work, AGENCY, role=role)

    def person(self, number: str = NUMBERS[0]) -> PersonId:
        """Whoever has this number."""
        with unit_of_work(self.running.portal) as work:
            return work.persons.resolve_or_create(by_number(number), at=work.now)

    def known(self, surname: str, postcode: str, number: str = NUMBERS[0]) -> PersonId:
        """Somebody with a name and a home, as a message of a source tells them."""
        known = by_number(number)
        told = Demographics(
            family_name=surname,
            given_names=("Robin",),
            date_of_birth="2024-05-03",
            postcode=postcode,
        )
        subject = Subject(known.ref, known.identifiers, told)
        with unit_of_work(self.running.connectors) as work:
            person = work.persons.resolve_or_create(subject, at=work.now)
            likely = (ToldSubject(subject), person)
            work.likenesses.keep([likely], Source.HEALTH_VISITING, at=work.now)
        return person

    def enter(self, *entries: LedgerEntry) -> None:
        """Write entries, each with its place."""
        access = LedgerAccess(self.running.relay.engine, signer=SIGNER)
        access.append(entries)
        access.integrate()

    def look(self, by: PractitionerId, person: PersonId, at: datetime) -> LedgerEntry:
        """An entry that somebody was shown."""
        fields = {
            "disclosure": secrets.token_hex(16),
            "subjects": [person],
            "purpose": Purpose.DIRECT_CARE,
            "categories": [],
            "withheld_categories": [],
            "policy_version": "rules-1",
            "decided_from": [],
        }
        return _entry(LedgerEvent.PROFILE_READ, fields, by, at)

    def refused(self, by: PractitionerId, person: PersonId, at: datetime) -> LedgerEntry:
        """An entry that somebody was refused."""
        fields = {
            "subjects": [person],
            "purpose": Purpose.DIRECT_CARE,
            "reasons": [],
            "policy_version": "rules-1",
        }
        return _entry(LedgerEvent.PROFILE_READ_REFUSED, fields, by, at)

    def emergency(self, by: PractitionerId, person: PersonId, at: datetime) -> LedgerEntry:
        """An entry that somebody opened an emergency."""
        fields = {
            "relationship": secrets.token_hex(16),
            "person": person,
            "reason": "child-missing",
            "why_not_asked": "not-reached",
        }
        return _entry(LedgerEvent.EMERGENCY_ACCESS_ANNOUNCED, fields, by, at)

    def story(self, by: PractitionerId, person: PersonId, at: datetime) -> LedgerEntry:
        """An entry that somebody wrote in a family's story."""
        fields = {"record": secrets.token_hex(16), "subjects": [person]}
        return _entry(LedgerEvent.STORY_ADDED, {**fields}, by, at)

    def take_in(self, *lines: str, is_dry_run: bool = False) -> StaffListImported:
        """Take in a list of staff."""
        header = "practitioner,surname,team,postcode,leave_from,leave_to,rota"
        found = import_staff_list(
            "\n".join([header, *lines]).encode(),
            by="operator:test",
            outside=self.running.outside,
            is_dry_run=is_dry_run,
        )
        assert isinstance(found, StaffListImported)
        return found

    def sweep(self) -> SweepStep:
        """Sweep until nothing is left."""
        return sweep(self.relay, self.rules)

    def hits(self, *rules: UnusualRule) -> list[Hit]:
        """Hits of these rules, or all, that nothing explains."""
        with unit_of_work(self.running.outside) as work:
            kept = PostgresHits(work.connection)
            found = kept.listed(HitFilter(), most=1000)
        return [hit for hit in found if not rules or hit.rule in rules]

    def noon(self, *, days_ago: int = 3) -> datetime:
        """Noon, some days ago."""
        day = (self.now - timedelta(days=days_ago)).replace(hour=12, minute=0, second=0)
        return day.replace(microsecond=0)


def _entry(
    event: LedgerEvent, fields: dict[str, object], by: PractitionerId, at: datetime
) -> LedgerEntry:
    return ledger_entry(event, fields, at=at, actor=f"practitioner:{by}")  # type: ignore[arg-type]
