"""The exact fields of events about families that are there, and about messages sent to them."""

from collections.abc import Mapping

from consent.circumstances import Present
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import CODE, ID, TIME, WHOLE_NUMBER, FieldKind, many, one_of
from schemas.vocabulary import Category

_IDS = many(ID)
_CATEGORIES = many(one_of(Category))

PRESENCE_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    # Messages to people outside: `message` is their reference, which says nothing of whom to.
    LedgerEvent.OUTGOING_MESSAGE_SENT: {"message": ID, "tries": WHOLE_NUMBER},
    LedgerEvent.OUTGOING_MESSAGE_FAILED: {"message": ID, "tries": WHOLE_NUMBER, "because": CODE},
    # A contact (its keyed hash) that no code goes to any more.
    LedgerEvent.CONTACT_MARKED: {"contact": ID, "kind": CODE},
    # Somebody is with a practitioner, as they say; `person` lacks where nobody known was meant.
    LedgerEvent.PRESENCE_BEGUN: {
        "presence": ID,
        "person": _IDS,
        "with": CODE,
        "in_the_room": many(one_of(Present)),
    },
    # `contact` is what the code went to, if there was one that may be used and no limit was met.
    LedgerEvent.PRESENCE_CODE_ASKED: {
        "presence": _IDS,
        "code": _IDS,
        "contact": _IDS,
        "message": _IDS,
        "outcome": CODE,
    },
    LedgerEvent.PRESENCE_CODE_REFUSED: {"presence": _IDS, "code": _IDS, "because": CODE},
    LedgerEvent.PRESENCE_CONFIRMATION_ASKED: {"presence": ID, "request": ID, "way": CODE},
    LedgerEvent.PRESENCE_CONTACT_SHOWN: {"request": ID, "person": _IDS, "contacts": _IDS},
    LedgerEvent.PRESENCE_CONFIRMATION_ANSWERED: {"request": ID, "answer": CODE},
    LedgerEvent.PRESENCE_CONFIRMATION_REFUSED: {"request": _IDS, "because": CODE},
    LedgerEvent.PRESENCE_CONFIRMED: {
        "presence": ID,
        "subjects": _IDS,
        "warrant": CODE,
        "reference": ID,
        "until": TIME,
    },
    LedgerEvent.PRESENCE_SHEET_WRITTEN: {
        "presence": ID,
        "sheet": ID,
        "refused": _CATEGORIES,
        "decision": _IDS,
    },
}
