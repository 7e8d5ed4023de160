"""Whose keys were destroyed by an export of our ledger that was kept elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from consent.errors import LedgerBrokenError
from consent.ledger import read_entry
from consent.ledger_events import LedgerEvent
from consent.ledger_log import LogItem, StoredEntry
from consent.verifier_key import VerifierKey
from schemas.identifiers import PersonId
from services.audit.ledger_export import ExportReader
from services.audit.verification import verify_ledger
from services.cli.ledger_files import opened_export

_DESTROYED = LedgerEvent.KEY_DESTROYED.encode()


def persons_destroyed(path: Path, keys: Sequence[VerifierKey]) -> set[PersonId]:
    """The persons whose keys were destroyed. Raises LedgerBrokenError for a file not to trust.

    Whoever is named is erased: so only what our own key has signed is believed.
    """
    found: set[PersonId] = set()
    with opened_export(path) as stream:
        report = verify_ledger(_noting(ExportReader(stream), found), keys=keys)
    if not report.valid:
        raise LedgerBrokenError(f"{path.name} is no valid export of this ledger; nobody is erased")
    return found


def _noting(items: Iterable[LogItem], found: set[PersonId]) -> Iterator[LogItem]:
    for item in items:
        if isinstance(item, StoredEntry) and item.body is not None and _DESTROYED in item.body:
            _note(item.body, found)
        yield item


def _note(body: bytes, found: set[PersonId]) -> None:
    entry = read_entry(body)
    if entry.event is LedgerEvent.KEY_DESTROYED:
        found.add(PersonId(str(entry.fields["person"])))
