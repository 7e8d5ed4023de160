"""Recording what was decided, if it may be: the decision, its proof and its news, or why not."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from consent.circumstances import Circumstances, NotAskedReason, RefusalReason
from consent.decisions.changing import replaced_by, require_objectable
from consent.decisions.deciders import (
    DeciderOutcome,
    check_decider,
    needs_second_judge,
    with_decider_named,
)
from consent.decisions.entries import entry_for
from consent.decisions.judging import Act, carry_out
from consent.decisions.keeping import Deciding, Recorded, found
from consent.decisions.seconding import waits_for_second_judge
from consent.errors import DecisionInvalidError
from consent.lawfulness import CONDITIONS, IMPOSE_A_DUTY, Basis, law_of, usual_review
from consent.ledger import new_entry_id
from consent.ledger.fields import NOTICE_VERSION, OPAQUE_ID
from consent.model import (
    SAID_ALIKE,
    SAYS_NO_ONLY,
    DeciderKind,
    Mode,
    RecordDecision,
    Response,
    SharingAct,
    SharingDecision,
)
from schemas.identifiers import DecisionId, PersonId
from schemas.records.message import Subject
from schemas.uk_time import uk_day
from schemas.vocabulary import Role, Source

# What makes sense together in a decision that is to be recorded, and what does not.
#
# Each rule raises DecisionInvalidError naming the field of the order, never what it held. The rules
# are for what is newly recorded: older decisions are read as they are.

_RECIPIENTS = frozenset(
    {*(f"agency:{source}" for source in Source), *(f"role:{role}" for role in Role)}
)
_NOES = frozenset({Response.REFUSED, Response.OBJECTED, Response.DETRIMENTAL})
_REASONS: dict[Response, type[RefusalReason | NotAskedReason]] = {
    Response.REFUSED: RefusalReason,
    Response.NOT_ASKED: NotAskedReason,
}
# RFC 5646 section 2.1 without extensions and private use, which could hold anything.
_LANGUAGE = re.compile(
    r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[A-Za-z][A-Za-z0-9]{4,7}|[0-9][A-Za-z0-9]{3}))*"
)
_NOBODY_BEFORE = date(1900, 1, 1)
"""Nobody who lives was of an age to decide anything before."""
_EVIDENCE = re.compile(rf"(?:{OPAQUE_ID}|sha256:[0-9a-f]{{64}})")
_NOTICE = re.compile(NOTICE_VERSION)


def require_sense(order: RecordDecision, now: datetime) -> None:
    """Refuse what makes no sense. Raises DecisionInvalidError naming the field and why."""
    _require_scope(order)
    _require_times(order, now)
    _require_decided_at(order, now)
    _require_decider(order)
    _require_reason(order)
    _require_ground(order)
    _require_codes_only(order)


def _require_scope(order: RecordDecision) -> None:
    needed = {"subject": order.subjects, "category": order.categories, "purpose": order.purposes}
    for field, values in needed.items():
        if not values:
            raise DecisionInvalidError(field, "is-missing")
    if not all(map(_is_recipient, order.recipients)):
        raise DecisionInvalidError("recipient", "is-not-agency-role-or-practitioner")


def _is_recipient(recipient: str) -> bool:
    """Whether it can mean anybody: a refusal for a name misspelt would refuse nobody."""
    kind, _, name = recipient.partition(":")
    if kind in {"practitioner", "service"}:
        return re.fullmatch(OPAQUE_ID, name) is not None
    return recipient in _RECIPIENTS


def _require_times(order: RecordDecision, now: datetime) -> None:
    for field, time in {"until": order.until, "review-at": order.review_at}.items():
        if time is not None and time <= now:
            raise DecisionInvalidError(field, "is-not-in-the-future")


def _require_decided_at(order: RecordDecision, now: datetime) -> None:
    """Nobody has decided in time to come, before anybody lived, or before they were born."""
    decided_at = order.decided_at
    if decided_at is None:
        return
    if decided_at.utcoffset() is None:
        raise DecisionInvalidError("decided-on", "has-no-time-zone")
    if decided_at > now:
        raise DecisionInvalidError("decided-on", "is-in-the-future")
    if uk_day(decided_at) < _NOBODY_BEFORE:
        raise DecisionInvalidError("decided-on", "is-too-long-ago")
    typed = (one.demographics.date_of_birth for one in order.subjects if isinstance(one, Subject))
    if any(born is not None and uk_day(decided_at).isoformat() < born for born in typed):
        raise DecisionInvalidError("decided-on", "is-before-they-were-born")


def _require_decider(order: RecordDecision) -> None:
    is_practitioners = order.decided_by.kind is DeciderKind.PRACTITIONER
    if order.decided_by.kind in SAYS_NO_ONLY and order.response not in _NOES:
        raise DecisionInvalidError("decided-by", "agrees-for-no-family")
    if order.basis is Basis.CONSENT and is_practitioners:
        raise DecisionInvalidError("decided-by", "nobody-consents-for-a-family")
    if order.response is Response.OBJECTED and is_practitioners:
        raise DecisionInvalidError("decided-by", "nobody-objects-for-a-family")


def _require_reason(order: RecordDecision) -> None:
    kind = _REASONS.get(order.response)
    if order.because is None:
        # Nobody owes a reason for a refusal; who did not ask owes one (DOMAIN.md section 3.1).
        if order.response is Response.NOT_ASKED:
            raise DecisionInvalidError("because", "is-missing")
        return
    if kind is None or not isinstance(order.because, kind):
        raise DecisionInvalidError("because", "is-no-reason-for-this-response")
    if order.because is NotAskedReason.NOT_CONSENT and order.basis is Basis.CONSENT:
        raise DecisionInvalidError("because", "ground-is-consent")


def _require_ground(order: RecordDecision) -> None:
    if order.article_9 is not None and order.article_9 not in CONDITIONS[order.basis]:
        raise DecisionInvalidError("article-9", "does-not-go-with-the-basis")
    # UK GDPR Art. 6(3): a legal obligation is laid down by law, so the law is named.
    if order.basis is Basis.LEGAL_OBLIGATION and order.gateways.isdisjoint(IMPOSE_A_DUTY):
        raise DecisionInvalidError("gateway", "names-no-duty")
    # UK GDPR Art. 21(1): consent is refused or withdrawn, a duty cannot be objected to.
    if order.response is Response.OBJECTED and order.basis is not Basis.PUBLIC_TASK:
        raise DecisionInvalidError("basis", "cannot-be-objected-to")
    if order.objects_to is not None and order.response is not Response.OBJECTED:
        raise DecisionInvalidError("response", "is-no-objection")


def _require_codes_only(order: RecordDecision) -> None:
    told = order.circumstances
    shapes = {
        "interpreter": (told.interpreted_into, _LANGUAGE, "is-not-a-language-tag"),
        "notice-version": (told.notice_version, _NOTICE, "is-not-a-version"),
        "evidence": (told.evidence, _EVIDENCE, "is-not-an-opaque-id-or-digest"),
    }
    for field, (text, shape, reason) in shapes.items():
        if text is not None and not shape.fullmatch(text):
            raise DecisionInvalidError(field, reason)


# What a decision that shares rests on in law, where whoever recorded did not say it. What was said
# stands, whether or not it goes together: that is judged above.


def with_derived_law(
    order: RecordDecision, *, now: datetime, notice_version: str | None
) -> RecordDecision:
    """The order with its Art. 9 condition, gateway, notice version and day of review.

    `notice_version` is the newest of the privacy notice that families are given. A no needs no
    law: it is recorded as it was said. The day to ask again counts from when it was decided: of
    what was decided long ago it is past, and somebody should ask again at once.
    """
    if order.response is not Response.GIVEN:
        return order
    law = law_of(order.basis, order.categories, order.purposes)
    told = order.circumstances
    if law.needs_notice and told.notice_version is None:
        told = replace(told, notice_version=notice_version)
    is_open = order.until is None and order.review_at is None
    return replace(
        order,
        article_9=order.article_9 or law.article_9,
        gateways=order.gateways or law.gateways,
        review_at=usual_review(order.decided_at or now) if is_open else order.review_at,
        circumstances=told,
    )


def record_decision(command: RecordDecision, *, deciding: Deciding) -> Recorded:
    """Record a sharing decision. Raises DecisionInvalidError naming the field.

    With `supersedes` the decision named there, of the same decider about the same persons, stops
    saying anything in the same transaction; what `objects_to` names stands. What nobody but who
    records it stands for is only proposed: `consent.decisions.judging`.
    """
    now = deciding.clock.now()
    _require_times(command, now)
    order = with_derived_law(command, now=now, notice_version=deciding.notice_version)
    require_sense(replace(order, review_at=command.review_at), now)
    subjects = _persons(order.subjects, deciding, now)
    order = with_decider_named(order, subjects, deciding.deciders, at=now)
    return _recorded(order, subjects, now, deciding)


def _recorded(
    command: RecordDecision, subjects: frozenset[PersonId], now: datetime, deciding: Deciding
) -> Recorded:
    """Record it as it now stands in full, with its decider as sources call them."""
    decision = _decision(command, subjects, now)
    if command.objects_to is not None:
        require_objectable(found(command.objects_to, deciding), decision.subjects, now)
    is_doubtful = _is_doubtful(command, subjects, deciding, now)
    replaced = replaced_by(decision, at=now, actor=command.actor, deciding=deciding)
    changed = [(decision, entry_for(decision)), *replaced]
    act = Act(SharingAct.RECORD, changed, command.actor, is_doubtful=is_doubtful)
    recorded = carry_out(act, deciding=deciding)
    waiting = recorded.waiting
    for_judge = waiting is not None and waits_for_second_judge(waiting, deciding)
    return replace(recorded, waits_for_second_judge=for_judge)


def _is_doubtful(
    command: RecordDecision, subjects: frozenset[PersonId], deciding: Deciding, now: datetime
) -> bool:
    """Whether what is held leaves it open that they may decide. Raises where it says no."""
    facts = deciding.deciders.of(subjects)
    asker = deciding.asker
    check = check_decider(
        command,
        facts,
        recorder_agency=asker.named_agency,
        recorder_accounts=asker.accounts,
        now=now,
    )
    if check.outcome is DeciderOutcome.REFUSED:
        raise DecisionInvalidError(check.field or "decided-by", check.reason or "may-not-decide")
    kind, told = command.decided_by.kind, command.circumstances
    is_first_of_two = needs_second_judge(kind, told, facts, now)
    if is_first_of_two and deciding.asker.case_load_since is None:
        raise DecisionInvalidError("second-judge", "is-missing")
    return check.outcome is DeciderOutcome.ONLY_PROPOSED


def _decision(
    command: RecordDecision, subjects: frozenset[PersonId], now: datetime
) -> SharingDecision:
    said = {name: getattr(command, name) for name in SAID_ALIKE}
    follows = {
        "subjects": subjects,
        "decided_at": now if command.decided_at is None else command.decided_at,
        "mode": command.mode or _usual_mode(command.response),
        "circumstances": _circumstances(command),
        "recorded_at": None if command.decided_at in {None, now} else now,
    }
    return SharingDecision(id=DecisionId(str(new_entry_id(now))), **(said | follows))


def _circumstances(command: RecordDecision) -> Circumstances:
    told = command.circumstances
    is_young_person = command.decided_by.kind is DeciderKind.YOUNG_PERSON
    return replace(
        told,
        recorded_by=command.actor,
        presumed_competent=is_young_person and told.competence is None,
    )


def _persons(
    subjects: Sequence[PersonId | Subject], deciding: Deciding, now: datetime
) -> frozenset[PersonId]:
    persons = set()
    for subject in subjects:
        if isinstance(subject, Subject):
            persons.add(deciding.persons.resolve_or_create(subject, at=now))
        elif deciding.persons.exists(subject):
            persons.add(subject)
        else:
            raise DecisionInvalidError("subject", "is-not-known")
    return frozenset(persons)


def _usual_mode(response: Response) -> Mode:
    """To agree is to agree to reading; to refuse is to refuse that it be known at all."""
    return Mode.CONTENT if response is Response.GIVEN else Mode.EXISTENCE
