"""Looking by oneself, and the alarm: once for each change by which something more is off.

What goes out names the council and the parts that are off, and nobody: it leaves by the same queue
as any message, sealed while it waits, tried again, entered when it was handed over or given up.
"""

from collections.abc import Sequence
from datetime import timedelta

from consent.ledger import FieldValue, entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from services.audit.integrity.postgres_looking import Integrity, Watched, look_at_integrity
from services.audit.integrity.postgres_watch import keep_change, last_change, look_alone
from services.audit.integrity.standing import WatchedPart, parts_off
from services.platform.messages.ports import Message
from services.work import Outside, UnitOfWork, unit_of_work

ACTOR = "job:integrity"
_LASTS = timedelta(hours=24)


def watch_integrity(outside: Outside, watched: Watched) -> Integrity:
    """Look once, as the relay; what changed is entered, and told where something more is off."""
    with unit_of_work(outside) as work:
        look_alone(work.connection, work.now)
        found = look_at_integrity(work.connection, watched, outside.vault, work.now)
        before, off = last_change(work.connection), parts_off(found.findings)
        known = () if before is None else before.off
        if before is None or (before.stands, list(before.off)) != (found.stands, off):
            is_worse = bool(set(off) - set(known))
            _change(found, off, watched if is_worse else None, work)
        return found


def _change(
    found: Integrity, off: Sequence[WatchedPart], watched: Watched | None, work: UnitOfWork
) -> None:
    told = 0 if watched is None else len(watched.alarms)
    change = keep_change(work.connection, work.now, found.stands, off, told)
    fields: dict[str, FieldValue] = {
        "standing": found.stands.value,
        "parts": sorted(part.value for part in off),
    }
    event = LedgerEvent.INTEGRITY_CHANGED
    work.ledger.append([ledger_entry(event, fields, at=work.now, actor=ACTOR)])
    if watched is not None:
        _tell(change, off, watched, work)


def _tell(change: int, off: Sequence[WatchedPart], watched: Watched, work: UnitOfWork) -> None:
    words = alarm_words(watched.council, off)
    for number, alarm in enumerate(watched.alarms):
        message_id = entry_id_for("integrity-alarm", str(change), str(number), work.now.isoformat())
        work.messages_out().queue(
            message_id.hex,
            Message(alarm.channel, alarm.to, words),
            now=work.now,
            expires_at=work.now + _LASTS,
        )


def alarm_words(council: str, off: Sequence[WatchedPart]) -> str:
    """What an alarm says: where, what, and where to look. It names nobody."""
    named = ", ".join(part.label[0].lower() + part.label[1:] for part in off)
    return (
        f"Tell Once of {council} is not whole. Off: {named}. Look at the page Integrity of the "
        "audit, or run: tell-once audit integrity"
    )
