"""The export of a ledger: JSON Lines that anyone can verify, and read, without us.

Every line is canonical JSON (RFC 8785) and ends in a newline:

1. `{"format":"tell-once-ledger-export","verifier_keys":[…],"version":1}`. The keys are a hint:
   a verifier trusts those it got another way.
2. An entry: `{"entry":{…},"index":0,"leaf_hash":"…"}`. The bytes of the value of `entry`, as they
   stand there, are the Merkle leaf. Bytes that are not printable ASCII, which no valid entry has,
   stand in base64 as `"entry_base64"`; null is an entry that the storage has lost.
3. A checkpoint, after the last entry it covers: `{"checkpoint":"…","size":1}`.
4. At the end `{"checkpoints":1,"end":true,"entries":1}`.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from consent.errors import NoteMalformedError
from consent.ledger.log import LogItem, StoredCheckpoint, StoredEntry
from consent.transparency.verifier_key import VerifierKey
from services.ledger.verification import ExportMalformedError

FORMAT = "tell-once-ledger-export"
VERSION = 1

_LONGEST_LINE = 4_000_000
_PRINTABLE = re.compile(rb"[ -~]+")
_ENTRY = b'{"entry":'
_RAW_ENTRY = b'{"entry_base64":"'
_TAIL = re.compile(rb',"index":(0|[1-9][0-9]{0,18}),"leaf_hash":"([0-9a-f]{64})"\}\n')
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def write_export(items: Iterable[LogItem], *, keys: Sequence[VerifierKey]) -> Iterator[bytes]:
    """Yield the lines of an export of a log, in the order of its items; nodes are left out."""
    yield _line({"format": FORMAT, "verifier_keys": list(map(str, keys)), "version": VERSION})
    entries = checkpoints = 0
    for item in items:
        if isinstance(item, StoredEntry):
            entries += 1
            yield _entry_line(item)
        elif isinstance(item, StoredCheckpoint):
            checkpoints += 1
            yield _line({"checkpoint": item.note, "size": item.size})
    yield _line({"checkpoints": checkpoints, "end": True, "entries": entries})


class ExportReader:
    """Reads an export strictly: every byte of it has one possible value or is verified.

    Reads the header at once; raises ExportMalformedError, as the iteration does.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        header = _object(_read_line(stream), {"format", "verifier_keys", "version"})
        if header["format"] != FORMAT or header["version"] != VERSION:
            raise ExportMalformedError(f"not an export of version {VERSION}")
        self.named_keys = _parse_keys(header["verifier_keys"])
        """The keys that the export names itself; trust them only for want of better ones."""

    def __iter__(self) -> Iterator[LogItem]:
        entries = checkpoints = 0
        while True:
            line = _read_line(self._stream, entries)
            if line.startswith((_ENTRY, _RAW_ENTRY)):
                yield _parse_entry(line, entries)
                entries += 1
            elif line.startswith(b'{"checkpoint":'):
                yield _parse_checkpoint(line, entries)
                checkpoints += 1
            else:
                break
        counted = {"checkpoints": checkpoints, "end": True, "entries": entries}
        if line != _line(counted) or self._stream.read(1):
            raise ExportMalformedError("the export does not end as it should", entries)


def _entry_line(entry: StoredEntry) -> bytes:
    tail = b',"index":%d,"leaf_hash":"%b"}\n' % (entry.index, entry.leaf_hash.hex().encode())
    body = b"null" if entry.body is None else entry.body
    if _PRINTABLE.fullmatch(body):
        return _ENTRY + body + tail
    return _RAW_ENTRY + b64encode(body) + b'"' + tail


def _parse_entry(line: bytes, expected: int) -> StoredEntry:
    place = line.rfind(b',"index":')
    tail = _TAIL.fullmatch(line, place) if place >= 0 else None
    if tail is None:
        raise ExportMalformedError("not a line of an export", expected)
    if line.startswith(_ENTRY):
        body = line[len(_ENTRY) : place]
    else:
        body = _decode(line[len(_RAW_ENTRY) : place - 1], expected)
    leaf = bytes.fromhex(tail[2].decode())
    return StoredEntry(int(tail[1]), leaf, None if body == b"null" else body)


def _parse_checkpoint(line: bytes, expected: int) -> StoredCheckpoint:
    document = _object(line, {"checkpoint", "size"}, expected)
    size, note = document["size"], document["checkpoint"]
    if type(size) is not int or not isinstance(note, str):
        raise ExportMalformedError("not a line of an export", expected)
    return StoredCheckpoint(size, note)


def _decode(encoded: bytes, expected: int) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except ValueError:
        raise ExportMalformedError("not base64", expected) from None


def _line(document: object) -> bytes:
    return _canonical(document).encode() + b"\n"


def _read_line(stream: BinaryIO, expected: int | None = None) -> bytes:
    line = stream.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise ExportMalformedError("the export is cut off", expected)
    return line


def _object(line: bytes, names: set[str], expected: int | None = None) -> dict[str, Any]:
    """Read a line that is a canonical JSON object with exactly these names."""
    try:
        document = json.loads(line)
        is_canonical = _line(document) == line
    except (ValueError, RecursionError):
        is_canonical = False
    if not is_canonical or not isinstance(document, dict) or document.keys() != names:
        raise ExportMalformedError("not a line of an export", expected)
    return document


def _parse_keys(texts: object) -> tuple[VerifierKey, ...]:
    try:
        keys = tuple(map(VerifierKey.parse, texts)) if isinstance(texts, list) else ()
    except (NoteMalformedError, AttributeError):
        keys = ()
    if not keys or list(map(str, keys)) != texts:
        raise ExportMalformedError("the verifier keys it names are not verifier keys")
    return keys
