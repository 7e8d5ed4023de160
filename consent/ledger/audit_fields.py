"""The exact fields of the events of auditing: questions, what reviews found, what families ask.

What was asked is entered as ids and codes alone: whoever reads the ledger sees who asked about
whom, and learns nothing that a record holds.
"""

from collections.abc import Mapping

from consent.ledger.events import LedgerEvent
from consent.ledger.fields import CODE, ID, TIME, WHOLE_NUMBER, FieldKind, many

_IDS = many(ID)

AUDIT_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    # Before the answer. `named` is what else was asked about by id: a worker, a decision, an entry.
    LedgerEvent.AUDIT_ASKED: {
        "question": CODE,
        "subjects": _IDS,
        "named": _IDS,
        "codes": many(CODE),
        "since": many(TIME),
        "until": many(TIME),
    },
    LedgerEvent.AUDIT_REFUSED: {"question": CODE, "because": CODE},
    # `kind` is of what: an item of governance's queue, or what a rule of unusual access found.
    LedgerEvent.REVIEW_MOVED: {"review": ID, "kind": CODE, "step": CODE},
    LedgerEvent.REVIEW_FOUND: {
        "review": ID,
        "kind": CODE,
        "step": CODE,
        "outcome": CODE,
        "because": CODE,
    },
    LedgerEvent.REVIEW_REFUSED: {"review": _IDS, "because": CODE},
    # The leads of the worker's agency; whether a message could be sent to them is in its own entry.
    LedgerEvent.REVIEW_TOLD: {"review": ID, "practitioners": _IDS},
    LedgerEvent.FAMILY_QUESTION_ASKED: {
        "question": ID,
        "subjects": _IDS,
        "asks": CODE,
        "by": CODE,
        "due": TIME,
    },
    LedgerEvent.FAMILY_QUESTION_ANSWERED: {"question": ID, "answer": CODE},
    LedgerEvent.FAMILY_QUESTION_REFUSED: {"question": _IDS, "because": CODE},
    # How everything stands from now on, and which parts are off; an alarm went out if one is new.
    LedgerEvent.INTEGRITY_CHANGED: {"standing": CODE, "parts": many(CODE)},
    # So many records were opened to count the reviews of this time, and could not be; whose, is
    # nowhere.
    LedgerEvent.FIGURES_COUNTED: {
        "since": TIME,
        "until": TIME,
        "records": WHOLE_NUMBER,
        "unreadable": WHOLE_NUMBER,
    },
}
