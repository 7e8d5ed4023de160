"""How a decision came about, as part of its JSON document, and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from consent.circumstances import Channel, Circumstances, CompetenceJudgement

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
    }


def circumstances_from_document(document: Mapping[str, Any]) -> Circumstances:
    """Back from document_from_circumstances; what it does not name was not told."""
    channel, judgement = document.get("channel"), document.get("competence")
    return Circumstances(
        channel=None if channel is None else Channel(channel),
        interpreted_into=document.get("interpreted_into"),
        notice_version=document.get("notice_version"),
        evidence=document.get("evidence"),
        recorded_by=document.get("recorded_by"),
        competence=None if judgement is None else _judgement(judgement),
        presumed_competent=document.get("presumed_competent", False),
        parents_are_not_told=document.get("parents_are_not_told", False),
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
