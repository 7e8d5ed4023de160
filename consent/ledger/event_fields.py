"""The exact fields of each ledger event.

A row that is in use never changes, because entries written before must stay well-formed; a new
set of fields is a new event.
"""

from collections.abc import Mapping

from consent.ledger.audit_fields import AUDIT_FIELDS
from consent.ledger.connection_fields import ANSWERING_FIELDS, CONNECTION_FIELDS
from consent.ledger.decision_fields import DECISION_FIELDS
from consent.ledger.events import LedgerEvent
from consent.ledger.export_fields import EXPORT_FIELDS
from consent.ledger.fields import (
    CODE,
    FIELD_PATH,
    ID,
    REASON,
    RECIPIENT,
    SHA256,
    TIME,
    WHOLE_NUMBER,
    FieldKind,
    many,
    one_of,
)
from consent.ledger.presence_fields import FAMILY_FIELDS, PRESENCE_FIELDS
from consent.ledger.protection_fields import PROTECTION_FIELDS
from consent.ledger.sign_in_fields import SIGN_IN_FIELDS
from consent.ledger.staff_fields import STAFF_FIELDS
from consent.ledger.unusual_fields import UNUSUAL_FIELDS
from consent.model import (
    Mode,
    RelationshipGround,
    RestrictionScope,
)
from consent.question import Reason
from schemas.vocabulary import Category, Purpose, Source

__all__ = ["EVENT_FIELDS"]

# The fields of events about joining persons. `subjects` is everybody who is one from then on, is
# said to be, or was until then.

_OF_A_JOIN = {"join": ID, "kept": ID, "joined": ID, "subjects": many(ID)}
JOIN_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    LedgerEvent.PERSON_JOINED: {**_OF_A_JOIN, "because": many(CODE)},
    # A program joined them, and one steward says so too: another is waited for.
    LedgerEvent.PERSON_JOIN_SUPPORTED: _OF_A_JOIN,
    # From then on they are one to whoever may ask about either; `warrant` is what stands for it.
    LedgerEvent.PERSON_JOIN_WARRANTED: {**_OF_A_JOIN, "warrant": CODE},
    LedgerEvent.PERSON_PARTING_ASKED: _OF_A_JOIN,
    LedgerEvent.PERSON_JOIN_UNDONE: _OF_A_JOIN,
    LedgerEvent.PERSONS_KEPT_APART: {"one": ID, "other": ID},
    LedgerEvent.PERSON_LEFT_BEHIND: {"person": ID},
}


_IDS = many(ID)
_SOURCE = one_of(Source)
_PURPOSE = one_of(Purpose)
_PURPOSES = many(_PURPOSE)
_CATEGORIES = many(one_of(Category))
_REASONS = many(one_of(Reason))
_READ = {
    "disclosure": ID,
    "subjects": _IDS,
    "purpose": _PURPOSE,
    "categories": _CATEGORIES,
    "withheld_categories": _CATEGORIES,
    "policy_version": CODE,
    "decided_from": _IDS,
}
_READ_REFUSED = {
    "subjects": _IDS,
    "purpose": _PURPOSE,
    "reasons": _REASONS,
    "policy_version": CODE,
}
_REPORT = {"report": ID, "person": ID, "kind": CODE, "given_to": CODE}

EVENT_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    **DECISION_FIELDS,
    LedgerEvent.RESTRICTION_PLACED: {
        "restriction": ID,
        "subject": ID,
        "scope": one_of(RestrictionScope),
    },
    LedgerEvent.RESTRICTION_LIFTED: {"restriction": ID, "subject": ID},
    LedgerEvent.RESTRICTION_LIFT_REFUSED: {"restriction": ID},
    LedgerEvent.RESTRICTIONS_LISTED: {"subject": ID, "restrictions": WHOLE_NUMBER},
    LedgerEvent.PUBLICATION_PERMITTED: {
        "source": _SOURCE,
        "message": SHA256,
        "event_id": ID,
        "subjects": _IDS,
        "categories": _CATEGORIES,
        "withheld_categories": _CATEGORIES,
        "reasons": _REASONS,
        "policy_version": CODE,
        "decided_from": _IDS,
    },
    LedgerEvent.PUBLICATION_WITHHELD: {
        "source": _SOURCE,
        "message": SHA256,
        "subjects": _IDS,
        "categories": _CATEGORIES,
        "reasons": _REASONS,
        "policy_version": CODE,
        "decided_from": _IDS,
    },
    LedgerEvent.MESSAGE_PARKED: {
        "source": _SOURCE,
        "message": SHA256,
        "reason": REASON,
        "field": FIELD_PATH,
    },
    # What contradicts itself about a date of birth, and went all the same: something else agrees
    # with who is meant, or two people have said so.
    LedgerEvent.CONTRADICTION_SETTLED: {
        "source": _SOURCE,
        "message": SHA256,
        "subjects": _IDS,
        "because": CODE,
    },
    LedgerEvent.PARKED_LISTED: {"results": WHOLE_NUMBER},
    # `subjects` is whose dates were shown; nobody where none were.
    LedgerEvent.PARKED_READ: {"message": SHA256, "subjects": _IDS},
    LedgerEvent.PARKED_READ_REFUSED: {"because": CODE},
    # The names of the fields of which was shown what was sent, and what for; `subjects` is whoever
    # the message names and is known here.
    LedgerEvent.PARKED_VALUES_SHOWN: {
        "message": SHA256,
        "fields": many(FIELD_PATH),
        "because": CODE,
        "subjects": _IDS,
    },
    LedgerEvent.PARKED_VALUES_REFUSED: {"message": many(SHA256), "because": CODE},
    LedgerEvent.PARKED_ACCEPTED: {"message": SHA256, "because": CODE},
    LedgerEvent.PARKED_SOURCE_ASKED: {"message": SHA256},
    LedgerEvent.PARKED_DISCARDED: {"message": SHA256, "because": CODE},
    LedgerEvent.PARKED_ANSWER_REFUSED: {
        "message": many(SHA256),
        "answer": CODE,
        "because": CODE,
    },
    LedgerEvent.STORING_REFUSED: {
        "event_id": ID,
        "subjects": _IDS,
        "categories": _CATEGORIES,
        "reasons": _REASONS,
        "policy_version": CODE,
    },
    LedgerEvent.PROFILE_READ: _READ,
    LedgerEvent.PROFILE_READ_REFUSED: _READ_REFUSED,
    LedgerEvent.PROFILE_READ_THROUGH_PARTNER: _READ | {"partner": CODE},
    LedgerEvent.PROFILE_READ_THROUGH_PARTNER_REFUSED: _READ_REFUSED | {"partner": CODE},
    # A disclosure decided once more: whether what was shown is what would have been.
    LedgerEvent.DISCLOSURE_REPLAYED: {
        "disclosure": ID,
        "agrees": one_of(("yes", "no", "cannot-be-told")),
    },
    LedgerEvent.SEARCH_MADE: {"search": ID, "results": WHOLE_NUMBER},
    LedgerEvent.STORY_ADDED: {"record": ID, "subjects": _IDS},
    LedgerEvent.STORY_CORRECTED: {"record": ID, "corrects": ID, "subjects": _IDS},
    LedgerEvent.STORY_CONFIRMED: {"record": ID, "confirms": _IDS, "subjects": _IDS},
    # Whom the family keeps an entry to, beside the entry that it was added or changed.
    LedgerEvent.STORY_KEPT: {
        "record": ID,
        "subjects": _IDS,
        "recipients": many(RECIPIENT),
        "categories": _CATEGORIES,
    },
    # Nothing was written: it is about somebody else, or nobody may be shown it.
    LedgerEvent.STORY_REFUSED: {"subjects": _IDS, "reasons": _REASONS, "policy_version": CODE},
    # Help wanted, a next step, or that its writer is involved; `status` is how it stands now.
    LedgerEvent.SUPPORT_WRITTEN: {"record": ID, "subjects": _IDS, "kind": CODE, "status": CODE},
    LedgerEvent.SUPPORT_REFUSED: {"subjects": _IDS, "reasons": _REASONS, "policy_version": CODE},
    LedgerEvent.PERSON_LINKED: {"person": ID, "token_kind": CODE},
    LedgerEvent.PERSON_LINK_CONFLICTED: {"person": ID, "other": ID, "token_kind": CODE},
    **AUDIT_FIELDS,
    **CONNECTION_FIELDS,
    **EXPORT_FIELDS,
    **ANSWERING_FIELDS,
    **FAMILY_FIELDS,
    **JOIN_FIELDS,
    **PRESENCE_FIELDS,
    **PROTECTION_FIELDS,
    **SIGN_IN_FIELDS,
    **STAFF_FIELDS,
    **UNUSUAL_FIELDS,
    LedgerEvent.PROFILE_PURGED: {"subjects": _IDS, "decision": ID, "records": WHOLE_NUMBER},
    # All of it, from what is stored or from the bus as well; counts of rows, removals included.
    LedgerEvent.PROFILE_REBUILT: {
        "rebuild": ID,
        "origin": one_of(("bus", "records")),
        "records": WHOLE_NUMBER,
        "added": WHOLE_NUMBER,
        "changed": WHOLE_NUMBER,
        "gone": WHOLE_NUMBER,
    },
    LedgerEvent.RESEND_REQUESTED: {"source": _SOURCE, "subject": ID},
    LedgerEvent.KEY_DESTROYED: {"person": ID},
    # Everybody who was one person; each of their keys has an entry of its own once it is gone.
    LedgerEvent.PERSON_ERASED: {
        "erasure": ID,
        "persons": _IDS,
        "because": CODE,
        "records": WHOLE_NUMBER,
        "held": WHOLE_NUMBER,
        "parked": WHOLE_NUMBER,
    },
    LedgerEvent.PERSON_ERASURE_REFUSED: {"person": ID, "because": CODE},
    # What brings back, to whoever comes again, how often somebody said no or that two are two.
    LedgerEvent.TOMBSTONE_LEFT: {
        "tombstone": ID,
        "refusals": WHOLE_NUMBER,
        "apart": WHOLE_NUMBER,
        "exclusions": WHOLE_NUMBER,
    },
    LedgerEvent.PERSON_CAME_AGAIN: {
        "person": ID,
        "tombstone": ID,
        "refusals": WHOLE_NUMBER,
        "apart": WHOLE_NUMBER,
        "exclusions": WHOLE_NUMBER,
    },
    LedgerEvent.WRAPPING_KEY_ROTATED: {"version": WHOLE_NUMBER},
    LedgerEvent.WRAPPING_KEY_DESTROYED: {"version": WHOLE_NUMBER},
    LedgerEvent.EMERGENCY_ACCESS_OPENED: {"person": ID, "reason": CODE},
    LedgerEvent.LEDGER_EXPORTED: {"entries": WHOLE_NUMBER},
    LedgerEvent.LEDGER_READ: {},
    LedgerEvent.LEGITIMATE_RELATIONSHIP_CLAIMED: {
        "person": ID,
        "kind": one_of(RelationshipGround),
    },
    # Later entries of purges name the adoption where they otherwise name a decision.
    LedgerEvent.AGREEMENT_ADOPTED: {
        "adoption": ID,
        "version": CODE,
        "sha256": SHA256,
        "valid_from": TIME,
        "valid_until": TIME,
    },
    LedgerEvent.PARTNER_ADDED: {"partner": CODE, "scopes": many(CODE)},
    LedgerEvent.PARTNER_KEY_ROTATED: {"partner": CODE, "credential": CODE, "old_until": TIME},
    LedgerEvent.PARTNER_SUSPENDED: {"partner": CODE},
    LedgerEvent.PARTNER_RESUMED: {"partner": CODE},
    LedgerEvent.PARTNER_AUTHENTICATED: {"method": CODE, "scopes": many(CODE)},
    # Codes of agencies are numbers: their hash, sorted, a line each, tells any two lists apart.
    LedgerEvent.PARTNER_AGENCIES_NAMED: {"partner": CODE, "agencies": SHA256},
    # Until 30 November 2026, by a partner's own word; entries that say so stay readable.
    LedgerEvent.PRACTITIONER_NAMED_BY_PARTNER: {"practitioner": ID, "purpose": _PURPOSE},
    # Until 1 December 2026, before the reading, whatever came of it; now the reading says it.
    LedgerEvent.PROFILE_REQUESTED_BY_PARTNER: {
        "person": ID,
        "practitioner": ID,
        "purpose": _PURPOSE,
    },
    LedgerEvent.REPORT_MADE: {**_REPORT, "records": WHOLE_NUMBER, "withheld": WHOLE_NUMBER},
    LedgerEvent.REPORT_REFUSED: {**_REPORT, "reason": CODE},
    # What another system was told that a practitioner may see; with a no, `categories` are the
    # parts that were named as permitted.
    LedgerEvent.ACCESS_EVALUATED: {
        "person": ID,
        "practitioner": ID,
        "purpose": _PURPOSE,
        "mode": one_of(Mode),
        "categories": _CATEGORIES,
        "withheld_categories": _CATEGORIES,
        "permitted": one_of(("yes", "no")),
        "reasons": _REASONS,
        "policy_version": CODE,
        "decided_from": _IDS,
    },
    # The question names somebody or something that is not known: which part of it, no more.
    LedgerEvent.ACCESS_EVALUATION_REFUSED: {"element": FIELD_PATH, "reason": one_of(Reason)},
    # Somebody nobody knew who may be somebody known: kept apart from them, and nothing is shared.
    LedgerEvent.PERSON_HELD: {"person": ID, "source": _SOURCE},
    LedgerEvent.LINK_FACTS_FORGOTTEN: {"person": ID, "sources": many(_SOURCE)},
    LedgerEvent.LINK_REVIEW_OPENED: {"review": ID, "person": ID, "other": ID},
    LedgerEvent.LINK_REVIEW_CLOSED: {"review": ID, "because": CODE},
    LedgerEvent.LINK_REVIEWS_LISTED: {"results": WHOLE_NUMBER},
    # Two persons' facts side by side: a look like any other; `review` lacks where nobody asked.
    LedgerEvent.LINK_REVIEW_READ: {"review": _IDS, "person": ID, "other": ID},
    LedgerEvent.LINK_REVIEW_READ_REFUSED: {"because": CODE},
    # What a steward or an operator said of two, and why that was not done; `review` lacks where
    # what was said was about somebody and not about two.
    LedgerEvent.LINK_ANSWER_REFUSED: {"review": _IDS, "answer": CODE, "because": CODE},
    LedgerEvent.LINK_REVIEW_SOURCES_ASKED: {"review": ID, "sources": many(_SOURCE)},
    # What was past its time by a rule of retention; `rules` is the digest of the rules' file.
    LedgerEvent.PROFILE_SWEPT: {
        "subjects": _IDS,
        "rule": CODE,
        "rules": SHA256,
        "records": WHOLE_NUMBER,
    },
    # A whole sweep: records of the profile, and rows of everything else that is kept for a time.
    LedgerEvent.RETENTION_SWEPT: {
        "version": CODE,
        "rules": SHA256,
        "records": WHOLE_NUMBER,
        "rows": WHOLE_NUMBER,
    },
    LedgerEvent.RETENTION_HELD: {"person": ID, "because": CODE},
    LedgerEvent.RETENTION_RELEASED: {"person": ID},
    LedgerEvent.ORDER_ASKED: {"order": ID, "kind": CODE},
    LedgerEvent.ORDER_CONFIRMED: {"order": ID, "kind": CODE},
    LedgerEvent.ORDER_DECLINED: {"order": ID, "kind": CODE},
    LedgerEvent.ORDER_ANSWER_REFUSED: {"order": _IDS, "because": CODE},
    LedgerEvent.ORDER_STOPPED: {"order": ID, "kind": CODE},
    LedgerEvent.ORDER_CARRIED_OUT: {"order": ID, "kind": CODE},
    LedgerEvent.GOVERNANCE_ITEM_RAISED: {"item": ID, "kind": CODE, "due": TIME},
    LedgerEvent.GOVERNANCE_ITEM_CLOSED: {"item": ID, "kind": CODE, "outcome": CODE},
    LedgerEvent.GOVERNANCE_CLOSE_REFUSED: {"item": _IDS},
    # Before it opens; whoever reads it later finds the words beside the relationship.
    LedgerEvent.EMERGENCY_ACCESS_ANNOUNCED: {
        "relationship": ID,
        "person": ID,
        "reason": CODE,
        "why_not_asked": CODE,
    },
    # The person's named workers have it on their own page until they have seen it.
    LedgerEvent.EMERGENCY_ACCESS_TOLD: {"relationship": ID, "practitioners": _IDS},
    LedgerEvent.EMERGENCY_ACCESS_SEEN: {"relationship": ID},
    LedgerEvent.EMERGENCY_ACCESS_SEEN_REFUSED: {"because": CODE},
    # Held by nobody by name, a relationship is that of the agency's safeguarding leads.
    LedgerEvent.RELATIONSHIP_MADE: {
        "relationship": ID,
        "person": ID,
        "practitioner": _IDS,
        "ground": one_of(RelationshipGround),
        "warrant": CODE,
        "until": many(TIME),
    },
    LedgerEvent.RELATIONSHIP_ENDED: {"relationship": ID, "person": ID, "because": CODE},
    LedgerEvent.RELATIONSHIP_REFUSED: {
        "ground": one_of(RelationshipGround),
        "person": _IDS,
        "because": CODE,
    },
    # Whom it is about is left out where nobody is known by what was typed.
    LedgerEvent.RELATIONSHIP_REQUESTED: {"request": ID, "person": _IDS, "practitioner": ID},
    LedgerEvent.RELATIONSHIP_REQUEST_ANSWERED: {"request": ID, "answer": CODE},
    LedgerEvent.COVER_WRITTEN: {
        "cover": ID,
        "covered": ID,
        "covering": ID,
        "from": TIME,
        "until": TIME,
    },
    LedgerEvent.FEED_REGISTERED: {
        "feed": ID,
        "order": ID,
        "source": _SOURCE,
        "channel": CODE,
        "class": CODE,
    },
    LedgerEvent.FEED_ENDED: {"feed": ID},
    LedgerEvent.FEED_REFUSED: {"because": CODE},
    LedgerEvent.LEAD_ADDED: {"practitioner": ID, "order": ID},
    LedgerEvent.LEAD_REMOVED: {"practitioner": ID},
    LedgerEvent.LEAD_REFUSED: {"because": CODE},
    # How an agency itself knows its cases, shown to one of its own.
    LedgerEvent.OWN_LABELS_OPENED: {"subjects": _IDS},
    # Names of who has responsibility were opened for whoever records a decision about these.
    LedgerEvent.DECIDERS_LISTED: {"subjects": _IDS, "named": WHOLE_NUMBER},
    # Reasons for a no, told to a partner that two officers let have them.
    LedgerEvent.ACCESS_EXPLAINED: {
        "person": ID,
        "practitioner": ID,
        "purpose": _PURPOSE,
        "reasons": _REASONS,
    },
    LedgerEvent.PARTNER_EXPLAINING_GRANTED: {"partner": CODE, "order": ID},
    LedgerEvent.PARTNER_EXPLAINING_ENDED: {"partner": CODE},
    # Nobody is named: whom the partner named may be nobody.
    LedgerEvent.PRACTITIONER_NAMING_REFUSED: {"because": CODE},
    # By the practitioner's own token, and, in a demonstration, of the one that it signed for them.
    LedgerEvent.PRACTITIONER_TOKEN_EXCHANGED: {"practitioner": ID, "purpose": _PURPOSE, "use": ID},
    LedgerEvent.PRACTITIONER_TOKEN_SIGNED: {"client": CODE},
    LedgerEvent.PRACTITIONER_USE_DISOWNED: {"use": ID, "partner": CODE},
    # As which client of which issuer: the hash of both, a line each.
    LedgerEvent.PARTNER_CLIENT_NAMED: {"partner": CODE, "client": SHA256},
    LedgerEvent.PARTNER_CLIENT_ENDED: {"partner": CODE, "client": SHA256},
    # Of what there were too many, by whoever is the actor; never about whom.
    LedgerEvent.LIMIT_REACHED: {"limit": CODE, "per_hour": WHOLE_NUMBER},
    # `held` is a salted hash of the row: once the salt is erased with it, it tells nothing.
    LedgerEvent.ROW_BOUND: {
        "table": CODE,
        "row": ID,
        "state": WHOLE_NUMBER,
        "held": SHA256,
        "because": CODE,
    },
    # The entries of the rows that erasure or retention has deleted.
    LedgerEvent.ROWS_RELEASED: {"because": CODE, "entries": _IDS},
}
