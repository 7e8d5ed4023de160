"""A proof of one entry of the ledger, or of the entry that binds a row: it verifies without us."""

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from consent.errors import ConsentError
from consent.ledger import LedgerEntry, read_entry
from consent.ledger.fields import OPAQUE_ID
from consent.transparency.verifier_key import VerifierKey
from schemas.vocabulary import LabelledCode
from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.postgres_answers import Auditing
from services.ledger.bound_tables import BOUND, ERASURE_WAITS, FEEDS
from services.ledger.postgres_reading import LedgerReader
from services.ledger.proving import EntryProof, prove_from

_LARGEST = 10**15
# Pages may not read when erasures are due, nor which feeds there are.
_NOT_OURS = {ERASURE_WAITS, FEEDS}
_BY_ONE_ID = tuple(t for t in BOUND if len(t.key) == 1 and t not in _NOT_OURS)


class NotProved(LabelledCode):
    """Why there is no proof."""

    UNKNOWN = "unknown", "No entry and no row has this number"
    WAITS = "waits", "It is not in a signed checkpoint yet: try again in a minute"
    NOT_BOUND = "not-bound", "The row is bound to no entry: this is off"
    BROKEN = "broken", "The ledger does not prove what it holds: this is off"


@dataclass(frozen=True, slots=True)
class ProofAnswer:
    """A proof, of which row if it was asked for by one, and the entry that it proves."""

    entered: UUID
    proof: EntryProof | NotProved
    table: str | None = None
    entry: LedgerEntry | None = None


def is_name_of_entry(typed: str) -> bool:
    """Whether something typed can be an entry's number or id, or the opaque id of a row."""
    return _number(typed) is not None or _uuid(typed) is not None or _is_opaque(typed)


def proof_of(typed: str, auditing: Auditing, key: VerifierKey) -> ProofAnswer | NotForThem:
    """Prove an entry by its number or id; or a row by its id, as it was bound last."""
    named = tuple(one for one in (typed,) if _is_opaque(one))
    entered = auditing.enter(AuditAsked(AuditQuestion.INTEGRITY, named=named))
    if isinstance(entered, NotForThem):
        return entered
    reader = LedgerReader(auditing.work.connection)
    table, place = None, _place(typed, reader)
    if place is None and _is_opaque(typed):
        table, bound_by = _row(typed, auditing)
        if table is not None and bound_by is None:
            return ProofAnswer(entered, NotProved.NOT_BOUND, table)
        place = None if bound_by is None else reader.index_of(bound_by)
        if place is None and bound_by is not None:
            return ProofAnswer(entered, NotProved.WAITS, table)
    if place is None:
        waits = _uuid(typed) is not None and auditing.entries.by_id(_uuid(typed)) is not None
        return ProofAnswer(entered, NotProved.WAITS if waits else NotProved.UNKNOWN)
    return _proved(entered, place, reader, key, table)


def _proved(
    entered: UUID, place: int, reader: LedgerReader, key: VerifierKey, table: str | None
) -> ProofAnswer:
    signed = reader.signed_checkpoint()
    if signed is None or place >= signed.size:
        waits = place < reader.size()
        return ProofAnswer(entered, NotProved.WAITS if waits else NotProved.UNKNOWN, table)
    try:
        proof = prove_from(reader, place, signed, [key])
        return ProofAnswer(entered, proof, table, read_entry(proof.proof.extra or b""))
    except ConsentError:
        return ProofAnswer(entered, NotProved.BROKEN, table)


def _place(typed: str, reader: LedgerReader) -> int | None:
    number, entry_id = _number(typed), _uuid(typed)
    if number is not None:
        return number
    return None if entry_id is None else reader.index_of(entry_id)


def _row(typed: str, auditing: Auditing) -> tuple[str | None, UUID | None]:
    """The table in which a row has this id, and the entry that bound its last state."""
    for table in _BY_ONE_ID:
        statement = text(
            f"SELECT bound_by FROM {table.name} WHERE {table.key[0]} = :id "  # noqa: S608 own names
            f"ORDER BY {table.state} DESC LIMIT 1"
        )
        row = auditing.work.connection.execute(statement, {"id": typed}).one_or_none()
        if row is not None:
            return table.code, row.bound_by
    return None, None


def _number(typed: str) -> int | None:
    plain = typed.replace(",", "")
    is_number = plain.isascii() and plain.isdigit() and len(plain) < len(str(_LARGEST))
    return int(plain) if is_number else None


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def _is_opaque(typed: str) -> bool:
    return re.fullmatch(OPAQUE_ID, typed) is not None
