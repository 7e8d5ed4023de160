"""`tell-once audit decisions|decision|timings`: what to look at, one whole life, how a no works."""

import argparse
from datetime import timedelta
from typing import Any

from consent.errors import DecisionInvalidError
from schemas.identifiers import DecisionId
from services.audit.asked import NotForThem
from services.audit.decisions.marks import DecisionMark
from services.audit.decisions.postgres_lives import DecisionLife, life_of
from services.audit.decisions.postgres_marks import (
    DecisionsAnswer,
    MarkedDecision,
    MarkedDecisions,
    MarkPlace,
)
from services.audit.figures.postgres_timings import TimingsAnswer, timings_in
from services.audit.figures.timings import Lasted
from services.audit.looks import worker_of
from services.audit.postgres_answers import Auditing, place_from_text
from services.cli.audit.asking import (
    Verbs,
    add_period,
    add_verb,
    asked,
    most_of,
    period_of,
    tell,
    text_of,
)
from services.cli.audit.looks import worker_document

_DECISIONS = """
Decisions that want looking at, by mark.

  tell-once audit decisions no-notice
  tell-once audit decisions ends --within 30 --json
"""
_DECISION = """
One decision with its whole life: states, what it let through, what followed when it ended.

  tell-once audit decision DECISION_ID --json

The place of each entry is told: `tell-once ledger prove PLACE` prints its proof.
"""
_TIMINGS = """
How long from a withdrawal to the first refused look, and to the purge: median, 95 in 100, worst.

  tell-once audit timings --from 2026-11-01 --to 2026-11-30 --json

Exits 1 where a look still rested on what had been withdrawn.
"""
_CODES = "\n".join(f"  {mark.value.ljust(18)}{mark.label}" for mark in DecisionMark)


def add_decisions(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Add `audit decisions`."""
    parser = add_verb(verbs, common, "decisions", _decisions, f"{_DECISIONS}\n{_CODES}\n")
    parser.add_argument("mark", choices=[mark.value for mark in DecisionMark])
    parser.add_argument("--within", type=int, default=30, metavar="DAYS", help="of what is to come")
    parser.add_argument("--after", metavar="PLACE", help="`next` of the page before")
    parser.add_argument("--most", type=int, default=50)


def add_decision(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Add `audit decision`."""
    parser = add_verb(verbs, common, "decision", _decision, _DECISION)
    parser.add_argument("decision", metavar="DECISION")


def add_timings(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Add `audit timings`."""
    add_period(add_verb(verbs, common, "timings", _timings, _TIMINGS), days=28)


def _decisions(args: argparse.Namespace) -> int:
    mark = DecisionMark(args.mark)

    def ask(auditing: Auditing) -> DecisionsAnswer | NotForThem:
        return MarkedDecisions(auditing).of(
            mark,
            after=None if args.after is None else _place(args.after),
            within=timedelta(days=args.within),
            most=most_of(args),
        )

    return tell(args, asked(args, ask), _decisions_document, _decisions_in_lines)


def _place(typed: str) -> MarkPlace:
    at, tilde, decision = typed.partition("~")
    place = place_from_text(f"{at}{tilde}0")
    return MarkPlace(place.at, decision)


def _decision(args: argparse.Namespace) -> int:
    answer = asked(args, lambda auditing: life_of(DecisionId(args.decision), auditing))
    if answer is None:
        raise DecisionInvalidError("decision", "is-not-known")
    return tell(args, answer, _life_document, _life_in_lines)


def _timings(args: argparse.Namespace) -> int:
    def ask(auditing: Auditing) -> TimingsAnswer | NotForThem:
        since, until = period_of(args, auditing.work.now)
        return timings_in(since, until, auditing)

    answer = asked(args, ask)
    code = tell(args, answer, _timings_document, _timings_in_lines)
    is_broken = isinstance(answer, TimingsAnswer) and answer.timings.still_let_through
    return 1 if is_broken else code


# As documents and as lines.


def _marked_document(one: MarkedDecision) -> dict[str, Any]:
    decision = one.decision
    told = decision.circumstances
    return {
        "decision": decision.id,
        "persons": sorted(decision.subjects),
        "response": decision.response.value,
        "basis": decision.basis.value,
        "categories": sorted(decision.categories),
        "purposes": sorted(decision.purposes),
        "recipients": sorted(decision.recipients),
        "state": one.state.value,
        "decided_by": decision.decided_by.kind.value,
        "decided_at": text_of(decision.decided_at),
        "recorded_at": text_of(decision.known_at),
        "recorded_by": told.recorded_by,
        "confirmed_at": text_of(decision.confirmed_at),
        "notice_version": told.notice_version,
        "channel": None if told.channel is None else told.channel.value,
        "until": text_of(decision.until),
        "version": decision.version,
        "marks": list(one.marks),
        "seal_holds": one.holds,
    }


def _decisions_document(answer: DecisionsAnswer) -> dict[str, Any]:
    after = answer.next
    return {
        "entered": str(answer.entered),
        "mark": answer.mark.value,
        "decisions": [
            _marked_document(one)
            | {
                "recorder": None
                if (by := one.decision.circumstances.recorded_by) is None
                else worker_document(worker_of(by, answer.workers))
            }
            for one in answer.found
        ],
        "next": None if after is None else f"{after.at.isoformat()}~{after.decision}",
    }


def _decisions_in_lines(answer: DecisionsAnswer) -> str:
    lines = [
        f"{one.decision.id}  {one.decision.response.value}  {one.state.label}  "
        f"{one.decision.basis.value}  "
        f"{'no end' if one.decision.until is None else f'until {one.decision.until:%Y-%m-%d}'}  "
        f"{', '.join(one.marks)}"
        for one in answer.found
    ]
    more = ["There are more: see `next` with --json"] if answer.next else []
    return "\n".join([*(lines or [f"None: {answer.mark.label.lower()}"]), *more])


def _life_document(life: DecisionLife) -> dict[str, Any]:
    return {
        "entered": str(life.entered),
        **_marked_document(MarkedDecision(life.decision, life.state, (), life.versions[-1].holds)),
        "states": [
            {
                "version": one.version,
                "recorded_at": text_of(one.recorded_at),
                "state": one.state.value,
                "seal_holds": one.holds,
            }
            for one in life.versions
        ],
        "events": [
            {
                "entry": str(one.entry),
                "at": text_of(one.at),
                "event": one.event.value,
                "by": worker_document(worker_of(one.actor, life.workers)),
                "place": one.place,
            }
            for one in life.events
        ],
        "let_through": [
            {
                "agency": one.agency,
                "looks": one.looks,
                "workers": one.workers,
                "last": text_of(one.last),
                "refused_since": one.refused_since,
            }
            for one in life.let_through
        ],
        "ended_at": text_of(life.ended_at),
        "first_refused_at": text_of(life.first_refused_at),
        "purged_at": text_of(life.purged_at),
        "is_cut": life.is_cut,
    }


def _life_in_lines(life: DecisionLife) -> str:
    return "\n".join(
        [
            f"Decision {life.decision.id}: {life.state.label}",
            *(f"{e.at:%Y-%m-%d %H:%M:%S} UTC  {e.event.value}  {e.actor}" for e in life.events),
            *(f"{o.agency}: {o.looks} looks, {o.refused_since} refused" for o in life.let_through),
        ]
    )


def _timings_document(answer: TimingsAnswer) -> dict[str, Any]:
    told = answer.timings
    return {
        "entered": str(answer.entered),
        "withdrawals": told.withdrawals,
        "to_refusal": _lasted(told.to_refusal),
        "to_purge": _lasted(told.to_purge),
        "untested": told.untested,
        "unpurged": told.unpurged,
        "still_let_through": list(told.still_let_through),
        "slowest": [
            {"decision": w.decision, "at": text_of(w.at), "purged_at": text_of(w.purged_at)}
            for w in told.slowest
        ],
        "is_cut": answer.is_cut,
    }


def _lasted(lasted: Lasted) -> dict[str, Any]:
    named = {"median": lasted.median, "often": lasted.often, "worst": lasted.worst}
    seconds = {n: None if t is None else t.total_seconds() for n, t in named.items()}
    return {
        "number": lasted.number,
        "median_seconds": seconds["median"],
        "p95_seconds": seconds["often"],
        "worst_seconds": seconds["worst"],
    }


def _timings_in_lines(answer: TimingsAnswer) -> str:
    told = answer.timings
    lines = [
        f"{told.withdrawals} withdrawals; {told.untested} not looked at since",
        _lasted_in_line("to the first refused look", told.to_refusal),
        _lasted_in_line("to the purge", told.to_purge),
    ]
    if told.still_let_through:
        lines.append(f"Still let through: {', '.join(told.still_let_through)}")
    return "\n".join(lines)


def _lasted_in_line(what: str, lasted: Lasted) -> str:
    if lasted.median is None or lasted.often is None or lasted.worst is None:
        return f"{what}: none"
    return (
        f"{what}: half within {lasted.median.total_seconds():.2f} s, "
        f"95 in 100 within {lasted.often.total_seconds():.2f} s, "
        f"worst {lasted.worst.total_seconds():.2f} s, of {lasted.number}"
    )
