"""Reviews and two persons side by side, as JSON documents and as text."""

from collections.abc import Sequence
from typing import Any

from services.linking.comparing import Level
from services.linking.ports import Review
from services.linking.side_by_side import FieldLine, SideBySide

_NOT_KNOWN = "–"
_COLUMN = 28


def review_document(review: Review) -> dict[str, Any]:
    """A review: ids, a score, what was answered."""
    return {
        "review": review.id,
        "persons": [review.one, review.other],
        "bits": round(review.bits, 1),
        "weights": review.weights,
        "state": review.state.value,
        "opened_at": review.opened_at.isoformat(),
        "asked_at": review.asked_at.isoformat() if review.asked_at else None,
        "answered_at": review.answered_at.isoformat() if review.answered_at else None,
        "answered_by": review.answered_by,
    }


def list_text(reviews: Sequence[Review]) -> str:
    """A line a review."""
    lines = [f"{r.id} {r.state.value} {r.bits:+.1f} bits {r.one} {r.other}" for r in reviews]
    return "\n".join(lines) or "Nobody is asked about."


def answer_document(review: Review) -> dict[str, Any]:
    """What was answered."""
    return {"review": review.id, "state": review.state.value}


def answer_text(review: Review) -> str:
    """The same in a sentence."""
    return f"{review.state.label}: {review.one} and {review.other}"


def side_document(shown: SideBySide) -> dict[str, Any]:
    """Two persons side by side."""
    return {
        "review": shown.review.id if shown.review else None,
        "persons": [shown.one, shown.other],
        "sources": [shown.one_source.value, shown.other_source.value],
        "band": shown.band.value,
        "bits": round(shown.bits, 1),
        "fields": [
            {
                "field": line.field.value,
                "one": line.one,
                "other": line.other,
                "level": line.level.value,
                "bits": round(line.bits, 1),
            }
            for line in shown.lines
        ],
        "objections": [{"code": o.value, "text": o.label} for o in shown.objections],
    }


def side_text(shown: SideBySide) -> str:
    """The same as a table."""
    head = _row("", f"{shown.one_source.label}", f"{shown.other_source.label}", "")
    lines = [_row(line.field.label, line.one, line.other, _agreement(line)) for line in shown.lines]
    objections = [f"! {objection.label}" for objection in shown.objections]
    total = f"{shown.bits:+.1f} bits. {shown.band.label}"
    return "\n".join((head, *lines, *objections, total))


def _agreement(line: FieldLine) -> str:
    if line.level is Level.NOT_KNOWN:
        return line.level.label
    return f"{line.level.label} ({line.bits:+.1f})"


def _row(*cells: str | None) -> str:
    return "  ".join((cell or _NOT_KNOWN).ljust(_COLUMN) for cell in cells).rstrip()
