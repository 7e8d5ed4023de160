"""Whether a part can do its work: the database answers, the ledger takes entries, the keys are its.

Without any of these nothing may be shown (DESIGN.md section 13), so nobody is to be sent here.
"""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from services.platform.database.engine import database_failures
from services.platform.errors import ServiceError, ServiceUnavailableError
from services.platform.keys.postgres_checks import require_keys
from services.platform.keys.vault import KeyVault

# A server that only reads (a standby, a full disk that somebody made read-only) enters nothing.
_TAKES_ENTRIES = text("""
    SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'
        AND has_any_column_privilege('ledger_entry', 'INSERT')
""")


class Lacking(StrEnum):
    """What cannot be used."""

    DATABASE = "database"
    LEDGER = "ledger"
    KEYS = "keys"
    TURNING = "turning"


def what_lacks(engine: Engine, vault: KeyVault) -> Sequence[Lacking]:
    """Nothing, where everything can be used."""
    try:
        with database_failures(), engine.connect() as connection:
            if not connection.execute(_TAKES_ENTRIES).scalar_one():
                return (Lacking.LEDGER,)
            return () if _keys_fit(connection, vault) else (Lacking.KEYS,)
    except ServiceUnavailableError:
        return (Lacking.DATABASE,)
    except DBAPIError:  # it answers, and has no ledger
        return (Lacking.LEDGER,)


def _keys_fit(connection: Connection, vault: KeyVault) -> bool:
    """Those of the database, by the files as they are at this moment."""
    try:
        require_keys(connection, vault)
    except (ServiceError, OSError):
        return False
    return True
