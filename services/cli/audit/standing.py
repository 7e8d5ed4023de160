"""`tell-once audit integrity` and `audit figures`: whether all is whole; how much, by agency."""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from connectors.health_visiting.clinical.timeliness import MandatedReview
from consent.errors import DecisionInvalidError
from services.audit.asked import Auditor
from services.audit.figures.measures import Measure, month_from_text
from services.audit.figures.postgres_figures import (
    OF_AUDITORS,
    OF_MANAGERS,
    FiguresAnswer,
    HowFast,
    figures,
)
from services.audit.figures.reviews import NewBirthVisits, ReviewOutcome, ReviewsOfMonth
from services.audit.figures.suppression import Shown
from services.audit.figures.tables import ByAnswer, ByTime
from services.audit.figures.timings import Lasted
from services.audit.integrity.postgres_looking import Integrity, IntegrityAnswer, integrity_asked
from services.audit.integrity.standing import Stands
from services.audit.postgres_answers import Auditing
from services.bootstrap import DatabaseRole, opened
from services.cli.audit.asking import Verbs, add_verb, asked, tell, text_of
from services.cli.officers import officer_of
from services.cli.output import CANNOT_BE_TOLD, FAILED, settings_from
from services.work import unit_of_work

_INTEGRITY = """\
Whether everything is as it was written: checkpoint, witnesses, rows, backups, keys, alarms

Nothing is verified: what the last `tell-once ledger verify` found is told, and when it ran. Exit 0
when all is known and whole, 1 when anything is off, 5 when something is not known.

  tell-once audit integrity --json
"""
_FIGURES = """\
Looks, refusals and emergencies by agency; what families decided; how fast a no works

Counts from 1 to 4 are hidden, and others by which they could be worked out. With --of-services what
service managers see: reviews on time and days from birth to the new birth visit are among it.

  tell-once audit figures --month 2026-11 --json
"""
_EXIT = {Stands.WHOLE: 0, Stands.OFF: FAILED, Stands.UNKNOWN: CANNOT_BE_TOLD}
_HIDDEN = "hidden"


def add_integrity(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Add `audit integrity`."""
    add_verb(verbs, common, "integrity", _integrity, _INTEGRITY)


def add_figures(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Add `audit figures`."""
    parser = add_verb(verbs, common, "figures", _figures, _FIGURES)
    parser.add_argument("--month", metavar="YYYY-MM", help="the newest that is over, unless typed")
    parser.add_argument("--of-services", action="store_true", help="what service managers see")


def _integrity(args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application, officer_of(args, application) as officer:
        by = Auditor(officer.actor, officer.role)
        with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
            answer = integrity_asked(Auditing(work, by), application.watched)
    code = tell(args, answer, _integrity_document, _integrity_in_lines)
    return _EXIT[answer.integrity.stands] if isinstance(answer, IntegrityAnswer) else code


def _integrity_document(answer: IntegrityAnswer) -> dict[str, Any]:
    found = answer.integrity
    return {
        "entered": str(answer.entered),
        "at": text_of(found.at),
        "stands": found.stands.value,
        "parts": [
            {
                "part": one.part.value,
                "stands": one.stands.value,
                "because": one.because,
                "number": one.number,
                "at": text_of(one.at),
            }
            for one in found.findings
        ],
        "checkpoint": {
            "size": found.ledger.size,
            "root": found.ledger.root.hex(),
            "signed_at": text_of(found.ledger.signed_at),
            "waiting": found.ledger.waiting,
        },
        "witnesses": [
            {"name": one.name, "size": one.size, "at": text_of(one.at), "one_tree": one.is_one_tree}
            for one in found.witnesses
        ],
        "last_pass": _pass_document(found),
        "looked_at": text_of(found.looked_at),
    }


def _pass_document(found: Integrity) -> dict[str, Any] | None:
    last = found.last_pass
    if last is None:
        return None
    return {
        "begun_at": text_of(last.begun_at),
        "ended_at": text_of(last.ended_at),
        "entries": last.entries,
        "rows": last.rows,
        "faults": last.faults,
        "first_faults": list(last.first_faults),
        "by": last.said_by,
    }


def _integrity_in_lines(answer: IntegrityAnswer) -> str:
    found = answer.integrity
    lines = [f"{one.part.label}: {one.stands.label} ({one.because})" for one in found.findings]
    return "\n".join([f"{found.stands.label}.", *lines])


def _figures(args: argparse.Namespace) -> int:
    try:
        month = None if args.month is None else month_from_text(args.month)
    except ValueError:
        raise DecisionInvalidError("month", "is-no-month") from None
    measures = OF_MANAGERS if args.of_services else OF_AUDITORS
    answer = asked(args, lambda auditing: figures(auditing, month=month, measures=measures))
    return tell(args, answer, _figures_document, _figures_in_lines)


def _figures_document(answer: FiguresAnswer) -> dict[str, Any]:
    return {
        "entered": str(answer.entered),
        "counted_until": text_of(answer.until),
        "month": None if answer.month is None else answer.month.isoformat(),
        "by_time": {one.measure.value: _by_time(one) for one in answer.by_time},
        "decisions": None if answer.decisions is None else _by_answer(answer.decisions),
        "how_fast": None if answer.how_fast is None else _how_fast(answer.how_fast),
        "reviews": None if answer.reviews is None else [_reviews(one) for one in answer.reviews],
    }


def _by_time(of: ByTime) -> dict[str, Any]:
    rows = zip(of.times, of.rows, strict=True)
    return {
        "unit": of.measure.unit.value,
        "meaning": of.measure.meaning,
        "rows": [
            {
                "from": first.isoformat(),
                **{a: _shown(c) for a, c in zip(of.agencies, row.counts, strict=True)},
                "all": _shown(row.total),
            }
            for first, row in rows
        ],
    }


def _by_answer(of: ByAnswer) -> list[dict[str, Any]]:
    named = zip((*of.agencies, "all"), (*of.table.rows, of.table.totals), strict=True)
    return [
        {
            "agency": name,
            **{a.value: _shown(c) for a, c in zip(of.answers, row.counts, strict=False)},
            "all": _shown(row.total),
        }
        for name, row in named
    ]


def _how_fast(of: HowFast) -> dict[str, Any]:
    return {"to_refusal": _lasted(of.to_refusal), "to_purge": _lasted(of.to_purge)}


def _reviews(of: ReviewsOfMonth) -> dict[str, Any]:
    lines = zip((*MandatedReview, "all"), (*of.table.rows, of.table.totals), strict=True)
    return {
        "month": of.month.isoformat(),
        "counted_at": text_of(of.counted_at),
        "by_kind": {
            str(kind): {
                **{out.value: _shown(c) for out, c in zip(ReviewOutcome, row.counts, strict=True)},
                "all": _shown(row.total),
            }
            for kind, row in lines
        },
        "new_birth": {"visits": _shown(of.new_birth.visits), "median_days": _median(of.new_birth)},
    }


def _median(of: NewBirthVisits) -> int | str | None:
    return None if of.visits == 0 else _shown(of.median)


def _lasted(of: Lasted | None) -> dict[str, float | None] | str:
    if of is None:
        return _HIDDEN
    named = {"median": of.median, "p95": of.often, "worst": of.worst}
    return {
        f"{name}_seconds": None if time is None else time.total_seconds()
        for name, time in named.items()
    }


def _shown(count: Shown) -> int | str:
    return _HIDDEN if count is None else count


def _figures_in_lines(answer: FiguresAnswer) -> str:
    lines = []
    for of in answer.by_time:
        lines.append(f"{of.measure.label}: {', '.join(of.agencies) or 'none'}; all")
        for first, row in zip(of.times, of.rows, strict=True):
            counts = "  ".join(str(_shown(count)) for count in (*row.counts, row.total))
            lines.append(f"  {first}  {counts}")
    return "\n".join([*lines, *_reviews_in_lines(answer.reviews or ())])


def _reviews_in_lines(reviews: Sequence[ReviewsOfMonth]) -> Iterator[str]:
    if not reviews:
        return
    newest = reviews[-1]
    outcomes = ", ".join(one.label.lower() for one in ReviewOutcome)
    yield f"{Measure.REVIEWS.label}, {newest.month}: {outcomes}; all"
    for kind, row in zip(MandatedReview, newest.table.rows, strict=True):
        counts = "  ".join(str(_shown(count)) for count in (*row.counts, row.total))
        yield f"  {kind.label}  {counts}"
    yield f"{Measure.NEW_BIRTH.label}: visits, half of them within so many days"
    for one in reviews:
        yield f"  {one.month}  {_shown(one.new_birth.visits)}  {_median(one.new_birth)}"
