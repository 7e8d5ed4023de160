"""What makes sense together in a decision that is to be recorded, and what does not.

Each rule raises DecisionInvalidError naming the field of the order, never what it held. The rules
are for what is newly recorded: decisions that were recorded before there was a rule are read as
they are.
"""

import re
from datetime import datetime

from consent.circumstances import NotAskedReason, RefusalReason
from consent.competence_rules import require_competence
from consent.errors import DecisionInvalidError
from consent.lawfulness import CONDITIONS, IMPOSE_A_DUTY, Basis
from consent.ledger_fields import CODE_TEXT, OPAQUE_ID
from consent.model import DeciderKind, Response
from consent.orders import RecordDecision
from schemas.vocabulary import Role, Source

_RECIPIENTS = frozenset(
    {*(f"agency:{source}" for source in Source), *(f"role:{role}" for role in Role)}
)
_REASONS: dict[Response, type[RefusalReason | NotAskedReason]] = {
    Response.REFUSED: RefusalReason,
    Response.NOT_ASKED: NotAskedReason,
}
# RFC 5646 section 2.1 without extensions and private use, which could hold anything.
_LANGUAGE = re.compile(
    r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[A-Za-z][A-Za-z0-9]{4,7}|[0-9][A-Za-z0-9]{3}))*"
)
_EVIDENCE = re.compile(rf"(?:{OPAQUE_ID}|sha256:[0-9a-f]{{64}})")
_NOTICE = re.compile(rf"(?:{CODE_TEXT}|(?![^\n]*[0-9]{{6}})[0-9][a-z0-9._-]{{0,31}})")


def require_sense(order: RecordDecision, now: datetime) -> None:
    """Refuse what makes no sense. Raises DecisionInvalidError naming the field and why."""
    _require_scope(order)
    _require_times(order, now)
    _require_decider(order)
    require_competence(order, now)
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
    if kind == "practitioner":
        return re.fullmatch(OPAQUE_ID, name) is not None
    return recipient in _RECIPIENTS


def _require_times(order: RecordDecision, now: datetime) -> None:
    for field, time in {"until": order.until, "review-at": order.review_at}.items():
        if time is not None and time <= now:
            raise DecisionInvalidError(field, "is-not-in-the-future")


def _require_decider(order: RecordDecision) -> None:
    is_practitioners = order.decided_by.kind is DeciderKind.PRACTITIONER
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
