"""`decide` a second time, slowly and by the letter: an oracle for the real one.

Written from DESIGN.md section 4 and the docstrings of consent.model and consent.question, rule by
rule, without a look at the code it checks. Nothing here is meant to be quick or short.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from consent import AccessRequest, OnRecord, Practitioner, Reason, SharedProfile
from consent.lawfulness import Basis
from consent.model import (
    Decider,
    DeciderKind,
    Exclusion,
    Mode,
    RelationshipGround,
    Response,
    Restriction,
    RestrictionScope,
    SharingDecision,
)
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Label, Purpose
from tests.support.oracles.naive_agreed import is_agreed
from tests.support.strategies import EVERY_PURPOSE, everybody

_OF_COVER = {"practitioners", "safeguarding", "communication-needs"}


@dataclass(frozen=True)
class Verdict:
    """Yes or no, why, and whether it goes to review."""

    permitted: bool
    reasons: frozenset[Reason]
    review: bool = False


@dataclass(frozen=True)
class _Statement:
    """What one decision says from one moment on."""

    decider: Decider
    said: datetime
    written: datetime
    yes: bool
    reason: Reason


def naive_decide(request: AccessRequest, on_record: OnRecord) -> Verdict:
    """Go through the rules in their order."""
    # 0. Who asks: whoever does not work with families is denied, whatever else holds.
    if isinstance(request.recipient, Practitioner) and _opens_no_records(request.recipient):
        return Verdict(False, frozenset({Reason.ROLE_OPENS_NO_RECORDS}))
    # 1. Unreadable input: deny. Nobody named: nothing is recorded about nobody.
    if len(request.subjects) == 0:
        return Verdict(False, frozenset({Reason.NO_SUBJECT}))
    if isinstance(request.recipient, SharedProfile):
        return _for_the_shared_profile(request, on_record)
    if request.purpose is None:
        return Verdict(False, frozenset({Reason.UNREADABLE_REQUEST}))
    return _for_a_practitioner(request, request.recipient, request.purpose, on_record)


def _for_the_shared_profile(request: AccessRequest, on_record: OnRecord) -> Verdict:
    """It may hold what at least one recipient may be shown for at least one purpose."""
    purposes = [request.purpose] if request.purpose else list(EVERY_PURPOSE)
    refused: set[Reason] = set()
    for practitioner in everybody(request.at):
        for purpose in purposes:
            verdict = _for_a_practitioner(request, practitioner, purpose, on_record)
            if verdict.permitted:
                return verdict
            refused |= verdict.reasons
    return Verdict(False, frozenset(refused))


def _for_a_practitioner(
    request: AccessRequest, practitioner: Practitioner, purpose: Purpose, on_record: OnRecord
) -> Verdict:
    # 0. The shared profile holds nothing for those who are shown nothing.
    if _opens_no_records(practitioner):
        return Verdict(False, frozenset({Reason.ROLE_OPENS_NO_RECORDS}))
    # Above all that follows: the agreement between the agencies must cover it.
    for category in {request.category, *_categories_kept_to(request)}:
        if not is_agreed(replace(request, category=category), practitioner, purpose, on_record):
            return Verdict(False, frozenset({Reason.POLICY_DENIES}))
    # 8. A record about several persons needs a permit for each of them.
    verdicts = [
        _if_kept_to(person, request, practitioner, purpose, on_record)
        for person in request.subjects
    ]
    noes = [verdict for verdict in verdicts if not verdict.permitted]
    if noes:
        return Verdict(False, frozenset().union(*(no.reasons for no in noes)))
    return Verdict(
        True,
        frozenset().union(*(yes.reasons for yes in verdicts)),
        any(yes.review for yes in verdicts),
    )


def _opens_no_records(practitioner: Practitioner) -> bool:
    """Auditors, stewards, managers and administrators; and a role that nobody knows."""
    return practitioner.role not in {"practitioner", "lead-practitioner"}


def _categories_kept_to(request: AccessRequest) -> list[Category]:
    return [category for category in Category if f"category:{category}" in request.kept_to]


def _if_kept_to(
    person: PersonId,
    request: AccessRequest,
    practitioner: Practitioner,
    purpose: Purpose,
    on_record: OnRecord,
) -> Verdict:
    """5a. What the family keeps to some nobody else sees, but for a duty."""
    verdict = _about_one_person(person, request, practitioner, purpose, on_record)
    if not verdict.permitted or Reason.DUTY in verdict.reasons:
        return verdict
    named = {mark for mark in request.kept_to if not mark.startswith("category:")}
    if named and not named & practitioner.names:
        return Verdict(False, frozenset({Reason.KEPT_TO_OTHERS}))
    for category in _categories_kept_to(request):
        other = replace(request, category=category)
        also = _about_one_person(person, other, practitioner, purpose, on_record)
        if not also.permitted:
            return Verdict(False, frozenset({Reason.KEPT_TO_OTHERS}))
        verdict = Verdict(True, verdict.reasons | also.reasons, verdict.review or also.review)
    return verdict


def _about_one_person(  # noqa: PLR0911 a rule of the design each
    person: PersonId,
    request: AccessRequest,
    practitioner: Practitioner,
    purpose: Purpose,
    on_record: OnRecord,
) -> Verdict:
    # 2. A restriction: deny both modes unless the recipient is on its allow-list.
    if any(_shuts_out(r, person, request, practitioner) for r in on_record.restrictions):
        return Verdict(False, frozenset({Reason.RESTRICTED}))
    # 2a. An exclusion: deny both modes to whom the family named.
    if any(_is_excluded(e, person, request, practitioner) for e in on_record.exclusions):
        return Verdict(False, frozenset({Reason.EXCLUDED}))
    # 3. No legitimate relationship that reaches this: deny.
    grounds = _grounds_that_reach(request, practitioner)
    if not grounds:
        return Verdict(False, frozenset({Reason.NO_RELATIONSHIP}))
    # 4. An emergency in force permits what it names, over a refusal.
    if RelationshipGround.EMERGENCY in grounds:
        return Verdict(True, frozenset({Reason.EMERGENCY}), review=True)
    # What bears on the question at all: made by then, valid, about this.
    made = [d for d in on_record.decisions if _written_down(d) <= request.at]
    valid = [d for d in made if d.invalidated_at is None]
    # Whoever decided has put another decision in its place.
    standing = [d for d in valid if d.superseded_at is None or d.superseded_at > request.at]
    # 7. What is only proposed permits nothing, and denies nothing either.
    said = [d for d in standing if not _waits(d, request.at)]
    about = [d for d in said if person in d.subjects and request.category in d.categories]
    covering = [d for d in about if _is_about(d, request, practitioner, purpose)]
    # 4. A recorded duty, for safeguarding.
    if purpose is Purpose.SAFEGUARDING and any(_is_duty(d, request) for d in covering):
        return Verdict(True, frozenset({Reason.DUTY}), review=True)
    # 5 to 7. What everyone who decides last said.
    last = _last_statements(covering, request)
    if any(decider.kind is DeciderKind.YOUNG_PERSON for decider in last):
        last = {d: said for d, said in last.items() if d.kind is not DeciderKind.PARENT}
    noes = [said for said in last.values() if not said.yes]
    if noes:
        return Verdict(False, frozenset(no.reason for no in noes))
    # A parent's yes opens no place that is protected, be it from them.
    if Label.PROTECTED_LOCATION in request.labels:
        last = {d: said for d, said in last.items() if d.kind is not DeciderKind.PARENT}
    if last:
        return Verdict(True, frozenset(yes.reason for yes in last.values()))
    # 9. Anything else: deny.
    return Verdict(False, frozenset({_why_nothing(about, request.at)}))


def _grounds_that_reach(
    request: AccessRequest, practitioner: Practitioner
) -> set[RelationshipGround]:
    """Section 16, the column "what it opens", ground by ground."""
    theirs = [r for r in practitioner.relationships if r.practitioner == practitioner.id]
    begun = [r for r in theirs if r.since <= request.at]
    holding = [r for r in begun if r.until is None or request.at < r.until]
    who_confirmed = {r.subject for r in holding if r.ground.value == "family-confirmed"}
    tells = {label.value for label in request.labels}
    reaching = set()
    for ground in {r.ground for r in holding}:
        match ground.value:
            case "case-load" | "referral":
                reaching.add(ground)
            case "cover" if request.category.value in _OF_COVER:
                reaching.add(ground)
            case "emergency" if request.category.value in {*_OF_COVER, "identity-and-contact"}:
                reaching.add(ground)
            case "family-confirmed" if set(request.subjects) <= who_confirmed:
                if not tells & {"location", "protected-location", "third-party"}:
                    reaching.add(ground)
    return reaching


def _is_excluded(
    exclusion: Exclusion, person: PersonId, request: AccessRequest, practitioner: Practitioner
) -> bool:
    if exclusion.subject != person or request.at < exclusion.since:
        return False
    if exclusion.until is not None and request.at >= exclusion.until:
        return False
    return exclusion.practitioner in {None, practitioner.id}


def _shuts_out(
    restriction: Restriction, person: PersonId, request: AccessRequest, practitioner: Practitioner
) -> bool:
    if restriction.subject != person or practitioner.id in restriction.allowed:
        return False
    if request.at < restriction.placed_at:
        return False
    if restriction.lifted_at is not None and request.at >= restriction.lifted_at:
        return False
    tells_where = Label.LOCATION in request.labels or Label.PROTECTED_LOCATION in request.labels
    return restriction.scope is RestrictionScope.PERSON or tells_where


def _is_duty(decision: SharingDecision, request: AccessRequest) -> bool:
    if decision.response is not Response.GIVEN or not _holds(decision, request.at):
        return False
    if decision.basis not in {Basis.LEGAL_OBLIGATION, Basis.VITAL_INTERESTS}:
        return False
    return decision.mode is Mode.CONTENT or request.mode is Mode.EXISTENCE


def _is_about(
    decision: SharingDecision,
    request: AccessRequest,
    practitioner: Practitioner,
    purpose: Purpose,
) -> bool:
    if purpose not in decision.purposes:
        return False
    if decision.sources and request.source not in decision.sources:
        return False
    if not decision.recipients:
        return True
    return (
        f"practitioner:{practitioner.id}" in decision.recipients
        or f"role:{practitioner.role}" in decision.recipients
        or f"agency:{practitioner.agency}" in decision.recipients
    )


def _written_down(decision: SharingDecision) -> datetime:
    """Nothing holds before it is: what was decided is known from then on."""
    return decision.recorded_at if decision.recorded_at is not None else decision.decided_at


def _holds(decision: SharingDecision, at: datetime) -> bool:
    if decision.withdrawn_at is not None and decision.withdrawn_at <= at:
        return False
    return decision.until is None or at < decision.until


def _waits(decision: SharingDecision, at: datetime) -> bool:
    if decision.proposed is None or decision.proposed.at > at:
        return False
    if decision.withdrawn_at is not None and decision.withdrawn_at <= at:
        return False
    if decision.confirmed_at is None or decision.confirmed_at < decision.proposed.at:
        return True
    return decision.confirmed_at > at


def _last_statements(
    covering: list[SharingDecision], request: AccessRequest
) -> dict[Decider, _Statement]:
    said = [s for d in covering for s in _statements(d, request)]
    last: dict[Decider, _Statement] = {}
    for decider in {statement.decider for statement in said}:
        own = [statement for statement in said if statement.decider == decider]
        noes = [statement for statement in own if not statement.yes]
        # A yes takes the place of a no that was said before it, once both are written down.
        standing_yes = [
            yes
            for yes in own
            if yes.yes and all(yes.said > no.said and yes.written > no.written for no in noes)
        ]
        if standing_yes:
            last[decider] = max(standing_yes, key=lambda yes: yes.said)
        else:
            last[decider] = max(noes, key=lambda no: (no.written, no.said))
    return last


def _statements(decision: SharingDecision, request: AccessRequest) -> list[_Statement]:
    at = request.at
    withdrawn = decision.withdrawn_at is not None and decision.withdrawn_at <= at
    if decision.response is Response.GIVEN:
        if withdrawn and decision.withdrawn_at is not None:
            since = decision.withdrawn_at
            return [_Statement(decision.decided_by, since, since, False, Reason.WITHDRAWN)]
        reasons = {Basis.CONSENT: Reason.CONSENT, Basis.PUBLIC_TASK: Reason.PUBLIC_TASK}
        serves_mode = decision.mode is Mode.CONTENT or request.mode is Mode.EXISTENCE
        if decision.basis in reasons and _holds(decision, at) and serves_mode:
            reason = reasons[decision.basis]
            said, written = decision.decided_at, _written_down(decision)
            return [_Statement(decision.decided_by, said, written, True, reason)]
        return []
    noes = {
        Response.REFUSED: Reason.REFUSED,
        Response.OBJECTED: Reason.OBJECTED,
        Response.DETRIMENTAL: Reason.DETRIMENTAL,
    }
    serves_mode = decision.mode is Mode.EXISTENCE or request.mode is Mode.CONTENT
    if decision.response in noes and _holds(decision, at) and serves_mode:
        reason = noes[decision.response]
        said, written = decision.decided_at, _written_down(decision)
        return [_Statement(decision.decided_by, said, written, False, reason)]
    return []


def _why_nothing(about: list[SharingDecision], at: datetime) -> Reason:
    given = [d for d in about if d.response is Response.GIVEN]
    if any(d.until is not None and d.until <= at for d in given):
        return Reason.EXPIRED
    unasked = [d for d in about if d.response is Response.NOT_ASKED]
    if any(d.withdrawn_at is None or d.withdrawn_at > at for d in unasked):
        return Reason.NOT_ASKED
    return Reason.NO_DECISION
