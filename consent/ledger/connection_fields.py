"""The exact fields of events about requests to services of the directory, and who answers them.

A service is named by the id of its entry, a partner by nothing but the actor. What was told to a
service is in no field: which categories it was of, is.
"""

from collections.abc import Mapping

from consent.ledger.events import LedgerEvent
from consent.ledger.fields import CODE, ID, VERSION, WHOLE_NUMBER, FieldKind, many, one_of
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

# A partner is a keyed hash of its code, one who answers for it an opaque id.
ANSWERING_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    # By the two hands of its order; `kind` says whether it works under an arrangement.
    LedgerEvent.COMMUNITY_PARTNER_REGISTERED: {
        "partner": ID,
        "order": ID,
        "people": _IDS,
        "kind": CODE,
    },
    # At once, by one hand: nobody answers for it any more.
    LedgerEvent.COMMUNITY_PARTNER_ENDED: {"partner": ID, "people": _IDS},
    # Somebody looked at how those who answer for it are reached, or for what that waits.
    LedgerEvent.COMMUNITY_PARTNER_SHOWN: {"partner": ID},
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
