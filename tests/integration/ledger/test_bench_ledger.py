"""What `bench ledger` measures on is what it says; how fast it is, is not tested here."""

import pytest
from sqlalchemy import Engine

from consent.ledger.events import LedgerEvent
from deploy.bench.ledger import make_large_tree, prove, verify_offline
from services.ledger.postgres_access import LedgerAccess
from tests.support.ledger.ledger_builders import SIGNER, an_entry

DIGEST = "ab" * 32
ENTRY = an_entry(
    LedgerEvent.PUBLICATION_PERMITTED,
    {
        "source": "schools",
        "message": DIGEST,
        "event_id": DIGEST,
        "subjects": [DIGEST[:32]],
        "categories": ["education"],
        "withheld_categories": [],
        "reasons": ["consent"],
        "policy_version": "bench",
        "decided_from": [DIGEST[32:]],
    },
)


@pytest.mark.postgres
def test_a_large_tree_is_one_that_proofs_lead_from(ledger_engine: Engine):
    """Each proof is checked against its root, so a tree that is wrong would not be measured."""
    told: list[int] = []

    root = make_large_tree(ledger_engine, 5_003, tell=told.append)

    figures = prove(LedgerAccess(ledger_engine, signer=SIGNER), size=5_003, root=root)
    assert figures["p50"]["unit"] == "ms"
    assert told == [5_003]


def test_an_export_is_verified_byte_by_byte():
    """As many entries as were asked for, each with an id of its own."""
    figures = verify_offline(ENTRY, 300, signer=SIGNER, tell=lambda _: None)

    assert set(figures) == {"verification", "verification_cpu", "verification_rate", "export"}
