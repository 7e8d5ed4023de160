"""Which tables are bound to the ledger, and by which columns; whoever adds one adds it here.

A new table is made with the three columns of `binding.BINDING_COLUMNS`, with SELECT and INSERT
alone for who uses it, and with the trigger of migration 0026_bound that lets nobody change a row.
"""

from services.ledger.binding import BoundTable

DECISIONS = BoundTable("sharing_decision", ("decision_id",), "version", ("document", "recorded_at"))
RELATIONSHIPS = BoundTable(
    "relationship",
    ("relationship_id",),
    "state",
    (
        "person_id",
        "agency_code",
        "practitioner_id",
        "ground",
        "since",
        "until",
        "warrant",
        "warranted_by",
        "asked_by",
        "known_at",
    ),
)
LEADS = BoundTable(
    "safeguarding_lead",
    ("practitioner_id", "agency_code"),
    "state",
    ("since", "until", "asked_by", "warranted_by", "known_at"),
)
COVERS = BoundTable(
    "cover_rota",
    ("cover_id",),
    "state",
    (
        "agency_code",
        "covered",
        "covering",
        "is_student",
        "since",
        "until",
        "written_by",
        "known_at",
    ),
)
JOINS = BoundTable(
    "person_join",
    ("join_id",),
    "state",
    (
        "kept",
        "joined",
        "made_by",
        "made_at",
        "because",
        "score",
        "standing",
        "warrant",
        "warranted_at",
        "said_by",
        "said_at",
    ),
)
RESTRICTIONS = BoundTable(
    "restriction",
    ("restriction_id",),
    "state",
    (
        "person_id",
        "scope",
        "allowed",
        "placed_at",
        "lifted_at",
        "is_provisional",
        "asked_by",
        "warranted_by",
        "known_at",
    ),
)
EXCLUSIONS = BoundTable(
    "exclusion",
    ("exclusion_id",),
    "state",
    (
        "person_id",
        "practitioner_id",
        "named",
        "claim_id",
        "since",
        "until",
        "confirmed_by",
        "asked_by",
        "warranted_by",
        "known_at",
    ),
)
ORDERS = BoundTable(
    "two_hands_order",
    ("order_id",),
    "state",
    ("kind", "document", "status", "asked_by", "answered_by", "lapses_at", "known_at"),
)
FEEDS = BoundTable(
    "feed",
    ("feed_id",),
    "state",
    (
        "source",
        "agency_code",
        "channel",
        "reference",
        "class",
        "asked_by",
        "warranted_by",
        "since",
        "until",
        "known_at",
    ),
)
ERASURE_WAITS = BoundTable(
    "erasure_wait", ("order_id",), "state", ("boot", "boot_ms", "waited_ms", "seen_at")
)
TOMBSTONES = BoundTable(
    "tombstone",
    ("tombstone_id",),
    "state",
    (
        "persons",
        "numbers",
        "demographics",
        "single_kinds",
        "kept_apart",
        "excluded",
        "refusals",
        "left_at",
    ),
)

MEMBERSHIPS = BoundTable(
    "membership",
    ("practitioner_id",),
    "state",
    (
        "agency_code",
        "role",
        "worker_ref",
        "since",
        "until",
        "asked_by",
        "warranted_by",
        "known_at",
    ),
    later=("suspended_at",),
)
# Who somebody is to a provider is a keyed hash; every state of it is kept.
SIGN_IN_ACCOUNTS = BoundTable(
    "sign_in_account",
    ("practitioner_id", "subject_digest"),
    "state",
    ("provider", "since", "until", "asked_by", "warranted_by", "known_at"),
)
# There is one agreement, of which each adoption is a state. Its document is known by its hash.
AGREEMENTS = BoundTable(
    "data_sharing_agreement",
    (),
    "state",
    ("adoption_id", "version", "adopted_at", "sha256", "adopted_by"),
    beside=("document",),
)
# What a contact is stands beside it, sealed, and goes when its source takes it back; `contact` is
# its keyed hash, by which whoever reads it knows that it is the same.
CONTACTS = BoundTable(
    "contact_held",
    ("person_id", "source", "record_key", "contact"),
    "state",
    ("agency_code", "held_as", "other_person_id", "since", "until", "known_at"),
)
CONTACT_MARKS = BoundTable(
    "contact_mark",
    ("contact", "kind", "practitioner_id"),
    "state",
    ("marked_by", "marked_at"),
)
# Of the contact that signs in there is a keyed hash; what it is stands with sources' contacts.
FAMILY_ACCESS = BoundTable(
    "family_access",
    ("access_id",),
    "state",
    (
        "person_id",
        "contact",
        "standing",
        "given_by",
        "agency_code",
        "warrant",
        "presence",
        "because",
        "lapses_at",
        "known_at",
    ),
)
FAMILY_LET_SEE = BoundTable(
    "family_let_see",
    ("let_see_id",),
    "state",
    ("person_id", "other_person_id", "standing", "known_at"),
)
# `person_id` is the child, `other_person_id` whose own page it is on no more.
FAMILY_TAKEN_OFF = BoundTable(
    "family_taken_off",
    ("taking_id",),
    "state",
    ("person_id", "other_person_id", "standing", "because", "order_id", "known_at"),
)
# Who answers for a partner stands beside it, sealed, and is known by its keyed hash.
COMMUNITY_PARTNERS = BoundTable(
    "community_partner",
    ("partner_code",),
    "state",
    ("people", "is_commissioned", "asked_by", "warranted_by", "order_id", "known_at"),
)
BOUND = (
    DECISIONS,
    RELATIONSHIPS,
    LEADS,
    COVERS,
    MEMBERSHIPS,
    SIGN_IN_ACCOUNTS,
    AGREEMENTS,
    CONTACTS,
    CONTACT_MARKS,
    FAMILY_ACCESS,
    FAMILY_LET_SEE,
    FAMILY_TAKEN_OFF,
    COMMUNITY_PARTNERS,
    ORDERS,
    FEEDS,
    ERASURE_WAITS,
    TOMBSTONES,
    RESTRICTIONS,
    EXCLUSIONS,
    JOINS,
)
