"""The exact fields of the events of who works where, and of which sign-in opens which account.

An agency is named by a keyed hash of its code: the ledger is read by others than this council.
Who signed in is named by the provider alone; which of its subjects stands in the bound row.
"""

from collections.abc import Mapping

from consent.ledger.events import LedgerEvent
from consent.ledger.fields import CODE, ID, SHA256, WHOLE_NUMBER, FieldKind, many, one_of
from schemas.vocabulary import Role, Source

_IDS = many(ID)

STAFF_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    LedgerEvent.MEMBERSHIP_CHANGED: {"practitioner": ID, "role": one_of(Role), "order": ID},
    LedgerEvent.MEMBERSHIP_ENDED: {"practitioner": ID, "relationships": _IDS},
    LedgerEvent.MEMBERSHIP_REFUSED: {"because": CODE},
    # Suspending took one: whoever did is the entry's actor. Resuming took the two of its order.
    LedgerEvent.MEMBERSHIP_SUSPENDED: {"practitioner": ID},
    LedgerEvent.MEMBERSHIP_RESUMED: {"practitioner": ID, "order": ID},
    # `also` are the other accounts that it opens: one human being's from then on.
    LedgerEvent.SIGN_IN_JOINED: {"practitioner": ID, "provider": CODE, "also": _IDS, "order": ID},
    LedgerEvent.SIGN_IN_PARTED: {"practitioner": ID, "provider": CODE},
    # One of the first two, by the owner of the database alone.
    LedgerEvent.ADMINISTRATOR_ENTERED: {"practitioner": ID},
    # What they are called, or how they are reached; role and agency are the membership's.
    LedgerEvent.PRACTITIONER_CHANGED: {"practitioner": ID},
    LedgerEvent.AGENCY_ENTERED: {"agency": ID, "kind": one_of(Source)},
    LedgerEvent.AGENCY_CHANGED: {"agency": ID},
    # Entries of the directory of services, which name no family: who wrote what for which partner.
    LedgerEvent.LISTED_SERVICE_WRITTEN: {"partner": ID, "service": ID},
    LedgerEvent.LISTED_SERVICE_PROPOSED: {"partner": ID, "service": ID, "because": CODE},
    LedgerEvent.LISTED_SERVICE_ANSWERED: {"partner": ID, "service": ID, "answer": CODE},
    LedgerEvent.LISTED_SERVICE_REFUSED: {"partner": ID, "because": CODE},
    # By which names and numbers schools are rung, and how their lists are read: of the register's
    # file how many schools it has and its hash, of a school's own titles how many and of which
    # agency; never a name, a number or a title.
    LedgerEvent.SCHOOLS_REGISTER_REPLACED: {"schools": WHOLE_NUMBER, "file": SHA256},
    LedgerEvent.SCHOOL_TITLES_SET: {"agency": ID, "titles": WHOLE_NUMBER},
    LedgerEvent.SCHOOL_TITLES_REMOVED: {"agency": ID},
    # Whoever looks after staff is entered when they look, too.
    LedgerEvent.STAFF_LISTED: {"agency": ID, "results": WHOLE_NUMBER},
    LedgerEvent.STAFF_SHOWN: {"practitioner": ID},
    LedgerEvent.STAFF_IMPORTED: {
        "added": WHOLE_NUMBER,
        "changed": WHOLE_NUMBER,
        "unchanged": WHOLE_NUMBER,
        "refused": WHOLE_NUMBER,
    },
}
