"""Exports: entered before the first byte, read from one moment of the ledger, entered at their end.

Three transactions, for a command and for a page alike:

(1) `begin_export` commits the entry `audit-export:begun` (who, why, what was chosen) and its row.
    A page calls it before it answers; whoever is refused is entered too, and gets no export.
(2) `stream_export` reads in one REPEATABLE READ transaction that writes nothing, through a cursor:
    memory is that of a few thousand entries, however many there are. Signing goes on meanwhile.
(3) Its last bytes are given out after `audit-export:finished` (how many, and the hash of all) is
    committed. Who stops before that leaves `audit-export:broken_off`; who is killed leaves an
    export without an end, which the list of exports shows as such.

A page hands the iterator to its answer as it is: the framework closes it when the reader goes away.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol, assert_never
from uuid import UUID

from consent.ledger import FieldValue, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.transparency.checkpoint import LedgerSigner
from schemas.identifiers import PersonId
from services.audit.asked import Auditor
from services.audit.exports.chosen import (
    MOST_IN_A_CASE,
    MOST_WORDS,
    Chosen,
    ExportRefused,
    Format,
    OrderExport,
    times_text,
)
from services.audit.exports.fhir_events import AuditEvents
from services.audit.exports.postgres_case import CaseAbout, case_members
from services.audit.exports.postgres_entries import (
    EntryRow,
    bounds_of,
    by_index,
    chosen_entries,
    has_more_than,
    one_moment,
)
from services.audit.exports.postgres_exports import ExportPlace, KeptExport, PostgresExports
from services.audit.exports.rows import csv_lines, json_lines
from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.sealing import JweSealer, open_at_rest, seal_at_rest
from services.platform.keys.vault import SecretName
from services.work import Outside, UnitOfWork, unit_of_work

STOPPED, FAILED = "stopped", "failed"
_MOST_PERSONS = 1000
_PROGRESS_EVERY = timedelta(seconds=2)
_GOES_ON = timedelta(minutes=2)


class Signing(Protocol):
    """What signs a case."""

    @property
    def ledger_signer(self) -> LedgerSigner:
        """The ledger's own key."""


@dataclass(frozen=True, slots=True)
class BegunExport:
    """An export that is in the ledger; `about` is what was entered of it."""

    id: str
    entry_id: UUID
    format: Format
    chosen: Chosen
    about: CaseAbout


@dataclass(frozen=True, slots=True)
class Sent:
    """How much has left: of how many entries, and by which hash all of it is known."""

    rows: int = 0
    sha256: str = ""


# (1) What is entered before anything leaves.


def begin_export(
    order: OrderExport, *, by: Auditor, outside: Outside
) -> BegunExport | ExportRefused:
    """Enter an export, committed when this returns; or enter why there is none."""
    refused = _why_not(order, by)
    if refused is None and order.format is Format.CASE:
        with one_moment(outside.engine) as connection:
            if has_more_than(connection, _complete(order.chosen, outside), MOST_IN_A_CASE):
                refused = ExportRefused.TOO_MANY
    with unit_of_work(outside) as work:
        if refused is not None:
            return _refuse(refused, by, work, order.format)
        return _begin(order, by, work)


def _refuse(why: ExportRefused, by: Auditor, work: UnitOfWork, *formats: Format) -> ExportRefused:
    fields: dict[str, FieldValue] = {"format": list(formats), "because": why}
    event = LedgerEvent.AUDIT_EXPORT_REFUSED
    work.ledger.append([ledger_entry(event, fields, at=work.now, actor=by.actor)])
    return why


def _why_not(order: OrderExport, by: Auditor) -> ExportRefused | None:
    if not by.may_ask:
        return ExportRefused.NOT_THEIRS
    if not 0 < len(order.words.strip()) <= MOST_WORDS:
        return ExportRefused.NO_WORDS
    return None if order.chosen.is_in_order else ExportRefused.WRONG_TIMES


def _complete(chosen: Chosen, outside: Outside) -> Chosen:
    with unit_of_work(outside) as work:
        return _with_everybody(chosen, work)


def _with_everybody(chosen: Chosen, work: UnitOfWork) -> Chosen:
    """The same with all persons who are one with those chosen, and who was of the agency when."""
    persons = tuple(work.clusters.all_of(chosen.persons)) if chosen.persons else ()
    worked = chosen.worked
    if chosen.agency is not None:
        worked = PostgresExports(work.connection).worked_in(chosen.agency, work.memberships)
    return replace(chosen, persons=persons[:_MOST_PERSONS], worked=worked)


def _begin(order: OrderExport, by: Auditor, work: UnitOfWork) -> BegunExport:
    chosen, exports = _with_everybody(order.chosen, work), PostgresExports(work.connection)
    export = str(new_entry_id(work.now))
    holder = next((one for one in chosen.persons if exports.has_key(one)), None)
    words = _seal(order.words.strip(), export, holder, work)
    fields = _fields_of(chosen, work)
    entry = ledger_entry(
        LedgerEvent.AUDIT_EXPORT_BEGUN,
        {
            "export": export,
            "format": order.format,
            "because": order.because,
            "words": sha256(words).hexdigest(),
            **fields,
        },
        at=work.now,
        actor=by.actor,
    )
    work.ledger.append([entry])
    told: dict[str, Any] = dict(fields)
    because, actor = order.because, by.actor
    exports.begin(
        KeptExport(
            *(export, order.format, because, words, holder, told, actor, work.now),
            entry.entry_id,
        )
    )
    about = CaseAbout(export, work.now, because.value, actor, told)
    chosen = replace(chosen, but=entry.entry_id)
    return BegunExport(export, entry.entry_id, order.format, chosen, about)


def _fields_of(chosen: Chosen, work: UnitOfWork) -> dict[str, list[str]]:
    """What was chosen, as the ledger may hold it: an agency's code is a number."""
    agency = [] if chosen.agency is None else [work.hasher.opaque("agency", chosen.agency)]
    return {
        "since": times_text(chosen.since),
        "until": times_text(chosen.until),
        "subjects": sorted(chosen.persons),
        "by": sorted(chosen.practitioners),
        "agency": agency,
        "events": sorted(event.value for event in chosen.events),
    }


def _seal(words: str, export: str, holder: PersonId | None, work: UnitOfWork) -> bytes:
    """What was said may name whom it is about: their erasure ends it."""
    if holder is not None:
        return JweSealer(work.keys.data_key).seal(holder, words.encode())
    key = work.outside.vault.secret(SecretName.AUDIT_EXPORTS)
    return seal_at_rest(key, words.encode(), bound_to=export)


def words_of(kept: KeptExport, work: UnitOfWork) -> str | None:
    """What was said of an export; None once the key of whom it is about is destroyed."""
    try:
        if kept.words_of is not None:
            return JweSealer(work.keys.data_key).open(kept.words_of, kept.sealed_words).decode()
        key = work.outside.vault.secret(SecretName.AUDIT_EXPORTS)
        return open_at_rest(key, kept.sealed_words, bound_to=kept.id).decode()
    except (KeyDestroyedError, KeyUnusableError):
        return None


# (2) What leaves, and (3) its end.


def stream_export(
    begun: BegunExport,
    *,
    outside: Outside,
    signing: Signing,
    tell: Callable[[Sent], None] = lambda _: None,
    progress: Callable[[Sent], None] = lambda _: None,
) -> Iterator[bytes]:
    """Give the export piece by piece, and enter its end before the last; see the module.

    `progress` is told while it goes on. Raises LedgerUnavailableError; then what was given out is
    not whole.
    """
    digest, rows, held = sha256(), 0, b""
    try:
        for count, piece in _pieces(begun, outside, signing):
            if held:
                yield held
            digest.update(piece)
            rows, held = rows + count, piece
            tell(Sent(rows))
            progress(Sent(rows))
    except GeneratorExit:
        _end(begun, rows, outside, broken_off=STOPPED)
        raise
    except BaseException:
        _end(begun, rows, outside, broken_off=FAILED)
        raise
    _end(begun, rows, outside, whole=digest.hexdigest())
    tell(Sent(rows, digest.hexdigest()))
    yield held


def keeping_progress(export: str, outside: Outside) -> Callable[[Sent], None]:
    """Give what keeps how many rows have left, for the list of exports: every other second."""
    last = outside.clock.now()

    def keep(sent: Sent) -> None:
        nonlocal last
        now = outside.clock.now()
        if now - last >= _PROGRESS_EVERY:
            last = now
            with unit_of_work(outside) as work:
                PostgresExports(work.connection).progress(export, sent.rows, at=now)

    return keep


def _pieces(begun: BegunExport, outside: Outside, signing: Signing) -> Iterator[tuple[int, bytes]]:
    with one_moment(outside.engine) as connection:
        if begun.format is Format.CASE:
            signer = signing.ledger_signer
            yield from case_members(connection, begun.chosen, begun.about, signer)
            return
        bounds = bounds_of(connection, begun.chosen)
        entries: Iterator[EntryRow] = iter(())
        if bounds is not None:
            index = by_index(connection, begun.chosen)
            entries = chosen_entries(connection, begun.chosen, bounds, index)
        match begun.format:
            case Format.CSV:
                yield from csv_lines(entries)
            case Format.JSON_LINES:
                yield from json_lines(entries)
            case Format.FHIR:
                yield from AuditEvents(signing.ledger_signer.name).lines(entries)
            case _:
                assert_never(begun.format)


def _end(
    begun: BegunExport,
    rows: int,
    outside: Outside,
    *,
    whole: str | None = None,
    broken_off: str | None = None,
) -> None:
    told: dict[str, FieldValue] = {"export": begun.id, "rows": rows}
    if whole is not None:
        event, told = LedgerEvent.AUDIT_EXPORT_FINISHED, told | {"sha256": whole}
    else:
        event = LedgerEvent.AUDIT_EXPORT_BROKEN_OFF
        told |= {"because": broken_off or FAILED}
    with unit_of_work(outside) as work:
        entry = ledger_entry(event, told, at=work.now, actor=begun.about.asked_by)
        work.ledger.append([entry])
        exports = PostgresExports(work.connection)
        exports.end(begun.id, rows, at=work.now, sha256=whole, broken_off=broken_off)


# What was exported before.


@dataclass(frozen=True, slots=True)
class ListedExport:
    """One export as it is listed; `words` are None where a key was destroyed."""

    kept: KeptExport
    words: str | None

    def goes_on(self, now: datetime) -> bool:
        """Whether rows of it left within the last minutes, and it has no end yet."""
        last = self.kept.so_far_at or self.kept.begun_at
        return self.kept.ended_at is None and now - last < _GOES_ON

    @property
    def state(self) -> str:
        """Whether all of it left, it broke off, or nobody knows: killed, or under way."""
        if self.kept.is_finished:
            return "finished"
        return "no-end" if self.kept.broken_off is None else f"broken-off:{self.kept.broken_off}"


def list_exports(
    *, by: Auditor, outside: Outside, most: int, before: ExportPlace | None = None
) -> Sequence[ListedExport] | ExportRefused:
    """Exports, the newest first, a page at a time; that they were looked at is entered."""
    with unit_of_work(outside) as work:
        if not by.may_ask:
            return _refuse(ExportRefused.NOT_THEIRS, by, work)
        kept = PostgresExports(work.connection).newest(most=most, before=before)
        told: dict[str, FieldValue] = {"results": len(kept)}
        event = LedgerEvent.AUDIT_EXPORTS_LISTED
        work.ledger.append([ledger_entry(event, told, at=work.now, actor=by.actor)])
        return [ListedExport(each, words_of(each, work)) for each in kept]
