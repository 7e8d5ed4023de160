"""The exact fields of events about families: who is there, messages to them, their own door.

None of them tells a telephone number or an address.
"""

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

FAMILY_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    # The worker who met them is the actor; `contact` is the keyed hash of what signs in.
    LedgerEvent.FAMILY_ACCESS_GIVEN: {
        "access": ID,
        "subjects": _IDS,
        "presence": ID,
        "warrant": CODE,
        "contact": ID,
    },
    LedgerEvent.FAMILY_ACCESS_REFUSED: {"presence": _IDS, "because": CODE},
    # So many sessions ended with it.
    LedgerEvent.FAMILY_ACCESS_ENDED: {"access": ID, "because": CODE, "sessions": WHOLE_NUMBER},
    # Before anybody is signed in a job is the actor; without `access` nothing was sent.
    LedgerEvent.FAMILY_CODE_ASKED: {"code": ID, "access": _IDS, "use": CODE, "outcome": CODE},
    LedgerEvent.FAMILY_CODE_REFUSED: {"code": _IDS, "because": CODE},
    # From here on the actor is `family:` with the id of the access.
    LedgerEvent.FAMILY_SIGNED_IN: {"access": ID, "session": ID},
    LedgerEvent.FAMILY_SIGNED_OUT: {"access": ID, "sessions": WHOLE_NUMBER},
    # A look of the family's own at what is about `subjects`: for governance, on nobody's page.
    LedgerEvent.FAMILY_PAGE_SEEN: {"page": CODE, "subjects": _IDS, "rows": WHOLE_NUMBER},
    # They asked to change something that is not theirs to change, or is so already.
    LedgerEvent.FAMILY_ACT_REFUSED: {"act": CODE, "because": CODE},
    # A second contact that signs in to the same page, besides that of the access `beside`.
    LedgerEvent.FAMILY_CONTACT_CHOSEN: {
        "access": ID,
        "beside": ID,
        "subjects": _IDS,
        "contact": ID,
    },
    # Whom a provider of sign-in proved is one of ours; `contact` is the keyed hash of who they are
    # there. Where they are nobody's, or may not, that is entered without saying who.
    LedgerEvent.FAMILY_PROVIDER_MATCHED: {"access": ID, "subjects": _IDS, "contact": ID},
    LedgerEvent.FAMILY_PROVIDER_REFUSED: {"because": CODE},
    # A young person lets a parent see their page, and stops it: `subjects` is whose page it is.
    LedgerEvent.FAMILY_LET_SEE_GIVEN: {"let_see": ID, "subjects": _IDS, "seen_by": _IDS},
    LedgerEvent.FAMILY_LET_SEE_STOPPED: {"let_see": ID, "subjects": _IDS, "seen_by": _IDS},
    # By two hands a child (`subjects`) is on the own page of `seen_by` no more, or is again; that
    # somebody could not ask or confirm that; that a list was shown of who has which child.
    LedgerEvent.FAMILY_CHILD_TAKEN_OFF: {
        "taking": ID,
        "order": ID,
        "subjects": _IDS,
        "seen_by": _IDS,
    },
    LedgerEvent.FAMILY_CHILD_GIVEN_BACK: {
        "taking": ID,
        "order": ID,
        "subjects": _IDS,
        "seen_by": _IDS,
    },
    LedgerEvent.FAMILY_TAKING_REFUSED: {"act": CODE, "because": CODE, "subjects": _IDS},
    LedgerEvent.FAMILY_TAKINGS_LISTED: {"subjects": _IDS, "people": WHOLE_NUMBER},
    # A worker handed it to who was there, on paper, as that person would see it.
    LedgerEvent.FAMILY_PAGE_PRINTED: {"presence": ID, "subjects": _IDS, "rows": WHOLE_NUMBER},
    LedgerEvent.FAMILY_REACH_CHOSEN: {"access": ID, "notices": CODE},
    # A copy of what is held: asked for by who is signed in, made by the order of two, taken.
    LedgerEvent.FAMILY_COPY_ASKED: {"copy": ID, "subjects": _IDS},
    LedgerEvent.FAMILY_COPY_READY: {"copy": ID, "order": ID},
    LedgerEvent.FAMILY_COPY_TAKEN: {"copy": ID, "subjects": _IDS},
}
