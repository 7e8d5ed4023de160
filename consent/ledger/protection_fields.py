"""The exact fields of the events of changing restrictions, and of exclusions.

Which worker a family has named stands in the bound row alone, so that the ledger tells nobody.
"""

from collections.abc import Mapping

from consent.ledger.events import LedgerEvent
from consent.ledger.fields import CODE, ID, WHOLE_NUMBER, FieldKind, many, one_of
from consent.model import RestrictionScope

_IDS = many(ID)

PROTECTION_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    LedgerEvent.RESTRICTION_CHANGED: {
        "restriction": ID,
        "subject": ID,
        "scope": one_of(RestrictionScope),
        "added": WHOLE_NUMBER,
        "removed": WHOLE_NUMBER,
    },
    # A refused or failed try. Neither a restriction nor a person where there is none.
    LedgerEvent.RESTRICTION_ACT_REFUSED: {
        "restriction": _IDS,
        "subject": _IDS,
        "act": CODE,
        "because": CODE,
    },
    LedgerEvent.RESTRICTION_UNANSWERED: {"restriction": ID, "subject": ID},
    LedgerEvent.EXCLUSION_RECORDED: {"exclusion": ID, "subject": ID},
    LedgerEvent.EXCLUSION_CONFIRMED: {"exclusion": ID, "subject": ID},
    LedgerEvent.EXCLUSION_ENDED: {"exclusion": ID, "subject": ID},
    LedgerEvent.EXCLUSION_ACT_REFUSED: {
        "exclusion": _IDS,
        "subject": _IDS,
        "act": CODE,
        "because": CODE,
    },
    LedgerEvent.EXCLUSIONS_LISTED: {"subject": _IDS, "exclusions": WHOLE_NUMBER},
}
