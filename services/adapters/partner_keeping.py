"""What is withheld from a push stays with its partner: kept is only what to ask for again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from connectors.ports import Received, Unreadable
from schemas.vocabulary import Source
from services.adapters.kept_back import StaysWithItsOwner
from services.partners.ports import PartnerId

_NOTE = text("""
    INSERT INTO partner_withheld
        (partner_id, source, ref, receipt, record_keys, version, withheld_at)
    VALUES (:partner, :source, :ref, decode(:receipt, 'hex'), :keys, :version, :at)
    ON CONFLICT (source, ref, partner_id) DO UPDATE SET receipt = excluded.receipt,
        record_keys = :keys, version = :version, withheld_at = :at, asked_at = NULL
""")
_FORGET = text("DELETE FROM partner_withheld WHERE source = :source AND ref = ANY(:refs)")
_FORGET_REMOVED = text("""
    DELETE FROM partner_withheld WHERE partner_id = :partner AND source = :source
        AND record_keys <@ CAST(:keys AS text[]) AND record_keys <> '{}' AND version <= :version
""")
_PUSHED = text("UPDATE parked SET partner_id = :partner WHERE source = :source AND ref = :ref")


@dataclass(frozen=True, slots=True)
class Withheld:
    """A message of which something was withheld, by keyed hashes alone."""

    ref: str
    receipt: str
    record_keys: Sequence[str]
    version: str


class WithItsPartner(StaysWithItsOwner):
    """connectors.publishing_ports.KeptBack for pushes; `note` keeps the book of what to ask for.

    A message that could not be read is parked as everybody's are, with whose it is.
    """

    def __init__(
        self, connection: Connection, source: Source, partner: PartnerId, *, parking_key: bytes
    ) -> None:
        super().__init__(connection, source, parking_key)
        self._partner = partner
        self._removed: list[tuple[Sequence[str], str]] = []

    def clear(self, record_keys: Sequence[str], *, version: str) -> None:
        """Remember that their source has removed the records; `note` acts on it."""
        if record_keys:
            self._removed.append((list(record_keys), version))

    def park(self, ref: str, received: Received, why: Unreadable, *, at: datetime) -> None:
        """Keep the message sealed, with whose it is: they are told when it is read again."""
        super().park(ref, received, why, at=at)
        self._connection.execute(_PUSHED, self._own | {"ref": bytes.fromhex(ref)})

    def note(self, withheld: Sequence[Withheld], whole: Collection[str], *, at: datetime) -> None:
        """Keep the book after messages came: what is to be asked for, and what no longer."""
        # (1) What was withheld is asked for once that changes.
        rows = [self._own | _row(one) | {"at": at} for one in withheld]
        if rows:
            self._connection.execute(_NOTE, rows)
        # (2) Whoever sends it: it is published.
        refs = [bytes.fromhex(ref) for ref in whole]
        self._connection.execute(_FORGET, {"source": self._source.value, "refs": refs})
        # (3) Last, because a message and its removal may come together.
        for keys, version in self._removed:
            removed = self._own | {"keys": keys, "version": version}
            self._connection.execute(_FORGET_REMOVED, removed)

    @property
    def _own(self) -> dict[str, object]:
        return {"partner": self._partner, "source": self._source.value}


def _row(one: Withheld) -> dict[str, object]:
    return {
        "ref": bytes.fromhex(one.ref),
        "receipt": one.receipt,
        "keys": list(one.record_keys),
        "version": one.version,
    }
