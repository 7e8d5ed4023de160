"""The exact fields of the events of unusual access: hits, what was found, who looked at the list.

Rules and states are codes that settings and services name; why somebody found what they found
stands beside the hit, sealed, and never here.
"""

from collections.abc import Mapping

from consent.ledger.events import LedgerEvent
from consent.ledger.fields import CODE, ID, TIME, WHOLE_NUMBER, FieldKind, many

__all__ = ["UNUSUAL_FIELDS"]

_IDS = many(ID)

UNUSUAL_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    # A personnel list in the place of the one before: how many are on it, are on it no more, and
    # how many lines were refused. Nobody is named.
    LedgerEvent.STAFF_LIST_IMPORTED: {
        "import": ID,
        "staff": WHOLE_NUMBER,
        "gone": WHOLE_NUMBER,
        "refused": WHOLE_NUMBER,
    },
    # That a look is worth asking about: no more than that. What is about a family as a whole names
    # no practitioner, what is about a day of searches no person.
    LedgerEvent.UNUSUAL_ACCESS_RAISED: {
        "hit": ID,
        "rule": CODE,
        "version": CODE,
        "practitioner": _IDS,
        "person": _IDS,
        "due": TIME,
    },
    # Looking, asked, or what was found; whoever says so is the actor.
    LedgerEvent.UNUSUAL_ACCESS_STATED: {"hit": ID, "rule": CODE, "state": CODE},
    # A refused or failed try. No hit where there is none.
    LedgerEvent.UNUSUAL_ACCESS_ACT_REFUSED: {"hit": _IDS, "because": CODE},
    LedgerEvent.UNUSUAL_ACCESS_LISTED: {"results": WHOLE_NUMBER},
    LedgerEvent.UNUSUAL_ACCESS_SHOWN: {"hit": ID},
}
