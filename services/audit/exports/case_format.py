"""What a case is: one archive, the same bytes for the same content, that a stranger can check.

A tar archive (ustar) with these members in this order, and nothing else:

1. `README.txt`: how to check it.
2. `entries/<index>.tlog-proof`: each entry with the proof that it is in the ledger
   (c2sp.org/tlog-proof), in the order of the ledger. `tell-once ledger check-proof` reads each.
3. `decisions.json`: the decisions that the entries name, their states and the hash that the ledger
   holds of each, and which entries tell of them. No content of a decision.
4. `versions.json`: by which rules and agreements it was decided.
5. `manifest.json`: what was chosen, why, by whom; and the hash of every byte before it.
6. `manifest.note`: the hash of the manifest, signed with the ledger's key (c2sp.org/signed-note).

Two blocks of zeroes end it. Owner, mode and time of every member are the same fixed values, so that
each byte of the archive is either hashed or can have one value only. The note's text is no
checkpoint and cannot be read as one: its second line is no number.
"""

import json
import tarfile
from typing import Any

FORMAT = "tell-once-case"
VERSION = 1
README, DECISIONS, VERSIONS = "README.txt", "decisions.json", "versions.json"
MANIFEST, NOTE = "manifest.json", "manifest.note"

BLOCK = 512
END = bytes(2 * BLOCK)
MOST_ENTRIES = 60_000
MOST_BYTES = 512 * 1024 * 1024
MOST_OF_A_MEMBER = 16 * 1024 * 1024
MOST_OF_AN_ENTRY = 1024 * 1024

README_TEXT = b"""\
A case out of a council's ledger of Tell Once: who looked, what was decided, and the proof of each.

Check all of it without a database, and without trust in who gave it to you:

  tell-once audit check-case FILE --key VERIFIER_KEY

Get the verifier key another way than this file: the council publishes it, and its witnesses know
it. Each file in entries/ is a c2sp.org/tlog-proof of one entry, which other programs read as well:

  tell-once ledger check-proof FILE --key VERIFIER_KEY

It holds opaque ids and codes: no name, no number of a person, nothing that a record says.
"""

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


def document_bytes(document: object) -> bytes:
    """A document as it stands in a case: canonical JSON, and a newline."""
    return _canonical(document).encode() + b"\n"


def header_of(name: str, size: int) -> bytes:
    """The block before a member; the same for the same name and size."""
    told = tarfile.TarInfo(name)
    told.size = size
    return told.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")


def padding_of(size: int) -> bytes:
    """The zeroes after a member."""
    return bytes(-size % BLOCK)


def member(name: str, content: bytes) -> bytes:
    """A member as it stands in the archive."""
    return header_of(name, len(content)) + content + padding_of(len(content))


def entry_name(index: int) -> str:
    """The name of an entry's proof."""
    return f"entries/{index:012d}.tlog-proof"


def note_text(origin: str, manifest_sha256: str) -> str:
    """What is signed: that this manifest is one of a case of this ledger."""
    return f"{FORMAT}@v{VERSION}\n{origin}\n{manifest_sha256}\n"


def parse_document(content: bytes) -> dict[str, Any] | None:
    """Read a document that is canonical JSON of an object; None for anything else."""
    try:
        document = json.loads(content)
        if isinstance(document, dict) and document_bytes(document) == content:
            return document
    except (ValueError, RecursionError):
        pass
    return None
