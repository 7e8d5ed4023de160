"""`decide`: the only place that says yes. The rules of DESIGN.md section 4, in their order."""

from collections.abc import Iterable, Iterator

from consent.decision import (
    AccessRequest,
    Decision,
    Effect,
    OnRecord,
    Practitioner,
    Reason,
    SharedProfile,
)
from consent.model import Basis, Response, Restriction, RestrictionScope, SharingDecision
from consent.standing import Cell, Word, counts_at, has_expired, is_withdrawn, words_about
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Label, Purpose

POLICY_VERSION = "rules-2026-11-22"

_DUTIES = frozenset({Basis.LEGAL_OBLIGATION, Basis.VITAL_INTERESTS})
_LOCATIONS = frozenset({Label.LOCATION, Label.PROTECTED_LOCATION})


def decide(request: AccessRequest, on_record: OnRecord) -> Decision:
    """Say whether the recipient may have this record, and why.

    Takes the request and everything on record that may bear on it; gives a Decision, never
    raises for what is in them. Nothing recorded means no. The order of what is on record does
    not matter, and the same input gives the same answer for any past `at`.
    """
    # (1) Nobody named, or no purpose from a practitioner: nothing can permit it.
    if not request.subjects:
        return _answer(request, Effect.DENY, [Reason.NO_SUBJECT])
    if request.purpose is None and isinstance(request.recipient, Practitioner):
        return _answer(request, Effect.DENY, [Reason.UNREADABLE_REQUEST])
    # (8) A record about several persons needs a permit for each of them.
    verdicts = [_decide_about(subject, request, on_record) for subject in request.subjects]
    return _all_of(request, verdicts)


def _decide_about(subject: PersonId, request: AccessRequest, on_record: OnRecord) -> Decision:
    # (2) A restriction stands above everything else.
    if _is_restricted(subject, request, on_record.restrictions):
        return _answer(request, Effect.DENY, [Reason.RESTRICTED])
    # (3) Without a legitimate relationship nothing is shown, whatever was agreed.
    if not _has_relationship(request):
        return _answer(request, Effect.DENY, [Reason.NO_RELATIONSHIP])
    decisions = [d for d in on_record.decisions if subject in d.subjects]
    # (4) A recorded duty goes over a refusal, is shown as such and reviewed.
    duty = _duty_that_covers(subject, request, decisions)
    if duty is not None:
        return _answer(request, Effect.PERMIT, [Reason.DUTY], [duty.id], review=True)
    return _by_words(subject, request, decisions)


def _by_words(
    subject: PersonId, request: AccessRequest, decisions: list[SharingDecision]
) -> Decision:
    denied: list[Word] = []
    for cell in _cells(subject, request, decisions):
        words = words_about(cell, decisions)
        # (5) Any refusal, withdrawal or objection in force denies; (6) is in words_about.
        refusals = [word for word in words if not word.permits]
        denied.extend(refusals)
        # (7) A permit in force, against which nobody speaks, permits.
        if words and not refusals:
            return _answer(
                request,
                Effect.PERMIT,
                [word.reason for word in words],
                [word.decision for word in words],
            )
    if denied:
        return _answer(
            request, Effect.DENY, [w.reason for w in denied], [w.decision for w in denied]
        )
    # (9) Anything else is no.
    return _answer(request, Effect.DENY, [_why_nothing_permits(request, decisions)])


def _is_restricted(
    subject: PersonId, request: AccessRequest, restrictions: Iterable[Restriction]
) -> bool:
    in_force = [
        r
        for r in restrictions
        if r.subject == subject and r.is_in_force(request.at) and _protects(r, request)
    ]
    if isinstance(request.recipient, SharedProfile):
        return any(not r.allowed for r in in_force)
    return any(request.recipient.id not in r.allowed for r in in_force)


def _protects(restriction: Restriction, request: AccessRequest) -> bool:
    return restriction.scope is RestrictionScope.PERSON or not _LOCATIONS.isdisjoint(request.labels)


def _has_relationship(request: AccessRequest) -> bool:
    """With any of the record's persons: a child is opened and the family read outward."""
    recipient = request.recipient
    if isinstance(recipient, SharedProfile):
        return True
    return any(r.is_in_force(request.at) for r in recipient.relationships)


def _duty_that_covers(
    subject: PersonId, request: AccessRequest, decisions: list[SharingDecision]
) -> SharingDecision | None:
    if request.purpose not in {None, Purpose.SAFEGUARDING}:
        return None
    duties = [d for d in decisions if d.basis in _DUTIES and d.response is Response.GIVEN]
    covering = [
        duty
        for duty in duties
        for cell in _cells(subject, request, [duty])
        if cell.purpose is Purpose.SAFEGUARDING
        and any(word.permits for word in words_about(cell, [duty]))
    ]
    return min(covering, key=lambda d: d.id, default=None)


def _cells(
    subject: PersonId, request: AccessRequest, decisions: Iterable[SharingDecision]
) -> Iterator[Cell]:
    """The one cell a practitioner asks for; for the shared profile all that permits name."""

    def cell(names: frozenset[str], purpose: Purpose) -> Cell:
        return Cell(
            subject, request.category, request.source, names, purpose, request.mode, request.at
        )

    if isinstance(request.recipient, Practitioner):
        if request.purpose is not None:
            yield cell(request.recipient.names, request.purpose)
        return
    for decision in decisions:
        if decision.response is Response.GIVEN and request.category in decision.categories:
            for purpose in sorted(decision.purposes):
                named = [frozenset({name}) for name in sorted(decision.recipients)]
                for names in named or [frozenset[str]()]:
                    yield cell(names, purpose)


def _why_nothing_permits(request: AccessRequest, decisions: list[SharingDecision]) -> Reason:
    about = [d for d in decisions if request.category in d.categories and counts_at(d, request.at)]
    if any(d.response is Response.GIVEN and has_expired(d, request.at) for d in about):
        return Reason.EXPIRED
    if any(d.response is Response.NOT_ASKED and not is_withdrawn(d, request.at) for d in about):
        return Reason.NOT_ASKED
    return Reason.NO_DECISION


def _all_of(request: AccessRequest, verdicts: list[Decision]) -> Decision:
    refusals = [v for v in verdicts if not v.is_permitted]
    counted = refusals or verdicts
    return _answer(
        request,
        Effect.DENY if refusals else Effect.PERMIT,
        [reason for v in counted for reason in v.reasons],
        [id_ for v in counted for id_ in v.decided_from],
        review=any(v.review for v in counted),
    )


def _answer(
    request: AccessRequest,
    effect: Effect,
    reasons: list[Reason],
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
