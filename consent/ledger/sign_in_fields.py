"""The exact fields of events about signing in, sessions, and conditions of use.

Providers are named as the settings name them; a subject there, a token and an address never are.
"""

from collections.abc import Mapping

from consent.ledger.events import LedgerEvent
from consent.ledger.fields import CODE, ID, VERSION, WHOLE_NUMBER, FieldKind, one_of
from schemas.vocabulary import Role

SIGN_IN_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    # Before there were sessions that could be told apart; what was entered stays readable.
    LedgerEvent.PRACTITIONER_SIGNED_IN: {},
    LedgerEvent.PRACTITIONER_SIGNED_OUT: {},
    # By whom is the actor; `because` tells signing in from changing to another account.
    LedgerEvent.SESSION_OPENED: {"session": ID, "provider": CODE, "because": CODE},
    # The actor is who ended it, its holder or not; `practitioner` is whose it was.
    LedgerEvent.SESSION_ENDED: {"session": ID, "practitioner": ID, "because": CODE},
    # An administrator saw who is signed in.
    LedgerEvent.SESSIONS_LISTED: {"results": WHOLE_NUMBER},
    # Nobody is known yet: a job is the actor.
    LedgerEvent.SIGN_IN_REFUSED: {"provider": CODE, "because": CODE},
    # What a provider said of somebody who signed out there, and how many sessions it ended.
    LedgerEvent.PROVIDER_LOGOUT_TAKEN: {"provider": CODE, "sessions": WHOLE_NUMBER},
    LedgerEvent.PROVIDER_LOGOUT_REFUSED: {"provider": CODE, "because": CODE},
    LedgerEvent.CONDITIONS_ACCEPTED: {"version": VERSION},
    # Of what sort a page was that a role did not open; never about whom.
    LedgerEvent.PAGE_REFUSED: {"role": one_of(Role), "permission": CODE},
}
