"""All that is on record about one decision, and what can be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from consent.lawfulness import ARTICLE_6
from consent.model import DeciderKind
from consent.remedies import Remedy
from schemas.identifiers import DecisionId, PractitionerId
from services.portal.addresses import FamilyAddresses
from services.portal.decision_ports import DecisionSummary
from services.portal.presenters.cards import Card, Fact, Row
from services.portal.presenters.communication import language_in_words
from services.portal.presenters.dates import moment_in_words, uk_day_in_words
from services.portal.presenters.decision_words import PARENTS_ARE_NOT_TOLD, THE_LAW_REQUIRES
from services.portal.presenters.decisions import decision_card, is_a_duty, row
from services.portal.presenters.references import record_reference

NOT_RECORDED = "Not recorded"

_ACTIONS = {
    Remedy.WITHDRAW: "Withdraw it, if it is taken back",
    Remedy.OBJECT: "Record that the family objects to it",
    Remedy.END: "End it",
    Remedy.REPLACE: "Replace it with a new decision",
    Remedy.INVALIDATE: "Mark it as invalid, if it was recorded in error",
}


@dataclass(frozen=True, slots=True, repr=False)
class DecisionPage:
    """The decision's cards, what its reader must know first, and links to what can be done."""

    cards: tuple[Card, ...]
    warning: str | None
    duty: str | None
    actions: tuple[Fact, ...]


def decision_page(
    decision: DecisionSummary, addresses: FamilyAddresses, reader: PractitionerId
) -> DecisionPage:
    """Make the page of one decision for the practitioner who reads it."""
    cards = [
        decision_card(decision),
        Card("On what ground", _ground(decision)),
        Card("How it was decided", _how(decision)),
    ]
    became = _became(decision, addresses)
    if became:
        cards.append(Card("What has become of it", became))
    is_secret = decision.circumstances.parents_are_not_told
    return DecisionPage(
        cards=tuple(cards),
        warning=PARENTS_ARE_NOT_TOLD if is_secret else None,
        duty=THE_LAW_REQUIRES if is_a_duty(decision) else None,
        actions=_actions(decision, addresses, reader),
    )


def may_replace(decision: DecisionSummary, reader: PractitionerId) -> bool:
    """Tell whether it can be replaced here: a practitioner's own only by that practitioner."""
    is_practitioners = decision.decider_kind is DeciderKind.PRACTITIONER
    is_own = not is_practitioners or decision.decider_reference == reader
    return is_own and Remedy.REPLACE in decision.remedies


def _actions(
    decision: DecisionSummary, addresses: FamilyAddresses, reader: PractitionerId
) -> tuple[Fact, ...]:
    hrefs = {
        Remedy.WITHDRAW: addresses.withdraw,
        Remedy.OBJECT: addresses.object_to,
        Remedy.END: addresses.end,
        Remedy.REPLACE: addresses.replace,
        Remedy.INVALIDATE: addresses.invalidate,
    }
    return tuple(
        Fact(_ACTIONS[remedy], href=hrefs[remedy](decision.decision_id))
        for remedy in decision.remedies
        if remedy is not Remedy.REPLACE or may_replace(decision, reader)
    )


def _ground(decision: DecisionSummary) -> tuple[Row, ...]:
    return (
        row("Lawful basis", ARTICLE_6[decision.basis].label),
        row(
            "Health and other special information",
            decision.article_9.label if decision.article_9 else "No condition stated",
        ),
        row("Law", *([g.label for g in decision.gateways] or ["None stated"])),
    )


def _how(decision: DecisionSummary) -> tuple[Row, ...]:
    told = decision.circumstances
    language, notice = told.interpreted_into, told.notice_version
    rows = [
        row("How", told.channel.label if told.channel else NOT_RECORDED),
        row("Interpreter", language_in_words(language) if language else "None recorded"),
        row("Privacy notice", f"Version {notice}" if notice else NOT_RECORDED),
        row("Written down by", decision.recorded_by or "A program, or nobody who is known here"),
    ]
    if decision.decider_kind is DeciderKind.YOUNG_PERSON:
        rows.append(row("Why they may decide", *_competence(decision)))
    return tuple(rows)


def _competence(decision: DecisionSummary) -> Sequence[str]:
    judgement = decision.circumstances.competence
    if judgement is not None:
        judge = decision.judged_by or "a practitioner"
        return [f"Judged able to decide this by {judge}, {moment_in_words(judgement.judged_at)}"]
    if decision.circumstances.presumed_competent:
        return ["16 or 17, so able to decide unless judged otherwise"]
    return [NOT_RECORDED]


def _became(decision: DecisionSummary, addresses: FamilyAddresses) -> tuple[Row, ...]:
    review = decision.review_at
    times = {
        "Replaced": decision.superseded_at,
        "Marked as invalid": decision.invalidated_at,
    }
    rows = [row("Ask again", uk_day_in_words(review))] if review else []
    rows += [row(label, moment_in_words(time)) for label, time in times.items() if time]
    if decision.invalidated_because:
        rows.append(row("Why it is invalid", decision.invalidated_because.label))
    others = {
        "Replaced by": decision.superseded_by,
        "Stands in the place of": decision.supersedes,
        "Objects to": decision.objects_to,
    }
    rows += [_link(label, other, addresses) for label, other in others.items() if other]
    return tuple(rows)


def _link(label: str, decision: DecisionId, addresses: FamilyAddresses) -> Row:
    text = f"Decision {record_reference(decision)}"
    return Row(label, (Fact(text, href=addresses.decision(decision)),))
