"""What a portal of tests looks at of integrity: our key, and nothing beside the database."""

from pathlib import Path

from services.audit.integrity.postgres_looking import Watched
from services.ledger.postgres_access import SignedCopy
from tests.support.ledger.ledger_builders import SIGNER

WATCHED = Watched(SIGNER, SignedCopy(Path("/nowhere/ledger.checkpoint")), (), None, (), "Exbury")
"""Nothing beside the database is known of."""
