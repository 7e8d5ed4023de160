"""Finished answers in a worker's memory, each sealed under the keys of all whom it tells of.

What a reading shows follows from what it has read, what `decide` said of each record, who asks in
which role and to what end, and the day. All of that is found out anew by every reading; only
opening what is permitted, and putting it together, is left out where a reading before has done so
from just the same. Nothing is kept in the clear: what was kept is opened with the data keys that
this reading has read from the database, so of an erased person it is gone with their key, in
whichever memory it still lies.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import Final

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schemas.identifiers import PersonId
from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.sealing import DataKey, open_at_rest, seal_at_rest

MOST_BYTES: Final = 64 * 1024 * 1024
"""Of sealed answers in a worker: about a thousand of a family with a hundred records."""
_MOST_OF_ONE = MOST_BYTES // 16
_DIGEST_BYTES = 32
_OF_AN_ENTRY = 300
"""About what remembering one takes beside what is sealed."""


@dataclass(frozen=True, slots=True, repr=False)
class _Kept:
    """An answer: from what it was made, as a hash, and itself, sealed."""

    made_of: bytes
    sealed: bytes

    @property
    def size(self) -> int:
        return len(self.sealed) + _OF_AN_ENTRY


class SealedAnswers:
    """Those of one worker, the ones not asked for the longest going first; for all its threads.

    Where they lie and what they were made of is told by hashes under a key that lives as long as
    this process, so its memory names nobody.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._key = secrets.token_bytes(_DIGEST_BYTES)
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def digest(self, told: object) -> bytes:
        """A hash of plain values: the same for the same, telling nothing of them."""
        plain = msgspec.msgpack.encode(told)
        return blake2b(plain, key=self._key, digest_size=_DIGEST_BYTES).digest()

    def at(self, place: bytes, made_of: bytes) -> bytes | None:
        """What is kept there sealed, where it was made of just this."""
        with self._lock:
            found = self._kept.get(place)
            if found is None:
                return None
            self._kept.move_to_end(place)
        return found.sealed if secrets.compare_digest(found.made_of, made_of) else None

    def put(self, place: bytes, made_of: bytes, sealed: bytes) -> None:
        """Keep it in the place of what was there."""
        new = _Kept(made_of, sealed)
        with self._lock:
            self._drop(place)
            if new.size > min(self._most, _MOST_OF_ONE):
                return
            self._kept[place] = new
            self._bytes += new.size
            while self._bytes > self._most:
                self._drop(next(iter(self._kept)))

    def _drop(self, place: bytes) -> None:
        found = self._kept.pop(place, None)
        if found is not None:
            self._bytes -= found.size


class Keeping:
    """What is kept, as one reading may find and leave it.

    `read` gives a hash of all that this reading has read so far, and how often it has asked.
    """

    def __init__(
        self, answers: SealedAnswers, data_key: DataKey, read: Callable[[], tuple[object, int]]
    ) -> None:
        self._answers = answers
        self._data_key = data_key
        self._read = read

    def slot(
        self, place: object, made_of: object, about: Collection[PersonId]
    ) -> "AnswerPlace | None":
        """Where an answer about these persons lies that is made of this and all that was read.

        None where somebody of them has no key any more: then nothing is kept.
        """
        read, asked = self._read()
        at, made = self._answers.digest(place), self._answers.digest((read, made_of))
        try:
            key = _derived([self._data_key(person) for person in sorted(about)], made)
        except (KeyDestroyedError, KeyUnusableError):
            return None
        return AnswerPlace(self._answers, at, made, key, lambda: self._read()[1] == asked)


@dataclass(frozen=True, slots=True, repr=False)
class AnswerPlace:
    """Where one answer lies, or would."""

    _answers: SealedAnswers
    _place: bytes
    _made_of: bytes
    _key: bytes
    _is_all: Callable[[], bool]

    def opened(self) -> bytes | None:
        """What is kept, if it was made of just this and can be opened."""
        sealed = self._answers.at(self._place, self._made_of)
        if sealed is None:
            return None
        try:
            return open_at_rest(self._key, sealed, bound_to=self._made_of.hex())
        except KeyUnusableError:
            return None

    def keep(self, plain: bytes) -> None:
        """Seal and keep it, unless more was read since, which what it was made of does not tell."""
        if self._is_all():
            sealed = seal_at_rest(self._key, plain, bound_to=self._made_of.hex())
            self._answers.put(self._place, self._made_of, sealed)


def _derived(keys: Collection[bytes], made_of: bytes) -> bytes:
    """One key of all of these: without any one of them it cannot be made (RFC 5869)."""
    hkdf = HKDF(SHA256(), _DIGEST_BYTES, salt=None, info=b"tell-once sealed answer" + made_of)
    return hkdf.derive(b"".join(keys))
