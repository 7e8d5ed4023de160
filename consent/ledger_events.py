"""What can happen: the closed list of ledger events and the exact fields of each.

To add an event, add a member and its row. A row that is in use never changes, because entries
written before must stay well-formed; a new set of fields is a new event.
"""

from collections.abc import Mapping
from enum import StrEnum

from consent.circumstances import Channel, NotAskedReason, RefusalReason
from consent.decision import Reason
from consent.lawfulness import Article9, Basis, Gateway
from consent.ledger_fields import (
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
from consent.model import DeciderKind, Mode, RelationshipGround, Response, RestrictionScope
from schemas.vocabulary import Category, Purpose, Source


class LedgerEvent(StrEnum):
    """Something that happened: `subject:action`, the action in the past tense."""

    SHARING_DECISION_RECORDED = "sharing-decision:recorded"
    SHARING_DECISION_RECORDED_IN_FULL = "sharing-decision:recorded_in_full"
    SHARING_DECISION_WITHDRAWN = "sharing-decision:withdrawn"
    SHARING_DECISION_ENDED = "sharing-decision:ended"
    SHARING_DECISION_INVALIDATED = "sharing-decision:invalidated"
    SHARING_DECISION_SUPERSEDED = "sharing-decision:superseded"
    SHARING_DECISION_REINSTATED = "sharing-decision:reinstated"
    RECEIPT_ISSUED = "receipt:issued"
    RESTRICTION_PLACED = "restriction:placed"
    RESTRICTION_LIFTED = "restriction:lifted"
    PUBLICATION_PERMITTED = "publication:permitted"
    PUBLICATION_WITHHELD = "publication:withheld"
    MESSAGE_PARKED = "message:parked"
    STORING_REFUSED = "storing:refused"
    PROFILE_READ = "profile:read"
    PROFILE_READ_REFUSED = "profile:read_refused"
    SEARCH_MADE = "search:made"
    STORY_ADDED = "story:added"
    PERSON_LINKED = "person:linked"
    PERSON_LINK_CONFLICTED = "person:link_conflicted"
    PROFILE_PURGED = "profile:purged"
    RESEND_REQUESTED = "resend:requested"
    KEY_DESTROYED = "key:destroyed"
    PRACTITIONER_SIGNED_IN = "practitioner:signed_in"
    PRACTITIONER_SIGNED_OUT = "practitioner:signed_out"
    EMERGENCY_ACCESS_OPENED = "emergency-access:opened"
    LEDGER_EXPORTED = "ledger:exported"
    LEDGER_READ = "ledger:read"
    LEGITIMATE_RELATIONSHIP_CLAIMED = "legitimate-relationship:claimed"
    AGREEMENT_ADOPTED = "agreement:adopted"
    PARTNER_ADDED = "partner:added"
    PARTNER_KEY_ROTATED = "partner:key_rotated"
    PARTNER_SUSPENDED = "partner:suspended"
    PARTNER_RESUMED = "partner:resumed"
    PARTNER_AUTHENTICATED = "partner:authenticated"
    ACCESS_EVALUATED = "access:evaluated"
    ACCESS_EVALUATION_REFUSED = "access:evaluation_refused"


_IDS = many(ID)
_SOURCE = one_of(Source)
_PURPOSE = one_of(Purpose)
_PURPOSES = many(_PURPOSE)
_CATEGORIES = many(one_of(Category))
_REASONS = many(one_of(Reason))

EVENT_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    LedgerEvent.SHARING_DECISION_RECORDED: {
        "decision": ID,
        "subjects": _IDS,
        "version": WHOLE_NUMBER,
        "response": one_of(Response),
        "basis": one_of(Basis),
        "categories": _CATEGORIES,
        "purposes": _PURPOSES,
        "recipients": many(RECIPIENT),
        "decider_kind": one_of(DeciderKind),
    },
    # Instead of the one above since decisions have circumstances; a list of one or none is what
    # may be absent.
    LedgerEvent.SHARING_DECISION_RECORDED_IN_FULL: {
        "decision": ID,
        "subjects": _IDS,
        "version": WHOLE_NUMBER,
        "response": one_of(Response),
        "because": many(one_of((*RefusalReason, *NotAskedReason))),
        "basis": one_of(Basis),
        "article_9": many(one_of(Article9)),
        "gateways": many(one_of(Gateway)),
        "categories": _CATEGORIES,
        "purposes": _PURPOSES,
        "recipients": many(RECIPIENT),
        "sources": many(_SOURCE),
        "mode": one_of(Mode),
        "decider_kind": one_of(DeciderKind),
        "channel": many(one_of(Channel)),
        "judged_by": _IDS,
        "until": many(TIME),
        "review_at": many(TIME),
        "supersedes": _IDS,
        "objects_to": _IDS,
    },
    LedgerEvent.SHARING_DECISION_WITHDRAWN: {"decision": ID, "subjects": _IDS},
    LedgerEvent.SHARING_DECISION_ENDED: {"decision": ID, "subjects": _IDS, "basis": one_of(Basis)},
    LedgerEvent.SHARING_DECISION_INVALIDATED: {"decision": ID, "subjects": _IDS, "reason": CODE},
    LedgerEvent.SHARING_DECISION_SUPERSEDED: {"decision": ID, "subjects": _IDS, "by": ID},
    LedgerEvent.SHARING_DECISION_REINSTATED: {"decision": ID, "subjects": _IDS, "because": ID},
    LedgerEvent.RECEIPT_ISSUED: {"receipt": ID, "decision": ID, "version": WHOLE_NUMBER},
    LedgerEvent.RESTRICTION_PLACED: {
        "restriction": ID,
        "subject": ID,
        "scope": one_of(RestrictionScope),
    },
    LedgerEvent.RESTRICTION_LIFTED: {"restriction": ID, "subject": ID},
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
    LedgerEvent.STORING_REFUSED: {
        "event_id": ID,
        "subjects": _IDS,
        "categories": _CATEGORIES,
        "reasons": _REASONS,
        "policy_version": CODE,
    },
    LedgerEvent.PROFILE_READ: {
        "disclosure": ID,
        "subjects": _IDS,
        "purpose": _PURPOSE,
        "categories": _CATEGORIES,
        "withheld_categories": _CATEGORIES,
        "policy_version": CODE,
        "decided_from": _IDS,
    },
    LedgerEvent.PROFILE_READ_REFUSED: {
        "subjects": _IDS,
        "purpose": _PURPOSE,
        "reasons": _REASONS,
        "policy_version": CODE,
    },
    LedgerEvent.SEARCH_MADE: {"search": ID, "results": WHOLE_NUMBER},
    LedgerEvent.STORY_ADDED: {"record": ID, "subjects": _IDS},
    LedgerEvent.PERSON_LINKED: {"person": ID, "token_kind": CODE},
    LedgerEvent.PERSON_LINK_CONFLICTED: {"person": ID, "other": ID, "token_kind": CODE},
    LedgerEvent.PROFILE_PURGED: {"subjects": _IDS, "decision": ID, "records": WHOLE_NUMBER},
    LedgerEvent.RESEND_REQUESTED: {"source": _SOURCE, "subject": ID},
    LedgerEvent.KEY_DESTROYED: {"person": ID},
    LedgerEvent.PRACTITIONER_SIGNED_IN: {},
    LedgerEvent.PRACTITIONER_SIGNED_OUT: {},
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
    # What another system was told that a practitioner may see; with a no, `categories` is empty.
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
}
