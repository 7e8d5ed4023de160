"""The exact fields of events about partners who answer without a system.

A partner is a keyed hash of its code, one who answers for it an opaque id: neither a name, nor a
number, nor an address.
"""

from collections.abc import Mapping

from consent.ledger.events import LedgerEvent
from consent.ledger.fields import CODE, ID, VERSION, WHOLE_NUMBER, FieldKind, many

_IDS = many(ID)

ANSWERING_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    # By the two hands of its order; `kind` says whether it works under an arrangement.
    LedgerEvent.COMMUNITY_PARTNER_REGISTERED: {
        "partner": ID,
        "order": ID,
        "people": _IDS,
        "kind": CODE,
    },
    LedgerEvent.COMMUNITY_PARTNER_REFUSED: {"partner": ID, "because": CODE},
    # A mail server said later that it could not deliver what it had taken.
    LedgerEvent.OUTGOING_MESSAGE_BOUNCED: {"message": ID, "because": CODE},
    # Mail about a connection to one of those who answer; it names neither the family nor the need.
    LedgerEvent.ANSWERING_LINK_SENT: {
        "connection": ID,
        "partner": ID,
        "person": ID,
        "link": ID,
        "message": ID,
        "because": CODE,
    },
    # Before anybody has come in a job is the actor; without `link` nothing was sent.
    LedgerEvent.ANSWERING_CODE_ASKED: {"code": ID, "link": _IDS, "outcome": CODE},
    LedgerEvent.ANSWERING_CODE_REFUSED: {"code": _IDS, "because": CODE},
    LedgerEvent.ANSWERING_OPENED: {
        "connection": ID,
        "partner": ID,
        "person": ID,
        "link": ID,
        "session": ID,
    },
    LedgerEvent.ANSWERING_CLOSED: {"session": ID, "sessions": WHOLE_NUMBER},
    LedgerEvent.PARTNER_TERMS_ACCEPTED: {"partner": ID, "person": ID, "version": VERSION},
}
