"""Sharing decisions as JSON documents in the database, and back."""

from datetime import datetime
from functools import lru_cache

import orjson

from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, Mode, Response, SharingDecision
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Purpose, Source


def document_from_decision(decision: SharingDecision) -> bytes:
    """The decision as JSON with sorted lists; the same decision gives the same bytes."""
    return orjson.dumps(
        {
            "id": decision.id,
            "subjects": sorted(decision.subjects),
            "response": decision.response.value,
            "categories": sorted(decision.categories),
            "purposes": sorted(decision.purposes),
            "basis": decision.basis.value,
            "decider_kind": decision.decided_by.kind.value,
            "decider_reference": decision.decided_by.reference,
            "decided_at": decision.decided_at.isoformat(),
            "recipients": sorted(decision.recipients),
            "sources": sorted(decision.sources),
            "mode": decision.mode.value,
            "until": _text(decision.until),
            "withdrawn_at": _text(decision.withdrawn_at),
            "invalidated_at": _text(decision.invalidated_at),
            "version": decision.version,
        },
        option=orjson.OPT_SORT_KEYS,
    )


@lru_cache(maxsize=20_000)
def decision_from_document(document: bytes) -> SharingDecision:
    """Back from document_from_decision. Decisions are frozen, so they can be shared."""
    found = orjson.loads(document)
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
    )


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
