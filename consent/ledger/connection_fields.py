"""The exact fields of events about requests to services of the directory.

A service is named by the id of its entry, a partner by nothing but the actor. What was told to a
service is in no field: which categories it was of, is.
"""

from collections.abc import Mapping

from consent.ledger.events import LedgerEvent
from consent.ledger.fields import CODE, ID, WHOLE_NUMBER, FieldKind, many, one_of
from schemas.vocabulary import Category

_IDS = many(ID)
_OF_A_CONNECTION: Mapping[str, FieldKind] = {
    "connection": ID,
    "subjects": _IDS,
    "service": ID,
}

CONNECTION_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    # `change` is what happened, `status` how it stands from then on; `decisions` are the sharing
    # decisions that it rests on, or rested.
    LedgerEvent.CONNECTION_CHANGED: {
        **_OF_A_CONNECTION,
        "version": WHOLE_NUMBER,
        "change": CODE,
        "status": CODE,
        "because": many(CODE),
        "decisions": _IDS,
    },
    # A partner looked at what was agreed. Before the answer.
    LedgerEvent.CONNECTION_SHOWN: {
        **_OF_A_CONNECTION,
        "categories": many(one_of(Category)),
        "policy_version": CODE,
        "decided_from": _IDS,
    },
    # A service was reminded, for the so-manieth time.
    LedgerEvent.CONNECTION_CHASED: {**_OF_A_CONNECTION, "times": WHOLE_NUMBER},
    # Asked for and not done, or not shown; nothing in `connection` where there is none.
    LedgerEvent.CONNECTION_REFUSED: {"connection": _IDS, "act": CODE, "because": CODE},
}
