"""What witnesses cosigned, in the database beside the checkpoints it belongs to."""

from sqlalchemy import Connection, text

from consent.signed_note import NoteSignature
from consent.verifier_key import VerifierKey

_KEEP = text("""
    INSERT INTO ledger_cosignature (size, witness, line) VALUES (:size, :witness, :line)
    ON CONFLICT (size, witness) DO NOTHING
""")


def keep_cosignature(
    connection: Connection, size: int, key: VerifierKey, line: NoteSignature
) -> None:
    """Put a checked cosignature below the checkpoint of this size; a second one is let go."""
    connection.execute(_KEEP, {"size": size, "witness": key.label, "line": str(line)})
