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

BOUND = (DECISIONS, RELATIONSHIPS, LEADS, COVERS, ORDERS, FEEDS, JOINS)
