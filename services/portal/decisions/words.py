"""Sharing decisions in words: cards, the page of one, what is due, and what became of one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from consent.circumstances import CompetenceJudgement
from consent.decisions.states import Remedy
from consent.lawfulness import ARTICLE_6, DUTIES
from consent.model import DeciderKind, Response, TakenBack
from schemas.identifiers import DecisionId, PractitionerId
from services.portal.decisions.summaries import DecisionSummary, DueForReview
from services.portal.frame.addresses import FamilyAddresses
from services.portal.words.cards import Card, Fact, Row, Tag
from services.portal.words.codes import (
    PARENTS_ARE_NOT_TOLD,
    PARENTS_TAG,
    THE_LAW_REQUIRES,
    decider_in_words,
    language_in_words,
    recipients_in_words,
    state_tag,
    taker_back_in_words,
    withdrawn_in_words,
)
from services.portal.words.dates import moment_in_words, uk_day_in_words
from services.portal.words.people import record_reference, with_death

NOT_RECORDED = "Not recorded"

# Sharing decisions as cards of a list.


def decision_cards(
    decisions: Iterable[DecisionSummary],
    addresses: FamilyAddresses,
    overridden: Mapping[DecisionId, str] | None = None,
) -> tuple[Card, ...]:
    """Make a card for each decision, with what a family may do about it, and its own page.

    `overridden` says over what of it a no wins: then it is not simply in force.
    """
    lost = overridden or {}
    return tuple(
        _with_what_wins(_listed(decision, addresses), lost.get(decision.decision_id))
        for decision in decisions
    )


def _with_what_wins(card: Card, lost: str | None) -> Card:
    if lost is None:
        return card
    tags = (Tag("Partly overridden by a no", "yellow"), *card.tags[1:])
    return replace(card, tags=tags, rows=(*card.rows, row("A no wins for", lost)))


def decision_card(decision: DecisionSummary) -> Card:
    """Make the card of a decision, without anything to do about it."""
    tags = [state_tag(decision.state)]
    if decision.said.circumstances.parents_are_not_told:
        tags.append(PARENTS_TAG)
    return Card(heading=heading_of(decision), rows=_rows(decision), tags=tuple(tags))


def heading_of(decision: DecisionSummary) -> str:
    """Name the decision by its reference and what was decided."""
    reference = record_reference(decision.decision_id)
    return f"Decision {reference}: {decision.said.response.label}"


def is_a_duty(decision: DecisionSummary) -> bool:
    """Tell whether it shares on a ground that no family can end."""
    return decision.said.response is Response.GIVEN and decision.said.basis in DUTIES


def row(label: str, *texts: str) -> Row:
    """Make a row of plain facts."""
    return Row(label, tuple(Fact(text) for text in texts))


def _listed(decision: DecisionSummary, addresses: FamilyAddresses) -> Card:
    card = decision_card(decision)
    duty = (row("Who can end it", THE_LAW_REQUIRES),) if is_a_duty(decision) else ()
    return replace(card, rows=(*card.rows, *duty), actions=_links_of_decision(decision, addresses))


def _links_of_decision(decision: DecisionSummary, addresses: FamilyAddresses) -> tuple[Fact, ...]:
    offered = {
        Remedy.WITHDRAW: Fact("Withdraw", href=addresses.withdraw(decision.decision_id)),
        Remedy.OBJECT: Fact("Object", href=addresses.object_to(decision.decision_id)),
    }
    own_page = Fact("See all of it", href=addresses.decision(decision.decision_id))
    return (*(fact for r, fact in offered.items() if r in decision.remedies), own_page)


def _rows(decision: DecisionSummary) -> tuple[Row, ...]:
    said = decision.said
    rows = [
        row("Decided by", decider_in_words(said)),
        row("When", moment_in_words(said.decided_at)),
        *_written_down(decision),
        row("Information", *(c.label for c in sorted(said.categories))),
        row("Used for", *(p.label for p in sorted(said.purposes))),
        row("Which services", *recipients_in_words(sorted(said.recipients))),
        row("Whose records", *([s.label for s in sorted(said.sources)] or ["Every source"])),
        row("Legal basis", said.basis.label),
        row("Until", moment_in_words(said.until) if said.until else "No end date"),
    ]
    if said.because:
        rows.append(row("Why", said.because.label))
    if said.withdrawn_at:
        rows.append(row(withdrawn_in_words(said), moment_in_words(said.withdrawn_at)))
        rows += _taken_back(said.taken_back)
    if said.circumstances.parents_are_not_told:
        rows.append(row("Parents", PARENTS_ARE_NOT_TOLD))
    return tuple(rows)


def _taken_back(told: TakenBack | None) -> list[Row]:
    """Who took it back and how they said so; what nobody wrote down is said to be missing."""
    if told is None:
        return [row("Who took it back", NOT_RECORDED)]
    rows = [
        row("Who took it back", taker_back_in_words(told)),
        row("How they said so", told.channel.label if told.channel else NOT_RECORDED),
    ]
    return [*rows, row("Why", told.because.label)] if told.because else rows


def _written_down(decision: DecisionSummary) -> tuple[Row, ...]:
    """From when on it holds, where it was written down later than it was decided."""
    later = decision.said.recorded_at
    return () if later is None else (row("Recorded, and holds from", moment_in_words(later)),)


WHO_CONFIRMS = (
    "the family itself, or somebody of another service that already works with the family and "
    "would be shown nothing more by it"
)
WHO_JUDGES_TOO = (
    "a second professional who already works with the child and judges too that they can decide "
    "this: of another service than the first, or of one that would be shown nothing more by it"
)

_ACTIONS = {
    Remedy.CONFIRM: "Confirm it, if you are the second person",
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
    is_secret = decision.said.circumstances.parents_are_not_told
    return DecisionPage(
        cards=tuple(cards),
        warning=PARENTS_ARE_NOT_TOLD if is_secret else None,
        duty=THE_LAW_REQUIRES if is_a_duty(decision) else None,
        actions=_actions(decision, addresses, reader),
    )


def may_replace(decision: DecisionSummary, reader: PractitionerId) -> bool:
    """Tell whether it can be replaced here: a practitioner's own only by that practitioner."""
    is_practitioners = decision.said.decided_by.kind is DeciderKind.PRACTITIONER
    is_own = not is_practitioners or decision.said.decided_by.reference == reader
    return is_own and Remedy.REPLACE in decision.remedies


def _actions(
    decision: DecisionSummary, addresses: FamilyAddresses, reader: PractitionerId
) -> tuple[Fact, ...]:
    hrefs = {
        Remedy.CONFIRM: addresses.confirm,
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
    said = decision.said
    return (
        row("Lawful basis", ARTICLE_6[said.basis].label),
        row(
            "Health and other special information",
            said.article_9.label if said.article_9 else "No condition stated",
        ),
        row("Law", *([g.label for g in sorted(said.gateways)] or ["None stated"])),
    )


def _how(decision: DecisionSummary) -> tuple[Row, ...]:
    told = decision.said.circumstances
    language, notice = told.interpreted_into, told.notice_version
    rows = [
        row("How", told.channel.label if told.channel else NOT_RECORDED),
        row("Interpreter", language_in_words(language) if language else "None recorded"),
        row("Privacy notice", f"Version {notice}" if notice else NOT_RECORDED),
        row("Written down by", decision.recorded_by or "A program, or nobody who is known here"),
    ]
    if decision.said.decided_by.kind is DeciderKind.YOUNG_PERSON:
        rows.append(row("Why they may decide", *_competence(decision)))
    return tuple(rows)


def _competence(decision: DecisionSummary) -> Sequence[str]:
    judgement = decision.said.circumstances.competence
    if judgement is not None:
        judges = [_judged(judgement, decision.judged_by)]
        second = decision.said.circumstances.seconded
        return judges if second is None else [*judges, _judged(second, decision.judged_too_by)]
    if decision.said.circumstances.presumed_competent:
        return ["16 or 17, so able to decide unless judged otherwise"]
    return [NOT_RECORDED]


def _judged(judgement: CompetenceJudgement, judge: str | None) -> str:
    when = moment_in_words(judgement.judged_at)
    return f"Judged able to decide this by {judge or 'a practitioner'}, {when}"


def _became(decision: DecisionSummary, addresses: FamilyAddresses) -> tuple[Row, ...]:
    said = decision.said
    review = said.review_at
    times = {
        "Replaced": said.superseded_at,
        "Marked as invalid": said.invalidated_at,
    }
    rows = [row("Waiting for", waiting_in_words(decision))] if decision.waiting_for else []
    rows += [row("Ask again", uk_day_in_words(review))] if review else []
    rows += [row(label, moment_in_words(time)) for label, time in times.items() if time]
    if said.invalidated_because:
        rows.append(row("Why it is invalid", said.invalidated_because.label))
    others = {
        "Replaced by": said.superseded_by,
        "Stands in the place of": said.supersedes,
        "Objects to": said.objects_to,
        "The other part of it": said.tied_to,
    }
    rows += [_link(label, other, addresses) for label, other in others.items() if other]
    return tuple(rows)


def waiting_in_words(decision: DecisionSummary) -> str:
    """Say what waits, for whom, and until when; empty where nothing does."""
    waiting = decision.waiting_for
    if waiting is None:
        return ""
    until, act = uk_day_in_words(waiting.until), waiting.act.label.lower()
    return f"To {act}: {who_confirms(decision)}, by {until}. Until then nothing changes."


def who_confirms(decision: DecisionSummary) -> str:
    """Say for whom it waits, where it does."""
    return WHO_JUDGES_TOO if decision.waits_for_second_judge else WHO_CONFIRMS


def _link(label: str, decision: DecisionId, addresses: FamilyAddresses) -> Row:
    text = f"Decision {record_reference(decision)}"
    return Row(label, (Fact(text, href=addresses.decision(decision)),))


# What is due for review, a line each.


@dataclass(frozen=True, slots=True, repr=False)
class DueLine:
    """One decision: which family's, what it says, who decided, since when it is due."""

    family: str
    decision: str
    href: str
    decided_by: str
    due_since: str


def due_lines(due: Iterable[DueForReview]) -> tuple[DueLine, ...]:
    """Write what is due in the order given; no name, as the list is not a family's page."""
    return tuple(_line(one) for one in due)


def _line(one: DueForReview) -> DueLine:
    decision = one.decision
    return DueLine(
        family=with_death(record_reference(one.person), one.death),
        decision=heading_of(decision),
        href=FamilyAddresses(one.person).decision(decision.decision_id),
        decided_by=decider_in_words(decision.said),
        due_since=uk_day_in_words(decision.said.review_at or decision.said.decided_at),
    )


# What became of a decision, as its confirmation says it.


@dataclass(frozen=True, slots=True)
class DecisionDone:
    """The confirmation's heading, and what follows from it."""

    heading: str
    follows: str


_DONE: Mapping[str, DecisionDone] = {
    "recorded-in-part": DecisionDone(
        "Recorded and in force for other services",
        f"What your own service would be shown waits for {WHO_CONFIRMS}. Nobody of your service "
        "is shown more before that. After 14 days without it, it lapses.",
    ),
    "proposed": DecisionDone(
        "Recorded, and waiting to be confirmed",
        f"It permits nothing yet. It waits for {WHO_CONFIRMS}. After 14 days without that it "
        "lapses.",
    ),
    "waits-for-second-judge": DecisionDone(
        "Recorded, and waiting for a second professional",
        "It permits nothing yet: below 13 two professionals judge whether a child can decide this. "
        f"It waits for {WHO_JUDGES_TOO}. Tell them; they find it among the family’s decisions. "
        "After 14 days without them it lapses.",
    ),
    "asked": DecisionDone(
        "Written down, and waiting to be confirmed",
        f"The decision stands as it did. What you asked for would let more be shown, so it waits "
        f"for {WHO_CONFIRMS}. After 14 days without that it lapses.",
    ),
    "confirmed": DecisionDone(
        "Confirmed",
        "It is in force now, and it is written down for good. Records that it allows may take a "
        "few minutes to arrive.",
    ),
    "recorded": DecisionDone(
        "Decision recorded",
        "It is in force now, and it is written down for good. Records that it allows may take a "
        "few minutes to arrive.",
    ),
    "replaced": DecisionDone(
        "Decision replaced",
        "The new decision is in force now, and the one before it says nothing more. Both stay "
        "on record.",
    ),
    "withdrawn": DecisionDone(
        "Decision withdrawn",
        "It is in force now: what it allowed is no longer shown, and is being removed from the "
        "shared profile.",
    ),
    "objected": DecisionDone(
        "Objection recorded",
        "It is in force now: what is objected to is no longer shown, and is being removed from "
        "the shared profile. The decision that it objects to stays on record.",
    ),
    "ended": DecisionDone(
        "Decision ended",
        "It says nothing more from now on. What else was decided about the family counts.",
    ),
    "invalidated": DecisionDone(
        "Decision marked as invalid",
        "It never counted. What it replaced stands again; what it allowed is being removed from "
        "the shared profile, and what it refused may be shared again.",
    ),
}


def outcome_in_words(outcome: str) -> DecisionDone:
    """Say what became of a decision; raises KeyError for an outcome that there is not."""
    return _DONE[outcome]
