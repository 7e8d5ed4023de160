"""Where something may still be found: every column, topic and file, opened with every key.

Sealed content counts as found as long as a key that is left opens it. Keys that a person's data is
under, and every secret of the installation, are tried on everything.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from sqlalchemy import text

from schemas.identifiers import PersonId
from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.vault import SecretName
from services.work import Outside, unit_of_work
from tests.support.people.spellings import found_among, unpacked
from tests.support.traces.in_the_clear import tables_of

_NONCE, _TAG = 12, 16
_JWE_DOTS = 4
_ZSTD = b"\x28\xb5\x2f\xfd"
_IS_TEXT = re.compile(rb"[\t\r\n -~\x80-\xff]{1,9}$|[\t\r\n -~]{9}[\t\r\n -~\x80-\xff]{0,40}")
"""As everything sealed here begins; what a wrong key makes of it does so once in millions."""
BUS = '"public"."bus_messages"'

Found = dict[str, set[str]]
"""For each place what stands there: a table, `topic NAME`, or a file; `clear:` where unsealed."""


@dataclass(slots=True)
class Traces:
    """Searches one installation. `outside` has to be the owner's."""

    outside: Outside
    _keys: list[bytes] = field(default_factory=list)

    def of(self, values: Collection[str]) -> Found:
        """Say in which tables and topics who has the keys can read any of the values."""
        return self.among(values, self._rows())

    def among(self, values: Collection[str], rows: Iterable[tuple[str, list[Any]]]) -> Found:
        """The same in these rows, each with the name of where it is."""
        self._keys = list(_all_keys(self.outside))
        found: Found = {}
        for place, cells in rows:
            for name, content in self._readable(place, cells):
                for value in found_among(values, content):
                    found.setdefault(name, set()).add(value)
        return found

    def rows_naming(self, *ids: str) -> Mapping[str, int]:
        """How many rows of which tables have one of the opaque ids in them, in the clear."""
        counts: dict[str, int] = {}
        for place, cells in self._rows():
            written = b"\n".join(_bytes_of(cell) for cell in cells)
            if any(one.encode() in written or _raw(one) in written for one in ids):
                counts[place] = counts.get(place, 0) + 1
        return counts

    def opened(self, content: bytes) -> Iterator[bytes]:
        """What any key that is left makes of the bytes."""
        if content.startswith(b"eyJ") and content.count(b".") == _JWE_DOTS:
            yield from _from_jwe(content, self._keys)
        elif len(content) > _NONCE + _TAG:
            yield from _from_rest(content, self._keys)

    def _rows(self) -> Iterator[tuple[str, list[Any]]]:
        with self.outside.engine.connect() as connection:
            topics = dict(connection.execute(text("SELECT id, name FROM bus_topics")).all())
            for table in tables_of(self.outside.engine):
                place = table.replace('"', "")
                for row in connection.execute(text(f"SELECT * FROM {table}")):  # noqa: S608
                    where = f"topic {topics[row.topic_id]}" if table == BUS else place
                    yield where, list(row)

    def _readable(self, place: str, cells: list[Any]) -> Iterator[tuple[str, bytes]]:
        contents = [_bytes_of(cell) for cell in cells]
        yield f"clear: {place}", b"\n".join(contents)
        for cell, content in zip(cells, contents, strict=True):
            if isinstance(cell, bytes | memoryview):
                yield from ((place, plain) for plain in self.opened(content))
                yield from ((f"clear: {place}", plain) for plain in _unpacked_only(content))


def files_with(values: Collection[str], *folders: Path) -> Found:
    """Say which files below these folders hold any of the values, by their paths there."""
    found: Found = {}
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            with suppress(FileNotFoundError):
                there = str(path.relative_to(folder))
                values_there = found_among(values, path.read_bytes() + b"\n" + there.encode())
                if values_there:
                    found[there] = values_there
    return found


def _all_keys(outside: Outside) -> Iterator[bytes]:
    yield from (outside.vault.secret(name) for name in SecretName)
    with unit_of_work(outside) as work:
        persons = work.connection.execute(text("SELECT person_id FROM person")).scalars().all()
        for person in persons:
            with suppress(KeyDestroyedError, KeyUnusableError):
                yield work.keys.data_key(PersonId(person))


def _from_jwe(content: bytes, keys: Collection[bytes]) -> Iterator[bytes]:
    for key in keys:
        with suppress(JoseError, ValueError):
            plain = jwe.decrypt_compact(content, OctKey.import_key(key)).plaintext
            if plain is not None:
                yield plain


def _from_rest(content: bytes, keys: Collection[bytes]) -> Iterator[bytes]:
    """Whatever it is bound to: without its check GCM is counter mode (NIST SP 800-38D, 7.2)."""
    first_block = content[:_NONCE] + b"\0\0\0\2"
    for key in keys:
        decryptor = Cipher(AES256(key), CTR(first_block)).decryptor()
        plain = decryptor.update(content[_NONCE:-_TAG])
        if plain.startswith(_ZSTD) or _IS_TEXT.match(plain):
            yield plain


def _unpacked_only(content: bytes) -> Iterator[bytes]:
    """What is packed in a cell of its own and not sealed."""
    yield from islice(unpacked(content), 1, None)


def _bytes_of(cell: Any) -> bytes:
    if isinstance(cell, bytes | memoryview):
        return bytes(cell)
    return str(cell).encode()


def _raw(opaque: str) -> bytes:
    """An id as a column of bytes holds it."""
    with suppress(ValueError):
        return bytes.fromhex(opaque)
    return opaque.encode()
