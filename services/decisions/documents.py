"""Sharing decisions as JSON documents in the database, and back.

A document that was written before a field existed has no such name: it reads as its default.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

import orjson

from consent.circumstances import (
    Channel,
    Circumstances,
    CompetenceJudgement,
    InvalidationReason,
    NotAskedReason,
    Present,
    RefusalReason,
)
from consent.lawfulness import Article9, Basis, Gateway
from consent.model import (
    Decider,
    DeciderKind,
    Mode,
    Proposal,
    Response,
    SharingAct,
    SharingDecision,
)
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, LabelledCode, Purpose, Source

# How it came about, as part of its document.

_QUESTIONS = (
    "understands_what_is_shared",
    "understands_who_would_see",
    "understands_what_may_follow",
    "weighs_it_up",
    "decides_freely",
)


def document_from_circumstances(told: Circumstances) -> dict[str, Any]:
    """The circumstances as plain JSON values."""
    return {
        "channel": told.channel,
        "interpreted_into": told.interpreted_into,
        "notice_version": told.notice_version,
        "evidence": told.evidence,
        "recorded_by": told.recorded_by,
        "competence": _document_from_judgement(told.competence),
        "presumed_competent": told.presumed_competent,
        "parents_are_not_told": told.parents_are_not_told,
        "seconded": _document_from_judgement(told.seconded),
        "present": sorted(told.present),
    }


def circumstances_from_document(document: Mapping[str, Any]) -> Circumstances:
    """Back from document_from_circumstances; what it does not name was not told."""
    channel, judgement = document.get("channel"), document.get("competence")
    seconded = document.get("seconded")
    return Circumstances(
        channel=None if channel is None else Channel(channel),
        interpreted_into=document.get("interpreted_into"),
        notice_version=document.get("notice_version"),
        evidence=document.get("evidence"),
        recorded_by=document.get("recorded_by"),
        competence=None if judgement is None else _judgement(judgement),
        presumed_competent=document.get("presumed_competent", False),
        parents_are_not_told=document.get("parents_are_not_told", False),
        seconded=None if seconded is None else _judgement(seconded),
        present=frozenset(Present(code) for code in document.get("present", ())),
    )


def _document_from_judgement(judgement: CompetenceJudgement | None) -> dict[str, Any] | None:
    if judgement is None:
        return None
    answers = {question: getattr(judgement, question) for question in _QUESTIONS}
    return answers | {
        "judged_by": judgement.judged_by,
        "judged_at": judgement.judged_at.isoformat(),
    }


def _judgement(document: Mapping[str, Any]) -> CompetenceJudgement:
    return CompetenceJudgement(
        **{question: document[question] for question in _QUESTIONS},
        judged_by=document["judged_by"],
        judged_at=datetime.fromisoformat(document["judged_at"]),
    )


_Code = TypeVar("_Code", bound=LabelledCode)
_REASONS: dict[str, RefusalReason | NotAskedReason] = {
    reason.value: reason for kind in (RefusalReason, NotAskedReason) for reason in kind
}


def document_from_decision(decision: SharingDecision) -> bytes:
    """The decision as JSON with sorted lists; the same decision gives the same bytes."""
    return orjson.dumps({**_said(decision), **_became(decision)}, option=orjson.OPT_SORT_KEYS)


def _said(decision: SharingDecision) -> dict[str, Any]:
    """What was decided, by whom, on what ground and how."""
    return {
        "id": decision.id,
        "subjects": sorted(decision.subjects),
        "response": decision.response.value,
        "because": decision.because,
        "categories": sorted(decision.categories),
        "purposes": sorted(decision.purposes),
        "basis": decision.basis.value,
        "article_9": decision.article_9,
        "gateways": sorted(decision.gateways),
        "decider_kind": decision.decided_by.kind.value,
        "decider_reference": decision.decided_by.reference,
        "decided_at": decision.decided_at.isoformat(),
        "recorded_at": _text(decision.recorded_at),
        "recipients": sorted(decision.recipients),
        "sources": sorted(decision.sources),
        "mode": decision.mode.value,
        "until": _text(decision.until),
        "review_at": _text(decision.review_at),
        "supersedes": decision.supersedes,
        "objects_to": decision.objects_to,
        "circumstances": document_from_circumstances(decision.circumstances),
    }


def _became(decision: SharingDecision) -> dict[str, Any]:
    """What has become of it since."""
    return {
        "withdrawn_at": _text(decision.withdrawn_at),
        "invalidated_at": _text(decision.invalidated_at),
        "invalidated_because": decision.invalidated_because,
        "superseded_at": _text(decision.superseded_at),
        "superseded_by": decision.superseded_by,
        "proposed": _document_from_proposal(decision.proposed),
        "confirmed_at": _text(decision.confirmed_at),
        "confirmed_by": decision.confirmed_by,
        "change_asked": _document_from_proposal(decision.change_asked),
        "tied_to": decision.tied_to,
        "version": decision.version,
    }


def _document_from_proposal(proposal: Proposal | None) -> dict[str, Any] | None:
    if proposal is None:
        return None
    return {
        "act": proposal.act,
        "asked_by": proposal.asked_by,
        "at": proposal.at.isoformat(),
        "until": proposal.until.isoformat(),
        "because": proposal.because,
        "lapse_entered": proposal.lapse_entered,
    }


def _proposal(document: Mapping[str, Any] | None) -> Proposal | None:
    if document is None:
        return None
    return Proposal(
        SharingAct(document["act"]),
        document["asked_by"],
        datetime.fromisoformat(document["at"]),
        datetime.fromisoformat(document["until"]),
        _code(InvalidationReason, document["because"]),
        document["lapse_entered"],
    )


@lru_cache(maxsize=20_000)
def decision_from_document(document: bytes) -> SharingDecision:
    """Back from document_from_decision. Decisions are frozen, so they can be shared."""
    found = orjson.loads(document)
    get = found.get
    return SharingDecision(
        id=DecisionId(found["id"]),
        subjects=frozenset(PersonId(s) for s in found["subjects"]),
        response=Response(found["response"]),
        categories=frozenset(Category(c) for c in found["categories"]),
        purposes=frozenset(Purpose(p) for p in found["purposes"]),
        basis=Basis(found["basis"]),
        decided_by=Decider(DeciderKind(found["decider_kind"]), found["decider_reference"]),
        decided_at=datetime.fromisoformat(found["decided_at"]),
        recipients=frozenset(found["recipients"]),
        sources=frozenset(Source(s) for s in found["sources"]),
        mode=Mode(found["mode"]),
        until=_time(found["until"]),
        withdrawn_at=_time(found["withdrawn_at"]),
        invalidated_at=_time(found["invalidated_at"]),
        version=found["version"],
        invalidated_because=_code(InvalidationReason, get("invalidated_because")),
        superseded_at=_time(get("superseded_at")),
        superseded_by=_id(get("superseded_by")),
        review_at=_time(get("review_at")),
        because=_REASONS[get("because")] if get("because") else None,
        article_9=_code(Article9, get("article_9")),
        gateways=frozenset(Gateway(g) for g in get("gateways", ())),
        circumstances=circumstances_from_document(get("circumstances", {})),
        supersedes=_id(get("supersedes")),
        objects_to=_id(get("objects_to")),
        proposed=_proposal(get("proposed")),
        confirmed_at=_time(get("confirmed_at")),
        confirmed_by=get("confirmed_by"),
        change_asked=_proposal(get("change_asked")),
        tied_to=_id(get("tied_to")),
        recorded_at=_time(get("recorded_at")),
    )


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _id(text: str | None) -> DecisionId | None:
    return None if text is None else DecisionId(text)


def _code(codes: type[_Code], text: str | None) -> _Code | None:
    return None if text is None else codes(text)
