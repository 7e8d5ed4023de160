"""Whether every read that was answered is in the ledger and among the looks, once."""

from dataclasses import dataclass

from sqlalchemy import text

from consent.ledger.events import PROFILE_READS
from services.work import Outside, unit_of_work

_LOOKS = text("SELECT count(*) FROM look WHERE permitted")
_LAST = text("SELECT coalesce(max(seq), 0) FROM ledger_entry")
_READS = text("""
    SELECT count(*) FROM ledger_entry
    WHERE seq > :after AND EXISTS (
        SELECT FROM unnest(CAST(:events AS bytea[])) AS event WHERE position(event IN body) > 0)
""")
_READS_AS_WRITTEN = [f'"event":"{event.value}"'.encode() for event in sorted(PROFILE_READS)]


class NotAccountedForError(RuntimeError):
    """More was shown than is on record, or less: nothing that was timed counts."""


@dataclass(frozen=True, slots=True)
class Account:
    """How much was on record at one moment."""

    looks: int
    last_entry: int


def account_of(outside: Outside) -> Account:
    """What is on record now."""
    with unit_of_work(outside) as work:
        looks = int(work.connection.execute(_LOOKS).scalar_one())
        return Account(looks, int(work.connection.execute(_LAST).scalar_one()))


def require_accounted_for(answered: int, since: Account, outside: Outside) -> None:
    """As many looks and as many entries of reading as were answered since then.

    Raises NotAccountedForError.
    """
    looks = account_of(outside).looks - since.looks
    with unit_of_work(outside) as work:
        wanted = {"after": since.last_entry, "events": _READS_AS_WRITTEN}
        entries = int(work.connection.execute(_READS, wanted).scalar_one())
    if looks != answered or entries != answered:
        told = f"{answered} reads were answered; there are {entries} entries and {looks} looks"
        raise NotAccountedForError(told)
