"""`decide`: the only place that says yes. The rules of DESIGN.md section 4, in their order."""

from collections.abc import Iterable, Sequence

from consent.decision import AccessRequest, Decision, Effect, OnRecord, Practitioner, Reason
from consent.lawfulness import Basis
from consent.model import Response, SharingDecision
from consent.standing import Cell, counts_at, has_expired, is_withdrawn, permits_now, words_about
from consent.viewers import Viewer, everyone_told_apart, viewer_of
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Purpose

POLICY_VERSION = "rules-2026-11-22"

_DUTIES = frozenset({Basis.LEGAL_OBLIGATION, Basis.VITAL_INTERESTS})


def decide(request: AccessRequest, on_record: OnRecord) -> Decision:
    """Say whether the recipient may have this record, and why.

    Takes the request and everything on record that may bear on it; gives a Decision, never
    raises for what is in them. Nothing recorded means no. The order of what is on record does
    not matter, and the same input gives the same answer for any past `at`. The shared profile is
    permitted what at least one practitioner with a relationship would be, and nothing else.
    """
    # (1) Nobody named, no time, or no purpose from a practitioner: nothing can permit it.
    if not request.subjects:
        return _answer(request, Effect.DENY, [Reason.NO_SUBJECT])
    if request.at.utcoffset() is None:
        return _answer(request, Effect.DENY, [Reason.UNREADABLE_REQUEST])
    if not isinstance(request.recipient, Practitioner):
        return _decide_for_anyone(request, _bearing_on(request, on_record))
    if request.purpose is None:
        return _answer(request, Effect.DENY, [Reason.UNREADABLE_REQUEST])
    viewer = viewer_of(request.recipient, request.purpose, request)
    return _decide_for(viewer, request, _bearing_on(request, on_record))


def _bearing_on(request: AccessRequest, on_record: OnRecord) -> OnRecord:
    """What had been said by then of one of the record's persons, and its category or labels."""
    subjects = frozenset(request.subjects)
    return OnRecord(
        tuple(
            d
            for d in on_record.decisions
            if counts_at(d, request.at)
            and request.category in d.categories
            and not subjects.isdisjoint(d.subjects)
        ),
        tuple(
            r
            for r in on_record.restrictions
            if r.subject in subjects and r.protects(request.labels, request.at)
        ),
    )


def _decide_for_anyone(request: AccessRequest, on_record: OnRecord) -> Decision:
    """The first yes; else every no, of which that nothing covers this tells least."""
    refusals: list[Decision] = []
    for viewer in everyone_told_apart(request, on_record):
        decision = _decide_for(viewer, request, on_record)
        if decision.is_permitted:
            return decision
        refusals.append(decision)
    reasons = {reason for refusal in refusals for reason in refusal.reasons}
    told = reasons - {Reason.NO_DECISION} or reasons
    return _answer(
        request, Effect.DENY, list(told), [id_ for r in refusals for id_ in r.decided_from]
    )


def _decide_for(viewer: Viewer, request: AccessRequest, on_record: OnRecord) -> Decision:
    if len(request.subjects) == 1:
        return _decide_about(request.subjects[0], viewer, request, on_record)
    # (8) A record about several persons needs a permit for each of them.
    verdicts = [_decide_about(s, viewer, request, on_record) for s in request.subjects]
    refusals = [verdict for verdict in verdicts if not verdict.is_permitted]
    counted = refusals or verdicts
    return _answer(
        request,
        Effect.DENY if refusals else Effect.PERMIT,
        [reason for verdict in counted for reason in verdict.reasons],
        [id_ for verdict in counted for id_ in verdict.decided_from],
        review=any(verdict.review for verdict in counted),
    )


def _decide_about(
    subject: PersonId, viewer: Viewer, request: AccessRequest, on_record: OnRecord
) -> Decision:
    # (2) A restriction stands above everything else.
    if any(r.subject == subject and viewer.id not in r.allowed for r in on_record.restrictions):
        return _answer(request, Effect.DENY, [Reason.RESTRICTED])
    # (3) Without a legitimate relationship nothing is shown, whatever was agreed.
    if not viewer.has_relationship:
        return _answer(request, Effect.DENY, [Reason.NO_RELATIONSHIP])
    cell = Cell(
        subject,
        request.category,
        request.source,
        viewer.names,
        viewer.purpose,
        request.mode,
        request.at,
    )
    # (4) A recorded duty goes over a refusal, is shown as such and reviewed.
    is_safeguarding = viewer.purpose is Purpose.SAFEGUARDING
    duty = _duty_that_covers(cell, on_record.decisions) if is_safeguarding else None
    if duty is not None:
        return _answer(request, Effect.PERMIT, [Reason.DUTY], [duty.id], review=True)
    return _by_words(cell, request, on_record.decisions)


def _by_words(cell: Cell, request: AccessRequest, decisions: Sequence[SharingDecision]) -> Decision:
    words = words_about(cell, decisions)
    # (5) Any refusal, withdrawal or objection in force denies; (6) is in words_about.
    refusals = [word for word in words if not word.permits]
    # (7) A permit in force, against which nobody speaks, permits.
    counted = refusals or words
    if counted:
        effect = Effect.DENY if refusals else Effect.PERMIT
        return _answer(request, effect, [w.reason for w in counted], [w.decision for w in counted])
    # (9) Anything else is no.
    return _answer(request, Effect.DENY, [_why_nothing_permits(cell, decisions)])


def _duty_that_covers(cell: Cell, decisions: Iterable[SharingDecision]) -> SharingDecision | None:
    covering = [d for d in decisions if d.basis in _DUTIES and permits_now(d, cell)]
    return min(covering, key=lambda d: d.id, default=None)


def _why_nothing_permits(cell: Cell, decisions: Iterable[SharingDecision]) -> Reason:
    about = [d for d in decisions if cell.subject in d.subjects and counts_at(d, cell.at)]
    if any(d.response is Response.GIVEN and has_expired(d, cell.at) for d in about):
        return Reason.EXPIRED
    if any(d.response is Response.NOT_ASKED and not is_withdrawn(d, cell.at) for d in about):
        return Reason.NOT_ASKED
    return Reason.NO_DECISION


def _answer(
    request: AccessRequest,
    effect: Effect,
    reasons: Iterable[Reason],
    decided_from: Iterable[DecisionId] = (),
    *,
    review: bool = False,
) -> Decision:
    return Decision(
        effect,
        request.mode,
        tuple(sorted(set(reasons))),
        POLICY_VERSION,
        tuple(sorted(set(decided_from))),
        review,
    )
