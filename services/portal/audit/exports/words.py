"""Exports in words: what was taken away, by whom, why, and how far it came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.audit.exports.exporting import ListedExport
from services.audit.looks import AuditedWorker
from services.portal.audit.words import FamilyLink, WorkerLine, family_links, worker_line
from services.portal.words.cards import Tag
from services.portal.words.dates import moment_in_words

_GONE = "Cannot be read any more: the key of whom it is about is destroyed"


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One export, as the list has it."""

    id: str
    format: str
    because: str
    words: str
    worker: WorkerLine
    begun: str
    tag: Tag
    rows: str
    families: tuple[FamilyLink, ...]
    chosen: str
    sha256: str
    entry: str


def export_lines(
    found: Sequence[ListedExport], workers: Mapping[str, AuditedWorker], now: datetime
) -> list[ExportLine]:
    """Write the exports of a page."""
    return [_line(one, workers, now) for one in found]


def _line(one: ListedExport, workers: Mapping[str, AuditedWorker], now: datetime) -> ExportLine:
    kept = one.kept
    return ExportLine(
        kept.id,
        kept.format.label,
        kept.because.label,
        one.words if one.words is not None else _GONE,
        worker_line(kept.asked_by, workers),
        moment_in_words(kept.begun_at),
        state_tag(one, now),
        _rows(one, now),
        family_links(_all(kept.chosen, "subjects")),
        _chosen(kept.chosen),
        kept.sha256 or "",
        str(kept.entry_id),
    )


def state_tag(one: ListedExport, now: datetime) -> Tag:
    """Whether all of it left, it goes on, or it broke off."""
    if one.kept.is_finished:
        return Tag("All of it left", "green")
    if one.kept.broken_off is not None:
        return Tag("Broke off", "red")
    return Tag("Going on", "blue") if one.goes_on(now) else Tag("No end: stopped", "red")


def _rows(one: ListedExport, now: datetime) -> str:
    kept = one.kept
    if kept.rows is not None:
        return f"{kept.rows:,}"
    if kept.so_far is None:
        return "0 so far" if one.goes_on(now) else "Not known"
    return f"{kept.so_far:,} so far" if one.goes_on(now) else f"At least {kept.so_far:,}"


def _chosen(chosen: Mapping[str, object]) -> str:
    """Of what time and how many sorts of event, in codes."""
    since, until = (" ".join(_all(chosen, name)) or "any" for name in ("since", "until"))
    events = _all(chosen, "events")
    sorts = f"{len(events)} sorts of event" if events else "all events"
    agency = ", of one agency" if _all(chosen, "agency") else ""
    by = f", {len(_all(chosen, 'by'))} workers" if _all(chosen, "by") else ""
    return f"From {since} to {until}, {sorts}{agency}{by}"


def _all(chosen: Mapping[str, object], name: str) -> list[str]:
    found = chosen.get(name)
    return [str(one) for one in found] if isinstance(found, list) else []
