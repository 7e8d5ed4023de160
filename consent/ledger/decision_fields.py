"""The fields of events about sharing decisions: what was decided, and what became of it."""

from collections.abc import Mapping

from consent.agreement import Agency
from consent.circumstances import Channel, NotAskedReason, RefusalReason
from consent.lawfulness import Article9, Basis, Gateway
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import (
    CODE,
    ID,
    RECIPIENT,
    TIME,
    VERSION,
    WHOLE_NUMBER,
    FieldKind,
    many,
    one_of,
)
from consent.model import DeciderKind, Mode, Response, SecondHand, SharingAct
from schemas.vocabulary import Category, Purpose, Source

__all__ = ["DECISION_FIELDS"]

_IDS = many(ID)
_SOURCE = one_of(Source)
_PURPOSES = many(one_of(Purpose))
_CATEGORIES = many(one_of(Category))

_RECORDED_IN_FULL: Mapping[str, FieldKind] = {
    "decision": ID,
    "subjects": _IDS,
    "version": WHOLE_NUMBER,
    "response": one_of(Response),
    "because": many(one_of((*RefusalReason, *NotAskedReason))),
    "basis": one_of(Basis),
    "article_9": many(one_of(Article9)),
    "gateways": many(one_of(Gateway)),
    "categories": _CATEGORIES,
    "purposes": _PURPOSES,
    "recipients": many(RECIPIENT),
    "sources": many(_SOURCE),
    "mode": one_of(Mode),
    "decider_kind": one_of(DeciderKind),
    "channel": many(one_of(Channel)),
    "judged_by": _IDS,
    "until": many(TIME),
    "review_at": many(TIME),
    "supersedes": _IDS,
    "objects_to": _IDS,
}

DECISION_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    LedgerEvent.SHARING_DECISION_RECORDED: {
        "decision": ID,
        "subjects": _IDS,
        "version": WHOLE_NUMBER,
        "response": one_of(Response),
        "basis": one_of(Basis),
        "categories": _CATEGORIES,
        "purposes": _PURPOSES,
        "recipients": many(RECIPIENT),
        "decider_kind": one_of(DeciderKind),
    },
    # Instead of the one above since decisions have circumstances; a list of one or none is what
    # may be absent.
    LedgerEvent.SHARING_DECISION_RECORDED_IN_FULL: _RECORDED_IN_FULL,
    # Instead of that since it may be written down later than it was decided: the entry's own time
    # is when, and here is when it was decided and which privacy notice they had.
    LedgerEvent.SHARING_DECISION_WRITTEN_DOWN: {
        **_RECORDED_IN_FULL,
        "decided_at": TIME,
        "notice_version": many(VERSION),
    },
    LedgerEvent.SHARING_DECISION_WITHDRAWN: {"decision": ID, "subjects": _IDS},
    # Who took it back, how they said so and why, where that is told; it stands beside `withdrawn`.
    LedgerEvent.SHARING_DECISION_WITHDRAWAL_TOLD: {
        "decision": ID,
        "subjects": _IDS,
        "taken_back_by": one_of(DeciderKind),
        "channel": many(one_of(Channel)),
        "because": many(one_of(RefusalReason)),
    },
    LedgerEvent.SHARING_DECISION_ENDED: {"decision": ID, "subjects": _IDS, "basis": one_of(Basis)},
    LedgerEvent.SHARING_DECISION_INVALIDATED: {"decision": ID, "subjects": _IDS, "reason": CODE},
    LedgerEvent.SHARING_DECISION_SUPERSEDED: {"decision": ID, "subjects": _IDS, "by": ID},
    LedgerEvent.SHARING_DECISION_REINSTATED: {"decision": ID, "subjects": _IDS, "because": ID},
    # What waits for a second hand, for whose gain, until when; `act` is what would be done.
    LedgerEvent.SHARING_DECISION_PROPOSED: {
        "decision": ID,
        "subjects": _IDS,
        "act": one_of(SharingAct),
        "gaining": many(one_of(Agency)),
        "until": TIME,
    },
    # By whom is the actor; `warrant` is what that rests on.
    LedgerEvent.SHARING_DECISION_CONFIRMED: {
        "decision": ID,
        "subjects": _IDS,
        "act": one_of(SharingAct),
        "warrant": one_of(SecondHand),
    },
    # A second professional judged a child below 13 too; it stands beside `confirmed`.
    LedgerEvent.SHARING_DECISION_SECONDED: {"decision": ID, "subjects": _IDS, "judged_by": ID},
    LedgerEvent.SHARING_DECISION_LAPSED: {
        "decision": ID,
        "subjects": _IDS,
        "act": one_of(SharingAct),
    },
    # A refused or failed attempt. Neither a decision nor persons where there are none.
    LedgerEvent.SHARING_DECISION_ACT_REFUSED: {
        "decision": _IDS,
        "subjects": _IDS,
        "act": one_of((*SharingAct, "object", "confirm")),
        "because": CODE,
    },
    LedgerEvent.RECEIPT_ISSUED: {"receipt": ID, "decision": ID, "version": WHOLE_NUMBER},
}
