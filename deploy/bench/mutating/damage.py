"""Damage done to bytes, whatever they are; and which kind of damage an input gets."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from deploy.bench.mutating.csv_cells import damaged_cells
from deploy.bench.mutating.json_values import damaged_json
from deploy.bench.mutating.odd_values import one_in
from deploy.bench.mutating.room import LARGEST
from deploy.bench.mutating.seeds import CANARY
from deploy.bench.mutating.xml_elements import damaged_xml

_PIECES: Final = (
    *(b"\x00", b"\x01", b"\x0b", b"\x1b", b"\x7f", b"\x85", b"\xc0\x80", b"\xed\xa0\x80", b"\xff"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"+ADw-", b"\r", b"\r\n", b"\n\n", b"\t"),
    *(b"<", b">", b"&amp;", b"&#0;", b"&#xD800;", b"&undefined;", b"]]>", b"<!--", b"<![CDATA["),
    *(b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<?xml version='1.1'?>", b"<a>" * 90, b"</a>" * 3),
    *(b'"', b"'", b'""', b",", b";", b"\\", b"\\u0000", b"\\ud800", b"{", b"}", b"[", b"]"),
    *(b'{"a":' * 90, b"[" * 3000, b"null", b"NaN", b"-1e999", b"9" * 500, CANARY.encode()),
)
_ENCODINGS: Final = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "utf-7", "cp500")
_LONGEST_SPAN: Final = 400

Damage = Callable[[bytes, Random, Sequence[bytes]], bytes]


def damaged(seeds: Sequence[bytes], random: Random) -> bytes:
    """One of the seeds with one to five kinds of damage; two of three stay mostly well formed.

    Damage that would make more of it than there is room for is left out.
    """
    data = random.choice(seeds)
    kinds = _BYTES if one_in(random, 3) else (_structure_of(data),)
    for _ in range(random.choice((1, 1, 1, 2, 3, 5))):
        more = random.choice(kinds)(data, random, seeds)
        data = more if len(more) <= LARGEST else data
    if one_in(random, 20):
        data = _written_otherwise(data, random)
    return data


def _structure_of(data: bytes) -> Damage:
    beginning = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if beginning in {b"{", b"["}:
        return damaged_json
    return damaged_xml if beginning == b"<" else damaged_cells


def flip(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    """Change one to eight bytes."""
    del seeds
    changed = bytearray(data)
    for _ in range(random.randint(1, 8)):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def cut(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    """Leave out a part."""
    del seeds
    start, end = _span(data, random)
    return data[:start] + data[end:]


def truncate(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    """Leave out the end."""
    del seeds
    return data[: random.randint(0, len(data))]


def _insert(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    del seeds
    at = random.randint(0, len(data))
    return data[:at] + random.choice(_PIECES) + data[at:]


def _repeat(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    del seeds
    start, end = _span(data, random)
    return data[:end] + data[start:end] * random.choice((1, 2, 20, 500)) + data[end:]


def _splice(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    other = random.choice(seeds)
    start, end = _span(other, random)
    at = random.randint(0, len(data))
    return data[:at] + other[start:end] + data[at:]


def _line_ends(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    """Each line with another end."""
    del seeds
    ends = (b"\n", b"\r\n", b"\r", b"\n\r", b"\x0b", b"\xe2\x80\xa8", b"")
    return b"".join(line + random.choice(ends) for line in data.splitlines())


_BYTES: Final[tuple[Damage, ...]] = (
    *(flip, cut, truncate, _insert, _repeat, _splice),
    _line_ends,
)


def _span(data: bytes, random: Random) -> tuple[int, int]:
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.randint(0, _LONGEST_SPAN))


def _written_otherwise(data: bytes, random: Random) -> bytes:
    """In another encoding than it says, or with a mark that it does not mean."""
    if one_in(random, 3):
        return random.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00")) + data
    return data.decode("utf-8", "replace").encode(random.choice(_ENCODINGS), "replace")
