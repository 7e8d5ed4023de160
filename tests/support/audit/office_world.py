"""A council's office with a year of entries behind it, for the pages of figures and integrity."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from consent.ledger import FieldValue, LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role
from services.audit.index.postgres_catching_up import catch_up, count_up
from services.audit.integrity.postgres_looking import Watched
from services.ledger.postgres_access import LedgerAccess, SignedCopy
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import KeyVault, SecretName
from services.work import Outside, unit_of_work
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, SCHOOL, InProcess
from tests.support.ledger.ledger_builders import SIGNER
from tests.support.people.office import Office, an_office
from tests.support.people.relating import a_colleague

PERSON = "c0" * 16


@dataclass(frozen=True, slots=True)
class AuditOffice:
    """The office, somebody who looks from the trust and from a school, and a service manager."""

    office: Office
    clock: StandingClock
    watched: Watched
    visitor: PractitionerId
    teacher: PractitionerId
    manager: PractitionerId

    @property
    def running(self) -> InProcess:
        """The main job, step by step."""
        return self.office.running

    @property
    def access(self) -> LedgerAccess:
        """The ledger as the relay keeps it."""
        engine = self.running.relay.engine
        return LedgerAccess(engine, signer=SIGNER, copy=self.watched.copy)

    def append(self, *entries: LedgerEntry) -> None:
        """Append entries, give them their place, index and count them."""
        with unit_of_work(self.running.portal) as work:
            work.ledger.append(entries)
        self.count()

    def count(self) -> None:
        """Do as the relay does: place and sign, index, count."""
        relay = self.running.relay
        self.access.integrate()
        catch_up(relay.engine)
        count_up(relay.engine, now=self.clock.now())


@contextmanager
def an_audit_office(
    engine: Engine, vault: KeyVault, folder: Path, **watched: Any
) -> Iterator[AuditOffice]:
    """Open it on a migrated database that nobody has used; `folder` is for files beside it."""
    clock = StandingClock()
    hasher = KeyedHasher(vault.secret(SecretName.LINKING))
    with InProcess.running(Outside(engine, vault, hasher, clock)) as running:
        looked_at = Watched(
            SIGNER,
            SignedCopy(folder / "ledger.checkpoint"),
            watched.get("witnesses", ()),
            watched.get("backup_state"),
            watched.get("alarms", ()),
            "Exbury Council",
        )
        office = replace(an_office(running, clock), watched=looked_at)
        with unit_of_work(running.outside) as work:
            visitor = a_colleague(work, AGENCY, role=Role.PRACTITIONER, name="Vera Lyle")
            teacher = a_colleague(work, SCHOOL, role=Role.PRACTITIONER, name="Tom Ash")
            manager = a_colleague(work, AGENCY, role=Role.SERVICE_MANAGER, name="Mia Stone")
        yield AuditOffice(office, clock, looked_at, visitor, teacher, manager)


def looks(number: int, *, by: PractitionerId, at: datetime) -> Sequence[LedgerEntry]:
    """So many looks, a second apart."""
    fields: dict[str, FieldValue] = {
        "disclosure": "d1" * 16,
        "subjects": [PERSON],
        "purpose": "direct-care",
        "categories": ["child-health"],
        "withheld_categories": [],
        "policy_version": "rules-2026+one",
        "decided_from": [],
    }
    return [
        ledger_entry(
            LedgerEvent.PROFILE_READ,
            fields,
            at=at + timedelta(seconds=second),
            actor=f"practitioner:{by}",
        )
        for second in range(number)
    ]


def answers(
    number: int, response: str, *, by: PractitionerId, at: datetime
) -> Sequence[LedgerEntry]:
    """So many decisions of families."""
    fields: dict[str, FieldValue] = {
        "decision": "d2" * 16,
        "subjects": [PERSON],
        "version": 1,
        "response": response,
        "basis": "consent",
        "categories": ["child-health"],
        "purposes": ["direct-care"],
        "recipients": ["role:teacher"],
        "decider_kind": "parent",
    }
    event = LedgerEvent.SHARING_DECISION_RECORDED
    return [
        ledger_entry(event, fields, at=at + timedelta(seconds=second), actor=f"practitioner:{by}")
        for second in range(number)
    ]
