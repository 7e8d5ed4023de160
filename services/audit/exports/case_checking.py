"""Checks a case without a database, and without trust in who made it. Pure.

It may come from a stranger: it is read once from its beginning to its end, nothing of it is put
anywhere, no name in it is a path, nothing in it is compressed, and everything has a limit.

(1) The archive has the members of a case, in order, and no byte that could be another. (2) Each
entry is well-formed and led by its proof to the root of one checkpoint. (3) A known key signed that
checkpoint, and the manifest. (4) The manifest names the hash of all that comes before it. (5) What
it says of decisions and versions is what the entries say.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO

from consent.errors import ConsentError, NoteMalformedError
from consent.ledger import LedgerEntry, read_entry
from consent.ledger.merkle import leaf_hash, verify_inclusion
from consent.transparency.checkpoint import Checkpoint, TlogProof, open_checkpoint
from consent.transparency.signed_note import parse_note, require_trusted
from consent.transparency.verifier_key import VerifierKey
from services.audit.exports import case_format as form
from services.audit.exports.case_telling import ToldByEntry, decisions_told, told_of, versions_told
from services.platform.errors import ServiceError

_ENTRY_NAME = re.compile(rb"entries/([0-9]{12})\.tlog-proof")
_SIZE = re.compile(rb"[0-7]{11}\x00")
_NAME_END, _SIZE_AT = 100, slice(124, 136)
_READ_AT_ONCE = 1 << 16


class CaseMalformedError(ServiceError):
    """A case is not one, or not whole; at which entry, where it is about one."""

    def __init__(self, what: str, index: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.index = index


@dataclass(frozen=True, slots=True)
class CaseReport:
    """What checking found. `chosen` of the entries were asked for; the others explain them.

    `trusted`: a key that the caller brought signed it. `covers_until` is when the last entry was
    written. Of what is not valid only `problem` and `index` count.
    """

    trusted: bool = False
    entries: int = 0
    chosen: int = 0
    decisions: int = 0
    origin: str | None = None
    size: int | None = None
    export: str | None = None
    covers_until: datetime | None = None
    problem: str | None = None
    index: int | None = None

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem is None


def check_case(
    stream: BinaryIO,
    keys: Sequence[VerifierKey],
    *,
    tell: Callable[[int], None] = lambda _: None,
) -> CaseReport:
    """Check a case by keys that the caller trusts; without any by those that it names itself."""
    try:
        return _Checking(_Members(stream), tuple(keys), tell).report()
    except CaseMalformedError as error:
        return CaseReport(problem=error.what, index=error.index)
    except ConsentError as error:
        return CaseReport(problem=str(error))


class _Members:
    """The members one after the other, and the hash of all that was read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = form.MOST_BYTES
        self.hash = sha256()

    def header(self) -> tuple[bytes, bytes, int]:
        """The next member's block, its name and its size."""
        block = self._exactly(form.BLOCK)
        name = block[:_NAME_END].rstrip(b"\0")
        size = block[_SIZE_AT]
        if not name.isascii() or not _SIZE.fullmatch(size):
            raise CaseMalformedError("not a member of a case")
        number = int(size[:-1], 8)
        try:
            expected = form.header_of(name.decode(), number)
        except ValueError:
            raise CaseMalformedError("not a member of a case") from None
        if block != expected:
            raise CaseMalformedError("a member's block is not as we write it")
        return block, name, number

    def content(self, size: int, most: int) -> bytes:
        """What stands in it, with its padding after it, which is checked and left out."""
        if size > most:
            raise CaseMalformedError("a member is longer than any of a case")
        content = self._exactly(size)
        padding = form.padding_of(size)
        if self._exactly(len(padding)) != padding:
            raise CaseMalformedError("something stands behind a member")
        return content

    def end(self) -> None:
        """Nothing comes after it."""
        if self._exactly(len(form.END)) != form.END or self._stream.read(1):
            raise CaseMalformedError("the case does not end as it should")

    def _exactly(self, size: int) -> bytes:
        self._left -= size
        if self._left < 0:
            raise CaseMalformedError("longer than any case")
        parts = []
        while size > 0:
            part = self._stream.read(min(size, _READ_AT_ONCE))
            if not part:
                raise CaseMalformedError("the case is cut off")
            parts.append(part)
            size -= len(part)
        content = b"".join(parts)
        self.hash.update(content)
        return content


@dataclass(slots=True)
class _Checking:
    """One case while it is checked."""

    members: _Members
    keys: tuple[VerifierKey, ...]
    tell: Callable[[int], None]
    told: list[ToldByEntry] = field(default_factory=list)
    note: str | None = None
    checkpoint: Checkpoint | None = None
    last: datetime | None = None

    def report(self) -> CaseReport:
        """Read it to its end; raises CaseMalformedError and ConsentError."""
        self._named(form.README)
        name, size = self._entries()
        decisions = self._rest_of(form.DECISIONS, name, size)
        versions = self._named(form.VERSIONS)
        before = self.members.hash.hexdigest()
        manifest_bytes = self._named(form.MANIFEST)
        note_bytes = self._named(form.NOTE)
        self.members.end()
        manifest = self._manifest(manifest_bytes)
        trusted = bool(self.keys)
        keys = self.keys or _named_keys(manifest)
        self._signed(manifest, manifest_bytes, note_bytes, keys)  # (3)
        if manifest.get("before_sha256") != before:  # (4)
            raise CaseMalformedError("what the manifest was made for has been changed")
        chosen = self._says_the_same(manifest, decisions, versions)  # (5)
        return CaseReport(
            trusted,
            len(self.told),
            chosen,
            len(_parsed(decisions)["decisions"]),
            manifest["origin"],
            None if self.checkpoint is None else self.checkpoint.size,
            manifest["export"],
            self.last,
        )

    def _named(self, name: str) -> bytes:
        _, found, size = self.members.header()
        return self._rest_of(name, found, size)

    def _rest_of(self, name: str, found: bytes, size: int) -> bytes:
        if found != name.encode():
            raise CaseMalformedError(f"{name} is not where it should be")  # (1)
        return self.members.content(size, form.MOST_OF_A_MEMBER)

    def _entries(self) -> tuple[bytes, int]:
        """Check them all; gives name and size of what comes after the last."""
        before = -1
        while True:
            _, name, size = self.members.header()
            match = _ENTRY_NAME.fullmatch(name)
            if match is None:
                return name, size
            index = int(match[1])
            if index <= before or len(self.told) >= form.MOST_ENTRIES:
                raise CaseMalformedError("entries are out of order, or too many", index)
            before = index
            self._entry(index, self.members.content(size, form.MOST_OF_AN_ENTRY))
            self.tell(len(self.told))

    def _entry(self, index: int, content: bytes) -> None:
        try:
            proof = TlogProof.parse(content)
            body = proof.extra or b""
            if proof.index != index or str(proof).encode() != content:
                raise CaseMalformedError(
                    "the proof is another entry's, or not as we write it", index
                )
            entry = read_entry(body)
            self._led_to_one_root(proof, body)  # (2)
        except ConsentError as error:
            raise CaseMalformedError(str(error), index) from None
        self.told.append(told_of(index, entry))
        self.last = _later(self.last, entry)

    def _led_to_one_root(self, proof: TlogProof, body: bytes) -> None:
        if self.checkpoint is None:
            self.note = proof.checkpoint
            self.checkpoint = Checkpoint.parse(parse_note(proof.checkpoint).text)
        if proof.checkpoint != self.note:
            raise NoteMalformedError("entries are proved by more than one checkpoint")
        verify_inclusion(
            leaf_hash(body),
            index=proof.index,
            size=self.checkpoint.size,
            proof=proof.hashes,
            root=self.checkpoint.root,
        )

    @staticmethod
    def _manifest(content: bytes) -> dict[str, Any]:
        manifest = _parsed(content)
        if manifest.get("format") != form.FORMAT or manifest.get("version") != form.VERSION:
            raise CaseMalformedError(f"not a case of version {form.VERSION}")
        if not isinstance(manifest.get("origin"), str) or not isinstance(
            manifest.get("export"), str
        ):
            raise CaseMalformedError("the manifest does not say whose case it is")
        return manifest

    def _signed(
        self,
        manifest: dict[str, Any],
        manifest_bytes: bytes,
        note_bytes: bytes,
        keys: Sequence[VerifierKey],
    ) -> None:
        origin = manifest["origin"]
        of_the_log = [key for key in keys if key.may_sign_logs and key.name == origin]
        note = parse_note(note_bytes)
        digest = sha256(manifest_bytes).hexdigest()
        if note.text != form.note_text(origin, digest) or str(note).encode() != note_bytes:
            raise CaseMalformedError("what is signed is not this manifest")
        require_trusted(note, of_the_log)
        if self.note is not None:
            open_checkpoint(self.note, keys, origin=origin)

    def _says_the_same(self, manifest: dict[str, Any], decisions: bytes, versions: bytes) -> int:
        chosen = _numbers(manifest.get("chosen_indexes"))
        if not {told.index for told in self.told}.issuperset(chosen):
            raise CaseMalformedError("entries that were chosen are not there")
        if manifest.get("entries") != len(self.told):
            raise CaseMalformedError("there are more or fewer entries than it says")
        if _parsed(decisions) != decisions_told(self.told):
            raise CaseMalformedError("what it says of decisions is not what the entries say")
        if _parsed(versions) != versions_told(self.told, set(chosen), _parsed(versions)):
            raise CaseMalformedError("what it says of versions is not what the entries say")
        return len(chosen)


def _numbers(value: object) -> list[int]:
    if not isinstance(value, list) or not all(type(one) is int for one in value):
        raise CaseMalformedError("it does not say which entries were chosen")
    return value


def _parsed(content: bytes) -> dict[str, Any]:
    document = form.parse_document(content)
    if document is None:
        raise CaseMalformedError("a document is not canonical JSON")
    return document


def _named_keys(manifest: dict[str, Any]) -> Sequence[VerifierKey]:
    named = manifest.get("verifier_keys")
    if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
        raise CaseMalformedError("it names no verifier keys")
    return [VerifierKey.parse(one) for one in named]


def _later(last: datetime | None, entry: LedgerEntry) -> datetime:
    return entry.at if last is None else max(last, entry.at)
