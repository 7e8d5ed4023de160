"""How everything stands now: each part by what tells of it, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from consent.transparency.checkpoint import LedgerSigner
from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.integrity.backups import backup_state_of, backups_stand
from services.audit.integrity.postgres_facts import (
    LedgerSeen,
    beginning_stands,
    ledger_seen,
    witnesses_seen,
)
from services.audit.integrity.postgres_passes import LedgerPass, last_pass, rows_stand
from services.audit.integrity.postgres_watch import LastChange, last_change, last_look
from services.audit.integrity.standing import (
    LIMITS,
    Finding,
    Stands,
    WatchedPart,
    WitnessSeen,
    aged,
    together,
    witnesses_stand,
)
from services.audit.postgres_answers import Auditing
from services.ledger.postgres_access import SignedCopy
from services.ledger.witness.postgres import WitnessAddress
from services.platform.errors import KeyUnusableError
from services.platform.keys.postgres_checks import require_keys
from services.platform.keys.vault import KeyVault
from services.platform.messages.ports import MessageChannel
from services.platform.settings import Settings


@dataclass(frozen=True, slots=True)
class AlarmTo:
    """Where an alarm goes: by what, and to which number or address. None of it is a secret."""

    channel: MessageChannel
    to: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at beside the database, and whom an alarm goes to."""

    signer: LedgerSigner
    copy: SignedCopy
    witnesses: Sequence[WitnessAddress]
    backup_state: Path | None
    alarms: Sequence[AlarmTo]
    council: str


def watched_as_set(
    signer: LedgerSigner,
    copy: SignedCopy,
    witnesses: Sequence[WitnessAddress],
    settings: Settings,
) -> Watched:
    """What the settings name."""
    alarms = []
    if settings.alarm_number:
        alarms.append(AlarmTo(MessageChannel.SMS, settings.alarm_number))
    if settings.alarm_webhook:
        alarms.append(AlarmTo(MessageChannel.WEBHOOK, settings.alarm_webhook))
    name = settings.council_name
    state = backup_state_of(settings.data, settings.backup_state)
    return Watched(signer, copy, witnesses, state, alarms, name)


@dataclass(frozen=True, slots=True)
class Integrity:
    """How everything stands at a moment; the findings in the order of parts."""

    at: datetime
    findings: tuple[Finding, ...]
    ledger: LedgerSeen
    witnesses: tuple[WitnessSeen, ...]
    last_pass: LedgerPass | None
    looked_at: datetime | None
    changed: LastChange | None

    @property
    def stands(self) -> Stands:
        """All of it."""
        return together(self.findings)

    def of(self, part: WatchedPart) -> Finding:
        """One part."""
        return next(one for one in self.findings if one.part is part)


def look_at_integrity(
    connection: Connection, watched: Watched, vault: KeyVault, now: datetime
) -> Integrity:
    """Look at every part."""
    key, origin = watched.signer.verifier_key, watched.signer.name
    ledger = ledger_seen(connection, key, origin, now)
    witnesses = witnesses_seen(connection, watched.witnesses)
    found, looked_at = last_pass(connection), last_look(connection)
    findings = (
        ledger.finding,
        beginning_stands(connection, watched.copy, key, origin, ledger.size),
        witnesses_stand(witnesses, ledger.size, now),
        rows_stand(found, now),
        *backups_stand(watched.backup_state, now),
        _keys_stand(connection, vault),
        _alarm_stands(watched),
        aged(WatchedPart.WATCH, looked_at, LIMITS.watch, now, is_off=True),
    )
    changed = last_change(connection)
    return Integrity(now, findings, ledger, tuple(witnesses), found, looked_at, changed)


def _keys_stand(connection: Connection, vault: KeyVault) -> Finding:
    try:
        require_keys(connection, vault)
    except KeyUnusableError:
        return Finding(WatchedPart.KEYS, Stands.OFF, "not-those-of-the-database")
    return Finding(WatchedPart.KEYS, Stands.WHOLE, "those-of-the-database")


def _alarm_stands(watched: Watched) -> Finding:
    if not watched.alarms:
        return Finding(WatchedPart.ALARM, Stands.UNKNOWN, "nobody-named")
    return Finding(WatchedPart.ALARM, Stands.WHOLE, "named", len(watched.alarms))


@dataclass(frozen=True, slots=True)
class IntegrityAnswer:
    """The answer to an auditor."""

    entered: UUID
    integrity: Integrity


def integrity_asked(auditing: Auditing, watched: Watched) -> IntegrityAnswer | NotForThem:
    """How everything stands, for an auditor: entered first."""
    entered = auditing.enter(AuditAsked(AuditQuestion.INTEGRITY))
    if isinstance(entered, NotForThem):
        return entered
    work = auditing.work
    found = look_at_integrity(work.connection, watched, work.outside.vault, work.now)
    return IntegrityAnswer(entered, found)
