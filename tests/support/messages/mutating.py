"""Files of partners, damaged at random: the same seed damages them the same way."""

import re
from collections.abc import Callable, Sequence
from random import Random

from deploy.bench.mutating.damage import cut, flip, truncate

_PIECES = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"<",
    b">",
    b"&amp;",
    b"&#x0;",
    b"&undefined;",
    b"<![CDATA[x]]>",
    b"<!-- -->",
    b"<?x y?>",
    b"]]>",
    b'"',
    b"'",
    b",",
    b"{",
    b"}",
    b"[",
    b"]",
    b"[[[[[[[[",
    b'{"a":' * 70,
    b"<a>" * 70,
    b"null",
    b"true",
    b"NaN",
    b"1e999",
    b"-0",
    b"9" * 400,
    b"0001-01-01",
    b"9999-12-31T23:59:59.999999999+14:00",
    b"2024-02-30",
    b"31/02/2019",
    "\u202e\u0000\u00a0\U0001f9d2".encode(errors="ignore"),
    b"A" * 5000,
)
_JSON_PIECES = (
    b"null",
    b"true",
    b"[]",
    b"{}",
    b"[{}]",
    b'""',
    b'"\\u0000"',
    b'"\\ud800"',
    b'"2024-02-30"',
    b'"0001-01-01"',
    b'"9999-12-31"',
    b'"T99999999999A"',
    b"-1",
    b"1e308",
    b"1" * 400,
    b'"' + b"A" * 5000 + b'"',
)
_XML_PIECES = tuple(piece for piece in _PIECES if not re.search(rb"[<>&\"\x00\xff]", piece))
_JSON_VALUES = re.compile(rb'(?<=:)\s*("[^"]*"|[0-9.]+|true|false|null)')
_XML_VALUES = re.compile(rb'="([^"<>]*)"|>([^<>]+)<')
_CSV_VALUES = re.compile(rb",([^,\r\n]+)")
_ELEMENT = re.compile(rb"<([A-Za-z]+)[^<>]*>(?:[^<>]*</\1>)?")

Damage = Callable[[bytes, Random, Sequence[bytes]], bytes]


def mutated(seeds: Sequence[bytes], random: Random) -> bytes:
    """One of the seeds, mostly the first, with one to four kinds of damage done to it.

    Two of three stay mostly well formed, so that what is behind the parser is reached too.
    """
    data = seeds[0] if random.random() < 0.5 else random.choice(seeds)
    kinds = _GENTLE if random.random() < 0.67 else _ROUGH
    for _ in range(random.randint(1, 4)):
        data = random.choice(kinds)(data, random, seeds)
    return data


def _insert(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    del seeds
    at = random.randint(0, len(data))
    return data[:at] + random.choice(_PIECES) + data[at:]


def _repeat(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    del seeds
    start, end = _span(data, random)
    return data[:end] + data[start:end] * random.randint(1, 20) + data[end:]


def _splice(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    other = random.choice(seeds)
    start, end = _span(other, random)
    at = random.randint(0, len(data))
    return data[:at] + other[start:end] + data[at:]


def _replace_value(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    """Keep it well formed: another value, or an odd one, where a value stands."""
    values, pieces = _of_this_kind(data)
    found = list(values.finditer(data))
    if not found:
        return data
    start, end = _value_in(random.choice(found))
    others = list(values.finditer(random.choice(seeds)))
    value = random.choice(pieces)
    if others and random.random() < 0.5:
        other = random.choice(others)
        there = slice(*_value_in(other))
        value = other.string[there]
    return data[:start] + value + data[end:]


def _of_this_kind(data: bytes) -> "tuple[re.Pattern[bytes], Sequence[bytes]]":
    if data[:1] in {b"[", b"{"}:
        return _JSON_VALUES, _JSON_PIECES
    return (_XML_VALUES, _XML_PIECES) if b"<" in data else (_CSV_VALUES, _XML_PIECES)


def _move_element(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    """Drop or double an element, or put it where another one begins."""
    del seeds
    found = list(_ELEMENT.finditer(data))
    if not found:
        return data
    one, other = random.choice(found), random.choice(found)
    kept = data if random.random() < 0.5 else data[: one.start()] + data[one.end() :]
    return kept[: other.start()] + one.group() + kept[other.start() :]


_GENTLE: tuple[Damage, ...] = (_replace_value, _replace_value, _move_element)
_ROUGH: tuple[Damage, ...] = (flip, cut, truncate, _insert, _repeat, _splice)


def _span(data: bytes, random: Random) -> tuple[int, int]:
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.randint(0, 200))


def _value_in(found: "re.Match[bytes]") -> tuple[int, int]:
    group = found.lastindex or 0
    return found.start(group), found.end(group)
