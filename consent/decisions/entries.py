"""The entries that prove what was recorded, proposed, confirmed, lapsed or refused."""

from collections.abc import Collection
from datetime import UTC, datetime

from consent.agreement import Agency
from consent.ledger import FieldValue, LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.model import Proposal, SecondHand, SharingAct, SharingDecision


def entry_for(decision: SharingDecision) -> LedgerEntry:
    """The entry that proves what was recorded, by whom and on what ground: codes and ids only."""
    told = decision.circumstances
    return ledger_entry(
        LedgerEvent.SHARING_DECISION_WRITTEN_DOWN,
        {
            "decision": decision.id,
            "subjects": decision.subjects,
            "version": decision.version,
            "response": decision.response,
            "because": _all_of(decision.because),
            "basis": decision.basis,
            "article_9": _all_of(decision.article_9),
            "gateways": decision.gateways,
            "categories": decision.categories,
            "purposes": decision.purposes,
            "recipients": decision.recipients,
            "sources": decision.sources,
            "mode": decision.mode,
            "decider_kind": decision.decided_by.kind,
            "decided_at": _utc(decision.decided_at) or "",
            "notice_version": _all_of(told.notice_version),
            "channel": _all_of(told.channel),
            "judged_by": _all_of(told.competence.judged_by if told.competence else None),
            "until": _all_of(_utc(decision.until)),
            "review_at": _all_of(_utc(decision.review_at)),
            "supersedes": _all_of(decision.supersedes),
            "objects_to": _all_of(decision.objects_to),
        },
        at=decision.known_at,
        actor=told.recorded_by or "",
    )


def proposed_entry(
    decision: SharingDecision, proposal: Proposal, gaining: Collection[Agency], *, actor: str
) -> LedgerEntry:
    """The entry of an act that waits, and for whose gain it waits for a second hand."""
    return ledger_entry(
        LedgerEvent.SHARING_DECISION_PROPOSED,
        {
            "decision": decision.id,
            "subjects": decision.subjects,
            "act": proposal.act,
            "gaining": frozenset(gaining),
            "until": _utc(proposal.until) or "",
        },
        at=proposal.at,
        actor=actor,
    )


def confirmed_entry(
    decision: SharingDecision, act: SharingAct, warrant: SecondHand, *, at: datetime, actor: str
) -> LedgerEntry:
    """The entry that says who stands for an act beside the one who asked, and as what."""
    return ledger_entry(
        LedgerEvent.SHARING_DECISION_CONFIRMED,
        {
            "decision": decision.id,
            "subjects": decision.subjects,
            "act": act,
            "warrant": warrant,
        },
        at=at,
        actor=actor,
    )


def seconded_entry(decision: SharingDecision, *, at: datetime, actor: str) -> LedgerEntry:
    """The entry that says who judged a child too, besides the first."""
    second = decision.circumstances.seconded
    fields: dict[str, FieldValue] = {
        "decision": decision.id,
        "subjects": decision.subjects,
        "judged_by": second.judged_by if second else "",
    }
    return ledger_entry(LedgerEvent.SHARING_DECISION_SECONDED, fields, at=at, actor=actor)


def lapsed_entry(
    decision: SharingDecision, proposal: Proposal, *, at: datetime, actor: str
) -> LedgerEntry:
    """The entry that says that nobody confirmed it in time."""
    fields = {"decision": decision.id, "subjects": decision.subjects, "act": proposal.act}
    return ledger_entry(LedgerEvent.SHARING_DECISION_LAPSED, fields, at=at, actor=actor)


def act_refused_entry(
    decision: SharingDecision | None, act: str, because: str, *, at: datetime, actor: str
) -> LedgerEntry:
    """The entry of a failed attempt; about nobody where nobody is found."""
    return ledger_entry(
        LedgerEvent.SHARING_DECISION_ACT_REFUSED,
        {
            "decision": [] if decision is None else [decision.id],
            "subjects": [] if decision is None else decision.subjects,
            "act": act,
            "because": because,
        },
        at=at,
        actor=actor,
    )


def _all_of(value: str | None) -> list[str]:
    """A field that may have nothing to say, as the ledger holds it: a list of one or none."""
    return [] if value is None else [value]


def _utc(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
